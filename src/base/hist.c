#include "base/hist.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>

#define SUB_BUCKET_BITS 11 /* 2048 sub-buckets: 3 significant digits need 2 × 10^3 of them */
#define HALF_BITS       (SUB_BUCKET_BITS - 1)
#define HALF            ((size_t)1 << HALF_BITS)

/* The sum is kept as two counters, of value / 2^20 and of value mod 2^20. Neither carries into the
 * other, so that a reader's pair is never torn; both hold 2^44 recorded values up to HIST_MAX_US,
 * where one counter would wrap at 10,000 values that a missing timestamp made 50 years long. */
#define SUM_LOW_BITS 20
#define SUM_LOW_MASK ((UINT64_C(1) << SUM_LOW_BITS) - 1)

typedef _Atomic uint64_t counter_t;

struct hist {
    counter_t count; /* overflow included */
    counter_t overflow;
    counter_t sum_high;
    counter_t sum_low;
    _Atomic int64_t min_us; /* INT64_MAX while empty */
    _Atomic int64_t max_us; /* 0 while empty */
    counter_t slots[HIST_SLOTS];
};

_Static_assert(HIST_MAX_US >> 39 == 1 &&
                   HIST_SLOTS == (40 - SUB_BUCKET_BITS + 2) * (1 << HALF_BITS),
               "the last slot ends at HIST_MAX_US");

static uint64_t get(const counter_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void set(counter_t *counter, uint64_t value)
{
    atomic_store_explicit(counter, value, memory_order_relaxed);
}

/* With a single writer, a load and a store do what a locked instruction would. */
static void add(counter_t *counter, uint64_t more)
{
    set(counter, get(counter) + more);
}

static int64_t get_us(const _Atomic int64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static void lower_min(hist_t *h, int64_t value_us)
{
    if (value_us < get_us(&h->min_us)) {
        atomic_store_explicit(&h->min_us, value_us, memory_order_relaxed);
    }
}

static void raise_max(hist_t *h, int64_t value_us)
{
    if (value_us > get_us(&h->max_us)) {
        atomic_store_explicit(&h->max_us, value_us, memory_order_relaxed);
    }
}

hist_t *hist_new(void)
{
    hist_t *h = calloc(1, sizeof *h);
    if (h) {
        atomic_init(&h->min_us, INT64_MAX);
    }
    return h;
}

void hist_free(hist_t *h)
{
    free(h);
}

/* How many low bits of a value its slot leaves out: 0 below 2048, then one more for each doubling.
 */
static unsigned value_shift(uint64_t value)
{
    unsigned highest_bit = 63u - (unsigned)__builtin_clzll(value | (2 * HALF - 1));
    return highest_bit - HALF_BITS;
}

static unsigned slot_shift(size_t slot)
{
    return slot < 2 * HALF ? 0 : (unsigned)(slot >> HALF_BITS) - 1;
}

size_t hist_slot(int64_t value_us)
{
    assert(value_us >= 0 && value_us <= HIST_MAX_US);
    /* Sub-buckets below HALF exist in the first bucket alone, so each further bucket begins HALF
     * slots behind the one before, and its sub-buckets are counted from HALF on. */
    uint64_t value = (uint64_t)value_us;
    unsigned shift = value_shift(value);
    return ((size_t)shift << HALF_BITS) + (size_t)(value >> shift);
}

int64_t hist_slot_low_us(size_t slot)
{
    assert(slot < HIST_SLOTS);
    unsigned shift = slot_shift(slot);
    return (int64_t)((uint64_t)(slot - ((size_t)shift << HALF_BITS)) << shift);
}

int64_t hist_slot_high_us(size_t slot)
{
    return hist_slot_low_us(slot) + (INT64_C(1) << slot_shift(slot)) - 1;
}

uint64_t hist_slot_count(const hist_t *h, size_t slot)
{
    assert(slot < HIST_SLOTS);
    return get(&h->slots[slot]);
}

void hist_record(hist_t *h, int64_t value_us, uint64_t count)
{
    assert(value_us >= 0);
    if (count == 0) {
        return;
    }
    uint64_t value = (uint64_t)value_us;
    add(value_us <= HIST_MAX_US ? &h->slots[hist_slot(value_us)] : &h->overflow, count);
    add(&h->count, count);
    add(&h->sum_high, (value >> SUM_LOW_BITS) * count);
    add(&h->sum_low, (value & SUM_LOW_MASK) * count);
    lower_min(h, value_us);
    raise_max(h, value_us);
}

void hist_reset(hist_t *h)
{
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        set(&h->slots[slot], 0);
    }
    set(&h->count, 0);
    set(&h->overflow, 0);
    set(&h->sum_high, 0);
    set(&h->sum_low, 0);
    atomic_store_explicit(&h->min_us, INT64_MAX, memory_order_relaxed);
    atomic_store_explicit(&h->max_us, 0, memory_order_relaxed);
}

/* The lowest and the highest slot in use while one looks at them in rising order. */
typedef struct {
    size_t lowest; /* HIST_SLOTS: none in use */
    size_t highest;
} used_t;

static const used_t none_used = {HIST_SLOTS, 0};

static void use_slot(used_t *used, size_t slot)
{
    if (used->lowest == HIST_SLOTS) {
        used->lowest = slot;
    }
    used->highest = slot;
}

void hist_add(hist_t *into, const hist_t *from)
{
    /* The count is summed anew, and min and max are made to hold what the slots hold: a writer may
     * be between two stores, and the result is to agree with itself all the same. */
    used_t used = none_used;
    uint64_t overflow = get(&from->overflow);
    uint64_t count = overflow;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        uint64_t more = get(&from->slots[slot]);
        if (more > 0) {
            use_slot(&used, slot);
            count += more;
            add(&into->slots[slot], more);
        }
    }
    if (count == 0) {
        return;
    }
    add(&into->overflow, overflow);
    add(&into->count, count);
    add(&into->sum_high, get(&from->sum_high));
    add(&into->sum_low, get(&from->sum_low));
    lower_min(into, get_us(&from->min_us));
    raise_max(into, get_us(&from->max_us));
    if (used.lowest < HIST_SLOTS) {
        lower_min(into, hist_slot_high_us(used.lowest));
        raise_max(into, hist_slot_low_us(used.highest));
    }
    if (overflow > 0) {
        lower_min(into, HIST_MAX_US + 1); /* it may be that min has not been stored yet */
        raise_max(into, HIST_MAX_US + 1);
    }
}

