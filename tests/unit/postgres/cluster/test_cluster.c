#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <dirent.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/clock.h"
#include "base/secret.h"
#include "embedded.h"

static const char *root;
static pg_cluster_t *cluster; /* for the tests that only look */
static char password[64];

static int start(void **state)
{
    (void)state;
    err_t err = {0};
    root = embedded_root();
    cluster = embedded_start(NULL);
    pg_target_t *target = cluster ? pg_target_new(pg_cluster_dsn(cluster), &err) : NULL;
    if (!target) {
        return -1;
    }
    snprintf(password, sizeof password, "%s", pg_target_get(target, "password"));
    pg_target_free(target);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    err_t err = {0};
    bool stopped = pg_cluster_stop(cluster, &err);
    secret_forget();
    return stopped && rmdir(root) == 0 ? 0 : -1;
}

static const char *value(const char *sql)
{
    static char text[256];
    err_t err = {0};
    pg_admin_t *admin = embedded_connect(cluster, NULL, NULL);
    assert_non_null(admin);
    if (!pg_admin_value(admin, sql, text, sizeof text, &err)) {
        fail_msg("%s", err.text);
    }
    pg_admin_free(admin);
    return text;
}

/* A process that nobody waited for yet does not run. */
static bool runs(int pid)
{
    char path[64], text[512] = "";
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    bool there = fd >= 0 && read(fd, text, sizeof text - 1) > 0;
    close(fd);
    return there && !strstr(text, ") Z ");
}

static bool ends_within_10_s(int pid)
{
    int64_t deadline_ns = clock_now_ns() + 10 * NS_PER_S;
    while (runs(pid) && clock_now_ns() < deadline_ns) {
        clock_sleep_until_ns(clock_now_ns() + 20 * NS_PER_MS);
    }
    return !runs(pid);
}

