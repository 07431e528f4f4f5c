/*
 * clock_fit: how far one clock is from another, from intervals that it must have lain within at
 * some moments, as far as its rate stands still: all straight lines that pass through every
 * interval. What these lines say of now is the answer, and no tighter one is certain. (Intersecting
 * intervals is Marzullo's way; with the rate left open it is two half-planes an interval: Moon,
 * Skelly and Towsley, "Estimation and removal of clock skew from network delay measurements",
 * 1999.) Pure.
 */
#ifndef CDCBENCH_RUN_CLOCK_CLOCK_FIT_H
#define CDCBENCH_RUN_CLOCK_CLOCK_FIT_H

#include <stdbool.h>
#include <stddef.h>

/* The fastest that a clock may drift from another (1 ppm: 1 µs a second): two ordinary oscillators,
 * 50 ppm off each. One that is slewed faster (adjtimex allows 500) fits no line after a while. */
#define CLOCK_FIT_DRIFT_MAX_PPM 100.0

/* age_s seconds ago the offset was offset_us, give or take half_us. */
typedef struct {
    double age_s, offset_us, half_us;
} clock_interval_t;

typedef struct {
    double low_us, high_us;               /* the offset now */
    double drift_low_ppm, drift_high_ppm; /* how it changes */
} clock_fit_t;

/* False when no line passes through all: a clock was set, or its rate changed. n is above 0. */
bool clock_fit(const clock_interval_t *intervals, size_t n, clock_fit_t *out);

#endif
