/*
 * run_now: fills what is known of a run while it goes on (now.h). To be called in on_begun and
 * on_second, by the controller's thread.
 */
#ifndef CDCBENCH_RUN_CONTROL_RUN_NOW_H
#define CDCBENCH_RUN_CONTROL_RUN_NOW_H

#include "result/now.h"
#include "run/control/run.h"

void run_now(const run_t *run, run_now_t *out);

/* Where the kafka tap stands in a partition (the offset of the next record), and the partition's
 * end. */
void run_now_position(const run_t *run, int32_t partition, int64_t *position, int64_t *end);

#endif
