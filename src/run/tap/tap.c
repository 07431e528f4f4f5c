#include "run/tap/tap.h"

#include <stdlib.h>

#include "base/counter.h"

/* Events of one operation that were received together: they share the lag against the
 * acknowledgement. */
typedef struct {
    int64_t receipt_ns;
    uint64_t events;
    op_t op;
} arrival_t;

/* Arrivals of a transaction whose acknowledgement is not known yet. A connection has one
 * transaction under way at a time, so there is one of these for each. */
typedef struct {
    ledger_entry_t *entry; /* NULL: nothing waits */
    arrival_t *arrivals;
    size_t n, cap;
} waiting_t;

/* Events of one stage that had the same lag one after another: of those that were received
 * together, most stages are the same for all. They go into the histogram at once. */
typedef struct {
    uint64_t events; /* 0: none */
    int64_t us;
    uint32_t phase;
    op_t op;
} same_lag_t;

struct tap {
    tap_opts_t opts;
    verifier_t *verifier;
    ledger_reader_t *reader;
    waiting_t *waiting; /* one a connection */

    /* the transaction under way */
    int64_t commit_us;
    ledger_entry_t *entry;
    uint64_t n_changes; /* of this run, seen of it so far */
    tap_way_t last_way; /* of the last of them */
    op_t last_op;
    waiting_t *to;  /* where its arrivals go */
    bool looked_up; /* its first change of ours has been looked for in the ledger */
    uint32_t phase;
    same_lag_t same[STAGE_COUNT];

    tap_receipt_t receipt; /* of the event before */

    uint64_t transactions, unmatched, seen_by_op[OP_COUNT]; /* read when the thread is no more */
    counter_t seen, events;
    _Atomic uint64_t bytes, position, last_change;
    _Atomic bool failed;
    err_t error; /* published by `failed` */
    /* Each made when first used: what is NULL has recorded nothing. */
    _Atomic(lag_t *) lag[SCOPE_COUNT][SCENARIO_PHASES_MAX][OP_COUNT][STAGE_COUNT];
};

tap_t *tap_new(const tap_opts_t *opts)
{
    tap_t *tap = calloc(1, sizeof *tap);
    if (tap == NULL)
        return NULL;
    tap->opts = *opts;
    if (!opts->unverified)
        tap->verifier = verifier_new(opts->verify);
    tap->waiting = calloc(opts->connections + 1, sizeof *tap->waiting);
    if (opts->ledger != NULL)
        tap->reader = ledger_reader_new(opts->ledger);
    if ((tap->verifier == NULL && !opts->unverified) || tap->waiting == NULL ||
        (opts->ledger != NULL && tap->reader == NULL)) {
        tap_free(tap);
        return NULL;
    }
    return tap;
}

void tap_free(tap_t *tap)
{
    if (tap == NULL)
        return;
    for (int scope = 0; scope < SCOPE_COUNT; scope++)
        for (uint32_t phase = 0; phase < SCENARIO_PHASES_MAX; phase++)
            for (int op = 0; op < OP_COUNT; op++)
                for (int stage = 0; stage < STAGE_COUNT; stage++)
                    lag_free(relaxed_get(&tap->lag[scope][phase][op][stage]));
    if (tap->waiting != NULL)
        for (uint32_t i = 0; i < tap->opts.connections; i++)
            free(tap->waiting[i].arrivals);
    free(tap->waiting);
    ledger_reader_free(tap->reader);
    verifier_free(tap->verifier);
    free(tap);
}

/* `count` times the value, into the histogram. Aborts when memory is out: a result with a stage
 * dropped in silence would be worse. */
static void put(tap_t *tap, lag_scope_t scope, uint32_t phase, op_t op, stage_t stage, int64_t us,
                uint64_t count)
{
    _Atomic(lag_t *) *cell = &tap->lag[scope][phase][op][stage];
    lag_t *lag = relaxed_get(cell);
    if (lag == NULL) {
        lag = lag_new();
        if (lag == NULL)
            abort();
        atomic_store_explicit(cell, lag, memory_order_release);
    }
    if (!lag_record(lag, us, count))
        abort();
}

static void record_same(tap_t *tap, stage_t stage)
{
    same_lag_t *same = &tap->same[stage];
    if (same->events > 0)
        put(tap, SCOPE_EVENT, same->phase, same->op, stage, same->us, same->events);
    same->events = 0;
}

