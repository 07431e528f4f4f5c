#include "plan/schedule/schedule_burst.h"

#include <inttypes.h>

#include "base/clock.h"

/* A staircase: floor(slope × k), slope in fixed point. */
static uint64_t stairs(u128_t slope, uint64_t k)
{
    return (uint64_t)(slope * k / FIXED_ONE);
}

/* The largest k with stairs(slope, k) ≤ y, that is with slope × k < (y + 1) × FIXED_ONE. */
static uint64_t stairs_find(u128_t slope, uint64_t y)
{
    return (uint64_t)((((u128_t)y + 1) * FIXED_ONE - 1) / slope);
}

periods_t periods_of(const stream_t *stream)
{
    uint64_t per_txn = stream->rows_per_txn;
    periods_t p = {
        .every_ns = (uint64_t)stream->burst_every_ns,
        .rows_per_txn = per_txn,
        .burst_rows = stream->burst_rows,
        .burst_txns = (uint64_t)ceil_div(stream->burst_rows, per_txn),
        .rows = (u128_t)fixed_rate(stream->rate_per_s) * (uint64_t)stream->burst_every_ns,
    };
    /* A rate that is all bursts (500 rows every 3 s) may have been rounded to just below them. */
    u128_t burst = p.burst_rows * FIXED_ONE;
    if (p.rows < burst) {
        p.rows = burst;
    }
    u128_t rest = p.rows - burst;
    uint64_t rest_rows = (uint64_t)(rest / FIXED_ONE);
    uint64_t few = (uint64_t)ceil_div(rest_rows, per_txn);
    bool steps = ceil_div(rest_rows + 1, per_txn) > few;
    p.txns = (p.burst_txns + few) * FIXED_ONE + (steps ? rest % FIXED_ONE : 0);
    return p;
}

/* Transactions of period k's rest. */
static uint64_t period_rest_txns(const periods_t *p, uint64_t k)
{
    return stairs(p->txns, k + 1) - stairs(p->txns, k) - p->burst_txns;
}

txn_t periods_txn(const periods_t *p, uint64_t n)
{
    uint64_t k = stairs_find(p->txns, n);
    uint64_t i = n - stairs(p->txns, k);
    uint64_t first = stairs(p->rows, k);
    uint64_t start_ns = k * p->every_ns;
    if (i < p->burst_txns) {
        uint64_t done = i * p->rows_per_txn;
        return (txn_t){first + done, least(p->rows_per_txn, p->burst_rows - done), start_ns};
    }
    uint64_t done = (i - p->burst_txns) * p->rows_per_txn;
    uint64_t rest = stairs(p->rows, k + 1) - first - p->burst_rows;
    uint64_t share = 2 * (i - p->burst_txns) + 1; /* the middle of its share, in half shares */
    u128_t offset = (u128_t)share * p->every_ns / ((u128_t)2 * period_rest_txns(p, k));
    return (txn_t){first + p->burst_rows + done, least(p->rows_per_txn, rest - done),
                   start_ns + (uint64_t)offset};
}

uint64_t periods_due(const periods_t *p, uint64_t elapsed_ns)
{
    uint64_t k = elapsed_ns / p->every_ns;
    uint64_t offset = elapsed_ns % p->every_ns;
    uint64_t rest = period_rest_txns(p, k);
    /* floor((2 i + 1) × every / (2 rest)) ≤ offset  ⇔  (2 i + 1) × every < (offset + 1) × 2 rest:
     * count the odd numbers that are small enough. */
    u128_t bound = ((u128_t)offset + 1) * 2 * rest;
    uint64_t halves = bound == 0 ? 0 : (uint64_t)((bound - 1) / p->every_ns);
    return stairs(p->txns, k) + p->burst_txns + least((halves + 1) / 2, rest);
}

uint64_t periods_rows(const periods_t *p, uint64_t duration_ns)
{
    txn_t last = periods_txn(p, periods_due(p, duration_ns - 1) - 1);
    return last.first + last.rows;
}

uint64_t periods_txn_of_row(const periods_t *p, uint64_t row)
{
    uint64_t k = stairs_find(p->rows, row);
    uint64_t i = row - stairs(p->rows, k);
    uint64_t txn = i < p->burst_rows ? i / p->rows_per_txn
                                     : p->burst_txns + (i - p->burst_rows) / p->rows_per_txn;
    return stairs(p->txns, k) + txn;
}

bool burst_check(const stream_t *stream, err_t *err)
{
    if (stream->burst_every_ns < SCHEDULE_EVERY_MIN_NS ||
        stream->burst_every_ns > SCHEDULE_SPAN_MAX_NS) {
        return err_set(err, ERR_USAGE,
                       "bursts may come every 1ms at most, every ten years at least");
    }
    if (stream->burst_rows > SCHEDULE_ROWS_MAX) {
        return err_set(err, ERR_USAGE, "a burst of %" PRIu64 " rows is more than any table holds",
                       stream->burst_rows);
    }
    double every_s = (double)stream->burst_every_ns / (double)NS_PER_S;
    double burst_per_s = (double)stream->burst_rows / every_s;
    /* The margin is for rates that were computed from the burst. */
    if (burst_per_s > stream->rate_per_s * (1 + 1e-9)) {
        return err_set(err, ERR_USAGE,
                       "a burst of %" PRIu64
                       " rows every %.9g s is %.9g rows/s, which is more than "
                       "the rate of %.9g rows/s that it is a part of: raise the rate to at least "
                       "that, or make bursts smaller or rarer",
                       stream->burst_rows, every_s, burst_per_s, stream->rate_per_s);
    }
    return true;
}
