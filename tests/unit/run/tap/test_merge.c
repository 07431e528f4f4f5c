/* Transactions whose events come interleaved over several ways reach the tap whole, in the order of
 * their commits, and so are found in the ledger. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/tap/merge.h"

#define WAYS         3
#define TRANSACTIONS 500
#define ROWS_PER_TXN 4
#define START_NS     (INT64_C(1000) * NS_PER_S)

typedef struct {
    row_space_t space;
    verify_opts_t verify;
    clocksync_t clock;
    _Atomic uint32_t phase;
    ledger_t *ledger;
    tap_t *tap;
    merge_t *merge;
} world_t;

/* A writer with one connection, whose transactions are all acknowledged. */
static int world_make(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    row_space_init(&w->space, 42, KEY_UUID4);
    clocksync_init(&w->clock, clock_anchor());
    w->verify = (verify_opts_t){.space = &w->space,
                                .tables = tables_of_one(&table_transactions, TRIGGERS_NONE, true),
                                .rows = TRANSACTIONS * ROWS_PER_TXN,
                                .modified_by = "loader"};
    w->ledger = ledger_new(1, 1, TRANSACTIONS);
    tap_opts_t opts = {.verify = &w->verify,
                       .ledger = w->ledger,
                       .connections = 1,
                       .clock = &w->clock,
                       .phase = &w->phase};
    w->tap = tap_new(&opts);
    w->merge = merge_new(w->tap, WAYS);
    assert_true(w->tap != NULL && w->merge != NULL);
    for (uint32_t k = 0; k < TRANSACTIONS; k++) {
        ledger_entry_t entry = {.first_row = (uint64_t)k * ROWS_PER_TXN, .rows = ROWS_PER_TXN};
        ledger_close(ledger_append(w->ledger, 0, &entry), START_NS);
    }
    *state = w;
    return 0;
}

static int world_drop(void **state)
{
    world_t *w = *state;
    merge_free(w->merge);
    tap_free(w->tap);
    ledger_free(w->ledger);
    free(w);
    return 0;
}

static merge_txn_t txn_of(uint32_t k)
{
    return (merge_txn_t){.last_commit = 100 * k, .txid = 7000 - k, .commit_us = TAP_NO_TIME};
}

/* One way's events of transaction k: the rows that its table has. */
static void come(world_t *w, uint32_t way, uint32_t k, int64_t receipt_ns)
{
    merge_txn_t txn = txn_of(k);
    for (uint64_t row = (uint64_t)k * ROWS_PER_TXN; row < (k + 1) * (uint64_t)ROWS_PER_TXN; row++) {
        if (row % WAYS != way)
            continue;
        tap_event_t event = {.op = OP_INSERT,
                             .row = row,
                             .position = 100 * k + row,
                             .way = {.receipt_ns = receipt_ns, .last = STAGE_COMMIT_TO_RECEIPT}};
        merge_come_to(w->merge, way, &txn);
        merge_add(w->merge, &txn, &event);
    }
}

static void each_way_may_be_read_to_its_end_before_the_next(void **state)
{
    world_t *w = *state;
    for (uint32_t way = WAYS; way-- > 0;) {
        for (uint32_t k = 0; k < TRANSACTIONS; k++)
            come(w, way, k, START_NS);
        merge_settle(w->merge, START_NS, false);
    }
    assert_in_range(tap_transactions(w->tap), TRANSACTIONS - 3, TRANSACTIONS - 1);
    merge_settle(w->merge, START_NS, true);
    assert_int_equal(tap_transactions(w->tap), TRANSACTIONS);
    assert_int_equal(tap_unmatched(w->tap), 0);
}

/* UBSan sees what is done with the array that is not there yet. */
static void nothing_is_handed_over_before_anything_has_come(void **state)
{
    world_t *w = *state;
    merge_settle(w->merge, START_NS, false);
    merge_settle(w->merge, START_NS, true);
    assert_int_equal(tap_transactions(w->tap), 0);
}

static void a_transaction_waits_until_every_way_has_come_past_it(void **state)
{
    world_t *w = *state;
    come(w, 0, 0, START_NS);
    come(w, 1, 0, START_NS);
    come(w, 0, 1, START_NS);
    come(w, 1, 1, START_NS);
    merge_settle(w->merge, START_NS, false);
    assert_int_equal(tap_transactions(w->tap), 0);
    come(w, 2, 0, START_NS);
    come(w, 2, 1, START_NS);
    merge_settle(w->merge, START_NS, false);
    assert_int_equal(tap_transactions(w->tap), 1);
}

static void a_silent_way_holds_a_transaction_back_for_a_second(void **state)
{
    world_t *w = *state;
    come(w, 0, 0, START_NS);
    come(w, 0, 1, START_NS + NS_PER_S / 2);
    merge_settle(w->merge, START_NS + NS_PER_S - 1, false);
    assert_int_equal(tap_transactions(w->tap), 0);
    merge_settle(w->merge, START_NS + NS_PER_S, false);
    assert_int_equal(tap_transactions(w->tap), 1);
    assert_int_equal(tap_unmatched(w->tap), 0);
}

static void what_comes_after_its_transaction_was_handed_over_is_in_no_ledger(void **state)
{
    world_t *w = *state;
    come(w, 0, 0, START_NS);
    merge_settle(w->merge, START_NS + NS_PER_S, false);
    come(w, 1, 0, START_NS + 2 * NS_PER_S);
    merge_settle(w->merge, START_NS + 2 * NS_PER_S, true);
    assert_int_equal(tap_transactions(w->tap), 2);
    assert_int_equal(tap_unmatched(w->tap), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)
    const struct CMUnitTest tests[] = {
        TEST(each_way_may_be_read_to_its_end_before_the_next),
        TEST(nothing_is_handed_over_before_anything_has_come),
        TEST(a_transaction_waits_until_every_way_has_come_past_it),
        TEST(a_silent_way_holds_a_transaction_back_for_a_second),
        TEST(what_comes_after_its_transaction_was_handed_over_is_in_no_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
