#include "plan/schedule/schedule.h"

#include <assert.h>
#include <inttypes.h>

#include "base/clock.h"
#include "base/hash.h"
#include "plan/schedule/fixed.h"
#include "plan/schedule/schedule_burst.h"
#include "plan/schedule/schedule_poisson.h"
#include "plan/schedule/schedule_shape.h"

/* Keeps this use of the scenario's seed apart from all others. */
#define SCHEDULE_SALT UINT64_C(0x7363686564000000) /* "sched", then the stream's id */

static bool has_bursts(const stream_t *stream)
{
    return stream->kind == STREAM_OPEN && stream->burst_rows > 0;
}

/* Over what the shape brings: an even spread of that is one in time that follows the rate. */
static poisson_t poisson_of(const stream_t *stream)
{
    u128_t span = stream->rows > 0 ? stream->rows * FIXED_ONE
                                   : shape_rows(stream, (uint64_t)stream->span_ns - 1);
    return (poisson_t){stream->seed, span, stream->txns};
}

/* When transaction n is due whose first row is `first`. */
static uint64_t even_time_ns(const stream_t *stream, uint64_t n, uint64_t first)
{
    if (stream->arrivals == ARRIVALS_POISSON) {
        poisson_t poisson = poisson_of(stream);
        return shape_time_ns(stream, poisson_place(&poisson, n));
    }
    if (stream->shape.kind == SHAPE_CONSTANT) {
        return (uint64_t)(first * FIXED_ONE / fixed_rate(stream->rate_per_s));
    }
    return shape_time_ns(stream, first * FIXED_ONE);
}

static txn_t txn_of(const stream_t *stream, uint64_t n)
{
    if (has_bursts(stream)) {
        periods_t p = periods_of(stream);
        return periods_txn(&p, n);
    }
    return (txn_t){.first = n * stream->rows_per_txn, .rows = stream->rows_per_txn};
}

void schedule_bind(stream_t *stream, int64_t duration_ns, uint64_t seed, uint32_t stream_id)
{
    shape_t *shape = &stream->shape;
    if (stream->kind != STREAM_OPEN) {
        return;
    }
    if (shape->kind == SHAPE_RAMP && shape->over_ns == 0) {
        shape->over_ns = duration_ns;
    }
    if (shape->kind == SHAPE_STEPS && shape->each_ns == 0) {
        shape->each_ns = duration_ns / shape->shares.n;
    }
    if (stream->arrivals == ARRIVALS_POISSON) {
        stream->seed = hash_u64(seed, SCHEDULE_SALT | stream_id);
        stream->txns = schedule_txns(stream, duration_ns);
        stream->span_ns = stream->rows == 0 ? duration_ns : 0;
    }
}

/* A stream that ends by its rows must come to them. */
static bool check_shape(const stream_t *stream, int64_t duration_ns, err_t *err)
{
    if (!shape_check(stream, duration_ns, err)) {
        return false;
    }
    stream_t bound = *stream;
    schedule_bind(&bound, duration_ns, 0, 0);
    if (stream->shape.kind == SHAPE_CONSTANT || stream->rows == 0) {
        return true;
    }
    return shape_time_ns(&bound, stream->rows * FIXED_ONE) <= SCHEDULE_SPAN_MAX_NS ||
           err_set(err, ERR_USAGE,
                   "the shape never brings %" PRIu64 " rows, or not within ten years: its rate "
                   "stays too low",
                   stream->rows);
}

