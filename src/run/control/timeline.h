/*
 * timeline: one row a second out of cumulative figures: keeps the reading before, and takes
 * differences. Controller's thread.
 */
#ifndef CDCBENCH_RUN_CONTROL_TIMELINE_H
#define CDCBENCH_RUN_CONTROL_TIMELINE_H

#include "run/load/backlog.h"
#include "run/load/loader.h"
#include "run/monitor/monitor.h"
#include "run/tap/sources.h"
#include "run/tap/tap.h"

typedef struct timeline timeline_t;

typedef struct {
    const work_t *work;
    loader_t *const *loaders;
    uint32_t n_loaders;
    tap_t *taps[TAP_COUNT]; /* NULL: off */
    const source_t *topics; /* the source that reads them; NULL: off */
    monitor_t *monitor;
    const clocksync_t *clock;
    const backlog_watch_t *watches; /* by phase; NULL: the backlog has no bound */
    int64_t start_ns;               /* the run's zero, CLOCK_MONOTONIC */
} timeline_opts_t;

timeline_t *timeline_new(const timeline_opts_t *opts); /* NULL when memory is out */
void timeline_free(timeline_t *timeline);

/* Takes a reading and appends a row; false when memory is out. */
bool timeline_take(timeline_t *timeline, int64_t now_ns);

const timeline_row_t *timeline_rows(const timeline_t *timeline, size_t *n);

/* Over all phases, from the start to the last reading. They belong to the timeline. */
const hist_t *timeline_latency(const timeline_t *timeline, uint32_t stream);
const lag_t *timeline_lag(const timeline_t *timeline, tap_id_t tap);

/* Rows acknowledged over all phases, operations and threads. */
uint64_t timeline_acknowledged(loader_t *const *loaders, uint32_t n_loaders);

#endif
