#include "model/verify/gaps.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "base/hash.h"

#define CAPACITY_FIRST 1024u

void gaps_init(gaps_t *gaps, size_t max)
{
    *gaps = (gaps_t){.max = max};
}

void gaps_free(gaps_t *gaps)
{
    free(gaps->slots);
    gaps_init(gaps, gaps->max);
}

static size_t home_of(uint64_t row, uint32_t version, size_t capacity)
{
    return (size_t)hash_u64(version, row) & (capacity - 1);
}

/* The slot that holds this gap, or the empty one where it would go. There is always an empty one.
 */
static size_t find(const gap_t *slots, size_t capacity, uint64_t row, uint32_t version)
{
    size_t at = home_of(row, version, capacity);
    while (slots[at].open && (slots[at].row != row || slots[at].version != version))
        at = (at + 1) & (capacity - 1);
    return at;
}

static bool grow(gaps_t *gaps)
{
    size_t capacity = gaps->capacity == 0 ? CAPACITY_FIRST : gaps->capacity * 2;
    gap_t *slots = calloc(capacity, sizeof *slots);
    if (slots == NULL)
        return false;
    size_t at = 0;
    for (const gap_t *gap; (gap = gaps_next(gaps, &at)) != NULL;)
        slots[find(slots, capacity, gap->row, gap->version)] = *gap;
    free(gaps->slots);
    gaps->slots = slots;
    gaps->capacity = capacity;
    atomic_store_explicit(&gaps->memory_bytes, capacity * sizeof *slots, memory_order_relaxed);
    return true;
}

bool gaps_add(gaps_t *gaps, uint64_t row, uint32_t version)
{
    if (gaps->count == gaps->max)
        return false;
    /* At most three quarters full, so that runs of taken slots stay short. */
    if ((gaps->count + 1) * 4 > gaps->capacity * 3 && !grow(gaps))
        return false;
    gap_t *slot = &gaps->slots[find(gaps->slots, gaps->capacity, row, version)];
    gaps->count += !slot->open;
    *slot = (gap_t){.row = row, .version = version, .open = true};
    return true;
}

/* Moves back whatever the slot that became empty would cut off from its home (Knuth, The Art of
 * Computer Programming, volume 3, 6.4, algorithm R). */
static void close_hole(gaps_t *gaps, size_t hole)
{
    size_t mask = gaps->capacity - 1;
    for (size_t at = (hole + 1) & mask; gaps->slots[at].open; at = (at + 1) & mask) {
        size_t home = home_of(gaps->slots[at].row, gaps->slots[at].version, gaps->capacity);
        if (((at - home) & mask) >= ((at - hole) & mask)) {
            gaps->slots[hole] = gaps->slots[at];
            hole = at;
        }
    }
    gaps->slots[hole].open = false;
}

bool gaps_remove(gaps_t *gaps, uint64_t row, uint32_t version)
{
    if (gaps->count == 0)
        return false;
    size_t at = find(gaps->slots, gaps->capacity, row, version);
    if (!gaps->slots[at].open)
        return false;
    gaps->count--;
    close_hole(gaps, at);
    return true;
}

const gap_t *gaps_next(const gaps_t *gaps, size_t *at)
{
    while (*at < gaps->capacity) {
        const gap_t *gap = &gaps->slots[(*at)++];
        if (gap->open)
            return gap;
    }
    return NULL;
}

uint64_t gaps_memory_bytes(const gaps_t *gaps)
{
    return atomic_load_explicit(&gaps->memory_bytes, memory_order_relaxed);
}
