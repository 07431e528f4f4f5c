/*
 * series: what *.hlog holds: once a second, for every series, a histogram of what was recorded
 * since the reading before. Reads the loaders' and the taps' histograms as they grow and takes
 * differences; counts are exact. Controller's thread.
 *
 * Series, by their tag:
 *   latency.OPERATION                       from the intended time
 *   service.OPERATION                       from the send
 *   lag.TAP.commit_to_receipt.OPERATION     the whole, for each operation
 *   lag.TAP.STAGE                           every other stage, all operations
 * A lag below zero stands in a series of its own, TAG.negative, by its magnitude.
 */
#ifndef CDCBENCH_RUN_CONTROL_SERIES_H
#define CDCBENCH_RUN_CONTROL_SERIES_H

#include "result/result.h"
#include "run/load/loader.h"
#include "run/tap/tap.h"

typedef struct series series_t;

typedef struct {
    uint32_t n_phases;
    loader_t *const *loaders;
    uint32_t n_loaders;
    tap_t *taps[TAP_COUNT]; /* NULL: off */
    int64_t start_ns;       /* the run's zero, CLOCK_MONOTONIC … */
    int64_t start_unix_us;  /* … and by the wall */
} series_opts_t;

series_t *series_new(const series_opts_t *opts); /* NULL when memory is out */
void series_free(series_t *series);              /* NULL is allowed */

/* Takes a reading, and calls `visit` for every series that got any value since the one before; the
 * histogram is good for the call. False when memory is out: what was not visited comes with the
 * next reading. */
typedef void series_visit_t(void *ctx, const series_interval_t *interval);
bool series_take(series_t *series, int64_t now_ns, series_visit_t *visit, void *ctx);

#endif
