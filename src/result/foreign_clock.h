/*
 * foreign_clock: what causality says of a clock that nobody can ask (Kafka Connect's, a broker's).
 * A stamp of that clock was taken after one moment and before another, of which the server's time
 * is known: so by how much it is ahead of the server's lies between two bounds, and those of many
 * events together are tight: the width is about the smallest lag. Each stamp counts at its own
 * resolution: one cut to a millisecond may have been taken up to a millisecond later.
 *
 * The stages take such a clock for the server's, or, on this host, for the client's, which has been
 * held against the server's: stamps come here as the stages took them. Then 0 must lie within the
 * bounds of every event, at whatever moment, and so within those of all of them together, however
 * long the run. If it does not, the stages that end in this clock are wrong by as much, and their
 * sum is not.
 *
 * By how much it is ahead need not stand still: of a clock that was set, or that drifts (100 ppm
 * are 6 ms a minute), the bounds of the whole run cross after a while, and say no more than that.
 * So they are kept for each minute too: of these the first, the last, and the one farthest from 0.
 *
 * One thread writes; read after it has been joined.
 */
#ifndef CDCBENCH_RESULT_FOREIGN_CLOCK_H
#define CDCBENCH_RESULT_FOREIGN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    CLOCK_CONNECT, /* the worker's, where Debezium and the producer run */
    CLOCK_BROKER,  /* with LogAppendTime only */
    CLOCK_COUNT
} foreign_clock_id_t;

#define FOREIGN_CLOCK_WINDOW_US (INT64_C(60) * 1000 * 1000)

/* How far it was ahead of the server's clock: between these two. Where they cross, it did not stand
 * still. */
typedef struct {
    int64_t min_us, max_us;
} clock_ahead_t;

typedef struct {
    uint64_t stamps;     /* 0: nothing is known of it */
    bool is_clients;     /* taken for the client's clock; else for the server's */
    clock_ahead_t whole; /* by all events */
    uint32_t minutes;    /* those with events; of them … */
    clock_ahead_t first, last, worst;
    int64_t minute_us; /* when the last one began, by the server's clock */
} foreign_clock_t;

static inline void foreign_clock_init(foreign_clock_t *clock, bool is_clients)
{
    *clock = (foreign_clock_t){.whole = {INT64_MIN, INT64_MAX}, .is_clients = is_clients};
}

/* How far 0 is outside: below 1 where it is within. */
static inline int64_t clock_ahead_distance(const clock_ahead_t *ahead)
{
    return ahead->min_us > -ahead->max_us ? ahead->min_us : -ahead->max_us;
}

static inline void clock_ahead_narrow(clock_ahead_t *ahead, int64_t min_us, int64_t max_us)
{
    if (min_us > ahead->min_us)
        ahead->min_us = min_us;
    if (max_us < ahead->max_us)
        ahead->max_us = max_us;
}

/* A stamp of unit_us resolution, taken at or after after_us and at or before before_us, both by the
 * server's clock and each already widened by its own uncertainty. */
static inline void foreign_clock_add(foreign_clock_t *clock, int64_t stamp_us, int64_t unit_us,
                                     int64_t after_us, int64_t before_us)
{
    int64_t max_us = stamp_us + unit_us - after_us, min_us = stamp_us - before_us;
    clock->stamps++;
    clock_ahead_narrow(&clock->whole, min_us, max_us);
    if (clock->minutes == 0 || before_us - clock->minute_us >= FOREIGN_CLOCK_WINDOW_US) {
        clock->last = (clock_ahead_t){INT64_MIN, INT64_MAX};
        clock->minute_us = before_us;
        clock->minutes++;
    }
    clock_ahead_narrow(&clock->last, min_us, max_us);
    if (clock->minutes == 1)
        clock->first = clock->last;
    if (clock->minutes == 1 ||
        clock_ahead_distance(&clock->last) >= clock_ahead_distance(&clock->worst))
        clock->worst = clock->last;
}

/* Whether all events can have happened as the stages took them. */
static inline bool foreign_clock_holds(const foreign_clock_t *clock)
{
    return clock->stamps == 0 || clock_ahead_distance(&clock->whole) <= 0;
}

#endif
