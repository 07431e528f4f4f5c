/* A long stream of inserts, updates and deletes into which faults are put at random, each into a
 * row of its own: the verifier must count each kind exactly, whatever the mixture. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "model/synthetic.h"

#define ROWS            20000
#define CHANGES         200000
#define TXN_MAX         20
#define FAULTS_A_STREAM 300

typedef enum {
    DONE_NOTHING,
    DONE_DROPPED,
    DONE_REPEATED,
    DONE_SWAPPED,  /* with the one after it, in the same transaction */
    DONE_DAMAGED,  /* one column */
    DONE_NO_KEY,   /* its key damaged on every side */
    DONE_ROLLBACK, /* followed by a rolled-back insert, which was never acknowledged */
    DONE_KINDS
} done_t;

typedef struct {
    op_t op;
    uint32_t version;
    uint64_t row;
    uint64_t position;
    uint32_t txn;
    done_t done;
} step_t;

typedef struct {
    uint64_t word, drawn;
} dice_t;

static uint32_t roll(dice_t *dice, uint32_t n)
{
    return hash_below((uint32_t)(hash_word(dice->word, dice->drawn++) >> 32), n);
}

/* The stream as it is written; writer holds each row's state at its end. */
static void write_stream(dice_t *dice, step_t *steps, row_state_t *writer)
{
    uint32_t txn = 1, left = 1;
    for (uint64_t k = 0; k < CHANGES; k++) {
        if (left-- == 0) {
            txn++;
            left = roll(dice, TXN_MAX);
        }
        uint64_t row;
        uint16_t state;
        do {
            row = roll(dice, ROWS);
            state = row_state_get(writer, row);
        } while (state == ROW_STATE_DELETED);
        op_t op = state == ROW_STATE_NEVER ? OP_INSERT
                  : roll(dice, 50) == 0    ? OP_DELETE
                                           : OP_UPDATE;
        uint32_t version = op == OP_INSERT ? 0 : op == OP_UPDATE ? state + 1u : state;
        uint32_t after = op == OP_DELETE ? ROW_STATE_DELETED : version;
        assert_true(row_state_set(writer, row, (uint16_t)after));
        steps[k] =
            (step_t){.op = op, .version = version, .row = row, .position = k * 8, .txn = txn};
    }
}

/* Puts faults in, no two near each other or on one row; counts[done] is how many of each. */
static void put_faults(dice_t *dice, step_t *steps, uint64_t counts[DONE_KINDS])
{
    static bool taken[ROWS];
    memset(taken, 0, sizeof taken);
    for (int n = 0; n < FAULTS_A_STREAM;) {
        uint64_t k = 1 + roll(dice, CHANGES - 3);
        step_t *at = &steps[k], *next = &steps[k + 1];
        done_t done = DONE_DROPPED + roll(dice, DONE_KINDS - DONE_DROPPED);
        bool crowded = taken[at->row] || at[-1].done != DONE_NOTHING || at->done != DONE_NOTHING ||
                       next->done != DONE_NOTHING;
        if (crowded || (done == DONE_SWAPPED && (next->txn != at->txn || taken[next->row])))
            continue;
        at->done = done;
        taken[at->row] = true;
        if (done == DONE_SWAPPED)
            taken[next->row] = true;
        counts[done]++;
        n++;
    }
}

static void make(synthetic_t *synthetic, const verify_opts_t *opts, const step_t *step)
{
    synthetic_make(synthetic, opts, step->op, step->row, step->version, step->position,
                   SYNTHETIC_TIME_US + (int64_t)step->txn * 1000);
}

static void deliver(verifier_t *v, synthetic_t *synthetic, const step_t *step,
                    const verify_opts_t *opts)
{
    verdict_t verdict;
    make(synthetic, opts, step);
    verifier_change(v, &synthetic->change, &verdict);
}

static void damage_column(dice_t *dice, synthetic_t *synthetic)
{
    change_t *change = &synthetic->change;
    bool before = change->op == OP_DELETE || (change->op == OP_UPDATE && roll(dice, 2) == 0);
    field_t *field = &(before ? change->before : change->after)[1 + roll(dice, TX_COLUMNS - 1)];
    if (field->bytes == NULL || field->len == 0)
        synthetic_replace(synthetic, field, "damaged");
    else
        synthetic_flip(synthetic, field, roll(dice, field->len));
}