void hist_copy(hist_t *out, const hist_t *in)
{
    hist_reset(out);
    hist_add(out, in);
}

/* The edges of what is in use, which stand in for a min and max that nobody has seen; those of the
 * whole narrow them. */
static void set_edges(hist_t *out, used_t used, const hist_t *whole)
{
    uint64_t overflow = get(&out->overflow);
    if (get(&out->count) == 0) {
        return;
    }
    bool slots_used = used.lowest < HIST_SLOTS;
    int64_t low_us = slots_used ? hist_slot_low_us(used.lowest) : HIST_MAX_US + 1;
    int64_t high_us = overflow > 0 ? INT64_MAX : hist_slot_high_us(used.highest);
    int64_t min_us = get_us(&whole->min_us);
    int64_t max_us = get_us(&whole->max_us);
    lower_min(out, low_us > min_us ? low_us : min_us);
    raise_max(out, high_us < max_us ? high_us : max_us);
}

void hist_diff(hist_t *out, const hist_t *now, const hist_t *before)
{
    assert(out != now && out != before);
    hist_reset(out);
    used_t used = none_used;
    set(&out->overflow, get(&now->overflow) - get(&before->overflow));
    uint64_t count = get(&out->overflow);
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        uint64_t more = get(&now->slots[slot]) - get(&before->slots[slot]);
        if (more > 0) {
            use_slot(&used, slot);
            count += more;
            set(&out->slots[slot], more);
        }
    }
    set(&out->count, count);
    set(&out->sum_high, get(&now->sum_high) - get(&before->sum_high));
    set(&out->sum_low, get(&now->sum_low) - get(&before->sum_low));
    set_edges(out, used, now);
}

uint64_t hist_count(const hist_t *h)
{
    return get(&h->count);
}

uint64_t hist_overflow(const hist_t *h)
{
    return get(&h->overflow);
}

int64_t hist_min_us(const hist_t *h)
{
    int64_t min_us = get_us(&h->min_us);
    return min_us == INT64_MAX && hist_count(h) == 0 ? 0 : min_us;
}

int64_t hist_max_us(const hist_t *h)
{
    return get_us(&h->max_us);
}

double hist_mean_us(const hist_t *h)
{
    uint64_t count = hist_count(h);
    if (count == 0) {
        return 0;
    }
    double sum = ldexp((double)get(&h->sum_high), SUM_LOW_BITS) + (double)get(&h->sum_low);
    return sum / (double)count;
}

uint64_t hist_rank(uint64_t count, double percent)
{
    assert(percent > 0 && percent <= 100);
    /* 99.9 is not a double, and 99.9 % of 1,000 must not become rank 1,000: what is above a whole
     * rank by no more than the error of the arithmetic is that rank. */
    double rank = (double)count * percent / 100;
    uint64_t whole = (uint64_t)ceil(rank - rank * 4 * DBL_EPSILON);
    return whole < 1 ? 1 : whole > count ? count : whole;
}

size_t hist_slot_at_rank(const hist_t *h, uint64_t rank)
{
    uint64_t seen = 0;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        seen += get(&h->slots[slot]);
        if (seen >= rank) {
            return slot;
        }
    }
    return HIST_SLOTS;
}

int64_t hist_percentile_us(const hist_t *h, double percent)
{
    uint64_t count = hist_count(h);
    if (count == 0) {
        return 0;
    }
    int64_t max_us = hist_max_us(h);
    size_t slot = hist_slot_at_rank(h, hist_rank(count, percent));
    int64_t edge_us = slot < HIST_SLOTS ? hist_slot_high_us(slot) : max_us;
    return edge_us < max_us ? edge_us : max_us;
}
