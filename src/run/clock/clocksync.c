#include "run/clock/clocksync.h"

#include <assert.h>
#include <math.h>
#include <string.h>

/* ---- the lines that pass through all intervals ----------------------------------------------- */

/* Enough to narrow 200 ppm down to what does not show in a µs. */
#define STEPS 64

/* age_s seconds ago the offset was offset_us, give or take half_us. */
typedef struct {
    double age_s, offset_us, half_us;
} interval_t;

typedef struct {
    const interval_t *intervals;
    size_t n;
} set_t;

typedef struct {
    double low_us, high_us;               /* the offset now */
    double drift_low_ppm, drift_high_ppm; /* how it changes */
} lines_t;

/* The highest offset now of a line that drifts so and is above no interval: concave in the drift,
 * and rising with it. */
static double highest(const set_t *set, double drift_ppm)
{
    double high_us = INFINITY;
    for (size_t i = 0; i < set->n; i++) {
        const interval_t *at = &set->intervals[i];
        high_us = fmin(high_us, at->offset_us + at->half_us + drift_ppm * at->age_s);
    }
    return high_us;
}

/* The lowest one that is below none: convex, and rising too. */
static double lowest(const set_t *set, double drift_ppm)
{
    double low_us = -INFINITY;
    for (size_t i = 0; i < set->n; i++) {
        const interval_t *at = &set->intervals[i];
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
    double low = -CLOCKSYNC_DRIFT_MAX_PPM, high = CLOCKSYNC_DRIFT_MAX_PPM;
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

/* What the lines through all say; false: none passes, a clock was set or its rate changed. */
static bool fit_lines(const set_t *set, lines_t *out)
{
    double best_ppm = roomiest(set);
    if (room(set, best_ppm) < 0)
        return false;
    out->drift_low_ppm = edge(set, best_ppm, -CLOCKSYNC_DRIFT_MAX_PPM);
    out->drift_high_ppm = edge(set, best_ppm, CLOCKSYNC_DRIFT_MAX_PPM);
    out->low_us = lowest(set, out->drift_low_ppm);
    out->high_us = highest(set, out->drift_high_ppm);
    return true;
}

/* ---- readings -------------------------------------------------------------------------------- */

void clocksync_init(clocksync_t *sync, clock_anchor_t anchor)
{
    memset(sync, 0, sizeof *sync);
    sync->anchor = anchor;
    sync->drift_low_ppm = -CLOCKSYNC_DRIFT_MAX_PPM;
    sync->drift_high_ppm = CLOCKSYNC_DRIFT_MAX_PPM;
    atomic_init(&sync->offset_us, 0);
    atomic_init(&sync->uncertainty_us, -1);
}

/* The best of each second; a new second pushes the oldest out. */
static void keep(clocksync_t *sync, const clocksync_reading_t *reading)
{
    if (sync->n_kept == 0 || reading->at_ns - sync->second_ns >= NS_PER_S) {
        if (sync->n_kept == CLOCKSYNC_SECONDS)
            memmove(sync->kept, sync->kept + 1, --sync->n_kept * sizeof *sync->kept);
        sync->kept[sync->n_kept++] = *reading;
        sync->second_ns = reading->at_ns;
        return;
    }
    clocksync_reading_t *last = &sync->kept[sync->n_kept - 1];
    if (reading->half_trip_us <= last->half_trip_us)
        *last = *reading;
}

/* Offsets from the newest one on, so that little is lost in doubles. */
static bool fit(const clocksync_t *sync, const clocksync_reading_t *newest, lines_t *out)
{
    interval_t intervals[CLOCKSYNC_SECONDS + 1];
    for (uint32_t i = 0; i <= sync->n_kept; i++) {
        const clocksync_reading_t *r = i < sync->n_kept ? &sync->kept[i] : newest;
        double age_s = (double)(newest->at_ns - r->at_ns) / (double)NS_PER_S;
        intervals[i] = (interval_t){
            .age_s = age_s,
            .offset_us = (double)(r->offset_us - newest->offset_us),
            .half_us = (double)r->half_trip_us + age_s * CLOCKSYNC_WANDER_PPM,
        };
    }
    const set_t set = {intervals, sync->n_kept + 1};
    return fit_lines(&set, out);
}

void clocksync_add(clocksync_t *sync, int64_t sent_ns, int64_t received_ns, int64_t server_unix_us)
{
    int64_t middle_ns = sent_ns + (received_ns - sent_ns) / 2;
    const clocksync_reading_t reading = {
        .at_ns = middle_ns,
        .offset_us = server_unix_us - clock_unix_us(&sync->anchor, middle_ns),
        /* Rounded up, and one more for the server's own resolution of a microsecond. */
        .half_trip_us = (received_ns - sent_ns + 1999) / 2000 + 1,
    };
    lines_t now;
    sync->count++;
    keep(sync, &reading);
    if (!fit(sync, &reading, &now)) {
        sync->breaks++;
        sync->n_kept = 0;
        keep(sync, &reading);
        bool has_line = fit(sync, &reading, &now); /* through one interval there always is one */
        assert(has_line);
        (void)has_line;
    }
    sync->drift_low_ppm = now.drift_low_ppm;
    sync->drift_high_ppm = now.drift_high_ppm;
    double middle_us = (now.low_us + now.high_us) / 2;
    atomic_store_explicit(&sync->offset_us, reading.offset_us + llround(middle_us),
                          memory_order_relaxed);
    /* Half a µs more for the rounding. */
    atomic_store_explicit(&sync->uncertainty_us,
                          (int64_t)ceil((now.high_us - now.low_us) / 2 + 0.5),
                          memory_order_release);
}

bool clocksync_get(const clocksync_t *sync, int64_t *offset_us, int64_t *uncertainty_us)
{
    int64_t uncertainty = atomic_load_explicit(&sync->uncertainty_us, memory_order_acquire);
    if (uncertainty < 0)
        return false;
    *offset_us = atomic_load_explicit(&sync->offset_us, memory_order_relaxed);
    *uncertainty_us = uncertainty;
    return true;
}

bool clocksync_drift(const clocksync_t *sync, double *ppm, double *uncertainty_ppm)
{
    *ppm = (sync->drift_low_ppm + sync->drift_high_ppm) / 2;
    *uncertainty_ppm = (sync->drift_high_ppm - sync->drift_low_ppm) / 2;
    return *uncertainty_ppm < CLOCKSYNC_DRIFT_MAX_PPM;
}
