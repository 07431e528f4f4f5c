/*
 * lag: a signed duration's distribution: a pair of histograms, one for values at or above zero and
 * one for those below (decision 10: a lag can be negative and is real; nothing is clipped).
 * Threads as for hist: one writer, any number of readers. The two halves are allocated when first
 * used, by the writer; readers see a half that is there or none.
 */
#ifndef CDCBENCH_BASE_LAG_H
#define CDCBENCH_BASE_LAG_H

#include "base/hist.h"

typedef struct lag lag_t;

lag_t *lag_new(void); /* a few bytes; NULL when memory is out. The caller owns it. */
void lag_free(lag_t *lag);

/* Writer only: `count` times the value in µs, of either sign. False when memory is out. */
bool lag_record(lag_t *lag, int64_t value_us, uint64_t count);

bool lag_add(lag_t *into, const lag_t *from); /* as hist_add; false when memory is out */
bool lag_copy(lag_t *out, const lag_t *in);
bool lag_diff(lag_t *out, const lag_t *now, const lag_t *before);

uint64_t lag_count(const lag_t *lag);
uint64_t lag_negative_count(const lag_t *lag);
int64_t lag_min_us(const lag_t *lag);
int64_t lag_max_us(const lag_t *lag);
double lag_mean_us(const lag_t *lag);
int64_t lag_percentile_us(const lag_t *lag, double percent); /* over both halves, nearest rank */

#endif
