/*
 * tap: what every tap does with what it reads, whatever it reads it from: has each change verified,
 * finds its transaction in the ledger, and records each stage's lag. Fed by the tap's own thread; the
 * counters may be read by any thread.
 *
 * A transaction is: tap_begin, tap_change for each of its changes, tap_end. The lag against the
 * acknowledgement is recorded when the acknowledgement is known, which can be after tap_end.
 */
#ifndef CDCBENCH_RUN_TAP_H
#define CDCBENCH_RUN_TAP_H

#include "model/verify.h"
#include "run/clocksync.h"
#include "run/ledger.h"
#include "run/result.h"

typedef struct tap tap_t;

typedef struct {
    const verify_opts_t *verify;
    ledger_t *ledger;         /* outlives the tap; NULL: events have no transaction of ours (tests) */
    uint32_t connections;
    const clocksync_t *clock; /* outlives the tap */
    const _Atomic uint32_t *phase; /* the run's present phase: for events that no ledger entry claims */
} tap_opts_t;

tap_t *tap_new(const tap_opts_t *opts); /* NULL when memory is out */
void tap_free(tap_t *tap);

/* commit_position: the commit's LSN. commit_us: its timestamp, the server's clock, Unix µs. */
void tap_begin(tap_t *tap, uint64_t commit_position, int64_t commit_us);

/* send_us: when the server sent the event, its clock, Unix µs. receipt_ns: CLOCK_MONOTONIC. Both for
 * stages; the change's slices need to live for the call alone. */
void tap_change(tap_t *tap, const change_t *change, int64_t send_us, int64_t receipt_ns);
void tap_end(tap_t *tap);

/* Records what waited for acknowledgements that have come since; `last`: and gives up the rest.
 * Call it now and then, and at the end. */
void tap_settle(tap_t *tap, bool last);

/* The tap's thread has stopped reading: gives the ledger up so far, so that nothing is held back. */
void tap_give_up(tap_t *tap);

/* Any thread. */
uint64_t tap_seen(const tap_t *tap);         /* distinct changes of this run */
uint64_t tap_events(const tap_t *tap);       /* changes read, whatever they were */
uint64_t tap_transactions(const tap_t *tap);
uint64_t tap_unmatched(const tap_t *tap);    /* transactions of ours with no ledger entry */
const lag_t *tap_lag(const tap_t *tap, uint32_t phase, op_t op, stage_t stage); /* NULL: nothing yet */

/* After the thread has been joined. */
verifier_t *tap_verifier(tap_t *tap);

#endif
