/*
 * tap: what every tap does with what it reads, whatever it reads it from: has each change verified,
 * finds its transaction in the ledger, and records each stage's lag. Fed by the tap's own thread;
 * the counters may be read by any thread.
 *
 * A transaction is: tap_begin, tap_change for each of its changes, tap_end. The lag against the
 * acknowledgement is recorded when the acknowledgement is known, which can be after tap_end. Where
 * transactions come interleaved (merge.h), the two halves of these calls are apart: changes are
 * verified as they come, and measured when their transaction is whole.
 */
#ifndef CDCBENCH_RUN_TAP_TAP_H
#define CDCBENCH_RUN_TAP_TAP_H

#include "base/err.h"
#include "model/verify/verify.h"
#include "result/result.h"
#include "run/clock/clocksync.h"
#include "run/load/ledger.h"

typedef struct tap tap_t;

typedef struct {
    const verify_opts_t *verify;
    bool unverified;    /* others write the table: of `verify` only the tables' names are used, and
                           every  event counts as seen */
    const char *schema; /* of the table, where its name alone does not do; NULL */
    ledger_t *ledger;   /* outlives the tap; NULL: events have no transaction of ours (tests) */
    uint32_t connections;     /* of the ledger */
    tap_id_t id;              /* which one it is */
    uint32_t unmeasured;      /* a bit for each phase whose times are recorded nowhere: warm-up */
    const clocksync_t *clock; /* outlives the tap */
    bool clients_clock[CLOCK_COUNT]; /* kafka: a clock that is this host's own (foreign_clock.h) */
    const char *const *collections;  /* kafka: the tables as the ENDs of transactions name them,
                                        whose  topic is the consumer's last; NULL: there is none */
    const _Atomic uint32_t
        *phase; /* the run's present phase: for events that no ledger entry claims */
} tap_opts_t;

tap_t *tap_new(const tap_opts_t *opts); /* NULL when memory is out */
void tap_free(tap_t *tap);

/* commit_position: the commit's LSN. commit_us: its timestamp, the server's clock, Unix µs, or
 * TAP_NO_TIME where the source does not tell it (then no stage that begins there is recorded).
 * `repeatable`: delivery is at least once, so the position may step back
 * (verifier_begin_repeatable). */
#define TAP_NO_TIME INT64_MIN
void tap_begin(tap_t *tap, uint64_t commit_position, int64_t commit_us, bool repeatable);

/* An event's way, as a chain of moments by the clocks of those it passed, Unix µs: the first stage
 * begins at the commit, each next one where the one before ended, and `last` ends with the receipt.
 * So the stages of an event sum to the whole. Without hops `last` is STAGE_COMMIT_TO_RECEIPT, the
 * whole. */
#define TAP_HOPS_MAX 2
typedef struct {
    int64_t receipt_ns; /* CLOCK_MONOTONIC */
    int n_hops;
    struct {
        stage_t stage;
        int64_t end_us;
    } hops[TAP_HOPS_MAX];
    stage_t last;
} tap_way_t;

/* The change's slices need to live for the call alone. */
void tap_change(tap_t *tap, const change_t *change, const tap_way_t *way);
void tap_end(tap_t *tap);

/* What a verified change leaves to be measured. */
typedef struct {
    op_t op;
    uint32_t version;
    uint64_t row, position;
    tap_way_t way;
} tap_event_t;

/* The first halves of tap_begin and tap_change: what is read is held against what it must be, and
 * counted. False: there is nothing to measure of it. `turn`: events go on that come by another way;
 * the present one's course is put into *from. */
void tap_turn(tap_t *tap, verify_course_t *from, const verify_course_t *to);
void tap_verify_begin(tap_t *tap, uint64_t commit_position, bool repeatable);
bool tap_verify(tap_t *tap, const change_t *change, const tap_way_t *way, tap_event_t *out);

/* The second halves. Whose the transaction is follows from its first change in the log: from the
 * first that is measured, or from what tap_measure_whose is given before. */
void tap_measure_begin(tap_t *tap, int64_t commit_us);
void tap_measure_whose(tap_t *tap, const tap_event_t *first);
void tap_measure(tap_t *tap, const tap_event_t *event);

/* An event from before the run was passed over. */
void tap_before_run(tap_t *tap);

/* A receipt by the server's clock, and what it was converted with; NULL while the clock has not
 * been read. The tap's thread; good until the next call. */
typedef struct {
    int64_t receipt_ns;                /* CLOCK_MONOTONIC */
    int64_t server_us;                 /* Unix µs */
    int64_t offset_us, uncertainty_us; /* of the server's clock against the client's */
} tap_receipt_t;
const tap_receipt_t *tap_receipt(tap_t *tap, int64_t receipt_ns);

/* True when the transaction under way has been found in the ledger. */
bool tap_is_matched(const tap_t *tap);

/* True when all changes of the transaction under way have been seen, as its ledger entry counts
 * them: for sources that do not mark a transaction's end. */
bool tap_is_whole(const tap_t *tap);

/* Records what waited for acknowledgements that have come since; `last`: and gives up the rest.
 * Call it now and then, and at the end. */
void tap_settle(tap_t *tap, bool last);

/* The tap's thread has stopped reading: gives the ledger up so far, so that nothing is held back. A
 * transaction under way is given up with it: tap_end then records nothing. */
void tap_give_up(tap_t *tap);

/* What the tap's thread tells of itself: bytes read so far, and the position up to which the log
 * has been dealt with. */
void tap_publish(tap_t *tap, uint64_t bytes, uint64_t position);

/* It has ended by itself: the connection was lost, or what came made no sense. Once at most. */
void tap_fail(tap_t *tap, const err_t *why);

/* Any thread. */
bool tap_failed(const tap_t *tap);
const char *tap_error(const tap_t *tap); /* "" while it has not failed */
uint64_t tap_bytes(const tap_t *tap);
uint64_t tap_position(const tap_t *tap);
uint64_t tap_last_change(const tap_t *tap); /* position of the last change of this run; 0: none */
uint64_t tap_seen(const tap_t *tap);        /* distinct changes of this run */
uint64_t tap_events(const tap_t *tap);      /* changes read, whatever they were */
/* What was recorded of a stage; NULL: nothing yet. */
const lag_t *tap_lag(const tap_t *tap, lag_scope_t scope, uint32_t phase, op_t op, stage_t stage);

/* After the thread has been joined. */
uint64_t tap_seen_of(const tap_t *tap, op_t op);
uint64_t tap_transactions(const tap_t *tap);
uint64_t tap_unmatched(const tap_t *tap); /* transactions of ours with no ledger entry */

/* Copies what was recorded; the copies are the caller's. False when memory is out. */
bool tap_copy_lag(const tap_t *tap, lag_scope_t scope,
                  lag_t *out[SCENARIO_PHASES_MAX][OP_COUNT][STAGE_COUNT]);

/* NULL: unverified. */
verifier_t *tap_verifier(tap_t *tap);

#endif
