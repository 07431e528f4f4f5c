/*
 * encode_draw: what a batch of rows is made from, hashes and keys, as arrays that vector units can
 * work on: the definition of docs/rows.md once more, in plain arithmetic on 64-bit lanes, equal to
 * row_draw.h's row by row (tests/unit/model/test_encode.c). Private to the encoders. Pure; any
 * thread.
 *
 * Everything here is inlined into each encoder's variants, which are compiled for several
 * instruction sets: the compiler turns these loops into the lanes of each.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_DRAW_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_DRAW_H

#include "model/row_draw.h"

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Two vectors of eight lanes: enough to keep the multipliers busy, and what is drawn stays in the
 * first-level cache until it is written. */
#define DRAW_ROWS 16

typedef struct {
    uint64_t hash[DRAW_ROWS];
    uint64_t times[DRAW_ROWS];   /* WORD_TIME_AND_IP */
    uint64_t choices[DRAW_ROWS]; /* WORD_CHOICES */
    uint64_t key[DRAW_ROWS][2];  /* UUIDs: high and low half */
    uint64_t affiliate[DRAW_ROWS][2];
} __attribute__((aligned(64))) draw_t;

/* hash_u64 in arithmetic: XXH3 of 8 bytes (xxhash.h: XXH3_len_4to8_64b, XXH3_rrmxmx), of which the
 * seed's part is made once. */
ALWAYS_INLINE uint64_t draw_hash_flip(uint64_t seed)
{
    /* bytes 8 to 15 and 16 to 23 of XXH3's default secret, as little-endian numbers */
    const uint64_t secret = UINT64_C(0x1cad21f72c81017c) ^ UINT64_C(0xdb979083e96dd4de);
    return secret - (seed ^ (uint64_t)__builtin_bswap32((uint32_t)seed) << 32);
}

ALWAYS_INLINE uint64_t draw_hash(uint64_t flip, uint64_t x)
{
    const uint64_t prime = UINT64_C(0x9FB21C651E98DF25);
    uint64_t h = (x << 32 | x >> 32) ^ flip;
    h ^= (h << 49 | h >> 15) ^ (h << 24 | h >> 40);
    h *= prime;
    h ^= (h >> 35) + sizeof x;
    h *= prime;
    return h ^ h >> 28;
}

/* Where the output goes to memory that no cache holds, the stores of a line wait for it; asked for
 * this far ahead, it is there (measured: 27 → 33 million rows/s; nothing lost where it is cached).
 * An address past the buffer's end does no harm. */
#define PREFETCH_BYTES 512

ALWAYS_INLINE void encode_prefetch(const char *at)
{
    for (size_t line = 0; line < 3; line++) /* a row is 188 bytes in the mean */
        __builtin_prefetch(at + PREFETCH_BYTES + 64 * line, 1);
}

/* Draws rows first … first + DRAW_ROWS − 1. */
ALWAYS_INLINE void draw_rows(const row_space_t *space, uint64_t first, draw_t *draw)
{
    uint64_t flip = draw_hash_flip(space->row_seed);
    for (unsigned i = 0; i < DRAW_ROWS; i++)
        draw->hash[i] = draw_hash(flip, first + i);
    for (unsigned i = 0; i < DRAW_ROWS; i++) {
        uint64_t hash = draw->hash[i];
        draw->times[i] = hash_word(hash, WORD_TIME_AND_IP);
        draw->choices[i] = hash_word(hash, WORD_CHOICES);
    }
    for (unsigned i = 0; i < DRAW_ROWS; i++) {
        uuid_t uuid = uuid_of_words(hash_word(draw->hash[i], WORD_AFFILIATE_HIGH),
                                    hash_word(draw->hash[i], WORD_AFFILIATE_LOW));
        draw->affiliate[i][0] = uuid.high;
        draw->affiliate[i][1] = uuid.low;
    }
    uint64_t check_flip = draw_hash_flip(space->check_seed);
    bool random_order = space->key_kind == KEY_UUID4;
    uint64_t version = random_order ? 4 : 7;
    for (unsigned i = 0; i < DRAW_ROWS; i++) {
        uint64_t bits = random_order ? row_permute(space, first + i) : row_time_bits(first + i);
        draw->key[i][0] = (bits >> 12) << 16 | version << 12 | (bits & 0xfff);
        draw->key[i][1] = UINT64_C(1) << 63 | draw_hash(check_flip, bits) >> 2;
    }
}

#endif
