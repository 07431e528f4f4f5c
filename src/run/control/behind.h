/*
 * behind: how long ago as much had been acknowledged as a tap has seen by now: since changes come
 * in the order of their commits, that is the age of the oldest change that was acknowledged and has
 * not been seen. Kept are the totals of each second, so it is interpolated within one. Controller's
 * thread.
 */
#ifndef CDCBENCH_RUN_CONTROL_BEHIND_H
#define CDCBENCH_RUN_CONTROL_BEHIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    struct {
        int64_t at_ns;
        uint64_t acknowledged;
    } * totals; /* rising; the first has 0 */
    size_t n, cap;
} behind_t;

bool behind_init(behind_t *b, int64_t start_ns); /* false when memory is out */
void behind_free(behind_t *b);

/* All that was acknowledged up to at_ns, which rises from call to call. False when memory is out.
 */
bool behind_add(behind_t *b, int64_t at_ns, uint64_t acknowledged);

/* As of the last addition; `seen` may be above what was acknowledged, then it is 0. */
int64_t behind_us(const behind_t *b, uint64_t seen);

#endif
