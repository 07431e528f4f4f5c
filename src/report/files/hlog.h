/*
 * hlog: latency.hlog and lag.hlog: HdrHistogram logs (format 1.3) that its own readers read: a line
 * for each series and second in which it got any value, the histogram whole. Values are µs. The
 * series and their tags are those of run/control/series.h; docs/results.md explains them. Written
 * as the run goes, and read back for the page. One thread.
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

/* A log read back: each series' whole distribution, and the mean of each of its intervals. A series
 * TAG.negative is put into TAG with its sign. */

/* One interval: sum_us is that of the middles of the slots (within 0.05 % of the true one). */
typedef struct {
    double end_s; /* since the run's start */
    double sum_us;
    uint64_t count;
} hlog_interval_t;

typedef struct {
    char *tag;
    lag_t *lag; /* all intervals; every value at the edge of its slot that percentiles are of */
    hlog_interval_t *intervals;
    size_t n_intervals, cap;
} hlog_series_t;

typedef struct {
    hlog_series_t *series; /* in the order of their first line */
    size_t n, cap;
} hlog_data_t;

/* Adds what a file holds to *data, which begins as {0}. False with ERR_USAGE (file, line, what is
 * wrong) or ERR_RUN; *data may then hold a part, and is to be freed all the same. */
bool hlog_read_file(const char *path, hlog_data_t *data, err_t *err);
void hlog_data_free(hlog_data_t *data);

#endif
