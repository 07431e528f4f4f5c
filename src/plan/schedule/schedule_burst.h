/*
 * schedule_burst: a constant rate of which a part comes at once, period after period (schedule.h
 * has the rule and an example). Pure; any thread. For streams that schedule_check let through.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_SCHEDULE_BURST_H
#define CDCBENCH_PLAN_SCHEDULE_SCHEDULE_BURST_H

#include "plan/schedule/fixed.h"
#include "plan/schedule/schedule.h"

/* Both counts are staircases over the period's number: rows because they are
 * defined so; transactions because a period's rest has either floor or ceil of its mean rows, hence
 * either `few` or few + 1 transactions, and has the larger number just when its rows step up. */
typedef struct {
    uint64_t every_ns;
    uint64_t rows_per_txn;
    uint64_t burst_rows, burst_txns;
    u128_t rows; /* floor(rows × k): rows in the periods before k; in 1 / FIXED_ONE */
    u128_t txns; /* floor(txns × k): transactions in the periods before k */
} periods_t;

/* One transaction, before anything is cut off at the stream's end. */
typedef struct {
    uint64_t first, rows;
    uint64_t at_ns;
} txn_t;

/* What does not add up in the bursts themselves: ERR_USAGE. */
bool burst_check(const stream_t *stream, err_t *err);

periods_t periods_of(const stream_t *stream);
txn_t periods_txn(const periods_t *p, uint64_t n);

/* Transactions with time ≤ elapsed_ns. */
uint64_t periods_due(const periods_t *p, uint64_t elapsed_ns);

/* Rows of all transactions that are due before the end of duration_ns. */
uint64_t periods_rows(const periods_t *p, uint64_t duration_ns);

/* The number of the transaction that row `row` is in. */
uint64_t periods_txn_of_row(const periods_t *p, uint64_t row);

#endif
