/*
 * hlog_read: a histogram log of a run, read back: each series' whole distribution, and the mean of
 * each of its intervals. A series TAG.negative is put into TAG with its sign. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_HLOG_READ_H
#define CDCBENCH_REPORT_FILES_HLOG_READ_H

#include "base/err.h"
#include "base/lag.h"

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
