/*
 * live_view: what the last seconds of the timeline come to, for the two ways in which live.c shows
 * them: the block on a terminal, and the plain line. Seconds go in, text comes out; nothing is
 * written anywhere else. One thread; owns nothing.
 *
 * Percentiles of several operations or seconds cannot be put together from theirs: what stands here
 * is the largest of them.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_LIVE_VIEW_H
#define CDCBENCH_REPORT_TERMINAL_LIVE_VIEW_H

#include <stdio.h>

#include "result/result.h"

#define LIVE_SPARKS_MAX 30 /* seconds in a sparkline, where the terminal is wide */

typedef struct {
    int64_t p50_us, p99_us; /* NOT_MEASURED: no value */
} live_quantiles_t;

/* Values of the last seconds, oldest first; NAN where nothing was measured. */
typedef struct {
    double values[LIVE_SPARKS_MAX];
    int n;
} live_spark_t;

/* Seconds of one phase, added up. */
typedef struct {
    double seconds;                                           /* their length; 0: none yet */
    int64_t due_rows[STREAM_COUNT], acked_rows[STREAM_COUNT]; /* due NOT_MEASURED: closed stream */
    int64_t errors;
    live_quantiles_t latency;
    live_quantiles_t lag[TAP_COUNT];
} live_sum_t;

typedef struct {
    const scenario_t *scenario; /* outlives it */
    bool begun;                 /* at least one second is in */
    timeline_row_t last;
    live_sum_t phase; /* since the phase began */
    live_sum_t line;  /* since the last plain line */
    /* The phase's last seconds, oldest first. */
    live_spark_t acked_per_s[STREAM_COUNT], latency_us, lag_us[TAP_COUNT];
    bool tap_on[TAP_COUNT]; /* it has been seen on */
} live_view_t;

/* How the block is to look. */
typedef struct {
    size_t columns; /* no line is wider, but for a label that alone is */
    bool colors;    /* SGR sequences in the lines */
} live_look_t;

void live_view_init(live_view_t *view, const scenario_t *scenario);

/* Whether this second is of another phase than those before it. */
bool live_view_turns(const live_view_t *view, const timeline_row_t *row);

void live_view_add(live_view_t *view, const timeline_row_t *row);

/* The block's lines, each with its newline. What does not fit the width is left out from the right,
 * a figure at a time. */
void live_view_print_block(const live_view_t *view, const char *heading, const live_look_t *look,
                           FILE *out);

/* The plain line, with its newline, of what was added since live_view_begin_line. Nothing when
 * nothing was. */
void live_view_print_line(const live_view_t *view, FILE *out);
void live_view_begin_line(live_view_t *view);

/* The larger of each; NOT_MEASURED gives way to any value. */
void live_quantiles_keep_larger(live_quantiles_t *into, int64_t p50_us, int64_t p99_us);

#endif
