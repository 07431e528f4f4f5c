/* A tap finds each transaction in the ledger, measures its events, and lets go of what it needs no
 * more: when it ends early too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/tap/tap.h"

enum { CHUNK = 1024, ROWS_PER_TXN = 2 };

#define START_NS (INT64_C(1000) * NS_PER_S)
#define LATER_NS (START_NS + 5 * NS_PER_MS)

typedef struct {
    row_space_t space;
    verify_opts_t verify;
    clocksync_t clock;
    _Atomic uint32_t phase;
    ledger_t *ledger;
    tap_t *tap, *other; /* wal, kafka */
    uint64_t entered;   /* transactions, each of two inserts */
    ledger_entry_t *open;
} world_t;

static tap_t *tap_of(world_t *w, tap_id_t id)
{
    tap_opts_t opts = {.verify = &w->verify,
                       .ledger = w->ledger,
                       .connections = 1,
                       .id = id,
                       .unmeasured = 1u << 3,
                       .clock = &w->clock,
                       .phase = &w->phase};
    tap_t *tap = tap_new(&opts);
    assert_non_null(tap);
    return tap;
}

static int world_make(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    row_space_init(&w->space, 42, KEY_UUID4);
    clocksync_init(&w->clock, (clock_anchor_t){0});
    w->verify = (verify_opts_t){.space = &w->space,
                                .tables = tables_of_one(&table_transactions, TRIGGERS_NONE, true),
                                .rows = 100000,
                                .modified_by = "loader"};
    w->ledger = ledger_new(1, 2, 1000000);
    w->tap = tap_of(w, TAP_WAL);
    w->other = tap_of(w, TAP_KAFKA);
    *state = w;
    return 0;
}

static int world_drop(void **state)
{
    world_t *w = *state;
    tap_free(w->tap);
    tap_free(w->other);
    ledger_free(w->ledger);
    free(w);
    return 0;
}

/* The writer sends a transaction, due at START_NS. */
static void enter_in(world_t *w, uint8_t phase)
{
    ledger_entry_t entry = {.intended_ns = START_NS,
                            .first_row = w->entered++ * ROWS_PER_TXN,
                            .rows = ROWS_PER_TXN,
                            .phase = phase};
    w->open = ledger_append(w->ledger, 0, &entry);
    assert_non_null(w->open);
}

static void enter(world_t *w)
{
    enter_in(w, 0);
}

static void acknowledge(world_t *w)
{
    ledger_close(w->open, START_NS + 2 * NS_PER_MS);
}

static void go_on_for_a_chunk(world_t *w)
{
    for (int i = 0; i <= CHUNK; i++) {
        enter(w);
        acknowledge(w);
    }
}

static void see(tap_t *tap, uint64_t row, int64_t receipt_ns)
{
    tap_event_t event = {.op = OP_INSERT,
                         .row = row,
                         .way = {.receipt_ns = receipt_ns, .last = STAGE_COMMIT_TO_RECEIPT}};
    tap_measure(tap, &event);
}

/* Both events of a transaction. */
static void see_all(tap_t *tap, uint64_t transaction, int64_t receipt_ns)
{
    tap_measure_begin(tap, TAP_NO_TIME);
    see(tap, transaction * ROWS_PER_TXN, receipt_ns);
    see(tap, transaction * ROWS_PER_TXN + 1, receipt_ns + NS_PER_MS);
    tap_end(tap);
}

static uint64_t recorded(const tap_t *tap, lag_scope_t scope, stage_t stage)
{
    const lag_t *lag = tap_lag(tap, scope, 0, OP_INSERT, stage);
    return lag == NULL ? 0 : lag_count(lag);
}

static void assert_lag(const tap_t *tap, lag_scope_t scope, stage_t stage, int64_t min_us,
                       int64_t max_us)
{
    const lag_t *lag = tap_lag(tap, scope, 0, OP_INSERT, stage);
    assert_non_null(lag);
    assert_int_equal(lag_min_us(lag), min_us);
    assert_int_equal(lag_max_us(lag), max_us);
}

static void a_transaction_is_measured_by_its_events_its_first_and_its_last(void **state)
{
    world_t *w = *state;
    enter(w);
    acknowledge(w);
    see_all(w->tap, 0, LATER_NS);
    assert_lag(w->tap, SCOPE_EVENT, STAGE_INTENDED_TO_RECEIPT, 5000, 6000);
    assert_lag(w->tap, SCOPE_FIRST, STAGE_INTENDED_TO_RECEIPT, 5000, 5000);
    assert_lag(w->tap, SCOPE_LAST, STAGE_INTENDED_TO_RECEIPT, 6000, 6000);
    assert_lag(w->tap, SCOPE_EVENT, STAGE_ACK_TO_RECEIPT, 3000, 4000);
    assert_lag(w->tap, SCOPE_FIRST, STAGE_ACK_TO_RECEIPT, 3000, 3000);
    assert_lag(w->tap, SCOPE_LAST, STAGE_ACK_TO_RECEIPT, 4000, 4000);
}

static void an_acknowledgement_that_comes_after_the_events_makes_a_negative_lag(void **state)
{
    world_t *w = *state;
    enter(w);
    see_all(w->tap, 0, START_NS);
    tap_settle(w->tap, false);
    assert_int_equal(recorded(w->tap, SCOPE_EVENT, STAGE_ACK_TO_RECEIPT), 0);
    acknowledge(w);
    tap_settle(w->tap, false);
    assert_lag(w->tap, SCOPE_EVENT, STAGE_ACK_TO_RECEIPT, -2000, -1000);
}

