/*
 * schedule: when each transaction of a stream is due, as mathematics: no clock, no state, nothing
 * accumulated. The n-th transaction's intended time is computed from n, in whole numbers, so an
 * hour's run drifts by nothing. Pure; any thread.
 *
 * Without bursts, row i is due at i / rate and a transaction with its first row.
 *
 * With bursts, time is cut into periods of `every`, and up to the end of period k exactly
 * floor(rate × every × k) rows are due. A period's first `burst` rows come at its very start, in
 * transactions of rows_per_txn; what the rate leaves over comes in transactions of rows_per_txn as
 * well, each in the middle of its equal share of the period. So the last transaction of a burst and
 * the last before the next burst may be shorter.
 *
 * Worked example: 10 rows/s, 3 rows a transaction, a burst of 4 rows every second. A period has 4
 * rows in 2 transactions at its start, and 6 rows in 2 transactions, at 1/4 and 3/4 of it:
 *
 *     n            0    1    2    3  |  4     5     6     7  |  8 …
 *     due, ms      0    0  250  750  | 1000  1000  1250  1750 | 2000 …
 *     rows         3    1    3    3  |  3     1     3     3  |  3 …
 *     first row    0    3    4    7  | 10    13    14    17  | 20 …
 *
 * In a phase of 2 s that is 20 rows in 8 transactions; in one of 1.5 s, 17 rows in 7.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_SCHEDULE_H
#define CDCBENCH_PLAN_SCHEDULE_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef enum {
    STREAM_OFF,    /* nothing is done */
    STREAM_CLOSED, /* as fast as it goes: a transaction is due when a connection is free */
    STREAM_OPEN,   /* due by the clock, whatever the server does */
} stream_kind_t;

/* How a stream's rate goes with time; all but a replay are shares of rate_per_s. */
typedef enum {
    SHAPE_CONSTANT,
    SHAPE_RAMP,   /* from one share to another, evenly, and on at that */
    SHAPE_STEPS,  /* one share after another, and on at the last */
    SHAPE_SINE,   /* 1 + amplitude × sin */
    SHAPE_SQUARE, /* high for a part of each period, then low */
    SHAPE_REPLAY, /* recorded rates */
    SHAPE_COUNT,
} shape_kind_t;

#define SHARES_MAX 32
typedef struct {
    uint32_t n;
    double items[SHARES_MAX];
} share_list_t;

typedef struct replay replay_t; /* shape.h */

typedef struct {
    shape_kind_t kind;
    double from, to;        /* SHAPE_RAMP */
    int64_t over_ns;        /* SHAPE_RAMP; 0: over the whole phase (set by schedule_bind) */
    share_list_t shares;    /* SHAPE_STEPS */
    int64_t each_ns;        /* SHAPE_STEPS; 0: an equal part of the phase (set by schedule_bind) */
    double amplitude;       /* SHAPE_SINE: at most 1 */
    double low, high, duty; /* SHAPE_SQUARE: high for `duty` of each period */
    int64_t period_ns;      /* SHAPE_SINE, SHAPE_SQUARE */
    const replay_t *replay; /* SHAPE_REPLAY; whoever read it frees it after the last use */
} shape_t;

/* How transactions come at the rate that the shape has by then. */
typedef enum {
    ARRIVALS_EVEN,    /* each when its first row is due */
    ARRIVALS_POISSON, /* at random: where the rate is constant, the gaps between are exponential */
} arrivals_t;

typedef struct {
    stream_kind_t kind;
    uint64_t rows;         /* how many rows in all; 0: as many as the phase's duration gives */
    uint32_t rows_per_txn; /* at least 1 */
    double rate_per_s;   /* rows per second, bursts included; STREAM_OPEN only; 9 decimals count */
    uint64_t burst_rows; /* 0: no bursts. At most rate × every; SHAPE_CONSTANT alone */
    int64_t burst_every_ns;
    shape_t shape;       /* STREAM_OPEN only */
    arrivals_t arrivals; /* STREAM_OPEN without bursts only */
    /* ARRIVALS_POISSON, set by schedule_bind: */
    uint64_t seed, txns;
    int64_t span_ns; /* the transactions are spread over that; 0: over that of `rows` */
} stream_t;

#define SCHEDULE_UNBOUNDED UINT64_MAX

/* What schedule_check lets through: within these nothing below can overflow. */
#define SCHEDULE_RATE_MIN     1e-6
#define SCHEDULE_RATE_MAX     1e8
#define SCHEDULE_EVERY_MIN_NS INT64_C(1000000)
#define SCHEDULE_SPAN_MAX_NS  (INT64_C(10) * 365 * 86400 * 1000000000) /* ten years */
#define SCHEDULE_ROWS_MAX     (UINT64_C(1) << 59)

/* What does not add up (a burst beyond the rate, a closed stream without rows or duration, …):
 * ERR_USAGE. `duration_ns` 0: the phase has none. The functions below are for streams that pass. */
bool schedule_check(const stream_t *stream, int64_t duration_ns, err_t *err);

/* Fills in what the stream's shape and arrivals take from its phase; `stream_id` tells the random
 * streams of a seed apart. Once, after schedule_check and before all below. */
void schedule_bind(stream_t *stream, int64_t duration_ns, uint64_t seed, uint32_t stream_id);

/* Rows and transactions of the whole stream in a phase of that duration (0: none given). A stream
 * with `rows` has exactly those, whatever the duration. Else, what is due before the duration's
 * end: without bursts floor(rate × duration) rows; with bursts the rows of all transactions due
 * before it, which is the same number where the duration is a whole number of periods.
 * SCHEDULE_UNBOUNDED for a closed stream that only the duration ends. */
uint64_t schedule_rows(const stream_t *stream, int64_t duration_ns);
uint64_t schedule_txns(const stream_t *stream, int64_t duration_ns);

/* Rows in transaction n (0-based), n < schedule_txns: rows_per_txn, but for the last of all, the
 * last of each burst and the last before each burst, which may be shorter. */
uint32_t schedule_txn_rows(const stream_t *stream, int64_t duration_ns, uint64_t n);

/* Rows in all transactions before n: the first row's number within the stream. */
uint64_t schedule_txn_first(const stream_t *stream, int64_t duration_ns, uint64_t n);

/* When transaction n is due, ns after the phase's start. STREAM_OPEN only. Never falls as n rises.
 */
int64_t schedule_txn_time_ns(const stream_t *stream, uint64_t n);

/* How many transactions are due at `elapsed_ns` after the phase's start (those with time ≤ elapsed;
 * none while elapsed is below zero), at most schedule_txns. STREAM_OPEN only. */
uint64_t schedule_due_txns(const stream_t *stream, int64_t duration_ns, int64_t elapsed_ns);

#endif
