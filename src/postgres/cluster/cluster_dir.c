#include "postgres/cluster/cluster_dir.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PREFIX "pg-"
/* sockaddr_un.sun_path is 108 bytes, its NUL included. */
#define ROOT_MAX (107 - (int)sizeof("/" PREFIX "XXXXXX/run/.s.PGSQL.65535") + 1)

static const char kept[] = "kept";

/* No character that needs quotes in a connection string or in postgresql.conf, and no comma, which
 * both take for the end of a path. */
static bool is_plain(const char *path)
{
    for (const char *c = path; *c; c++) {
        if ((unsigned char)*c < 0x80 && !isalnum((unsigned char)*c) && !strchr("/._-+", *c)) {
            return false;
        }
    }
    return path[0] == '/';
}

static bool root_path(char out[CLUSTER_PATH_MAX], err_t *err)
{
    const char *chosen = getenv("CDCBENCH_CLUSTERS");
    if (!chosen || !chosen[0]) {
        snprintf(out, CLUSTER_PATH_MAX, "/var/tmp/cdcbench-%u", (unsigned)geteuid());
        return true;
    }
    if (strlen(chosen) > ROOT_MAX || !is_plain(chosen)) {
        return err_set(
            err, ERR_USAGE,
            "CDCBENCH_CLUSTERS=%s cannot hold clusters: an absolute path of at most %d "
            "bytes (a socket's path is short), of letters, digits and / . _ - +, is needed",
            chosen, ROOT_MAX);
    }
    snprintf(out, CLUSTER_PATH_MAX, "%s", chosen);
    return true;
}

/* Opens the root, locked; −1 with *err. Others must not be able to put folders into it; the
 * server's user, where it is another, must be able to pass. */
