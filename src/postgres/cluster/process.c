#include "postgres/cluster/process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

#define POLL_NS (10 * NS_PER_MS)

bool process_user_find(process_user_t *out, err_t *err)
{
    *out = (process_user_t){0};
    if (geteuid() != 0) {
        return true;
    }
    const struct passwd *user = getpwnam("postgres");
    user = user ? user : getpwnam("nobody");
    if (!user) {
        return err_set(
            err, ERR_RUN,
            "PostgreSQL refuses to run as root, and there is neither a user postgres nor "
            "nobody to run it as: run cdcbench as an ordinary user, or name a server with "
            "--dsn");
    }
    out->changes = true;
    out->uid = user->pw_uid;
    out->gid = user->pw_gid;
    snprintf(out->name, sizeof out->name, "%s", user->pw_name);
    return true;
}

/* libpq's and the server's variables (PGDATA, PGPASSWORD) are meant for other servers. */
static void clean_environment(void)
{
    for (char **entry = environ; *entry;) {
        char name[64];
        size_t len = strcspn(*entry, "=");
        if (strncmp(*entry, "PG", 2) == 0 && len < sizeof name) {
            memcpy(name, *entry, len);
            name[len] = '\0';
            unsetenv(name); /* moves the entries behind it up */
        } else {
            entry++;
        }
    }
    setenv("LC_ALL", "C", 1);
}

static bool become(const process_user_t *user)
{
    return !user || !user->changes ||
           (initgroups(user->name, user->gid) == 0 && setgid(user->gid) == 0 &&
            setuid(user->uid) == 0);
}

static void reset_signals(void)
{
    for (int i = 1; i < NSIG; i++) {
        signal(i, SIG_DFL);
    }
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* The child between fork and exec. */
_Noreturn static void child(const process_t *process, pid_t parent)
{
    reset_signals();
    setsid();
    umask(077);
    int null_fd = open("/dev/null", O_RDONLY);
    dup2(process->out_fd, STDOUT_FILENO);
    dup2(process->out_fd, STDERR_FILENO);
    if (null_fd >= 0) {
        dup2(null_fd, STDIN_FILENO);
    }
    close_range(STDERR_FILENO + 1, UINT_MAX, 0);
    clean_environment();
    if (!become(process->user)) {
        dprintf(STDERR_FILENO, "cannot become user %s: %s\n", process->user->name, strerror(errno));
        _exit(127);
    }
    if (process->dir && chdir(process->dir) != 0) {
        dprintf(STDERR_FILENO, "cannot enter %s: %s\n", process->dir, strerror(errno));
        _exit(127);
    }
    /* After the change of user, which clears it; and the parent may be gone already. */
    prctl(PR_SET_PDEATHSIG, (unsigned long)process->death_signal);
    if (process->death_signal && getppid() != parent) {
        _exit(127);
    }
    execvp(process->argv[0], (char *const *)process->argv);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", process->argv[0], strerror(errno));
    _exit(127);
}

pid_t process_start(const process_t *process, err_t *err)
{
    pid_t parent = getpid();
    pid_t pid = fork();
    if (pid == 0) {
        child(process, parent);
    }
    if (pid < 0) {
        err_set(err, ERR_RUN, "cannot start %s: %s", process->argv[0], strerror(errno));
    }
    return pid;
}

int process_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        if (errno != EINTR) {
            return 127;
        }
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

bool process_capture(const char *const *argv, char *out, size_t size)
{
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) {
        return false;
    }
    process_t process = {.argv = argv, .out_fd = ends[1], .death_signal = SIGKILL};
    pid_t pid = process_start(&process, NULL);
    close(ends[1]);
    FILE *stream = fdopen(ends[0], "r");
    bool read = pid > 0 && stream && fgets(out, (int)size, stream);
    if (stream) {
        fclose(stream);
    } else {
        close(ends[0]);
    }
    if (read) {
        out[strcspn(out, "\n")] = '\0';
    }
    return pid > 0 && process_wait(pid) == 0 && read && out[0];
}

