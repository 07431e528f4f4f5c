/*
 * full_tap: a tap as a run has it, for the programs that measure one: every event verified in full
 * (seed 42, both triggers, REPLICA IDENTITY FULL, modified by postgres), its stages recorded, a
 * clock that agrees with the server's; but no ledger, since nobody writes.
 */
#ifndef CDCBENCH_BENCH_FULL_TAP_H
#define CDCBENCH_BENCH_FULL_TAP_H

#include "run/tap.h"

typedef struct {
    row_space_t space;
    verify_opts_t verify;
    clocksync_t clock;
    _Atomic uint32_t phase;
    tap_t *tap;
} full_tap_t;

/* False when memory is out. `full` stays where it is. */
bool full_tap_open(full_tap_t *full, uint64_t rows, bool is_kafka);
void full_tap_close(full_tap_t *full);

/* All that the verifier found wrong; 0 on a right stream. */
uint64_t full_tap_faults(const full_tap_t *full);

#endif