static int open_root(const char *root, err_t *err)
{
    struct stat found;
    bool is_root = geteuid() == 0;
    bool made = mkdir(root, 0700) == 0;
    int fd = open(root, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 || (made && is_root && fchmod(fd, 0711) != 0) || fstat(fd, &found) != 0) {
        err_set(err, ERR_RUN,
                "cannot use %s for embedded clusters: %s; CDCBENCH_CLUSTERS names "
                "another folder",
                root, strerror(errno));
        goto fail;
    }
    if (found.st_uid != geteuid() || (found.st_mode & 022) != 0 ||
        (is_root && (found.st_mode & 001) == 0)) {
        err_set(
            err, ERR_RUN,
            "%s is not safe for embedded clusters: it has owner %u and mode %03o, and must belong "
            "to user %u, with mode %s; CDCBENCH_CLUSTERS names another folder",
            root, (unsigned)found.st_uid, (unsigned)(found.st_mode & 0777), (unsigned)geteuid(),
            is_root ? "711" : "700");
        goto fail;
    }
    if (TEMP_FAILURE_RETRY(flock(fd, LOCK_EX)) != 0) {
        err_set(err, ERR_RUN, "cannot lock %s: %s", root, strerror(errno));
        goto fail;
    }
    return fd;

fail:
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static bool make_subfolder(const char *path, const process_user_t *user)
{
    return mkdir(path, 0700) == 0 && (!user->changes || lchown(path, user->uid, user->gid) == 0);
}

static bool fill(cluster_dir_t *dir, const process_user_t *user)
{
    char owner[CLUSTER_PATH_MAX + 8];
    snprintf(owner, sizeof owner, "%s/owner", dir->path);
    snprintf(dir->data, sizeof dir->data, "%.*s/data", CLUSTER_PATH_MAX - 8, dir->path);
    snprintf(dir->run, sizeof dir->run, "%.*s/run", CLUSTER_PATH_MAX - 8, dir->path);
    dir->owner_fd = open(owner, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return dir->owner_fd >= 0 && flock(dir->owner_fd, LOCK_EX | LOCK_NB) == 0 &&
           dprintf(dir->owner_fd, "%d\n", (int)getpid()) > 0 &&
           (!user->changes || chmod(dir->path, 0711) == 0) && make_subfolder(dir->data, user) &&
           make_subfolder(dir->run, user);
}

bool cluster_dir_make(cluster_dir_t *dir, const process_user_t *user, err_t *err)
{
    char root[CLUSTER_PATH_MAX];
    *dir = (cluster_dir_t){.owner_fd = -1};
    if (!root_path(root, err)) {
        return false;
    }
    int root_fd = open_root(root, err);
    if (root_fd < 0) {
        return false;
    }
    snprintf(dir->path, sizeof dir->path, "%.*s/" PREFIX "XXXXXX", ROOT_MAX, root);
    bool made = mkdtemp(dir->path);
    bool done = made && fill(dir, user);
    if (!done) {
        err_set(err, ERR_RUN, "cannot make a folder for an embedded cluster in %s: %s", root,
                strerror(errno));
        if (made) {
            cluster_dir_remove(dir, NULL);
        }
    }
    close(root_fd);
    return done;
}

bool cluster_dir_put(const cluster_dir_t *dir, const char *name, const char *text,
                     const process_user_t *user, err_t *err)
{
    char path[CLUSTER_PATH_MAX + 32];
    snprintf(path, sizeof path, "%s/%s", dir->path, name);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool done = fd >= 0 && dprintf(fd, "%s", text) == (int)strlen(text) &&
                (!user->changes || fchown(fd, user->uid, user->gid) == 0);
    if (!done) {
        err_set(err, ERR_RUN, "cannot write %s: %s", path, strerror(errno));
    }
    if (fd >= 0) {
        close(fd);
    }
    return done;
}

/* Everything goes by descriptors, and a link is removed, never followed: what the server's user put
 * there cannot lead root out of the folder. Goes on after a failure; false with its errno. */
static bool remove_at(int parent_fd, const char *name)
{
    if (unlinkat(parent_fd, name, 0) == 0 || errno == ENOENT) {
        return true;
    }
    int fd = openat(parent_fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
    if (!folder) {
        int cause = errno;
        if (fd >= 0) {
            close(fd);
        }
        errno = cause;
        return false;
    }
    int cause = 0;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        bool is_itself = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
        if (!is_itself && !remove_at(fd, entry->d_name)) {
            cause = errno;
        }
    }
    closedir(folder);
    if (cause == 0 && unlinkat(parent_fd, name, AT_REMOVEDIR) != 0 && errno != ENOENT) {
        cause = errno;
    }
    errno = cause;
    return cause == 0;
}

bool cluster_dir_remove(cluster_dir_t *dir, err_t *err)
{
    bool done = remove_at(AT_FDCWD, dir->path);
    if (!done) {
        err_set(err, ERR_RUN, "cannot remove %s: %s", dir->path, strerror(errno));
    }
    if (dir->owner_fd >= 0) {
        close(dir->owner_fd);
        dir->owner_fd = -1;
    }
    return done;
}

bool cluster_dir_keep(cluster_dir_t *dir, err_t *err)
{
    bool done = ftruncate(dir->owner_fd, 0) == 0 &&
                pwrite(dir->owner_fd, kept, strlen(kept), 0) == (ssize_t)strlen(kept);
    if (!done) {
        err_set(err, ERR_RUN, "cannot mark %s as kept: %s", dir->path, strerror(errno));
    }
    close(dir->owner_fd);
    dir->owner_fd = -1;
    return done;
}

/* While we hold the root's lock none is being made: one without an owner file was left half-made.
 */
static bool is_left_over(int root_fd, const char *name)
{
    char owner[NAME_MAX + 16], content[sizeof kept] = "";
    snprintf(owner, sizeof owner, "%s/owner", name);
    int fd = openat(root_fd, owner, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) {
        return errno == ENOENT;
    }
    bool left = flock(fd, LOCK_EX | LOCK_NB) == 0 && read(fd, content, strlen(kept)) >= 0 &&
                strcmp(content, kept) != 0;
    close(fd);
    return left;
}

static int reap_in(int root_fd, DIR *folder, const char *root, void (*stop)(const char *data_dir),
                   err_t *err)
{
    int count = 0;
    bool failed = false;
    const struct dirent *entry;
    while ((entry = readdir(folder))) {
        if (strncmp(entry->d_name, PREFIX, strlen(PREFIX)) != 0 ||
            !is_left_over(root_fd, entry->d_name)) {
            continue;
        }
        char data[CLUSTER_PATH_MAX + NAME_MAX + 8];
        snprintf(data, sizeof data, "%s/%s/data", root, entry->d_name);
        stop(data);
        if (remove_at(root_fd, entry->d_name)) {
            count++;
        } else {
            failed = true;
            err_set(err, ERR_RUN, "cannot remove %s/%s, which a run left behind: %s", root,
                    entry->d_name, strerror(errno));
        }
    }
    return failed ? -1 : count;
}

int cluster_dir_reap(void (*stop)(const char *data_dir), err_t *err)
{
    char root[CLUSTER_PATH_MAX];
    if (!root_path(root, err)) {
        return -1;
    }
    if (access(root, F_OK) != 0 && errno == ENOENT) {
        return 0;
    }
    int root_fd = open_root(root, err);
    if (root_fd < 0) {
        return -1;
    }
    DIR *folder = opendir(root);
    int count = folder ? reap_in(root_fd, folder, root, stop, err) : -1;
    if (folder) {
        closedir(folder);
    } else {
        err_set(err, ERR_RUN, "cannot read %s: %s", root, strerror(errno));
    }
    close(root_fd);
    return count;
}

bool cluster_dir_remove_kept(const char *path, void (*stop)(const char *data_dir), err_t *err)
{
    char root[CLUSTER_PATH_MAX], owner[CLUSTER_PATH_MAX + 16], data[CLUSTER_PATH_MAX + 16];
    char content[sizeof kept] = "";
    const char *name = strrchr(path, '/');
    if (!root_path(root, err)) {
        return false;
    }
    size_t len = strlen(root);
    if (!name || (size_t)(name - path) != len || strncmp(path, root, len) != 0 ||
        strncmp(name + 1, PREFIX, strlen(PREFIX)) != 0 || strlen(path) >= CLUSTER_PATH_MAX) {
        return err_set(err, ERR_USAGE, "%s is no folder of a kept server: those are in %s", path,
                       root);
    }
    snprintf(owner, sizeof owner, "%s/owner", path);
    snprintf(data, sizeof data, "%s/data", path);
    int fd = open(owner, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    bool is_kept = fd >= 0 && read(fd, content, strlen(kept)) > 0 && strcmp(content, kept) == 0;
    if (fd >= 0) {
        close(fd);
    }
    if (!is_kept) {
        return err_set(err, ERR_RUN, "%s is no kept server: it is gone, or a run's own", path);
    }
    int root_fd = open_root(root, err);
    if (root_fd < 0) {
        return false;
    }
    stop(data);
    bool done = remove_at(root_fd, name + 1);
    close(root_fd);
    return done || err_set(err, ERR_RUN, "cannot remove %s: %s", path, strerror(errno));
}
