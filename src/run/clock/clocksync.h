/*
 * clocksync: the server's clock against the client's, from readings on an ordinary connection
 * (docs/decisions/0005-clocks-by-bounds.md). Each reading bounds the offset: the server read its
 * clock between send and receipt, so offset = server − midpoint, ± half the round trip. The
 * tightest reading of each of the last CLOCKSYNC_SECONDS seconds is kept. All straight lines that
 * pass through every one of these intervals give the offset, its uncertainty and its drift: what
 * they say of now is the answer, and no tighter one is certain. (Intersecting intervals is
 * Marzullo's way; with the rate left open it is two half-planes an interval: Moon, Skelly and
 * Towsley, "Estimation and removal of clock skew from network delay measurements", 1999.) A kept
 * reading widens with its age by CLOCKSYNC_WANDER_PPM, since no clock's rate stands quite still.
 * When no line fits, a clock was set or its rate changed: all but the newest reading are dropped,
 * and it is counted as a break.
 *
 * One thread adds; any thread reads the published pair.
 */
#ifndef CDCBENCH_RUN_CLOCK_CLOCKSYNC_H
#define CDCBENCH_RUN_CLOCK_CLOCKSYNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define CLOCKSYNC_SECONDS    64
#define CLOCKSYNC_WANDER_PPM 0.2

/* The fastest that a clock may drift from another (1 ppm: 1 µs a second): two ordinary oscillators,
 * 50 ppm off each. One that is slewed faster (adjtimex allows 500) fits no line after a while. */
#define CLOCKSYNC_DRIFT_MAX_PPM 100.0

/* Server minus client (both Unix µs) at at_ns, within half_trip_us. */
typedef struct {
    int64_t at_ns, offset_us, half_trip_us;
} clocksync_reading_t;

typedef struct {
    clock_anchor_t anchor;
    clocksync_reading_t kept[CLOCKSYNC_SECONDS]; /* oldest first, a second or more apart, but for
                                                    the last one, which is the best of its second */
    uint32_t n_kept;
    int64_t second_ns;                    /* when the last one's second began */
    uint64_t count;                       /* readings ever added */
    uint64_t breaks;                      /* how often no line fitted */
    double drift_low_ppm, drift_high_ppm; /* as of the last reading */
    _Atomic int64_t offset_us;
    _Atomic int64_t uncertainty_us; /* −1: no reading yet */
} clocksync_t;

void clocksync_init(clocksync_t *sync, clock_anchor_t anchor);
void clocksync_add(clocksync_t *sync, int64_t sent_ns, int64_t received_ns, int64_t server_unix_us);

/* How fast the offset changes, and give or take how much; false while the readings leave it open.
 * The adding thread, or after it has been joined. */
bool clocksync_drift(const clocksync_t *sync, double *ppm, double *uncertainty_ppm);

/* False while there was no reading. */
bool clocksync_get(const clocksync_t *sync, int64_t *offset_us, int64_t *uncertainty_us);

#endif
