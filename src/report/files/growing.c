#include "report/files/growing.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
