/*
 * metrics: a run under way as OpenMetrics text 1.0
 * (https://prometheus.io/docs/specs/om/open_metrics_spec/): the figures of timeline.csv, counts
 * added up since the run's start, and latency and lag as histograms over the same time. Names begin
 * with cdcbench_, units are base units (seconds, bytes). What was not measured has no sample. One
 * thread.
 */
#ifndef CDCBENCH_REPORT_SERVE_METRICS_H
#define CDCBENCH_REPORT_SERVE_METRICS_H

#include "result/now.h"

#define METRICS_TYPE "application/openmetrics-text; version=1.0.0; charset=utf-8"

typedef struct metrics metrics_t;

/* NULL when memory is out. The scenario outlives it, or its metrics_begin. */
metrics_t *metrics_new(const scenario_t *scenario);

/* Another run (--repeat, --explain-cost): nothing has been counted. */
void metrics_begin(metrics_t *metrics, const scenario_t *scenario);
void metrics_free(metrics_t *metrics); /* NULL is allowed */

/* A second has passed. */
void metrics_add(metrics_t *metrics, const timeline_row_t *row);

/* The text, as far as it is known by now; malloc'd; NULL when memory is out. */
char *metrics_text(const metrics_t *metrics, const run_now_t *now, size_t *len);

#endif
