/*
 * full_tap: a tap as a run has it, for the programs that measure one: every event verified in full
 * (seed 42, both triggers, REPLICA IDENTITY FULL, modified by postgres), its stages recorded, a
 * clock that agrees with the server's; but no ledger, since nobody writes.
 */
#ifndef CDCBENCH_BENCH_FULL_TAP_H
#define CDCBENCH_BENCH_FULL_TAP_H

#include "run/tap/tap.h"

/* What a tap is made with; it stays where it is while there is one. */
typedef struct {
    row_space_t space;
    verify_opts_t verify;
    clocksync_t clock;
    _Atomic uint32_t phase;
    tap_opts_t opts;
} full_tap_t;

/* `rows`: of the inserts, from 0 on. `unverified`: every event is decoded and its stages recorded,
 * but what stands in it is not looked at: what verifying costs is the difference. */
void full_tap_prepare(full_tap_t *full, uint64_t rows, bool is_kafka, bool unverified);

/* All that the verifier found wrong; 0 on a right stream, and where nothing is verified. */
uint64_t full_tap_faults(tap_t *tap);

#endif
