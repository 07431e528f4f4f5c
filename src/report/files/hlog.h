/*
 * hlog: latency.hlog and lag.hlog: HdrHistogram logs (format 1.3) that its own readers read: a line
 * for each series and second in which it got any value, the histogram whole. Values are µs. The
 * series and their tags are those of run/control/series.h; docs/results.md explains them. One
 * thread.
 */
#ifndef CDCBENCH_REPORT_FILES_HLOG_H
#define CDCBENCH_REPORT_FILES_HLOG_H

#include "report/files/folder.h"
#include "result/result.h"

#define HLOG_LATENCY_FILE "latency.hlog" /* latency.… and service.… */
#define HLOG_LAG_FILE     "lag.hlog"     /* lag.… */

typedef struct hlog hlog_t;

/* Makes both files, empty: their headings, which hold the run's start, come with the first line.
 * NULL with ERR_RUN, naming the file. The caller owns it. */
hlog_t *hlog_open(folder_t *folder, err_t *err);

/* A line, whole. Values above HIST_MAX_US, for which the format has no place, are in a comment
 * before it. False with ERR_RUN: the file has no part of it. */
bool hlog_append(hlog_t *hlog, const series_interval_t *interval, err_t *err);

/* Flushes to the disk, closes and frees; or removes, where the run did not begin. NULL is allowed.
 */
bool hlog_close(hlog_t *hlog, err_t *err);
void hlog_discard(hlog_t *hlog);

#endif