static void what_was_never_acknowledged_has_no_lag_against_it(void **state)
{
    world_t *w = *state;
    enter(w);
    see_all(w->tap, 0, START_NS);
    tap_settle(w->tap, true);
    acknowledge(w);
    tap_settle(w->tap, true);
    assert_int_equal(recorded(w->tap, SCOPE_EVENT, STAGE_INTENDED_TO_RECEIPT), 2);
    assert_int_equal(recorded(w->tap, SCOPE_EVENT, STAGE_ACK_TO_RECEIPT), 0);
}

static void whichever_tap_is_second_knows_how_far_kafka_was_behind(void **state)
{
    world_t *w = *state;
    for (int i = 0; i < 2; i++) {
        enter(w);
        acknowledge(w);
    }
    see_all(w->tap, 0, START_NS);
    see_all(w->other, 0, LATER_NS);
    assert_int_equal(recorded(w->tap, SCOPE_EVENT, STAGE_KAFKA_MINUS_WAL), 0);
    assert_lag(w->other, SCOPE_EVENT, STAGE_KAFKA_MINUS_WAL, 5000, 5000);
    see_all(w->other, 1, START_NS);
    see_all(w->tap, 1, LATER_NS);
    assert_lag(w->tap, SCOPE_EVENT, STAGE_KAFKA_MINUS_WAL, -5000, -5000);
}

static void
a_transaction_of_no_ledger_entry_is_counted_and_has_no_lag_against_the_client(void **state)
{
    world_t *w = *state;
    see_all(w->tap, 7, LATER_NS);
    assert_int_equal(tap_transactions(w->tap), 1);
    assert_int_equal(tap_unmatched(w->tap), 1);
    assert_int_equal(recorded(w->tap, SCOPE_EVENT, STAGE_INTENDED_TO_RECEIPT), 0);
}

static void the_times_of_a_warm_up_are_recorded_nowhere(void **state)
{
    world_t *w = *state;
    enter_in(w, 3);
    acknowledge(w);
    see_all(w->tap, 0, LATER_NS);
    assert_null(tap_lag(w->tap, SCOPE_EVENT, 3, OP_INSERT, STAGE_INTENDED_TO_RECEIPT));
    assert_int_equal(tap_unmatched(w->tap), 0);
}

static void a_transaction_is_whole_when_all_that_the_ledger_counts_was_seen(void **state)
{
    world_t *w = *state;
    enter(w);
    tap_measure_begin(w->tap, TAP_NO_TIME);
    assert_false(tap_is_matched(w->tap));
    see(w->tap, 0, START_NS);
    assert_true(tap_is_matched(w->tap));
    assert_false(tap_is_whole(w->tap));
    see(w->tap, 1, START_NS);
    assert_true(tap_is_whole(w->tap));
}

/* A tap that fails in the middle of a transaction, while the load goes on. */
static void fail_within_the_first_transaction(world_t *w)
{
    enter(w);
    acknowledge(w);
    tap_measure_begin(w->tap, TAP_NO_TIME);
    see(w->tap, 0, LATER_NS);
    tap_give_up(w->tap);
    go_on_for_a_chunk(w);
    tap_give_up(w->tap);
    tap_end(w->tap);
    tap_settle(w->tap, true);
}

static void a_tap_that_gave_up_within_a_transaction_writes_no_more_into_the_ledger(void **state)
{
    world_t *w = *state;
    fail_within_the_first_transaction(w);
    see_all(w->other, 0, LATER_NS);
    assert_int_equal(recorded(w->other, SCOPE_LAST, STAGE_INTENDED_TO_RECEIPT), 1);
    assert_int_equal(recorded(w->other, SCOPE_EVENT, STAGE_KAFKA_MINUS_WAL), 0);
}

static void of_a_transaction_that_was_given_up_no_last_event_is_claimed(void **state)
{
    world_t *w = *state;
    fail_within_the_first_transaction(w);
    assert_int_equal(recorded(w->tap, SCOPE_EVENT, STAGE_INTENDED_TO_RECEIPT), 1);
    assert_int_equal(recorded(w->tap, SCOPE_LAST, STAGE_INTENDED_TO_RECEIPT), 0);
    assert_int_equal(recorded(w->tap, SCOPE_LAST, STAGE_ACK_TO_RECEIPT), 0);
}

/* Its chunk is freed under it: what touches it then, AddressSanitizer sees as well. */
static void a_tap_that_gave_up_holds_nothing_of_the_ledger(void **state)
{
    world_t *w = *state;
    enter(w);
    acknowledge(w);
    tap_measure_begin(w->tap, TAP_NO_TIME);
    see(w->tap, 0, LATER_NS);
    go_on_for_a_chunk(w);
    tap_give_up(w->other);
    tap_give_up(w->tap);
    assert_int_equal(ledger_live(w->ledger), CHUNK);
    assert_false(tap_is_matched(w->tap));
    tap_end(w->tap);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_is_measured_by_its_events_its_first_and_its_last),
        TEST(an_acknowledgement_that_comes_after_the_events_makes_a_negative_lag),
        TEST(what_was_never_acknowledged_has_no_lag_against_it),
        TEST(whichever_tap_is_second_knows_how_far_kafka_was_behind),
        TEST(a_transaction_of_no_ledger_entry_is_counted_and_has_no_lag_against_the_client),
        TEST(the_times_of_a_warm_up_are_recorded_nowhere),
        TEST(a_transaction_is_whole_when_all_that_the_ledger_counts_was_seen),
        TEST(a_tap_that_gave_up_within_a_transaction_writes_no_more_into_the_ledger),
        TEST(of_a_transaction_that_was_given_up_no_last_event_is_claimed),
        TEST(a_tap_that_gave_up_holds_nothing_of_the_ledger),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