static bool check_open(const stream_t *stream, int64_t duration_ns, err_t *err)
{
    double rate = stream->rate_per_s;
    if (!(rate >= SCHEDULE_RATE_MIN && rate <= SCHEDULE_RATE_MAX)) {
        return err_set(err, ERR_USAGE, "a rate of %.9g rows/s is out of range: %g to %g", rate,
                       SCHEDULE_RATE_MIN, SCHEDULE_RATE_MAX);
    }
    if (stream->burst_rows > 0 && stream->shape.kind != SHAPE_CONSTANT) {
        return err_set(err, ERR_USAGE,
                       "bursts are a part of a constant rate: give burst, or a shape, not both");
    }
    if (stream->burst_rows > 0 && stream->arrivals != ARRIVALS_EVEN) {
        return err_set(err, ERR_USAGE,
                       "bursts come at once, and what is left of the rate evenly between: give "
                       "burst, or arrivals: poisson, not both");
    }
    if ((stream->burst_rows > 0 && !burst_check(stream, err)) ||
        !check_shape(stream, duration_ns, err)) {
        return false;
    }
    if ((double)stream->rows / rate > (double)SCHEDULE_SPAN_MAX_NS / (double)NS_PER_S) {
        return err_set(err, ERR_USAGE,
                       "%" PRIu64 " rows at %.9g rows/s would take more than ten years",
                       stream->rows, rate);
    }
    stream_t bound = *stream;
    schedule_bind(&bound, duration_ns, 0, 0);
    if (schedule_rows(&bound, duration_ns) == 0) {
        return err_set(err, ERR_USAGE,
                       "at %.9g rows/s not one row is due within %.9g s: raise the rate or the "
                       "duration, or turn it off",
                       rate, (double)duration_ns / (double)NS_PER_S);
    }
    return true;
}

bool schedule_check(const stream_t *stream, int64_t duration_ns, err_t *err)
{
    if (stream->kind == STREAM_OFF) {
        return true;
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
    if (stream->shape.kind != SHAPE_CONSTANT) {
        return err_set(err, ERR_USAGE,
                       "a shape is how a rate goes with time, and this stream goes as fast as it "
                       "can: give a rate, or no shape");
    }
    if (stream->arrivals != ARRIVALS_EVEN) {
        return err_set(err, ERR_USAGE,
                       "arrivals are those of a rate, and this stream goes as fast as it can: give "
                       "a rate, or no arrivals");
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
    return (uint64_t)(shape_rows(stream, (uint64_t)duration_ns) / FIXED_ONE);
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
    return (uint64_t)ceil_div(rows, stream->rows_per_txn);
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
    txn_t txn = txn_of(stream, n);
    return (int64_t)(has_bursts(stream) ? txn.at_ns : even_time_ns(stream, n, txn.first));
}

/* Transactions with time ≤ elapsed, without bursts and without an end. */
static uint64_t even_due(const stream_t *stream, uint64_t elapsed_ns)
{
    u128_t per_txn = stream->rows_per_txn * FIXED_ONE;
    if (stream->arrivals == ARRIVALS_POISSON) {
        /* shape_time_ns(place) ≤ elapsed  ⇔  place ≤ shape_rows(elapsed) */
        poisson_t poisson = poisson_of(stream);
        return poisson_due(&poisson, shape_rows(stream, elapsed_ns));
    }
    if (stream->shape.kind != SHAPE_CONSTANT) {
        /* first time with shape_rows ≥ n × per_txn is ≤ elapsed  ⇔  n × per_txn ≤
         * shape_rows(elapsed)
         */
        return (uint64_t)(shape_rows(stream, elapsed_ns) / per_txn) + 1;
    }
    /* floor(n × per_txn / rate) ≤ elapsed  ⇔  n × per_txn < (elapsed + 1) × rate */
    u128_t bound = ((u128_t)elapsed_ns + 1) * fixed_rate(stream->rate_per_s);
    return (uint64_t)((bound - 1) / per_txn) + 1;
}

uint64_t schedule_due_txns(const stream_t *stream, int64_t duration_ns, int64_t elapsed_ns)
{
    assert(stream->kind == STREAM_OPEN);
    if (elapsed_ns < 0) {
        return 0;
    }
    uint64_t due;
    if (has_bursts(stream)) {
        periods_t p = periods_of(stream);
        due = periods_due(&p, (uint64_t)elapsed_ns);
    } else {
        due = even_due(stream, (uint64_t)elapsed_ns);
    }
    return least(due, schedule_txns(stream, duration_ns));
}
