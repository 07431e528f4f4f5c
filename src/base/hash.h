/*
 * hash: the two functions that everything generated is made of. Any thread, pure.
 * The row function (docs/rows.md) is frozen on them: a change here changes every golden file.
 */
#ifndef CDCBENCH_BASE_HASH_H
#define CDCBENCH_BASE_HASH_H

#include <stdint.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

/* XXH3_64bits_withSeed over the 8 little-endian bytes of x. */
static inline uint64_t hash_u64(uint64_t seed, uint64_t x)
{
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    x = __builtin_bswap64(x);
#endif
    return XXH3_64bits_withSeed(&x, sizeof x, seed);
}

/* The k-th word that is drawn from a hash h: SplitMix64's output function on h + k × 2^64/φ
 * (Steele, Lea, Flood 2014; constants by Stafford, "mix13"). */
static inline uint64_t hash_word(uint64_t h, uint64_t k)
{
    uint64_t z = h + k * UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

/* A 32-bit draw mapped to [0, n) without division (Lemire 2016); its bias is below n / 2^32. */
static inline uint32_t hash_below(uint32_t draw, uint32_t n)
{
    return (uint32_t)(((uint64_t)draw * n) >> 32);
}

#endif