static void record_all_same(tap_t *tap)
{
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++)
        record_same(tap, stage);
}

static void record(tap_t *tap, lag_scope_t scope, uint32_t phase, op_t op, stage_t stage,
                   int64_t us, uint64_t count)
{
    if ((tap->opts.unmeasured >> phase & 1u) != 0)
        return;
    same_lag_t *same = &tap->same[stage];
    if (scope != SCOPE_EVENT) {
        put(tap, scope, phase, op, stage, us, count);
    } else if (same->events > 0 && same->us == us && same->op == op && same->phase == phase) {
        same->events += count;
    } else {
        record_same(tap, stage);
        *same = (same_lag_t){count, us, phase, op};
    }
}

static void record_ack(tap_t *tap, lag_scope_t scope, const ledger_entry_t *entry,
                       const arrival_t *arrival, int64_t acked_ns, uint64_t count)
{
    record(tap, scope, entry->phase, arrival->op, STAGE_ACK_TO_RECEIPT,
           (arrival->receipt_ns - acked_ns) / NS_PER_US, count);
}

static void settle(tap_t *tap, waiting_t *waiting)
{
    int64_t acked_ns = atomic_load_explicit(&waiting->entry->acked_ns, memory_order_acquire);
    const ledger_entry_t *entry = waiting->entry;
    if (acked_ns > LEDGER_UNACKED && waiting->n > 0) {
        for (size_t i = 0; i < waiting->n; i++) {
            const arrival_t *a = &waiting->arrivals[i];
            record_ack(tap, SCOPE_EVENT, entry, a, acked_ns, a->events);
        }
        record_ack(tap, SCOPE_FIRST, entry, &waiting->arrivals[0], acked_ns, 1);
        record_ack(tap, SCOPE_LAST, entry, &waiting->arrivals[waiting->n - 1], acked_ns, 1);
    }
    waiting->n = 0;
    waiting->entry = NULL;
}

static bool acked(const ledger_entry_t *entry)
{
    return atomic_load_explicit(&entry->acked_ns, memory_order_acquire) != LEDGER_UNACKED;
}

void tap_settle(tap_t *tap, bool last)
{
    for (uint32_t i = 0; i < tap->opts.connections; i++) {
        waiting_t *waiting = &tap->waiting[i];
        if (waiting->entry != NULL && waiting->entry != tap->entry &&
            (last || acked(waiting->entry))) {
            settle(tap, waiting);
            ledger_reader_pass(tap->reader, i);
        }
    }
    record_all_same(tap);
}

void tap_turn(tap_t *tap, verify_course_t *from, const verify_course_t *to)
{
    if (tap->verifier != NULL)
        verifier_turn(tap->verifier, from, to);
}

void tap_verify_begin(tap_t *tap, uint64_t commit_position, bool repeatable)
{
    if (tap->verifier != NULL && repeatable)
        verifier_begin_repeatable(tap->verifier, commit_position);
    else if (tap->verifier != NULL)
        verifier_begin(tap->verifier, commit_position);
}

void tap_measure_begin(tap_t *tap, int64_t commit_us)
{
    tap->transactions++;
    tap->commit_us = commit_us;
    tap->entry = NULL;
    tap->n_changes = 0;
    tap->to = NULL;
    tap->looked_up = false;
    tap->phase = atomic_load_explicit(tap->opts.phase, memory_order_relaxed);
}

void tap_begin(tap_t *tap, uint64_t commit_position, int64_t commit_us, bool repeatable)
{
    tap_verify_begin(tap, commit_position, repeatable);
    tap_measure_begin(tap, commit_us);
}

void tap_measure_whose(tap_t *tap, const tap_event_t *first)
{
    uint32_t connection;
    tap->looked_up = true;
    if (tap->reader == NULL)
        return;
    /* A row is deleted once: the ledger does not say which version that was. */
    uint32_t version = first->op == OP_DELETE ? 0 : first->version;
    tap->entry = ledger_reader_find(tap->reader, first->op, first->row, version, &connection);
    if (tap->entry == NULL) {
        tap->unmatched++;
        return;
    }
    tap->phase = tap->entry->phase;
    tap->to = &tap->waiting[connection];
    if (tap->to->entry != NULL)
        settle(tap, tap->to); /* closed: its connection has gone on to this one */
    tap->to->entry = tap->entry;
}

