#include "plan/schedule/keys.h"

#include <assert.h>
#include <math.h>

#include "base/hash.h"
#include "plan/schedule/fixed.h"

/* Keeps this use of the scenario's seed apart from the rows' (which hash with the seed itself). */
#define KEYS_SALT    UINT64_C(0x6b65797300000000) /* "keys", then the stream's id */
#define SCATTER_SALT UINT64_C(0x7363617474657200) /* "scatter" */

/* A 64-bit draw mapped to [0, n) as hash_below does with 32 bits; its bias is below n / 2^64. */
static uint64_t below(uint64_t draw, uint64_t n)
{
    return (uint64_t)(((u128_t)draw * n) >> 64);
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
    while (b != 0) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* A stride in [1, size) that is coprime to size; where size is 1 there is nowhere to go. About 6/π²
 * of all pairs are coprime, and no size below 2^59 has less than 1 in 8: a few draws do. */
static uint64_t draw_stride(uint64_t hash, uint64_t size)
{
    if (size == 1) {
        return 0;
    }
    for (uint64_t k = 1;; k++) {
        uint64_t stride = 1 + below(hash_word(hash, k), size - 1);
        if (gcd(stride, size) == 1) {
            return stride;
        }
    }
}

/* 0 … 1, 1 left out */
static double unit(uint64_t draw)
{
    return (double)(draw >> 11) * 0x1p-53;
}

/* --- ranks by popularity ---------------------------------------------------------------------- */

/* The integral of x^-theta, and its inverse; up to a constant, so that theta = 1 is no pole. */
static double integral(double theta, double log_x)
{
    return theta == 1 ? log_x : expm1((1 - theta) * log_x) / (1 - theta);
}

static double integral_inverse(double theta, double y)
{
    if (theta == 1) {
        return exp(y);
    }
    double z = (1 - theta) * y;
    return z > -1 ? exp(log1p(z) / (1 - theta)) : INFINITY;
}

/* Euler and Maclaurin: the sum of f(a), f(a + 1), … below f(b) is formula(b) − formula(a). */
static double formula(double theta, double x)
{
    double log_x = log(x), f = exp(-theta * log_x), f1 = theta * f / x;
    double f3 = f1 * (theta + 1) * (theta + 2) / (x * x);
    double f5 = f3 * (theta + 3) * (theta + 4) / (x * x);
    return integral(theta, log_x) - f / 2 - f1 / 12 + f3 / 720 - f5 / 30240;
}

/* theta ≥ 0 (0: all weights are equal), first above 0. */
static void zipf_init(zipf_t *zipf, double theta, double first, uint64_t size)
{
    *zipf = (zipf_t){.theta = theta, .first = first, .size = size};
    for (int i = 0; i < ZIPF_HEAD; i++) {
        zipf->head[i + 1] = zipf->head[i] + pow(first + i, -theta);
    }
    zipf->base = formula(theta, first + ZIPF_HEAD);
    zipf->total = zipf_sum(zipf, size);
}

double zipf_sum(const zipf_t *zipf, uint64_t n)
{
    if (n <= ZIPF_HEAD) {
        return zipf->head[n];
    }
    return zipf->head[ZIPF_HEAD] + formula(zipf->theta, zipf->first + (double)n) - zipf->base;
}

/* Where the sum is about `weight`: it is nearly the integral up to half a rank before. */
static uint64_t guess(const zipf_t *zipf, double weight)
{
    double y = weight - zipf->head[ZIPF_HEAD] + zipf->base;
    double x = integral_inverse(zipf->theta, y) - zipf->first + 0.5;
    double last = (double)(zipf->size - 1);
    return x > last ? zipf->size - 1 : x > 0 ? (uint64_t)x : 0;
}

/* The last rank with zipf_sum(rank) ≤ weight, looked for from the guess on in growing steps. */
uint64_t zipf_rank(const zipf_t *zipf, double share)
{
    double weight = share * zipf->total;
    uint64_t low = weight < zipf->head[ZIPF_HEAD] ? 0 : guess(zipf, weight), high = low + 1;
    for (uint64_t step = 1; low > 0 && zipf_sum(zipf, low) > weight; step *= 2) {
        high = low;
        low -= step < low ? step : low;
    }
    for (uint64_t step = 1; high < zipf->size && zipf_sum(zipf, high) <= weight; step *= 2) {
        low = high;
        high = step < zipf->size - high ? high + step : zipf->size;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        *(zipf_sum(zipf, middle) <= weight ? &low : &high) = middle;
    }
    return low;
}

static uint64_t part_of(double share, uint64_t n)
{
    uint64_t at = (uint64_t)(share * (double)n);
    return at < n ? at : n - 1;
}

/* Ranks of which the first `hot` of `size` have hot_share of the weight, evenly. */
static uint64_t hotspot_rank(uint64_t hot, uint64_t size, double hot_share, double share)
{
    if (hot == size || (hot > 0 && share < hot_share)) {
        return part_of(hot == size ? share : share / hot_share, hot);
    }
    return hot + part_of((share - hot_share) / (1 - hot_share), size - hot);
}

static bool is_ranked(const keys_t *keys)
{
    return keys->spec.kind == KEYS_ZIPF || keys->spec.kind == KEYS_LATEST ||
           keys->spec.kind == KEYS_HOTSPOT;
}

static uint32_t lanes_of(uint64_t rows, bool whole)
{
    return whole ? 1 : rows < KEYS_LANES ? (uint32_t)rows : KEYS_LANES;
}

bool keys_need_whole(uint64_t rows, uint32_t rows_per_txn)
{
    uint64_t smallest_lane = rows / lanes_of(rows, false);
    return rows_per_txn > 1 && rows_per_txn > smallest_lane / 2;
}

void keys_init(keys_t *keys, const keys_spec_t *spec, uint64_t seed, uint32_t stream_id,
               uint64_t rows, uint32_t rows_per_txn, bool whole)
{
    assert(rows > 0 && rows_per_txn > 0 && rows_per_txn <= rows);
    *keys = (keys_t){
        .spec = *spec,
        .seed = hash_u64(seed, KEYS_SALT | stream_id),
        .scatter = hash_u64(seed, SCATTER_SALT),
        .rows = rows,
        .rows_per_txn = rows_per_txn,
        .lanes = lanes_of(rows, whole),
        .whole = whole,
    };
    if (spec->kind == KEYS_ZIPF || spec->kind == KEYS_LATEST) {
        zipf_init(&keys->zipf, spec->theta, 1, rows);
    } else if (spec->kind == KEYS_HOTSPOT) {
        double hot = round(spec->share * (double)rows);
        keys->hot = hot < 1 ? 1 : hot < (double)rows ? (uint64_t)hot : rows;
    }
}

void keys_init_once(keys_t *keys, const keys_spec_t *spec, uint64_t seed, uint64_t rows,
                    uint32_t rows_per_txn, bool whole, uint64_t passed)
{
    assert(spec->kind == KEYS_UNIFORM || spec->kind == KEYS_SEQUENTIAL);
    keys_init(keys, spec, seed, 0, rows, rows_per_txn, whole);
    keys->once = true;
    keys->passed = passed;
}

uint64_t keys_once_per_lane(const keys_t *keys, uint64_t txns)
{
    return (txns / keys->lanes + (txns % keys->lanes != 0)) * keys->rows_per_txn;
}

/* --- lanes ------------------------------------------------------------------------------------ */

/* A draw by popularity from all rows: the rank's class, rank mod lanes. */
static uint64_t draw_class(const keys_t *keys, uint64_t hash)
{
    double share = unit(hash_word(hash, 0));
    uint64_t rank = keys->spec.kind == KEYS_HOTSPOT
                        ? hotspot_rank(keys->hot, keys->rows, keys->spec.probability, share)
                        : zipf_rank(&keys->zipf, share);
    return rank % keys->lanes;
}

/* With `latest` ranks go down with the row's number. Its own inverse. */
static uint64_t lane_of_class(const keys_t *keys, uint64_t class)
{
    if (keys->spec.kind != KEYS_LATEST) {
        return class;
    }
    return (keys->rows - 1 - class) % keys->lanes;
}

static uint64_t lane_size(const keys_t *keys, uint64_t lane)
{
    return keys->rows / keys->lanes + (lane < keys->rows % keys->lanes);
}

uint32_t keys_txn_lane(const keys_t *keys, uint64_t n)
{
    if (keys->lanes == 1) {
        return 0;
    }
    if (keys->once || keys->spec.kind == KEYS_SEQUENTIAL) {
        return (uint32_t)(n % keys->lanes);
    }
    uint64_t hash = hash_u64(keys->seed, n);
    uint64_t lane = is_ranked(keys) ? lane_of_class(keys, draw_class(keys, hash))
                                    : below(hash, keys->rows) % keys->lanes;
    return (uint32_t)lane;
}

uint32_t keys_txn_connection(const keys_t *keys, uint64_t n, uint32_t connections)
{
    return keys_txn_lane(keys, n) % connections;
}

/* --- walks: uniform, sequential, once --------------------------------------------------------- */

static void begin_uniform(keys_cursor_t *cursor, uint64_t n)
{
    uint64_t hash = hash_u64(cursor->keys->seed, n);
    cursor->at = below(hash, cursor->keys->rows) / cursor->keys->lanes;
    cursor->stride = draw_stride(hash, cursor->size);
}

/* Where the order of a lane that a hash gives begins, and its stride. */
static void begin_scattered(keys_cursor_t *cursor)
{
    uint64_t hash = hash_u64(cursor->keys->scatter, cursor->lane);
    cursor->at = below(hash, cursor->size);
    cursor->stride = draw_stride(hash, cursor->size);
}

static uint64_t place(const keys_cursor_t *cursor, uint64_t steps)
{
    u128_t way = (u128_t)cursor->stride * (steps % cursor->size);
    return (uint64_t)((cursor->at + way) % cursor->size);
}

/* In the lane's order, from where the transaction before left off. */
static void begin_in_order(keys_cursor_t *cursor, uint64_t n)
{
    const keys_t *keys = cursor->keys;
    uint64_t before = keys->passed + n / keys->lanes * keys->rows_per_txn;
    cursor->stride = cursor->size > 1;
    if (keys->once && keys->spec.kind == KEYS_UNIFORM) {
        begin_scattered(cursor);
    }
    cursor->at = place(cursor, before);
}

static uint64_t next_of_walk(keys_cursor_t *cursor)
{
    uint64_t at = cursor->at;
    cursor->at += cursor->stride;
    if (cursor->at >= cursor->size) {
        cursor->at -= cursor->size;
    }
    return at;
}

/* --- ranks: zipf, latest, hotspot ------------------------------------------------------------- */

/* How much of a lane's draws are for its hot rows; but hot rows come at most once a transaction,
 * and so do cold ones. */
static double lane_hot_share(const keys_t *keys, uint64_t hot, uint64_t size)
{
    double p = keys->spec.probability, parts = keys->rows_per_txn;
    double of_hot = p * (double)hot / (double)keys->hot;
    uint64_t all_cold = keys->rows - keys->hot;
    double of_cold = all_cold > 0 ? (1 - p) * (double)(size - hot) / (double)all_cold : 0;
    double share = of_hot + of_cold > 0 ? of_hot / (of_hot + of_cold) : 0;
    share = fmin(share, (double)hot / parts);
    return fmax(share, 1 - (double)(size - hot) / parts);
}

static void begin_ranked(keys_cursor_t *cursor, uint64_t n)
{
    const keys_t *keys = cursor->keys;
    uint64_t class = lane_of_class(keys, cursor->lane);
    cursor->offset = unit(hash_word(hash_u64(keys->seed, n), 1));
    if (keys->spec.kind == KEYS_LATEST) {
        cursor->at = cursor->size - 1;
        cursor->stride = cursor->size - 1; /* one back */
    } else {
        begin_scattered(cursor);
    }
    if (keys->spec.kind == KEYS_HOTSPOT) {
        cursor->hot = keys->hot / keys->lanes + (class < keys->hot % keys->lanes);
        cursor->hot_share = lane_hot_share(keys, cursor->hot, cursor->size);
    } else {
        zipf_init(&cursor->zipf, keys->spec.theta, (double)(class + 1) / keys->lanes, cursor->size);
    }
}

/* The rank drawn from a part, when no rank below `next` may be: ranks rise from part to part, and
 * as many as there are parts left stay free. */
static uint64_t draw_rank(const keys_cursor_t *cursor, uint64_t part, uint64_t next)
{
    uint64_t parts = cursor->keys->rows_per_txn;
    double share = ((double)part + cursor->offset) / (double)parts;
    share = fmin(share, 1 - 0x1p-53);
    uint64_t rank = cursor->keys->spec.kind == KEYS_HOTSPOT
                        ? hotspot_rank(cursor->hot, cursor->size, cursor->hot_share, share)
                        : zipf_rank(&cursor->zipf, share);
    uint64_t last = cursor->size - (parts - part);
    rank = rank > next ? rank : next;
    return rank < last ? rank : last;
}

/* Behind the last part: the ranks above the last draw, and then those that draws passed over, found
 * by drawing them again. */
static uint64_t next_undrawn(keys_cursor_t *cursor)
{
    if (!cursor->wrapped && cursor->next_rank < cursor->size) {
        return cursor->next_rank++;
    }
    cursor->wrapped = true;
    while (cursor->passed_part < cursor->part) {
        uint64_t drawn = draw_rank(cursor, cursor->passed_part, cursor->passed_next);
        if (cursor->passed < drawn) {
            break;
        }
        cursor->passed_part++;
        cursor->passed_next = drawn + 1;
        cursor->passed = drawn + 1;
    }
    return cursor->passed++ % cursor->size;
}

static uint64_t next_of_ranks(keys_cursor_t *cursor)
{
    uint64_t rank;
    if (cursor->part < cursor->keys->rows_per_txn) {
        rank = draw_rank(cursor, cursor->part++, cursor->next_rank);
        cursor->next_rank = rank + 1;
    } else {
        rank = next_undrawn(cursor);
    }
    return place(cursor, rank);
}

static keys_cursor_t cursor_of(const keys_t *keys, uint64_t lane)
{
    return (keys_cursor_t){.keys = keys, .lane = lane, .size = lane_size(keys, lane)};
}

uint64_t keys_row_of_rank(const keys_t *keys, uint64_t rank)
{
    assert(is_ranked(keys) && rank < keys->rows);
    keys_cursor_t cursor = cursor_of(keys, lane_of_class(keys, rank % keys->lanes));
    begin_ranked(&cursor, 0);
    return cursor.lane + keys->lanes * place(&cursor, rank / keys->lanes);
}

void keys_txn_begin(const keys_t *keys, uint64_t n, keys_cursor_t *cursor)
{
    *cursor = cursor_of(keys, keys_txn_lane(keys, n));
    if (is_ranked(keys)) {
        begin_ranked(cursor, n);
    } else if (keys->once || keys->spec.kind == KEYS_SEQUENTIAL) {
        begin_in_order(cursor, n);
    } else {
        begin_uniform(cursor, n);
    }
}

uint64_t keys_txn_next(keys_cursor_t *cursor)
{
    uint64_t at = is_ranked(cursor->keys) ? next_of_ranks(cursor) : next_of_walk(cursor);
    return cursor->lane + cursor->keys->lanes * at;
}
