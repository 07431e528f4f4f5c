/*
 * hist: a histogram of microseconds in the layout of HdrHistogram (3 significant digits, lowest
 * discernible value 1, highest HIST_MAX_US), the project's own because no C package of it exists in
 * Debian 12. Bucket arithmetic after HdrHistogram's javadoc, "internal data representation":
 * 2048 sub-buckets in the first bucket, 1024 in each following one, each bucket twice as coarse.
 *
 * One writer, any number of readers, no locks: counts are relaxed atomics, so the controller can
 * copy a histogram that a loader or a tap is recording into, once a second, and take differences.
 * A copy taken while the writer runs may lack its latest values; it never holds a torn one.
 *
 * Nothing is clipped: a value above HIST_MAX_US is counted in `overflow`, and max stays exact.
 */
#ifndef CDCBENCH_BASE_HIST_H
#define CDCBENCH_BASE_HIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HIST_MAX_US ((INT64_C(1) << 40) - 1) /* 12.7 days */
#define HIST_SLOTS  31744 /* 2048 for values below 2^11, 1024 for each doubling up to 2^40 */

typedef struct hist hist_t;

/* An empty histogram (about 250 kB). NULL when memory is out. The caller owns it. */
hist_t *hist_new(void);
void hist_free(hist_t *h); /* NULL is allowed */

/* Writer only. Records `count` times (0: not at all) the value, in µs, which must be at or above
 * zero. */
void hist_record(hist_t *h, int64_t value_us, uint64_t count);

/* Forgets everything. Writer only, and no reader at the same time. */
void hist_reset(hist_t *h);

/* into += from. `into` belongs to the caller; `from` may be written meanwhile. */
void hist_add(hist_t *into, const hist_t *from);

/* out = now − before, slot by slot: what was recorded since `before` was copied. Both are at rest,
 * as copies are, and neither is `out`. min and max of the result are the edges of its lowest and
 * highest slot in use (3 significant digits), narrowed by those of `now`; not exact. */
void hist_diff(hist_t *out, const hist_t *now, const hist_t *before);

/* out = in, as far as seen now. A copy agrees with itself whatever the writer was doing: its count
 * is that of its slots, and its min and max embrace them; the mean may lack the latest values. */
void hist_copy(hist_t *out, const hist_t *in);

uint64_t hist_count(const hist_t *h);    /* all recorded values, overflow included */
uint64_t hist_overflow(const hist_t *h); /* how many of them were above HIST_MAX_US */
int64_t hist_min_us(const hist_t *h);    /* exact; 0 when empty: ask hist_count first */
int64_t hist_max_us(const hist_t *h);    /* exact; 0 when empty */
double hist_mean_us(const hist_t *h);    /* from an exact sum; 0 when empty */

/* The smallest value v (µs, the upper edge of its slot, never above max) such that at least
 * `percent` % of the recorded values are ≤ v: nearest rank. 0 when empty. percent in (0, 100]. */
int64_t hist_percentile_us(const hist_t *h, double percent);

/* What hist_percentile_us is made of, for those who look at two histograms as one (base/lag.h): the
 * nearest rank, 1 to count, of a percentile among `count` values (above 0); and the slot of the
 * value of a rank, lowest first, HIST_SLOTS when it lies in the overflow. */
uint64_t hist_rank(uint64_t count, double percent);
size_t hist_slot_at_rank(const hist_t *h, uint64_t rank);

/* The slot of a value (0 to HIST_MAX_US), and the lowest and highest value of a slot: for tests and
 * for the V2 log format, whose order of counts is this one. */
size_t hist_slot(int64_t value_us);
int64_t hist_slot_low_us(size_t slot);
int64_t hist_slot_high_us(size_t slot);
uint64_t hist_slot_count(const hist_t *h, size_t slot);

#endif
