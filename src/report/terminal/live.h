/*
 * live: what a person sees while the run goes on: on a terminal one block that redraws, as wide as
 * the terminal allows; elsewhere (or with -P) a plain line each interval. To stderr, so that stdout
 * holds the summary alone.
 *
 * One thread (the controller's), but for the two hooks, which any thread may call: a lock keeps the
 * block whole. At most one live_t with a block at a time. A percentile shown is the largest of
 * those of the operations (and seconds, in a plain line) that it stands for.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_LIVE_H
#define CDCBENCH_REPORT_TERMINAL_LIVE_H

#include <stdio.h>

#include "report/files/run_json.h"
#include "result/result.h"

typedef struct live live_t;

typedef struct {
    FILE *out;
    bool block;          /* redraw a block (the caller has looked whether out is a terminal) */
    bool colors;         /* in the block: live_wants_colors */
    int64_t progress_ns; /* plain lines: one each such interval, and where a phase ends; 0: none */
    const char *heading; /* copied; NULL: none */
} live_opts_t;

/* A run in one line: "quick · seed 42 · PostgreSQL 15.18 embedded · Kafka 4.3.1 · Debezium
 * 3.6.0.Final, poll.interval.ms 500". `pipeline`: as result_t has it; NULL: none. What is not known
 * is left out. malloc'd; NULL when memory is out. */
char *live_heading(const scenario_t *scenario, const manifest_t *manifest, const char *pipeline);

/* What stands between two parts of it. */
#define LIVE_HEADING_SEPARATOR " · "

/* As the environment says: not with NO_COLOR (no-color.org), nor on a terminal that is dumb. */
bool live_wants_colors(void);

/* NULL when memory is out. The scenario outlives it. Plain lines begin with the heading. */
live_t *live_new(const live_opts_t *opts, const scenario_t *scenario);

/* For the following a NULL live_t is allowed: nothing is shown. */

void live_second(live_t *live, const timeline_row_t *row); /* once a second */

/* A line that stays: an interrupt was heard. */
void live_note(live_t *live, const char *text);
void live_free(live_t *live); /* erases the block, or prints the last line */

/* For log_set_hooks: takes the block off the screen before a log line and draws it after. Always
 * both, in this order, from one thread; without a block they do nothing. */
void live_before_line(void);
void live_after_line(void);

#endif
