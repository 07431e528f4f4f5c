/*
 * schedule: when each transaction of a stream is due, as mathematics: no clock, no state, nothing
 * accumulated. The n-th transaction's intended time is computed from n, so an hour's run drifts by
 * nothing. Pure; any thread.
 *
 * A stream's rate is rows per second over all; `burst` rows of it come at once at the start of every
 * `every` period, in transactions of rows_per_txn; the rest is spread evenly between.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_H
#define CDCBENCH_PLAN_SCHEDULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef enum {
    STREAM_OFF,    /* nothing is done */
    STREAM_CLOSED, /* as fast as it goes: a transaction is due when a connection is free */
    STREAM_OPEN,   /* due by the clock, whatever the server does */
} stream_kind_t;

typedef struct {
    stream_kind_t kind;
    uint64_t rows;           /* how many rows in all; 0: as many as the phase's duration gives */
    uint32_t rows_per_txn;   /* at least 1 */
    double rate_per_s;       /* rows per second, STREAM_OPEN only */
    uint64_t burst_rows;     /* 0: no bursts. At most rate × every */
    int64_t burst_every_ns;
} stream_t;

#define SCHEDULE_UNBOUNDED UINT64_MAX

/* What does not add up (a burst beyond the rate, a closed stream without rows or duration, …):
 * ERR_USAGE. `duration_ns` 0: the phase has none. */
bool schedule_check(const stream_t *stream, int64_t duration_ns, err_t *err);

/* Rows and transactions of the whole stream in a phase of that duration (0: none given).
 * SCHEDULE_UNBOUNDED for a closed stream that only the duration ends. */
uint64_t schedule_rows(const stream_t *stream, int64_t duration_ns);
uint64_t schedule_txns(const stream_t *stream, int64_t duration_ns);

/* Rows in transaction n (0-based), n < schedule_txns: rows_per_txn, but for the last of all, and for the last of each
 * burst, which may be shorter. */
uint32_t schedule_txn_rows(const stream_t *stream, int64_t duration_ns, uint64_t n);

/* Rows in all transactions before n: the first row's number within the stream. */
uint64_t schedule_txn_first(const stream_t *stream, int64_t duration_ns, uint64_t n);

/* When transaction n is due, ns after the phase's start. STREAM_OPEN only. Never falls as n rises. */
int64_t schedule_txn_time_ns(const stream_t *stream, uint64_t n);

/* How many transactions are due at `elapsed_ns` after the phase's start (those with time ≤ elapsed),
 * at most schedule_txns; and the rows in them. STREAM_OPEN only. */
uint64_t schedule_due_txns(const stream_t *stream, int64_t duration_ns, int64_t elapsed_ns);

#endif
