/*
 * repeats: what --repeat's runs came to, side by side: a line each, and the range of all. Plain
 * data taken from a result, so that the result need not be kept. Pure.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_REPEATS_H
#define CDCBENCH_REPORT_TERMINAL_REPEATS_H

#include <stdio.h>

#include "result/verdict.h"

typedef struct {
    run_verdict_t verdict;
    double rows_per_s;             /* of all phases that are no warm-up; NAN: nothing was done */
    int64_t latency_p99_us;        /* of all streams; NOT_MEASURED: none */
    int64_t lag_p99_us[TAP_COUNT]; /* from commit to receipt; NOT_MEASURED: none */
} repeat_t;

/* False when memory is out. */
bool repeat_take(const result_t *result, repeat_t *out);

void repeats_print(FILE *out, const repeat_t *repeats, uint32_t n);

#endif
