/*
 * lag: a signed duration's distribution: a pair of histograms, one for values at or above zero and
 * one for those below (a lag can be negative and is real; nothing is clipped). Threads as for hist:
 * one writer, any number of readers. The two halves are allocated when first used, by the writer;
 * readers see a half that is there or none.
 */
#ifndef CDCBENCH_BASE_LAG_H
#define CDCBENCH_BASE_LAG_H

#include "base/hist.h"

typedef struct lag lag_t;

lag_t *lag_new(void); /* a few bytes; NULL when memory is out. The caller owns it. */
void lag_free(lag_t *lag);

/* Writer only: `count` times the value in µs, of either sign. False, and nothing is recorded, when
 * memory is out. */
bool lag_record(lag_t *lag, int64_t value_us, uint64_t count);

/* As hist_add, hist_copy and hist_diff, with the same rules. False when memory is out; the result
 * is then not to be used. */
bool lag_add(lag_t *into, const lag_t *from);
bool lag_copy(lag_t *out, const lag_t *in);
bool lag_diff(lag_t *out, const lag_t *now, const lag_t *before);

/* All 0 when empty. min, max and mean are signed, and exact where hist's are. */
uint64_t lag_count(const lag_t *lag);
uint64_t lag_negative_count(const lag_t *lag);
int64_t lag_min_us(const lag_t *lag);
int64_t lag_max_us(const lag_t *lag);
double lag_mean_us(const lag_t *lag);

/* Over both halves, nearest rank, as hist_percentile_us: the upper edge (of a negative value's
 * slot: the one nearer to zero), never above max. */
int64_t lag_percentile_us(const lag_t *lag, double percent);

/* The halves, for logs and overflow counts; NULL while nothing of that sign was recorded. The
 * negative half holds magnitudes: 5 for −5 µs. They belong to the lag. */
const hist_t *lag_half_from_zero(const lag_t *lag);
const hist_t *lag_half_below_zero(const lag_t *lag);

#endif
