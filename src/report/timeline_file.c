#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/files.h"
#include "report/tables.h"

/* Written with write(2), not through a FILE: after a failure stdio would keep the rest of a line
 * and write it before the next. */
struct timeline_file {
    int fd;
    off_t whole_bytes; /* the file's length up to its last whole line */
    char path[PATH_MAX];
};

static bool cannot_write(const timeline_file_t *file, err_t *err)
{
    return err_set(err, ERR_RUN, "cannot write %s: %s", file->path, strerror(errno));
}

/* Writes all of a line or nothing. */
static bool write_whole(timeline_file_t *file, const char *line, size_t len, err_t *err)
{
    size_t done = 0;
    while (done < len) {
        ssize_t n = write(file->fd, line + done, len - done);
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

/* Writes the header (record NULL) or a record as one line. */
static bool write_line(timeline_file_t *file, const timeline_record_t *record, err_t *err)
{
    char *line = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&line, &len);
    if (memory == NULL) {
        return cannot_write(file, err);
    }
    if (record == NULL) {
        csv_write_header(memory, &table_timeline);
    } else {
        csv_write_record(memory, &table_timeline, record);
    }
    bool ok = fclose(memory) == 0 ? write_whole(file, line, len, err) : cannot_write(file, err);
    free(line);
    return ok;
}

timeline_file_t *timeline_file_open(folder_t *folder, err_t *err)
{
    timeline_file_t *file = calloc(1, sizeof *file);
    if (file == NULL) {
        err_set(err, ERR_RUN, "cannot write timeline.csv: out of memory");
        return NULL;
    }
    int len = snprintf(file->path, sizeof file->path, "%s/timeline.csv", folder_path(folder));
    errno = ENAMETOOLONG;
    file->fd =
        len < PATH_MAX ? open(file->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666) : -1;
    if (file->fd < 0) {
        cannot_write(file, err);
        free(file);
        return NULL;
    }
    if (!write_line(file, NULL, err)) {
        close(file->fd);
        unlink(file->path);
        free(file);
        return NULL;
    }
    return file;
}

bool timeline_file_append(timeline_file_t *file, const scenario_t *scenario,
                          const timeline_row_t *row, err_t *err)
{
    return write_line(file, &(timeline_record_t){.scenario = scenario, .row = row}, err);
}

bool timeline_file_close(timeline_file_t *file, err_t *err)
{
    if (file == NULL) {
        return true;
    }
    bool ok = fsync(file->fd) == 0 || cannot_write(file, err);
    ok = (close(file->fd) == 0 || cannot_write(file, err)) && ok;
    free(file);
    return ok;
}

void timeline_file_discard(timeline_file_t *file)
{
    if (file == NULL) {
        return;
    }
    close(file->fd);
    unlink(file->path);
    free(file);
}
