#include "base/lag.h"

#include <stdatomic.h>
#include <stdlib.h>

enum { FROM_ZERO, BELOW_ZERO, HALVES };

struct lag {
    /* Stored once, with release, by the writer: who loads it with acquire sees it initialised. */
    hist_t *_Atomic half[HALVES];
};

static hist_t *half_of(const lag_t *lag, int which)
{
    return atomic_load_explicit(&lag->half[which], memory_order_acquire);
}

/* The half, made if need be; NULL when memory is out. */
static hist_t *need_half(lag_t *lag, int which)
{
    hist_t *half = half_of(lag, which);
    if (!half) {
        half = hist_new();
        atomic_store_explicit(&lag->half[which], half, memory_order_release);
    }
    return half;
}

lag_t *lag_new(void)
{
    return calloc(1, sizeof(lag_t));
}

void lag_free(lag_t *lag)
{
    if (!lag) {
        return;
    }
    for (int which = 0; which < HALVES; which++) {
        hist_free(half_of(lag, which));
    }
    free(lag);
}

bool lag_record(lag_t *lag, int64_t value_us, uint64_t count)
{
    hist_t *half = need_half(lag, value_us < 0 ? BELOW_ZERO : FROM_ZERO);
    if (!half) {
        return false;
    }
    int64_t magnitude_us = value_us == INT64_MIN ? INT64_MAX : llabs(value_us);
    hist_record(half, magnitude_us, count);
    return true;
}

bool lag_add(lag_t *into, const lag_t *from)
{
    for (int which = 0; which < HALVES; which++) {
        const hist_t *more = half_of(from, which);
        if (!more) {
            continue;
        }
        hist_t *half = need_half(into, which);
        if (!half) {
            return false;
        }
        hist_add(half, more);
    }
    return true;
}

static void reset(lag_t *lag)
{
    for (int which = 0; which < HALVES; which++) {
        hist_t *half = half_of(lag, which);
        if (half) {
            hist_reset(half);
        }
    }
}

bool lag_copy(lag_t *out, const lag_t *in)
{
    reset(out);
    return lag_add(out, in);
}

bool lag_diff(lag_t *out, const lag_t *now, const lag_t *before)
{
    reset(out);
    for (int which = 0; which < HALVES; which++) {
        const hist_t *later = half_of(now, which);
        const hist_t *earlier = half_of(before, which);
        if (!later) {
            continue;
        }
        hist_t *half = need_half(out, which);
        if (!half) {
            return false;
        }
        if (earlier) {
            hist_diff(half, later, earlier);
        } else {
            hist_copy(half, later);
        }
    }
    return true;
}

static uint64_t half_count(const lag_t *lag, int which)
{
    const hist_t *half = half_of(lag, which);
    return half ? hist_count(half) : 0;
}

uint64_t lag_count(const lag_t *lag)
{
    return half_count(lag, FROM_ZERO) + half_count(lag, BELOW_ZERO);
}

uint64_t lag_negative_count(const lag_t *lag)
{
    return half_count(lag, BELOW_ZERO);
}

int64_t lag_min_us(const lag_t *lag)
{
    if (half_count(lag, BELOW_ZERO) > 0) {
        return -hist_max_us(half_of(lag, BELOW_ZERO));
    }
    return half_count(lag, FROM_ZERO) > 0 ? hist_min_us(half_of(lag, FROM_ZERO)) : 0;
}

int64_t lag_max_us(const lag_t *lag)
{
    if (half_count(lag, FROM_ZERO) > 0) {
        return hist_max_us(half_of(lag, FROM_ZERO));
    }
    return half_count(lag, BELOW_ZERO) > 0 ? -hist_min_us(half_of(lag, BELOW_ZERO)) : 0;
}

double lag_mean_us(const lag_t *lag)
{
    double sum_us = 0;
    double count = 0;
    for (int which = 0; which < HALVES; which++) {
        const hist_t *half = half_of(lag, which);
        if (half) {
            double half_sum_us = hist_mean_us(half) * (double)hist_count(half);
            sum_us += which == BELOW_ZERO ? -half_sum_us : half_sum_us;
            count += (double)hist_count(half);
        }
    }
    return count > 0 ? sum_us / count : 0;
}

/* The upper edge of the slot of the value whose rank, lowest first, this is. The negative half
 * holds magnitudes: its largest comes first, and of a slot the low edge is the one nearer to zero.
 */
static int64_t edge_at_rank_us(const lag_t *lag, uint64_t rank)
{
    uint64_t negatives = half_count(lag, BELOW_ZERO);
    if (rank <= negatives) {
        size_t slot = hist_slot_at_rank(half_of(lag, BELOW_ZERO), negatives - rank + 1);
        return slot < HIST_SLOTS ? -hist_slot_low_us(slot) : -(HIST_MAX_US + 1);
    }
    size_t slot = hist_slot_at_rank(half_of(lag, FROM_ZERO), rank - negatives);
    return slot < HIST_SLOTS ? hist_slot_high_us(slot) : INT64_MAX;
}

int64_t lag_percentile_us(const lag_t *lag, double percent)
{
    uint64_t count = lag_count(lag);
    if (count == 0) {
        return 0;
    }
    int64_t edge_us = edge_at_rank_us(lag, hist_rank(count, percent));
    int64_t max_us = lag_max_us(lag);
    return edge_us < max_us ? edge_us : max_us;
}

const hist_t *lag_half_from_zero(const lag_t *lag)
{
    return half_of(lag, FROM_ZERO);
}

const hist_t *lag_half_below_zero(const lag_t *lag)
{
    return half_of(lag, BELOW_ZERO);
}
