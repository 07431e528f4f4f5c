/*
 * foreign_clock: what causality says of a clock that nobody can ask (Kafka Connect's, a broker's).
 * A stamp of that clock was taken after one moment and before another, of which the server's time
 * is known: so by how much it is ahead of the server's lies between two bounds, and those of all
 * events together are tight: the width is about the smallest lag. Each stamp counts at its own
 * resolution: one cut to a millisecond may have been taken up to a millisecond later.
 *
 * The stages take such a clock for the server's, or, on this host, for the client's, which has been
 * held against the server's: stamps come here as the stages took them. Then 0 must lie within the
 * bounds. If it does not, or they cross (a clock was set, or drifted), the stages that end in this
 * clock are wrong by as much, and their sum is not.
 *
 * One thread writes; read after it has been joined.
 */
#ifndef CDCBENCH_RUN_FOREIGN_CLOCK_H
#define CDCBENCH_RUN_FOREIGN_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    CLOCK_CONNECT, /* the worker's, where Debezium and the producer run */
    CLOCK_BROKER,  /* with LogAppendTime only */
    CLOCK_COUNT
} foreign_clock_id_t;

typedef struct {
    uint64_t stamps;                    /* 0: nothing is known of it */
    int64_t ahead_min_us, ahead_max_us; /* of the server's; right within these */
    bool is_clients;                    /* taken for the client's clock; else for the server's */
} foreign_clock_t;

static inline void foreign_clock_init(foreign_clock_t *clock, bool is_clients)
{
    *clock = (foreign_clock_t){
        .ahead_min_us = INT64_MIN, .ahead_max_us = INT64_MAX, .is_clients = is_clients};
}

/* A stamp of unit_us resolution, taken at or after after_us and at or before before_us, both by the
 * server's clock and each already widened by its own uncertainty. */
static inline void foreign_clock_add(foreign_clock_t *clock, int64_t stamp_us, int64_t unit_us,
                                     int64_t after_us, int64_t before_us)
{
    int64_t max_us = stamp_us + unit_us - after_us, min_us = stamp_us - before_us;
    clock->stamps++;
    if (max_us < clock->ahead_max_us)
        clock->ahead_max_us = max_us;
    if (min_us > clock->ahead_min_us)
        clock->ahead_min_us = min_us;
}

/* Whether all events can have happened as the stages took them. */
static inline bool foreign_clock_holds(const foreign_clock_t *clock)
{
    return clock->stamps == 0 || (clock->ahead_min_us <= 0 && clock->ahead_max_us >= 0);
}

#endif
