/*
 * clock: the one clock of the client. Everything in a run is stamped with CLOCK_MONOTONIC
 * nanoseconds; an anchor, taken once at the start of a run, turns such a stamp into wall-clock
 * time, so that a step of the wall clock in mid-run moves nothing. Any thread; nothing here
 * allocates.
 */
#ifndef CDCBENCH_BASE_CLOCK_H
#define CDCBENCH_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define NS_PER_US INT64_C(1000)
#define NS_PER_MS INT64_C(1000000)
#define NS_PER_S  INT64_C(1000000000)
#define US_PER_S  INT64_C(1000000)

/* PostgreSQL counts microseconds from 2000-01-01 UTC; this is that day in Unix microseconds
 * (src/include/datatype/timestamp.h: POSTGRES_EPOCH_JDATE − UNIX_EPOCH_JDATE = 10957 days). */
#define PG_EPOCH_UNIX_US INT64_C(946684800000000)

/* Now, CLOCK_MONOTONIC, in ns. Its zero means nothing. */
int64_t clock_now_ns(void);

/* A pair of readings of the monotonic and the wall clock, taken as one. */
typedef struct {
    int64_t mono_ns; /* CLOCK_MONOTONIC */
    int64_t wall_us; /* Unix microseconds at that moment */
} clock_anchor_t;

/* Reads both clocks a few times and keeps the tightest pair. */
clock_anchor_t clock_anchor(void);

/* The wall-clock time, Unix µs, of a monotonic stamp under this anchor. */
int64_t clock_unix_us(const clock_anchor_t *anchor, int64_t mono_ns);

/* Writes "2026-11-22T14:03:12.123456Z" (27 characters and a NUL; size at least 28). */
void clock_iso8601(int64_t unix_us, char *out, size_t size);

/* Writes "20261122T140312Z" (16 characters and a NUL; size at least 17), for names of folders. */
void clock_compact(int64_t unix_us, char *out, size_t size);

/* Sleeps until the monotonic time `at_ns` (returns at once when it is past). */
void clock_sleep_until_ns(int64_t at_ns);

#endif
