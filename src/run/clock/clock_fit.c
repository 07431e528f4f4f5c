#include "run/clock/clock_fit.h"

#include <math.h>

/* Enough to narrow 200 ppm down to what does not show in a µs. */
#define STEPS 64

typedef struct {
    const clock_interval_t *intervals;
    size_t n;
} set_t;

/* The highest offset now of a line that drifts so and is above no interval: concave in the drift,
 * and rising with it. */
static double highest(const set_t *set, double drift_ppm)
{
    double high_us = INFINITY;
    for (size_t i = 0; i < set->n; i++) {
        const clock_interval_t *at = &set->intervals[i];
        high_us = fmin(high_us, at->offset_us + at->half_us + drift_ppm * at->age_s);
    }
    return high_us;
}

/* The lowest one that is below none: convex, and rising too. */
static double lowest(const set_t *set, double drift_ppm)
{
    double low_us = -INFINITY;
    for (size_t i = 0; i < set->n; i++) {
        const clock_interval_t *at = &set->intervals[i];
        low_us = fmax(low_us, at->offset_us - at->half_us + drift_ppm * at->age_s);
    }
    return low_us;
}

/* At or above zero: a line that drifts so passes through all. Concave, since both parts are. */
static double room(const set_t *set, double drift_ppm)
{
    return highest(set, drift_ppm) - lowest(set, drift_ppm);
}

/* The drift with the most room: thirds are cut off on the side that has less. */
static double roomiest(const set_t *set)
{
    double low = -CLOCK_FIT_DRIFT_MAX_PPM, high = CLOCK_FIT_DRIFT_MAX_PPM;
    for (int i = 0; i < STEPS; i++) {
        double a = low + (high - low) / 3, b = high - (high - low) / 3;
        if (room(set, a) < room(set, b))
            low = a;
        else
            high = b;
    }
    return (low + high) / 2;
}

/* The drift between one with room and one without (or at the end of what is allowed) up to which
 * there is room. */
static double edge(const set_t *set, double with_room, double end)
{
    if (room(set, end) >= 0)
        return end;
    for (int i = 0; i < STEPS; i++) {
        double middle = (with_room + end) / 2;
        if (room(set, middle) >= 0)
            with_room = middle;
        else
            end = middle;
    }
    return with_room;
}

bool clock_fit(const clock_interval_t *intervals, size_t n, clock_fit_t *out)
{
    const set_t set = {intervals, n};
    double best_ppm = roomiest(&set);
    if (room(&set, best_ppm) < 0)
        return false;
    out->drift_low_ppm = edge(&set, best_ppm, -CLOCK_FIT_DRIFT_MAX_PPM);
    out->drift_high_ppm = edge(&set, best_ppm, CLOCK_FIT_DRIFT_MAX_PPM);
    out->low_us = lowest(&set, out->drift_low_ppm);
    out->high_us = highest(&set, out->drift_high_ppm);
    return true;
}
