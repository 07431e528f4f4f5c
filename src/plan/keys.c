#include "plan/keys.h"

#include <assert.h>

#include "base/hash.h"

__extension__ typedef unsigned __int128 u128_t;

/* Keeps this use of the scenario's seed apart from the rows' (which hash with the seed itself). */
#define KEYS_SALT UINT64_C(0x6b65797300000000) /* "keys", then the stream's id */

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

void keys_init(keys_t *keys, const keys_spec_t *spec, uint64_t seed, uint32_t stream_id,
               uint64_t rows, uint32_t rows_per_txn)
{
    assert(rows > 0 && rows_per_txn > 0);
    (void)spec;
    uint32_t lanes = rows < KEYS_LANES ? (uint32_t)rows : KEYS_LANES;
    uint64_t smallest_lane = rows / lanes;
    bool whole = rows_per_txn > 1 && rows_per_txn > smallest_lane / 2;
    *keys = (keys_t){
        .seed = hash_u64(seed, KEYS_SALT | stream_id),
        .rows = rows,
        .lanes = whole ? 1 : lanes,
        .whole = whole,
    };
}

static uint64_t first_row(const keys_t *keys, uint64_t hash)
{
    return below(hash, keys->rows);
}

uint32_t keys_txn_lane(const keys_t *keys, uint64_t n)
{
    return (uint32_t)(first_row(keys, hash_u64(keys->seed, n)) % keys->lanes);
}

uint32_t keys_txn_connection(const keys_t *keys, uint64_t n, uint32_t connections)
{
    return keys_txn_lane(keys, n) % connections;
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

void keys_txn_begin(const keys_t *keys, uint64_t n, keys_cursor_t *cursor)
{
    uint64_t hash = hash_u64(keys->seed, n);
    uint64_t row = first_row(keys, hash);
    uint64_t lane = row % keys->lanes;
    uint64_t size = keys->rows / keys->lanes + (lane < keys->rows % keys->lanes);
    *cursor = (keys_cursor_t){
        .at = row / keys->lanes,
        .stride = draw_stride(hash, size),
        .size = size,
        .lane = lane,
        .lanes = keys->lanes,
    };
}

uint64_t keys_txn_next(keys_cursor_t *cursor)
{
    uint64_t row = cursor->lane + cursor->lanes * cursor->at;
    cursor->at += cursor->stride;
    if (cursor->at >= cursor->size) {
        cursor->at -= cursor->size;
    }
    return row;
}
