/*
 * run_now: what is known of a run while it goes on, beside the timeline's second: for those who
 * watch it. To be read in on_begun and on_second, by the controller's thread; what it points to is
 * good until the callback returns.
 */
#ifndef CDCBENCH_RUN_RUN_NOW_H
#define CDCBENCH_RUN_RUN_NOW_H

#include "run/run.h"

typedef struct {
    const timeline_row_t *rows; /* the seconds so far, oldest first */
    size_t n_rows;
    /* From the run's start to its last second; NULL: no run yet. */
    const hist_t *latency[STREAM_COUNT];
    const lag_t *lag[TAP_COUNT]; /* likewise, commit_to_receipt; NULL: tap off */
    const char *connector;       /* NULL: none of ours */
    const char *connector_state; /* "RUNNING", "UNREACHABLE", …; NULL likewise */
    const char *task_state;
    const char *topic; /* that the kafka tap reads; NULL: off */
    int partitions;    /* of it */
} run_now_t;

void run_now(const run_t *run, run_now_t *out);

/* Where the kafka tap stands in a partition (the offset of the next record), and the partition's
 * end. */
void run_now_position(const run_t *run, int32_t partition, int64_t *position, int64_t *end);

#endif
