/*
 * growing: a file of a run's folder that grows as the run goes, by whole lines: what a crash or a
 * full disk leaves has no half of one at its end, but for the crash itself. Written with write(2),
 * not through a FILE: after a failure stdio would keep the rest of a line and write it before the
 * next. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_GROWING_H
#define CDCBENCH_REPORT_FILES_GROWING_H

#include "report/files/folder.h"

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
