#include "plan/schedule/schedule_poisson.h"

#include <math.h>
#include <stdbool.h>

#include "base/hash.h"
#include "plan/schedule/fixed.h"

#define PART_MAX   32u   /* transactions whose places are drawn and sorted */
#define BINARY_MAX 1024u /* transactions whose halves are told by so many bits */

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

u128_t poisson_place(const poisson_t *poisson, uint64_t n)
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

uint64_t poisson_due(const poisson_t *poisson, u128_t reach)
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
