/*
 * pace: whether a tap kept up with what was acknowledged in a phase, or fell further and further
 * behind. Judged from readings of how much had been acknowledged and seen. Pure; deterministic: the
 * resampling draws from a fixed seed.
 *
 * How: what is behind is averaged over whole periods (a poll interval, a burst), since within one
 * it rises and falls by itself. The first fifth is left out. The slope of what remains is Theil's
 * and Sen's (the median of all pairs' slopes), which a stall does not carry away; its interval
 * comes from a moving-block bootstrap of the residuals (Künsch 1989), since neighbours resemble
 * each other.
 */
#ifndef CDCBENCH_RESULT_PACE_H
#define CDCBENCH_RESULT_PACE_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    PACE_UNKNOWN,     /* nothing to judge: the tap was off, the phase has no rate, or no reading */
    PACE_KEPT_UP,     /* what was behind did not grow by more than a period explains */
    PACE_FELL_BEHIND, /* it did */
    PACE_UNDECIDED,   /* it may have: a longer phase would tell */
} pace_verdict_t;
extern const char
    *const pace_verdict_names[4]; /* "", "kept_up", "did_not_keep_up", "not_decided" */

/* One reading; both rise from reading to reading. */
typedef struct {
    double second;             /* since the phase began; rising */
    double acknowledged, seen; /* events up to then, from any zero that is the same for all */
} pace_reading_t;

typedef struct {
    double period_s;  /* what is behind may rise and fall within this without a meaning; above 0 */
    double allowance; /* events that a period explains: its own, or a burst's */
} pace_opts_t;

typedef struct {
    pace_verdict_t verdict;
    double seconds;                               /* of the phase that were looked at */
    double sent_per_s, sustained_per_s;           /* acknowledged, and seen, over that time */
    double behind;                                /* events, at its end */
    double growth_per_s, growth_low, growth_high; /* events a second; 95 % interval; NAN: too few
                                                     readings for one */
    double
        decided_by_s; /* with PACE_UNDECIDED: how long a phase would decide; 0: none within a day */
} pace_t;

/* False when memory is out. */
bool pace_judge(const pace_reading_t *readings, size_t n, const pace_opts_t *opts, pace_t *out);

/* The worse of two: fell behind, undecided, kept up, unknown. */
pace_verdict_t pace_worse(pace_verdict_t a, pace_verdict_t b);

#endif
