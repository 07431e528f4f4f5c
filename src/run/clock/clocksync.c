#include "run/clock/clocksync.h"

#include <math.h>
#include <string.h>

#include "run/clock/clock_fit.h"

void clocksync_init(clocksync_t *sync, clock_anchor_t anchor)
{
    memset(sync, 0, sizeof *sync);
    sync->anchor = anchor;
    sync->drift_low_ppm = -CLOCK_FIT_DRIFT_MAX_PPM;
    sync->drift_high_ppm = CLOCK_FIT_DRIFT_MAX_PPM;
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
static bool fit(const clocksync_t *sync, const clocksync_reading_t *newest, clock_fit_t *out)
{
    clock_interval_t intervals[CLOCKSYNC_SECONDS + 1];
    for (uint32_t i = 0; i <= sync->n_kept; i++) {
        const clocksync_reading_t *r = i < sync->n_kept ? &sync->kept[i] : newest;
        double age_s = (double)(newest->at_ns - r->at_ns) / (double)NS_PER_S;
        intervals[i] = (clock_interval_t){
            .age_s = age_s,
            .offset_us = (double)(r->offset_us - newest->offset_us),
            .half_us = (double)r->half_trip_us + age_s * CLOCKSYNC_WANDER_PPM,
        };
    }
    return clock_fit(intervals, sync->n_kept + 1, out);
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
    clock_fit_t now;
    sync->count++;
    keep(sync, &reading);
    if (!fit(sync, &reading, &now)) {
        sync->breaks++;
        sync->n_kept = 0;
        keep(sync, &reading);
        fit(sync, &reading, &now); /* one interval always has a line */
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
    return *uncertainty_ppm < CLOCK_FIT_DRIFT_MAX_PPM;
}
