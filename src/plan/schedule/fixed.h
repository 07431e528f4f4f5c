/*
 * fixed: the whole numbers that schedules count in. A rate is kept in 10^-9 rows/s, so a rate times
 * nanoseconds is in 10^-18 rows: fixed point with FIXED_ONE. SCHEDULE_RATE_MAX and
 * SCHEDULE_SPAN_MAX_NS keep every product below 2^127. Pure; any thread.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_FIXED_H
#define CDCBENCH_PLAN_SCHEDULE_FIXED_H

#include <math.h>
#include <stdint.h>

__extension__ typedef unsigned __int128 u128_t;
#define FIXED_ONE ((u128_t)UINT64_C(1000000000000000000))

#define TIME_NEVER UINT64_MAX

static inline uint64_t fixed_rate(double rate_per_s)
{
    return (uint64_t)llround(rate_per_s * 1e9);
}

static inline uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static inline u128_t ceil_div(u128_t a, u128_t b)
{
    return a / b + (a % b != 0);
}

#endif
