#include "plan/schedule.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "base/clock.h"

/* Everything is counted in whole numbers of 128 bits. A rate is kept in 10^-9 rows/s, so a rate
 * times nanoseconds is in 10^-18 rows: fixed point with this 1. SCHEDULE_RATE_MAX and
 * SCHEDULE_SPAN_MAX_NS keep every product below 2^127. */
__extension__ typedef unsigned __int128 u128_t;
#define ONE ((u128_t)UINT64_C(1000000000000000000))

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t ceil_div(uint64_t a, uint64_t b)
{
    return a / b + (a % b != 0);
}

static uint64_t rate_nano(const stream_t *stream)
{
    return (uint64_t)llround(stream->rate_per_s * 1e9);
}

/* A staircase: floor(slope × k), slope in fixed point. */
static uint64_t stairs(u128_t slope, uint64_t k)
{
    return (uint64_t)(slope * k / ONE);
}

/* The largest k with stairs(slope, k) ≤ y, that is with slope × k < (y + 1) × ONE. */
static uint64_t stairs_find(u128_t slope, uint64_t y)
{
    return (uint64_t)((((u128_t)y + 1) * ONE - 1) / slope);
}

/* Bursts' periods. Both counts are staircases over the period's number: rows because they are
 * defined so; transactions because a period's rest has either floor or ceil of its mean rows, hence
 * either `few` or few + 1 transactions, and has the larger number just when its rows step up. */
typedef struct {
    uint64_t every_ns;
    uint64_t rows_per_txn;
    uint64_t burst_rows, burst_txns;
    u128_t rows; /* stairs(rows, k): rows in the periods before k */
    u128_t txns; /* stairs(txns, k): transactions in the periods before k */
} periods_t;

static periods_t periods_of(const stream_t *stream)
{
    uint64_t per_txn = stream->rows_per_txn;
    periods_t p = {
        .every_ns = (uint64_t)stream->burst_every_ns,
        .rows_per_txn = per_txn,
        .burst_rows = stream->burst_rows,
        .burst_txns = ceil_div(stream->burst_rows, per_txn),
        .rows = (u128_t)rate_nano(stream) * (uint64_t)stream->burst_every_ns,
    };
    /* A rate that is all bursts (500 rows every 3 s) may have been rounded to just below them. */
    u128_t burst = p.burst_rows * ONE;
    if (p.rows < burst) {
        p.rows = burst;
    }
    u128_t rest = p.rows - burst;
    uint64_t rest_rows = (uint64_t)(rest / ONE);
    uint64_t few = ceil_div(rest_rows, per_txn);
    bool steps = ceil_div(rest_rows + 1, per_txn) > few;
    p.txns = (p.burst_txns + few) * ONE + (steps ? rest % ONE : 0);
    return p;
}

/* Transactions of period k's rest. */
static uint64_t period_rest_txns(const periods_t *p, uint64_t k)
{
    return stairs(p->txns, k + 1) - stairs(p->txns, k) - p->burst_txns;
}

/* One transaction, before anything is cut off at the stream's end. */
typedef struct {
    uint64_t first, rows;
    uint64_t at_ns;
} txn_t;

static txn_t periods_txn(const periods_t *p, uint64_t n)
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

/* Transactions with time ≤ elapsed. */
static uint64_t periods_due(const periods_t *p, uint64_t elapsed_ns)
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

static uint64_t periods_rows(const periods_t *p, uint64_t duration_ns)
{
    txn_t last = periods_txn(p, periods_due(p, duration_ns - 1) - 1);
    return last.first + last.rows;
}

/* The number of the transaction that row `row` is in. */
static uint64_t periods_txn_of_row(const periods_t *p, uint64_t row)
{
    uint64_t k = stairs_find(p->rows, row);
    uint64_t i = row - stairs(p->rows, k);
    uint64_t txn = i < p->burst_rows ? i / p->rows_per_txn
                                     : p->burst_txns + (i - p->burst_rows) / p->rows_per_txn;
    return stairs(p->txns, k) + txn;
}

static bool has_bursts(const stream_t *stream)
{
    return stream->kind == STREAM_OPEN && stream->burst_rows > 0;
}

static txn_t txn_of(const stream_t *stream, uint64_t n)
{
    if (has_bursts(stream)) {
        periods_t p = periods_of(stream);
        return periods_txn(&p, n);
    }
    uint64_t first = n * stream->rows_per_txn;
    txn_t txn = {first, stream->rows_per_txn, 0};
    if (stream->kind == STREAM_OPEN) {
        txn.at_ns = (uint64_t)(first * ONE / rate_nano(stream));
    }
    return txn;
}

static bool check_bursts(const stream_t *stream, err_t *err)
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