/* Whether a process works in that folder. Looked up as the folder's owner, as whom its server runs:
 * /proc shows a process's folder to its own user, and to root only with CAP_SYS_PTRACE, which root
 * in a container lacks. (Calls that may not change anything, because we are not root, change
 * nothing.) */
static bool works_in(pid_t pid, const char *data_dir)
{
    char path[64];
    struct stat cwd, data;
    if (stat(data_dir, &data) != 0) {
        return false;
    }
    snprintf(path, sizeof path, "/proc/%d/cwd", (int)pid);
    setfsgid(data.st_gid);
    setfsuid(data.st_uid);
    bool found = stat(path, &cwd) == 0;
    setfsuid(geteuid());
    setfsgid(getegid());
    return found && cwd.st_dev == data.st_dev && cwd.st_ino == data.st_ino;
}

/* A postgres process works in its data folder; whatever else is there (a shell) is not the
 * server's. A number in postmaster.pid may have become another process's meanwhile. */
static bool is_server(pid_t pid, const char *data_dir)
{
    char path[64], name[32] = "";
    snprintf(path, sizeof path, "/proc/%d/comm", (int)pid);
    FILE *file = fopen(path, "re");
    if (file) {
        (void)!fgets(name, sizeof name, file);
        fclose(file);
    }
    return (strcmp(name, "postgres\n") == 0 || strcmp(name, "initdb\n") == 0) &&
           works_in(pid, data_dir);
}

pid_t process_postmaster(const char *data_dir)
{
    char path[PATH_MAX];
    int pid = 0;
    snprintf(path, sizeof path, "%s/postmaster.pid", data_dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    FILE *file = fd >= 0 ? fdopen(fd, "r") : NULL;
    if (file) {
        char line[32] = "";
        pid = fgets(line, sizeof line, file) ? atoi(line) : 0;
        fclose(file);
    }
    return pid > 1 && is_server(pid, data_dir) ? pid : 0;
}

/* Gone, or about to be: a zombie has no working folder. Ours are taken off the kernel's list. */
static bool is_gone(pid_t pid, const char *data_dir)
{
    while (waitpid(pid, NULL, WNOHANG) < 0 && errno == EINTR) {
    }
    return !is_server(pid, data_dir);
}

static bool signal_and_wait(pid_t pid, const char *data_dir, int signal_number, int64_t wait_ns)
{
    int64_t deadline_ns = clock_now_ns() + wait_ns;
    kill(pid, signal_number);
    kill(pid, SIGCONT); /* one that was stopped takes no signal but SIGKILL until it goes on */
    while (!is_gone(pid, data_dir)) {
        if (clock_now_ns() > deadline_ns) {
            return false;
        }
        clock_sleep_until_ns(clock_now_ns() + POLL_NS);
    }
    return true;
}

/* Backends that outlived their postmaster: it was killed, and they were stopped. The number of
 * them. */
static int kill_rest(const char *data_dir)
{
    int rest = 0;
    DIR *proc = opendir("/proc");
    const struct dirent *entry;
    while (proc && (entry = readdir(proc))) {
        pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? atoi(entry->d_name) : 0;
        if (pid > 1 && is_server(pid, data_dir)) {
            kill(pid, SIGKILL);
            rest++;
        }
    }
    if (proc) {
        closedir(proc);
    }
    return rest;
}

void process_stop_server(const char *data_dir, bool fast)
{
    pid_t pid = process_postmaster(data_dir);
    if (pid > 0 && !(fast && signal_and_wait(pid, data_dir, SIGINT, 30 * NS_PER_S)) &&
        !signal_and_wait(pid, data_dir, SIGQUIT, 10 * NS_PER_S)) {
        signal_and_wait(pid, data_dir, SIGKILL, 5 * NS_PER_S);
    }
    int64_t deadline_ns = clock_now_ns() + 5 * NS_PER_S;
    while (kill_rest(data_dir) > 0 && clock_now_ns() < deadline_ns) {
        clock_sleep_until_ns(clock_now_ns() + POLL_NS);
    }
}
