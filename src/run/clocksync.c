#include "run/clocksync.h"

void clocksync_init(clocksync_t *sync, clock_anchor_t anchor)
{
    sync->anchor = anchor;
    sync->count = 0;
    atomic_init(&sync->offset_us, 0);
    atomic_init(&sync->uncertainty_us, -1);
}

void clocksync_add(clocksync_t *sync, int64_t sent_ns, int64_t received_ns, int64_t server_unix_us)
{
    uint64_t slot = sync->count % CLOCKSYNC_WINDOW;
    int64_t middle_ns = sent_ns + (received_ns - sent_ns) / 2;
    sync->readings[slot].at_ns = middle_ns;
    sync->readings[slot].offset_us = server_unix_us - clock_unix_us(&sync->anchor, middle_ns);
    /* Rounded up, and one more for the server's own resolution of a microsecond. */
    sync->readings[slot].half_trip_us = (received_ns - sent_ns + 1999) / 2000 + 1;
    sync->count++;

    uint64_t held = sync->count < CLOCKSYNC_WINDOW ? sync->count : CLOCKSYNC_WINDOW;
    int64_t best_us = INT64_MAX, offset_us = 0;
    for (uint64_t i = 0; i < held; i++) {
        int64_t age_us = (received_ns - sync->readings[i].at_ns) / NS_PER_US;
        int64_t bound_us = sync->readings[i].half_trip_us + age_us * CLOCKSYNC_DRIFT_PPM / US_PER_S;
        if (bound_us < best_us) {
            best_us = bound_us;
            offset_us = sync->readings[i].offset_us;
        }
    }
    atomic_store_explicit(&sync->offset_us, offset_us, memory_order_relaxed);
    atomic_store_explicit(&sync->uncertainty_us, best_us, memory_order_release);
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
