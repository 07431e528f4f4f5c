/*
 * folder: the folder that a run's results go to. Made, and proven writable, before anything on the
 * server is touched. One thread (the controller's).
 *
 * A file is written under a temporary name and renamed when it is whole. timeline.csv and the
 * histogram logs grow in place, by whole lines, so that a crash loses at most the second under way.
 * When the disk is full, what was written stays, the error names file and reason, and the run goes
 * on to its summary.
 */
#ifndef CDCBENCH_REPORT_FILES_FOLDER_H
#define CDCBENCH_REPORT_FILES_FOLDER_H

#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

typedef struct folder folder_t;

/* `out` NULL: results/<UTC time>-<name>, made unique; else that folder, which may exist but must
 * hold no run.json. Parents are made. In `name`, what does not belong in a file's name becomes '-'.
 * Where it cannot be made, or a probe of writing and renaming fails: NULL, ERR_USAGE, naming the
 * folder. */
folder_t *folder_open(const char *out, const char *name, int64_t now_unix_us, err_t *err);

/* A folder that holds a run's results already, for another file of them. NULL with ERR_USAGE when
 * it holds no run.json, or cannot be opened. Freed as the other, which leaves it be. */
folder_t *folder_reopen(const char *path, err_t *err);

const char *folder_path(const folder_t *folder);

/* Removes the folder, and results/, if we made them and they are empty. NULL is allowed. */
void folder_free(folder_t *folder);

/* Opens a file of the folder for writing under its temporary name, <name>.tmp; folder_commit
 * flushes (fsync), closes and renames it. When anything written to it failed, it removes it
 * instead. Both: ERR_RUN with file and reason. The FILE is closed either way. */
FILE *folder_create(folder_t *folder, const char *name, err_t *err);
bool folder_commit(folder_t *folder, FILE *file, const char *name, err_t *err);

/* Closes and removes what folder_create opened, when there is no use in going on. */
void folder_discard(folder_t *folder, FILE *file, const char *name);

/* A file that grows as the run goes, by whole lines: what a crash or a full disk leaves has no half
 * of one at its end, but for the crash itself. Written with write(2), not through a FILE: after a
 * failure stdio would keep the rest of a line and write it before the next. */
typedef struct growing growing_t;

/* Makes an empty file. NULL with ERR_RUN, naming it. The caller owns it. */
growing_t *growing_open(folder_t *folder, const char *name, err_t *err);

/* Appends all of the bytes (whole lines) or none: when it fails (ERR_RUN), what there is of them is
 * taken back, and the next may be tried. */
bool growing_append(growing_t *file, const char *bytes, size_t len, err_t *err);

/* Flushes to the disk, closes and frees. NULL is allowed. */
bool growing_close(growing_t *file, err_t *err);

/* Closes and removes it: the run did not begin. NULL is allowed. */
void growing_discard(growing_t *file);

#endif
