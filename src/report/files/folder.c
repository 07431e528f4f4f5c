#include "report/files/folder.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"

struct folder {
    bool made;         /* by us, so ours to remove */
    bool made_results; /* results/ too */
    char path[PATH_MAX];
};

/* Where runs go that were given no folder. */
#define RESULTS "results"

/* How many runs may begin in one second with one name. */
#define SIBLINGS_MAX 1000

/* <folder>/<name><suffix>; false when that is longer than a path may be. */
static bool file_path(const folder_t *folder, const char *name, const char *suffix,
                      char out[PATH_MAX])
{
    int len = snprintf(out, PATH_MAX, "%s/%s%s", folder->path, name, suffix);
    return len < PATH_MAX;
}

/* Makes one folder; one that is there already is fine, unless it had to be new. */
static bool make_one(const char *path, bool *made)
{
    *made = mkdir(path, 0777) == 0;
    if (*made) {
        return true;
    }
    struct stat status;
    if (errno == EEXIST && stat(path, &status) == 0 && !S_ISDIR(status.st_mode)) {
        errno = ENOTDIR;
    }
    return errno == EEXIST;
}

/* Makes the folders above the last part of path, which is put back as it was. */
static bool make_parents(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        bool made;
        *slash = '\0';
        bool ok = make_one(path, &made);
        *slash = '/';
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool cannot_make(const folder_t *folder, err_t *err)
{
    return err_set(err, ERR_USAGE,
                   "cannot make the folder for the results, %s: %s; name another with --out",
                   folder->path, strerror(errno));
}

/* The folder that the user named. */
static bool open_given(folder_t *folder, const char *out, err_t *err)
{
    int len = snprintf(folder->path, sizeof folder->path, "%s", out);
    if (len == 0 || len >= PATH_MAX) {
        errno = len == 0 ? ENOENT : ENAMETOOLONG;
        return cannot_make(folder, err);
    }
    while (len > 1 && folder->path[len - 1] == '/') {
        folder->path[--len] = '\0';
    }
    if (!make_parents(folder->path) || !make_one(folder->path, &folder->made)) {
        return cannot_make(folder, err);
    }
    char manifest[PATH_MAX];
    if (file_path(folder, "run.json", "", manifest) && access(manifest, F_OK) == 0) {
        return err_set(err, ERR_USAGE,
                       "%s holds the results of a run (run.json); name another folder with --out",
                       folder->path);
    }
    return true;
}

/* A name may come from a scenario; a folder's name keeps what needs no quoting in a shell. */
static void safe_name(const char *name, char out[NAME_MAX + 1])
{
    size_t len = 0;
    /* Leaves room for the time before it and a number behind it. */
    for (; name[len] != '\0' && len < NAME_MAX - 32; len++) {
        unsigned char c = (unsigned char)name[len];
        out[len] = isalnum(c) || strchr("._-", c) != NULL ? (char)c : '-';
    }
    out[len] = '\0';
}

/* results/<UTC time>-<name>, with a number behind it where that is taken: mkdir decides, so that
 * two runs that begin in the same second never share one. */
static bool open_new(folder_t *folder, const char *name, int64_t now_unix_us, err_t *err)
{
    char when[17], safe[NAME_MAX + 1];
    snprintf(folder->path, sizeof folder->path, RESULTS);
    if (!make_one(RESULTS, &folder->made_results)) {
        return cannot_make(folder, err);
    }
    clock_compact(now_unix_us, when, sizeof when);
    safe_name(name, safe);
    for (int number = 1; number <= SIBLINGS_MAX; number++) {
        int len = snprintf(folder->path, sizeof folder->path, RESULTS "/%s-%s", when, safe);
        if (number > 1) {
            snprintf(folder->path + len, sizeof folder->path - (size_t)len, "-%d", number);
        }
        if (!make_one(folder->path, &folder->made)) {
            return cannot_make(folder, err);
        }
        if (folder->made) {
            return true;
        }
    }
    errno = EEXIST;
    return cannot_make(folder, err);
}

/* Whether a file can be written, flushed and renamed here: before the run, not after it. */
static bool probe(folder_t *folder, err_t *err)
{
    static const char name[] = ".probe";
    err_t why = {.code = ERR_NONE};
    FILE *file = folder_create(folder, name, &why);
    if (file != NULL) {
        fputs("probe\n", file);
        if (folder_commit(folder, file, name, &why)) {
            char path[PATH_MAX];
            if (file_path(folder, name, "", path)) {
                unlink(path);
            }
            return true;
        }
    }
    return err_set(err, ERR_USAGE, "the folder for the results, %s, takes no files: %s",
                   folder->path, why.text);
}

folder_t *folder_open(const char *out, const char *name, int64_t now_unix_us, err_t *err)
{
    folder_t *folder = calloc(1, sizeof *folder);
    if (folder == NULL) {
        err_set(err, ERR_RUN, "cannot open the folder for the results: out of memory");
        return NULL;
    }
    bool ok = out != NULL ? open_given(folder, out, err) : open_new(folder, name, now_unix_us, err);
    if (!ok || !probe(folder, err)) {
        folder_free(folder);
        return NULL;
    }
    return folder;
}

folder_t *folder_reopen(const char *path, err_t *err)
{
    char manifest[PATH_MAX];
    folder_t *folder = calloc(1, sizeof *folder);
    if (folder == NULL) {
        err_set(err, ERR_RUN, "cannot open the results in %s: out of memory", path);
        return NULL;
    }
    int len = snprintf(folder->path, sizeof folder->path, "%s", path);
    errno = len == 0 ? ENOENT : ENAMETOOLONG;
    if (len > 0 && len < PATH_MAX && file_path(folder, "run.json", "", manifest) &&
        access(manifest, R_OK) == 0) {
        return folder;
    }
    err_set(err, ERR_USAGE,
            "cannot read %s/run.json: %s; name the folder of a run that has ended, such as "
            "results/<time>-<name>",
            path, strerror(errno));
    folder_free(folder);
    return NULL;
}

const char *folder_path(const folder_t *folder)
{
    return folder->path;
}

void folder_free(folder_t *folder)
{
    if (folder == NULL) {
        return;
    }
    if (folder->made) {
        rmdir(folder->path); /* refuses when there is anything in it, which is what is wanted */
    }
    if (folder->made_results) {
        rmdir(RESULTS);
    }
    free(folder);
}

FILE *folder_create(folder_t *folder, const char *name, err_t *err)
{
    char path[PATH_MAX];
    if (!file_path(folder, name, ".tmp", path)) {
        err_set(err, ERR_RUN, "cannot write %s/%s: %s", folder->path, name, strerror(ENAMETOOLONG));
        return NULL;
    }
    FILE *file = fopen(path, "we");
    if (file == NULL) {
        err_set(err, ERR_RUN, "cannot write %s: %s", path, strerror(errno));
    }
    return file;
}

/* Flushes file down to the disk and closes it. False with errno; 0 when stdio no longer knows why.
 */
static bool finish(FILE *file)
{
    errno = 0;
    bool ok = fflush(file) == 0 && !ferror(file) && fsync(fileno(file)) == 0;
    int why = errno;
    if (fclose(file) != 0 && ok) {
        return false;
    }
    errno = why;
    return ok;
}

bool folder_commit(folder_t *folder, FILE *file, const char *name, err_t *err)
{
    char temporary[PATH_MAX], path[PATH_MAX];
    if (finish(file) && file_path(folder, name, ".tmp", temporary) &&
        file_path(folder, name, "", path) && rename(temporary, path) == 0) {
        return true;
    }
    err_set(err, ERR_RUN, "cannot write %s/%s: %s", folder->path, name,
            errno != 0 ? strerror(errno) : "an earlier write failed (is the disk full?)");
    if (file_path(folder, name, ".tmp", temporary)) {
        unlink(temporary);
    }
    return false;
}

void folder_discard(folder_t *folder, FILE *file, const char *name)
{
    char temporary[PATH_MAX];
    fclose(file);
    if (file_path(folder, name, ".tmp", temporary)) {
        unlink(temporary);
    }
}

/* --- a file that grows ------------------------------------------------------------------------ */

struct growing {
    int fd;
    off_t whole_bytes; /* the file's length up to its last whole line */
    char path[PATH_MAX];
};

static bool cannot_write(const growing_t *file, err_t *err)
{
    return err_set(err, ERR_RUN, "cannot write %s: %s", file->path, strerror(errno));
}

growing_t *growing_open(folder_t *folder, const char *name, err_t *err)
{
    growing_t *file = calloc(1, sizeof *file);
    if (file == NULL) {
        err_set(err, ERR_RUN, "cannot write %s: out of memory", name);
        return NULL;
    }
    int len = snprintf(file->path, sizeof file->path, "%s/%s", folder_path(folder), name);
    errno = ENAMETOOLONG;
    file->fd =
        len < PATH_MAX ? open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (file->fd < 0) {
        cannot_write(file, err);
        free(file);
        return NULL;
    }
    return file;
}

bool growing_append(growing_t *file, const char *bytes, size_t len, err_t *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(file->fd, bytes + done, len - done);
        if (n >= 0) {
            done += (size_t)n;
        } else if (errno != EINTR) {
            cannot_write(file, err);
            /* Best effort: should this fail too, the reader finds half a line at the end. */
            if (ftruncate(file->fd, file->whole_bytes) == 0) {
                lseek(file->fd, file->whole_bytes, SEEK_SET);
            }
            return false;
        }
    }
    file->whole_bytes += (off_t)len;
    return true;
}

bool growing_close(growing_t *file, err_t *err)
{
    if (file == NULL) {
        return true;
    }
    bool ok = fsync(file->fd) == 0 || cannot_write(file, err);
    ok = (close(file->fd) == 0 || cannot_write(file, err)) && ok;
    free(file);
    return ok;
}

void growing_discard(growing_t *file)
{
    if (file == NULL) {
        return;
    }
    close(file->fd);
    unlink(file->path);
    free(file);
}