static void arrive(waiting_t *waiting, op_t op, int64_t receipt_ns)
{
    if (waiting->n > 0) {
        arrival_t *last = &waiting->arrivals[waiting->n - 1];
        if (last->receipt_ns == receipt_ns && last->op == op) {
            last->events++;
            return;
        }
    }
    if (waiting->n == waiting->cap) {
        size_t cap = waiting->cap == 0 ? 16 : waiting->cap * 2;
        arrival_t *grown = realloc(waiting->arrivals, cap * sizeof *grown);
        if (grown == NULL)
            abort();
        waiting->arrivals = grown;
        waiting->cap = cap;
    }
    waiting->arrivals[waiting->n++] = (arrival_t){receipt_ns, 1, op};
}

const tap_receipt_t *tap_receipt(tap_t *tap, int64_t receipt_ns)
{
    tap_receipt_t *receipt = &tap->receipt;
    const clocksync_t *clock = tap->opts.clock;
    if (receipt_ns == receipt->receipt_ns)
        return receipt;
    if (!clocksync_get(clock, &receipt->offset_us, &receipt->uncertainty_us))
        return NULL;
    receipt->receipt_ns = receipt_ns;
    receipt->server_us = clock_unix_us(&clock->anchor, receipt_ns) + receipt->offset_us;
    return receipt;
}

/* The stages from the commit to the receipt. The last one needs the receipt by the server's clock.
 */
static void record_way(tap_t *tap, lag_scope_t scope, op_t op, const tap_way_t *way)
{
    int64_t at_us = tap->commit_us;
    if (at_us == TAP_NO_TIME)
        return;
    for (int i = 0; i < way->n_hops; i++) {
        record(tap, scope, tap->phase, op, way->hops[i].stage, way->hops[i].end_us - at_us, 1);
        at_us = way->hops[i].end_us;
    }
    const tap_receipt_t *receipt = tap_receipt(tap, way->receipt_ns);
    if (receipt == NULL)
        return;
    if (way->last != STAGE_COMMIT_TO_RECEIPT)
        record(tap, scope, tap->phase, op, way->last, receipt->server_us - at_us, 1);
    record(tap, scope, tap->phase, op, STAGE_COMMIT_TO_RECEIPT, receipt->server_us - tap->commit_us,
           1);
}

/* All that is known of an event before its acknowledgement. */
static void record_event(tap_t *tap, lag_scope_t scope, op_t op, const tap_way_t *way)
{
    record_way(tap, scope, op, way);
    if (tap->entry != NULL)
        record(tap, scope, tap->phase, op, STAGE_INTENDED_TO_RECEIPT,
               (way->receipt_ns - tap->entry->intended_ns) / NS_PER_US, 1);
}

bool tap_verify(tap_t *tap, const change_t *change, const tap_way_t *way, tap_event_t *out)
{
    verdict_t verdict = {.ours = true};
    if (tap->verifier != NULL)
        verifier_change(tap->verifier, change, &verdict);
    counter_add(&tap->events, 1);
    if (!verdict.ours || verdict.duplicated)
        return false;
    op_t op = change->op_untold && verdict.version > 0 ? OP_UPDATE : change->op;
    counter_add(&tap->seen, 1);
    tap->seen_by_op[op]++;
    atomic_store_explicit(&tap->last_change, change->position, memory_order_relaxed);
    *out = (tap_event_t){op, verdict.version, verdict.row, change->position, *way};
    return true;
}

void tap_measure(tap_t *tap, const tap_event_t *event)
{
    if (!tap->looked_up)
        tap_measure_whose(tap, event);
    record_event(tap, SCOPE_EVENT, event->op, &event->way);
    if (tap->n_changes == 0)
        record_event(tap, SCOPE_FIRST, event->op, &event->way);
    if (tap->entry != NULL)
        arrive(tap->to, event->op, event->way.receipt_ns);
    tap->n_changes++;
    tap->last_way = event->way;
    tap->last_op = event->op;
}

void tap_change(tap_t *tap, const change_t *change, const tap_way_t *way)
{
    tap_event_t event;
    if (tap_verify(tap, change, way, &event))
        tap_measure(tap, &event);
}

void tap_before_run(tap_t *tap)
{
    if (tap->verifier != NULL)
        verifier_before_run(tap->verifier);
}

bool tap_is_matched(const tap_t *tap)
{
    return tap->entry != NULL;
}

bool tap_is_whole(const tap_t *tap)
{
    return tap->entry != NULL && tap->n_changes >= tap->entry->rows;
}