static bool check_open(const stream_t *stream, int64_t duration_ns, err_t *err)
{
    double rate = stream->rate_per_s;
    if (!(rate >= SCHEDULE_RATE_MIN && rate <= SCHEDULE_RATE_MAX)) {
        return err_set(err, ERR_USAGE, "a rate of %.9g rows/s is out of range: %g to %g", rate,
                       SCHEDULE_RATE_MIN, SCHEDULE_RATE_MAX);
    }
    if (stream->burst_rows > 0 && !check_bursts(stream, err)) {
        return false;
    }
    if ((double)stream->rows / rate > (double)SCHEDULE_SPAN_MAX_NS / (double)NS_PER_S) {
        return err_set(err, ERR_USAGE,
                       "%" PRIu64 " rows at %.9g rows/s would take more than ten years",
                       stream->rows, rate);
    }
    if (schedule_rows(stream, duration_ns) == 0) {
        return err_set(err, ERR_USAGE,
                       "at %.9g rows/s not one row is due within %.9g s: raise the rate or the "
                       "duration, or turn it off",
                       rate, (double)duration_ns / (double)NS_PER_S);
    }
    return true;
}

void schedule_bind(stream_t *stream, int64_t duration_ns, uint64_t seed, uint32_t stream_id)
{
    (void)stream;
    (void)duration_ns;
    (void)seed;
    (void)stream_id;
}

bool schedule_check(const stream_t *stream, int64_t duration_ns, err_t *err)
{
    if (stream->kind == STREAM_OFF) {
        return true;
    }
    if (stream->shape.kind != SHAPE_CONSTANT) {
        return err_set(err, ERR_USAGE, "of the shapes only constant is there yet");
    }
    if (stream->rows_per_txn == 0) {
        return err_set(err, ERR_USAGE, "a transaction needs at least one row");
    }
    if (stream->rows > SCHEDULE_ROWS_MAX) {
        return err_set(err, ERR_USAGE, "%" PRIu64 " rows are more than any table holds",
                       stream->rows);
    }
    if (duration_ns < 0 || duration_ns > SCHEDULE_SPAN_MAX_NS) {
        return err_set(err, ERR_USAGE, "a phase lasts between nothing and ten years");
    }
    if (stream->rows == 0 && duration_ns == 0) {
        return err_set(err, ERR_USAGE,
                       "neither a number of rows nor a duration ends it: give one of them");
    }
    if (stream->kind == STREAM_OPEN) {
        return check_open(stream, duration_ns, err);
    }
    if (stream->burst_rows > 0) {
        return err_set(
            err, ERR_USAGE,
            "bursts need a rate that they are a part of, and this stream goes as fast as "
            "it can: give a rate, or no bursts");
    }
    return true;
}

uint64_t schedule_rows(const stream_t *stream, int64_t duration_ns)
{
    if (stream->kind == STREAM_OFF) {
        return 0;
    }
    if (stream->rows > 0) {
        return stream->rows;
    }
    if (stream->kind == STREAM_CLOSED) {
        return SCHEDULE_UNBOUNDED;
    }
    if (duration_ns <= 0) {
        return 0;
    }
    if (has_bursts(stream)) {
        periods_t p = periods_of(stream);
        return periods_rows(&p, (uint64_t)duration_ns);
    }
    return stairs(rate_nano(stream), (uint64_t)duration_ns);
}

uint64_t schedule_txns(const stream_t *stream, int64_t duration_ns)
{
    uint64_t rows = schedule_rows(stream, duration_ns);
    if (rows == 0 || rows == SCHEDULE_UNBOUNDED) {
        return rows;
    }
    if (has_bursts(stream)) {
        periods_t p = periods_of(stream);
        return periods_txn_of_row(&p, rows - 1) + 1;
    }
    return ceil_div(rows, stream->rows_per_txn);
}

uint32_t schedule_txn_rows(const stream_t *stream, int64_t duration_ns, uint64_t n)
{
    txn_t txn = txn_of(stream, n);
    uint64_t rows = schedule_rows(stream, duration_ns);
    assert(txn.first < rows);
    return (uint32_t)least(txn.rows, rows - txn.first);
}

uint64_t schedule_txn_first(const stream_t *stream, int64_t duration_ns, uint64_t n)
{
    return least(txn_of(stream, n).first, schedule_rows(stream, duration_ns));
}

int64_t schedule_txn_time_ns(const stream_t *stream, uint64_t n)
{
    assert(stream->kind == STREAM_OPEN);
    return (int64_t)txn_of(stream, n).at_ns;
}

uint64_t schedule_due_txns(const stream_t *stream, int64_t duration_ns, int64_t elapsed_ns)
{
    assert(stream->kind == STREAM_OPEN);
    if (elapsed_ns < 0) {
        return 0;
    }
    uint64_t elapsed = (uint64_t)elapsed_ns;
    uint64_t due;
    if (has_bursts(stream)) {
        periods_t p = periods_of(stream);
        due = periods_due(&p, elapsed);
    } else {
        /* floor(n × rows_per_txn × ONE / rate) ≤ elapsed
         *   ⇔  n × rows_per_txn × ONE < (elapsed + 1) × rate */
        u128_t bound = ((u128_t)elapsed + 1) * rate_nano(stream);
        due = (uint64_t)((bound - 1) / (stream->rows_per_txn * ONE)) + 1;
    }
    return least(due, schedule_txns(stream, duration_ns));
}