static void lose_key(synthetic_t *synthetic)
{
    synthetic->change.before[TX_TRANSACTION_ID] = (field_t){.kind = FIELD_NULL};
    synthetic->change.after[TX_TRANSACTION_ID] = (field_t){.kind = FIELD_NULL};
}

/* Delivers step k (and its neighbour, when swapped) as was done to it; returns how many were used.
 */
static uint64_t deliver_step(dice_t *dice, verifier_t *v, const verify_opts_t *opts,
                             const step_t *step)
{
    static synthetic_t synthetic;
    verdict_t verdict;
    switch (step->done) {
    case DONE_DROPPED:
        return 1;
    case DONE_SWAPPED:
        deliver(v, &synthetic, step + 1, opts);
        deliver(v, &synthetic, step, opts);
        return 2;
    case DONE_DAMAGED:
    case DONE_NO_KEY:
        make(&synthetic, opts, step);
        if (step->done == DONE_DAMAGED)
            damage_column(dice, &synthetic);
        else
            lose_key(&synthetic);
        verifier_change(v, &synthetic.change, &verdict);
        return 1;
    case DONE_REPEATED:
        deliver(v, &synthetic, step, opts);
        deliver(v, &synthetic, step, opts);
        return 1;
    case DONE_ROLLBACK:
        deliver(v, &synthetic, step, opts);
        synthetic_make(&synthetic, opts, OP_INSERT, ROW_ROLLBACK_BASE + step->row, 0,
                       step->position, SYNTHETIC_TIME_US);
        verifier_change(v, &synthetic.change, &verdict);
        return 1;
    case DONE_NOTHING:
    case DONE_KINDS:
        break;
    }
    deliver(v, &synthetic, step, opts);
    return 1;
}

static void check_stream(uint64_t seed, uint64_t faults_on)
{
    dice_t dice = {.word = seed};
    row_space_t space;
    row_space_init(&space, seed, seed % 2 == 0 ? KEY_UUID4 : KEY_UUID7);
    verify_opts_t opts = {.space = &space,
                          .tables = tables_of_one(&table_transactions, TRIGGERS_BOTH, true),
                          .rows = ROWS,
                          .modified_by = SYNTHETIC_USER};
    row_state_t *writer = row_state_new(ROWS);
    verifier_t *v = verifier_new(&opts);
    step_t *steps = calloc(CHANGES + 1, sizeof *steps);
    assert_true(writer != NULL && v != NULL && steps != NULL);
    uint64_t done[DONE_KINDS] = {0};
    write_stream(&dice, steps, writer);
    if (faults_on)
        put_faults(&dice, steps, done);

    uint32_t txn = 0;
    for (uint64_t k = 0; k < CHANGES;) {
        if (steps[k].txn != txn) {
            txn = steps[k].txn;
            verifier_begin(v, txn * UINT64_C(1000));
        }
        k += deliver_step(&dice, v, &opts, &steps[k]);
    }
    verify_totals_t totals;
    verify_finish(v, writer, CHANGES, &totals);
    assert_int_equal(totals.missing, done[DONE_DROPPED] + done[DONE_NO_KEY]);
    assert_int_equal(totals.duplicated, done[DONE_REPEATED]);
    assert_int_equal(totals.out_of_order, done[DONE_SWAPPED]);
    assert_int_equal(totals.mismatched, done[DONE_DAMAGED]);
    assert_int_equal(totals.unknown, done[DONE_NO_KEY]);
    assert_int_equal(totals.rolled_back, done[DONE_ROLLBACK]);
    assert_int_equal(totals.expected + totals.duplicated, totals.delivered + totals.missing);
    assert_true(verify_clean(&totals) == !faults_on);
    free(steps);
    verifier_free(v);
    row_state_free(writer);
}

static void a_long_stream_without_faults_is_clean(void **state)
{
    (void)state;
    check_stream(1, false);
}

static void every_fault_put_into_a_long_stream_is_counted_once(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 2; seed++)
        check_stream(seed, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_stream_without_faults_is_clean),
        cmocka_unit_test(every_fault_put_into_a_long_stream_is_counted_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
