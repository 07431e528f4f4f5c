#include "plan/schedule/schedule.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>

#include "base/clock.h"
#include "base/hash.h"
#include "plan/schedule/fixed.h"
#include "plan/schedule/shape.h"

/* Keeps this use of the scenario's seed apart from all others. */
#define SCHEDULE_SALT UINT64_C(0x7363686564000000) /* "sched", then the stream's id */

/* --- bursts ----------------------------------------------------------------------------------- */

/* Both counts are staircases over the period's number: rows because they are defined
 * so; transactions because a period's rest has either floor or ceil of its mean rows, hence
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

static periods_t periods_of(const stream_t *stream)
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

/* Transactions with time ≤ elapsed_ns. */
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

/* Rows of all transactions that are due before the end of duration_ns. */
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

/* What does not add up in the bursts themselves. */
static bool burst_check(const stream_t *stream, err_t *err)
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

/* --- arrivals at random ----------------------------------------------------------------------- */

#define PART_MAX   32u   /* transactions whose places are drawn and sorted */
#define BINARY_MAX 1024u /* transactions whose halves are told by so many bits */

/* Arrivals at random, at random access. N transactions lie in a span, each of them anywhere in it
 * with equal probability: the Poisson process, given that it brings N in that span. So an hour has
 * exactly its transactions, and every part of it has as many as chance gives. The span is not of
 * time but of what a shape brings in it, rows (fixed.h): places spread evenly over those are spread
 * over time as the rate goes (Cinlar 1975: a change of time), whatever it is.
 *
 * The span is halved again and again. How many of a part's transactions are in its left half is a
 * binomial draw, made from a hash of the part's place; a part with few of them draws their places
 * and sorts them. So the n-th transaction's place, and how many there are by a place, cost a walk
 * from the whole span down to one part, and are exact inverses. */
typedef struct {
    uint64_t seed;
    u128_t span; /* at least 1 */
    uint64_t txns;
} poisson_t;

/* A part of the span: its places are [start, start + 2^bits), of 2^64 in the whole. */
typedef struct {
    uint64_t start;
    int bits;
    uint64_t id;    /* 1 is the whole; 2 id and 2 id + 1 are the halves */
    uint64_t txns;  /* in it */
    uint64_t first; /* number of its first transaction */
} part_t;

static part_t whole(const poisson_t *poisson)
{
    return (part_t){.bits = 64, .id = 1, .txns = poisson->txns};
}

/* Above zero and at most one. */
static double unit(uint64_t draw)
{
    return ((double)(draw >> 11) + 1) * 0x1p-53;
}

/* A draw from Binomial(n, 1/2): bits counted while n is small; else a normal one, rounded (the
 * third moment of both is 0, the fourth differs by 2/n). */
static uint64_t half_of(uint64_t n, uint64_t hash)
{
    if (n <= BINARY_MAX) {
        uint64_t ones = 0;
        for (uint64_t done = 0, k = 0; done < n; done += 64, k++) {
            uint64_t word = hash_word(hash, k);
            ones +=
                (uint64_t)__builtin_popcountll(n - done >= 64 ? word : word >> (64 - (n - done)));
        }
        return ones;
    }
    /* Box and Muller 1958 */
    double normal =
        sqrt(-2 * log(unit(hash_word(hash, 0)))) * cos(2 * M_PI * unit(hash_word(hash, 1)));
    double left = round((double)n / 2 + normal * sqrt((double)n) / 2);
    return left <= 0 ? 0 : left >= (double)n ? n : (uint64_t)left;
}

static part_t left_of(const poisson_t *poisson, const part_t *part)
{
    return (part_t){.start = part->start,
                    .bits = part->bits - 1,
                    .id = 2 * part->id,
                    .txns = half_of(part->txns, hash_u64(poisson->seed, part->id)),
                    .first = part->first};
}

static part_t right_of(const part_t *part, const part_t *left)
{
    return (part_t){.start = part->start + (UINT64_C(1) << left->bits),
                    .bits = left->bits,
                    .id = left->id + 1,
                    .txns = part->txns - left->txns,
                    .first = part->first + left->txns};
}

/* A part that is not halved any more: few are in it, or its places are too few to tell apart. */
static bool is_last(const part_t *part)
{
    return part->txns <= PART_MAX || part->bits <= 5;
}

/* The places in a last part, in order. More than PART_MAX only where 32 places hold them all: they
 * are within 10 ns of each other even in ten years. */
static uint32_t places(const poisson_t *poisson, const part_t *part, uint64_t out[PART_MAX])
{
    uint32_t n = (uint32_t)least(part->txns, PART_MAX);
    uint64_t hash = hash_u64(poisson->seed, part->id);
    for (uint32_t i = 0; i < n; i++) {
        uint64_t draw = hash_word(hash, 64 + i);
        uint64_t place = part->start + (part->bits == 64 ? draw : draw >> (64 - part->bits));
        uint32_t at = i;
        for (; at > 0 && out[at - 1] > place; at--) {
            out[at] = out[at - 1];
        }
        out[at] = place;
    }
    return n;
}

/* floor(place × span / 2^64), of which the product has up to 192 bits. */
static u128_t scaled(const poisson_t *poisson, uint64_t place)
{
    uint64_t high = (uint64_t)(poisson->span >> 64), low = (uint64_t)poisson->span;
    return (u128_t)place * high + (((u128_t)place * low) >> 64);
}

/* The first place that lies beyond `reach`, which not all do. */
static uint64_t first_beyond(const poisson_t *poisson, u128_t reach)
{
    uint64_t low = 0, high = UINT64_MAX; /* high lies beyond it */
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (scaled(poisson, middle) > reach) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return high;
}

/* Where transaction n < txns lies, from 0 up to and without span. Never falls as n rises. */
static u128_t poisson_place(const poisson_t *poisson, uint64_t n)
{
    part_t part = whole(poisson);
    while (!is_last(&part)) {
        part_t left = left_of(poisson, &part);
        part = n - part.first < left.txns ? left : right_of(&part, &left);
    }
    uint64_t sorted[PART_MAX];
    uint32_t drawn = places(poisson, &part, sorted);
    return scaled(poisson, sorted[least(n - part.first, drawn - 1)]);
}

/* Transactions whose place is at most `reach`. */
static uint64_t poisson_due(const poisson_t *poisson, u128_t reach)
{
    if (scaled(poisson, UINT64_MAX) <= reach) {
        return poisson->txns;
    }
    uint64_t bound = first_beyond(poisson, reach);
    part_t part = whole(poisson);
    while (!is_last(&part)) {
        part_t left = left_of(poisson, &part);
        part = bound - left.start < UINT64_C(1) << left.bits ? left : right_of(&part, &left);
    }
    uint64_t sorted[PART_MAX];
    uint32_t drawn = places(poisson, &part, sorted), before = 0;
    while (before < drawn && sorted[before] < bound) {
        before++;
    }
    return part.first + (before == drawn ? part.txns : before);
}

/* --- a stream --------------------------------------------------------------------------------- */

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
