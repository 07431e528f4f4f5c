/*
 * now: what is known of a run while it goes on, beside the timeline's second: for those who watch
 * it (filled by run/control/run_now.h). What it points to is good until the callback in which it
 * was read returns.
 */
#ifndef CDCBENCH_RESULT_NOW_H
#define CDCBENCH_RESULT_NOW_H

#include "result/result.h"

typedef struct {
    const timeline_row_t *rows; /* the seconds so far, oldest first */
    size_t n_rows;
    /* From the run's start to its last second; NULL: no run yet. */
    const hist_t *latency[STREAM_COUNT];
    const lag_t *lag[TAP_COUNT]; /* likewise, commit_to_receipt; NULL: tap off */
    const char *connector;       /* NULL: none of ours */
    const char *connector_state; /* "RUNNING", "UNREACHABLE", …; NULL likewise */
    const char *task_state;
    const char *topic;               /* that the kafka tap reads; NULL: off */
    int partitions;                  /* of it, and for each: */
    const int64_t *positions, *ends; /* the offset of the next record that it reads; of the next
                                        that is appended */
} run_now_t;

#endif