/* Whichever of the two taps ends a transaction second knows both times. */
static void record_difference(tap_t *tap)
{
    const stage_t stage = STAGE_KAFKA_MINUS_WAL;
    int64_t other_ns;
    int64_t last_ns = tap->last_way.receipt_ns;
    if (tap->opts.ledger == NULL || tap->n_changes == 0 ||
        !ledger_entry_ended(tap->entry, last_ns, &other_ns))
        return;
    int64_t difference_ns = last_ns - other_ns;
    if (stage_is_anothers(stage, tap->opts.id))
        difference_ns = -difference_ns;
    record(tap, SCOPE_EVENT, tap->entry->phase, tap->last_op, stage, difference_ns / NS_PER_US, 1);
}

void tap_end(tap_t *tap)
{
    const ledger_entry_t *entry = tap->entry;
    if (tap->n_changes > 0)
        record_event(tap, SCOPE_LAST, tap->last_op, &tap->last_way);
    if (entry != NULL)
        record_difference(tap);
    tap->n_changes = 0;
    tap->entry = NULL;
    if (entry != NULL && acked(entry)) {
        uint32_t connection = (uint32_t)(tap->to - tap->waiting);
        settle(tap, tap->to);
        ledger_reader_pass(tap->reader, connection);
    }
    tap->to = NULL;
    record_all_same(tap);
}

/* Of a transaction under way the last event is not known, and its entry goes with the rest. */
static void abandon(tap_t *tap)
{
    if (tap->to != NULL)
        tap->to->n = 0;
    tap->to = NULL;
    tap->entry = NULL;
    tap->n_changes = 0;
}

void tap_give_up(tap_t *tap)
{
    abandon(tap);
    tap_settle(tap, true);
    if (tap->reader != NULL)
        ledger_reader_skip(tap->reader);
}

void tap_publish(tap_t *tap, uint64_t bytes, uint64_t position)
{
    atomic_store_explicit(&tap->bytes, bytes, memory_order_relaxed);
    atomic_store_explicit(&tap->position, position, memory_order_release);
}

void tap_fail(tap_t *tap, const err_t *why)
{
    tap->error = *why;
    atomic_store_explicit(&tap->failed, true, memory_order_release);
}

bool tap_failed(const tap_t *tap)
{
    return atomic_load_explicit(&tap->failed, memory_order_acquire);
}

const char *tap_error(const tap_t *tap)
{
    return tap_failed(tap) ? tap->error.text : "";
}

uint64_t tap_bytes(const tap_t *tap)
{
    return atomic_load_explicit(&tap->bytes, memory_order_relaxed);
}

uint64_t tap_position(const tap_t *tap)
{
    return atomic_load_explicit(&tap->position, memory_order_acquire);
}

uint64_t tap_last_change(const tap_t *tap)
{
    return atomic_load_explicit(&tap->last_change, memory_order_relaxed);
}

uint64_t tap_seen(const tap_t *tap)
{
    return counter_get(&tap->seen);
}

uint64_t tap_events(const tap_t *tap)
{
    return counter_get(&tap->events);
}

uint64_t tap_seen_of(const tap_t *tap, op_t op)
{
    return tap->seen_by_op[op];
}

uint64_t tap_transactions(const tap_t *tap)
{
    return tap->transactions;
}

uint64_t tap_unmatched(const tap_t *tap)
{
    return tap->unmatched;
}

const lag_t *tap_lag(const tap_t *tap, lag_scope_t scope, uint32_t phase, op_t op, stage_t stage)
{
    return atomic_load_explicit(&tap->lag[scope][phase][op][stage], memory_order_acquire);
}

bool tap_copy_lag(const tap_t *tap, lag_scope_t scope,
                  lag_t *out[SCENARIO_PHASES_MAX][OP_COUNT][STAGE_COUNT])
{
    for (uint32_t phase = 0; phase < SCENARIO_PHASES_MAX; phase++)
        for (op_t op = 0; op < OP_COUNT; op++)
            for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
                const lag_t *lag = tap_lag(tap, scope, phase, op, stage);
                lag_t **copy = &out[phase][op][stage];
                if (lag != NULL && ((*copy = lag_new()) == NULL || !lag_copy(*copy, lag)))
                    return false;
            }
    return true;
}

verifier_t *tap_verifier(tap_t *tap)
{
    return tap->verifier;
}
