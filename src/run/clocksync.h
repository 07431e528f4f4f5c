/*
 * clocksync: the server's clock against the client's, from readings on an ordinary connection
 * (decision 9). Each reading bounds the offset: the server read its clock between send and receipt,
 * so offset = server − midpoint, ± half the round trip. The tightest of the last CLOCKSYNC_WINDOW
 * readings wins; a reading's uncertainty grows with its age by CLOCKSYNC_DRIFT_PPM, so that drift
 * is followed.
 *
 * One thread adds; any thread reads the published pair.
 */
#ifndef CDCBENCH_RUN_CLOCKSYNC_H
#define CDCBENCH_RUN_CLOCKSYNC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/clock.h"

#define CLOCKSYNC_WINDOW    64
#define CLOCKSYNC_DRIFT_PPM 20

typedef struct {
    clock_anchor_t anchor;
    struct {
        int64_t at_ns, offset_us, half_trip_us;
    } readings[CLOCKSYNC_WINDOW];
    uint64_t count;                 /* readings ever added */
    _Atomic int64_t offset_us;      /* server minus client (both Unix µs) */
    _Atomic int64_t uncertainty_us; /* −1: no reading yet */
} clocksync_t;

void clocksync_init(clocksync_t *sync, clock_anchor_t anchor);
void clocksync_add(clocksync_t *sync, int64_t sent_ns, int64_t received_ns, int64_t server_unix_us);

/* False while there was no reading. */
bool clocksync_get(const clocksync_t *sync, int64_t *offset_us, int64_t *uncertainty_us);

#endif