/* The folders in the root. */
static int count_folders(void)
{
    int count = 0;
    DIR *folder = opendir(root);
    assert_non_null(folder);
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

static bool exists(const char *path)
{
    struct stat found;
    return lstat(path, &found) == 0;
}

static void it_answers_on_its_socket_and_on_loopback(void **state)
{
    (void)state;
    char dsn[256];
    err_t err = {0};
    assert_string_equal(
        value("SELECT current_database() || coalesce(inet_server_addr()::text, '')"),
        "financial_db");
    snprintf(dsn, sizeof dsn,
             "host=127.0.0.1 port=%d user=postgres password=%s dbname=financial_db",
             pg_cluster_tcp_port(cluster), password);
    pg_target_t *target = pg_target_new(dsn, &err);
    pg_admin_t *admin = pg_admin_connect(target, &err);
    assert_string_equal(err.text, "");
    pg_admin_free(admin);
    pg_target_free(target);
    assert_non_null(strstr(value("SHOW server_version"), pg_cluster_version(cluster)));
}

static void it_has_the_settings_it_names(void **state)
{
    (void)state;
    for (const char *const *setting = pg_cluster_settings(); *setting; setting++) {
        char sql[128];
        int name = (int)strcspn(*setting, "=");
        snprintf(sql, sizeof sql, "SHOW %.*s", name, *setting);
        assert_string_equal(value(sql), *setting + name + 1);
    }
}

static void it_runs_in_a_session_of_its_own_and_never_as_root(void **state)
{
    (void)state;
    struct stat data;
    char path[256];
    int pid = pg_cluster_pid(cluster);
    snprintf(path, sizeof path, "%s/data", pg_cluster_dir(cluster));
    assert_int_equal(stat(path, &data), 0);
    assert_true(runs(pid));
    assert_int_equal(getsid(pid), pid);
    assert_int_not_equal(data.st_uid, 0);
    assert_int_equal(data.st_mode & 0777, 0700);
}

static void nobody_gets_in_without_the_password(void **state)
{
    (void)state;
    char dsn[256];
    err_t err = {0};
    assert_string_equal(
        value("SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"),
        "scram-sha-256");
    snprintf(dsn, sizeof dsn, "%s password=wrong", pg_cluster_dsn(cluster));
    pg_target_t *target = pg_target_new(dsn, &err);
    assert_null(pg_admin_connect(target, &err));
    assert_non_null(strstr(err.text, "password authentication failed"));
    pg_target_free(target);
}

static void the_password_is_in_no_process_list_and_in_no_file(void **state)
{
    (void)state;
    char command[512], path[256];
    snprintf(path, sizeof path, "%s/password", pg_cluster_dir(cluster));
    assert_false(exists(path));
    assert_int_equal(strlen(password), 32);
    /* The pattern goes in by the pipe, lest it be found in its own command line. */
    snprintf(command, sizeof command,
             "grep -alrFf /dev/stdin %s /proc/[0-9]*/cmdline /proc/%d/environ 2>/dev/null",
             pg_cluster_dir(cluster), pg_cluster_pid(cluster));
    FILE *grep = popen(command, "w");
    fputs(password, grep);
    assert_int_not_equal(pclose(grep), 0);
}

static void a_living_owner_keeps_its_cluster_from_being_reaped(void **state)
{
    (void)state;
    err_t err = {0};
    assert_int_equal(pg_cluster_reap(&err), 0);
    assert_true(runs(pg_cluster_pid(cluster)));
}

/* Starts one in a process of its own, which ends as `keep` says: with it by pg_cluster_stop,
 * without by SIGKILL. Returns the server's pid; *dir is its folder. */
static int start_elsewhere(bool keep, char *dir, size_t size)
{
    int ends[2], pid = 0;
    assert_int_equal(pipe(ends), 0);
    pid_t owner = fork();
    if (owner == 0) {
        pg_cluster_opts_t opts = {.keep = keep};
        pg_cluster_t *mine = pg_cluster_start(&opts, NULL);
        if (!mine) {
            _exit(1);
        }
        dprintf(ends[1], "%d %s", pg_cluster_pid(mine), pg_cluster_dir(mine));
        if (keep) {
            _exit(pg_cluster_stop(mine, NULL) ? 0 : 1);
        }
        kill(getpid(), SIGKILL);
    }
    close(ends[1]);
    char text[256] = "";
    ssize_t len = read(ends[0], text, sizeof text - 1);
    close(ends[0]);
    int status;
    waitpid(owner, &status, 0);
    assert_true(len > 0);
    assert_int_equal(status, keep ? 0 : SIGKILL);
    pid = atoi(text);
    snprintf(dir, size, "%s", strchr(text, ' ') + 1);
    return pid;
}

static void a_server_dies_with_its_owner_and_reap_removes_the_rest(void **state)
{
    (void)state;
    char dir[256];
    err_t err = {0};
    int pid = start_elsewhere(false, dir, sizeof dir);
    assert_true(ends_within_10_s(pid));
    assert_true(exists(dir));
    assert_int_equal(pg_cluster_reap(&err), 1);
    assert_false(exists(dir));
    assert_true(runs(pg_cluster_pid(cluster)));
}

static void an_owner_that_dies_while_its_cluster_is_made_leaves_nothing_to_stay(void **state)
{
    (void)state;
    err_t err = {0};
    int before = count_folders();
    pid_t owner = fork();
    if (owner == 0) {
        pg_cluster_start(&(pg_cluster_opts_t){0}, NULL);
        _exit(1);
    }
    while (count_folders() == before) {
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    }
    clock_sleep_until_ns(clock_now_ns() + 100 * NS_PER_MS); /* into initdb, as a rule */
    kill(owner, SIGKILL);
    waitpid(owner, NULL, 0);
    assert_int_equal(pg_cluster_reap(&err), 1);
    assert_int_equal(count_folders(), before);
}

static void a_kept_cluster_outlives_its_owner_and_every_reap(void **state)
{
    (void)state;
    char dir[256], owner[300];
    err_t err = {0};
    int pid = start_elsewhere(true, dir, sizeof dir);
    assert_int_equal(pg_cluster_reap(&err), 0);
    assert_true(runs(pid));

    /* The same without its mark is a left-over whose server runs. */
    snprintf(owner, sizeof owner, "%s/owner", dir);
    assert_int_equal(truncate(owner, 0), 0);
    assert_int_equal(pg_cluster_reap(&err), 1);
    assert_false(runs(pid));
    assert_false(exists(dir));
}

static void a_stopped_server_is_stopped_all_the_same(void **state)
{
    (void)state;
    err_t err = {0};
    pg_cluster_t *other = embedded_start(NULL);
    assert_non_null(other);
    int pid = pg_cluster_pid(other);
    kill(pid, SIGSTOP);
    assert_true(pg_cluster_stop(other, &err));
    assert_false(runs(pid));
    assert_int_equal(count_folders(), 1);
}

static void a_half_made_folder_is_reaped_and_links_in_it_are_not_followed(void **state)
{
    (void)state;
    char dir[256], path[300], outside[64] = "/tmp/cdcbench-outside-XXXXXX";
    err_t err = {0};
    assert_non_null(mkdtemp(outside));
    snprintf(path, sizeof path, "%s/file", outside);
    close(open(path, O_CREAT | O_WRONLY, 0600));
    snprintf(dir, sizeof dir, "%s/pg-abcdef", root);
    assert_int_equal(mkdir(dir, 0700), 0);
    snprintf(path, sizeof path, "%s/data", dir);
    assert_int_equal(symlink(outside, path), 0);
    assert_int_equal(pg_cluster_reap(&err), 1);
    assert_false(exists(dir));
    snprintf(path, sizeof path, "%s/file", outside);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(rmdir(outside), 0);
}

static void a_server_that_cannot_start_says_why_and_leaves_nothing(void **state)
{
    (void)state;
    err_t err = {0};
    pg_cluster_opts_t opts = {.extra_settings =
                                  (const char *const[]){"shared_buffers=banana", NULL}};
    assert_null(pg_cluster_start(&opts, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "banana"));
    assert_int_equal(count_folders(), 1);
}

static void without_a_server_the_error_says_how_to_get_one(void **state)
{
    (void)state;
    err_t err = {0};
    pg_cluster_opts_t opts = {.bin_dir = "/nonexistent"};
    assert_null(pg_cluster_start(&opts, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "no PostgreSQL server found in /nonexistent"));
    assert_non_null(strstr(err.text, "apt-get install postgresql"));
    assert_int_equal(count_folders(), 1);
}

static void a_root_that_others_may_write_to_is_refused(void **state)
{
    (void)state;
    err_t err = {0};
    char unsafe[80];
    snprintf(unsafe, sizeof unsafe, "%s-unsafe", root);
    assert_int_equal(mkdir(unsafe, 0700), 0);
    assert_int_equal(chmod(unsafe, 0777), 0);
    setenv("CDCBENCH_CLUSTERS", unsafe, 1);
    bool started = embedded_start(NULL);
    int reaped = pg_cluster_reap(&err);
    setenv("CDCBENCH_CLUSTERS", root, 1);
    rmdir(unsafe);
    assert_false(started);
    assert_int_equal(reaped, -1);
    assert_non_null(strstr(err.text, "not safe"));
}

static void a_root_too_long_for_a_socket_is_a_usage_error(void **state)
{
    (void)state;
    err_t err = {0};
    char longer[128];
    snprintf(longer, sizeof longer, "%s/%090d", root, 0);
    setenv("CDCBENCH_CLUSTERS", longer, 1);
    int reaped = pg_cluster_reap(&err);
    setenv("CDCBENCH_CLUSTERS", root, 1);
    assert_int_equal(reaped, -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "CDCBENCH_CLUSTERS"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_answers_on_its_socket_and_on_loopback),
        cmocka_unit_test(it_has_the_settings_it_names),
        cmocka_unit_test(it_runs_in_a_session_of_its_own_and_never_as_root),
        cmocka_unit_test(nobody_gets_in_without_the_password),
        cmocka_unit_test(the_password_is_in_no_process_list_and_in_no_file),
        cmocka_unit_test(a_living_owner_keeps_its_cluster_from_being_reaped),
        cmocka_unit_test(a_server_dies_with_its_owner_and_reap_removes_the_rest),
        cmocka_unit_test(an_owner_that_dies_while_its_cluster_is_made_leaves_nothing_to_stay),
        cmocka_unit_test(a_kept_cluster_outlives_its_owner_and_every_reap),
        cmocka_unit_test(a_stopped_server_is_stopped_all_the_same),
        cmocka_unit_test(a_half_made_folder_is_reaped_and_links_in_it_are_not_followed),
        cmocka_unit_test(a_server_that_cannot_start_says_why_and_leaves_nothing),
        cmocka_unit_test(without_a_server_the_error_says_how_to_get_one),
        cmocka_unit_test(a_root_that_others_may_write_to_is_refused),
        cmocka_unit_test(a_root_too_long_for_a_socket_is_a_usage_error),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
