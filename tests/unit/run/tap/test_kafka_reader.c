/* Messages of a Debezium topic, byte for byte, become changes that are verified; what is no change
 * of the run is told from them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/tap/kafka_world.h"

/* ---- changes ----------------------------------------------------------------------------------
 */

static void inserts_updates_and_deletes_are_proven_to_be_what_was_written(void **state)
{
    world_t *w = *state;
    for (uint64_t row = 0; row < 20; row++)
        say(w, 'c', row, 0, TXID);
    for (uint32_t version = 1; version < 5; version++)
        say(w, 'u', 7, version, TXID + version);
    say(w, 'd', 7, 4, TXID + 9);
    feed(w, false, false);
    kafka_reader_end(w->reader);
    assert_proven(w, 25);
    assert_int_equal(tap_seen_of(w->tap, OP_INSERT), 20);
    assert_int_equal(tap_seen_of(w->tap, OP_UPDATE), 4);
    assert_int_equal(tap_seen_of(w->tap, OP_DELETE), 1);
    assert_int_equal(kafka_reader_tombstones(w->reader), 1);
    assert_int_equal(kafka_reader_unreadable(w->reader), 0);
    assert_int_equal(kafka_reader_lsn(w->reader), w->lsn);
}

static void a_damaged_value_is_a_mismatch_in_its_column(void **state)
{
    world_t *w = *state;
    kafka_event_t event = event_of(w, 'c', 3, 0, TXID);
    compose(w, &event);
    feed_with(w, "\"country\":\"", "\"country\":\"X");
    assert_int_equal(totals(w).mismatched, 1);
    const fault_t *fault = verify_fault(tap_verifier(w->tap), FAULT_MISMATCHED, 0);
    assert_string_equal(fault->column, "country");
    assert_int_equal(fault->row, 3);
    assert_int_equal(fault->position, w->lsn);
}

static void columns_are_found_by_name_and_one_that_is_not_ours_is_passed_over(void **state)
{
    world_t *w = *state;
    say(w, 'c', 0, 0, TXID);
    kafka_event_t event = event_of(w, 'c', 1, 0, TXID);
    compose(w, &event);
    /* The row's key behind everything else, and a column that was added in mid-run before it. */
    row_text_t row;
    char first[80], last[160];
    row_text(&w->space, 1, &row);
    snprintf(first, sizeof first, "\"transaction_id\":\"%.*s\",", ROW_KEY_LEN, row.text);
    snprintf(last, sizeof last, "null,\"added\":[{\"a\":1}],\"transaction_id\":\"%.*s\"}",
             ROW_KEY_LEN, row.text);
    change(w, first, "");
    change(w, "null}", last);
    feed(w, true, false);
    say(w, 'c', 2, 0, TXID);
    assert_proven(w, 3);
}

static void a_column_that_is_not_there_is_not_taken_from_the_row_before(void **state)
{
    world_t *w = *state;
    say(w, 'c', 0, 0, TXID);
    kafka_event_t event = event_of(w, 'c', 1, 0, TXID);
    compose(w, &event);
    feed_with(w, ",\"modified_by\":null", "");
    assert_int_equal(totals(w).mismatched, 1);
    assert_string_equal(verify_fault(tap_verifier(w->tap), FAULT_MISMATCHED, 0)->column,
                        "modified_by");
}

static void a_value_that_the_log_does_not_carry_is_no_mismatch(void **state)
{
    world_t *w = *state;
    static const char *const placeholders[] = {
        "\"modified_by\":\"__debezium_unavailable_value\"",
        "\"modified_by\":\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"",
        "\"modified_by\":\"__debezium_unavailable_valuE\""};
    for (uint64_t row = 0; row < 3; row++) {
        kafka_event_t event = event_of(w, 'c', row, 0, TXID);
        compose(w, &event);
        feed_with(w, "\"modified_by\":null", placeholders[row]);
    }
    assert_int_equal(totals(w).delivered, 3);
    assert_int_equal(totals(w).mismatched, 1);
}

static void a_change_that_comes_twice_is_counted_and_measured_once(void **state)
{
    world_t *w = *state;
    say(w, 'c', 0, 0, TXID);
    feed(w, true, false);
    kafka_reader_end(w->reader);
    assert_int_equal(totals(w).delivered, 2);
    assert_int_equal(totals(w).duplicated, 1);
    assert_int_equal(tap_events(w->tap), 2);
    assert_int_equal(tap_seen(w->tap), 1);
    assert_lag_us(w, STAGE_COMMIT_TO_RECEIPT, 10000 + AHEAD_US);
}

static void a_position_that_falls_within_a_transaction_is_out_of_order(void **state)
{
    world_t *w = *state;
    say(w, 'c', 0, 0, TXID);
    kafka_event_t event = event_of(w, 'c', 1, 0, TXID);
    event.lsn = FLOOR_LSN + 1;
    feed_event(w, &event);
    assert_int_equal(totals(w).out_of_order, 1);
}

/* ---- what is no change of the run -------------------------------------------------------------
 */

static void what_lies_below_the_floor_is_of_before_the_run(void **state)
{
    world_t *w = *state;
    kafka_event_t event = event_of(w, 'c', 0, 0, TXID);
    event.lsn = FLOOR_LSN - 1;
    feed_event(w, &event);
    event = event_of(w, 'c', 1, 0, TXID);
    compose(w, &event);
    feed(w, true, true);
    assert_int_equal(totals(w).before_run, 2);
    assert_int_equal(totals(w).delivered, 0);
    assert_int_equal(tap_transactions(w->tap), 0);
    event.lsn = FLOOR_LSN;
    feed_event(w, &event);
    assert_int_equal(totals(w).delivered, 1);
}

static void what_is_no_change_of_a_row_is_passed_over(void **state)
{
    world_t *w = *state;
    for (const char *op = "tm"; *op != '\0'; op++) {
        kafka_event_t event = event_of(w, *op, 0, 0, TXID);
        feed_event(w, &event);
    }
    feed_text(w, 0, "{\"ts_ms\":1795351584000}"); /* a heartbeat's */
    feed_text(w, 0, "null");
    feed_text(w, 0, "");
    assert_int_equal(tap_events(w->tap), 0);
    assert_int_equal(tap_transactions(w->tap), 0);
}

static void what_cannot_be_read_is_unknown_with_its_key_and_offset(void **state)
{
    world_t *w = *state;
    static const char *const values[] = {"{", "[]", "{\"op\":\"c\",\"after\":{\"a\":", "\xff"};
    say(w, 'c', 0, 0, TXID);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        feed_text(w, i + 1, values[i]);
    assert_int_equal(kafka_reader_unreadable(w->reader), 4);
    assert_int_equal(totals(w).unknown, 4);
    assert_int_equal(totals(w).delivered, 1);
    const fault_t *fault = verify_fault(tap_verifier(w->tap), FAULT_UNKNOWN, 0);
    assert_non_null(strstr(fault->key, "transaction_id"));
    assert_int_equal(fault->position, 1);
    say(w, 'c', 9, 0, TXID);
    assert_int_equal(totals(w).delivered, 2);
}

static void a_row_of_another_run_is_unknown(void **state)
{
    world_t *w = *state;
    row_space_t another;
    row_space_init(&another, 43, KEY_UUID4);
    kafka_event_t event = event_of(w, 'c', 0, 0, TXID);
    kafka_key(&w->key, &another, 0);
    kafka_envelope(&w->value, &another, &event);
    feed(w, true, false);
    assert_int_equal(totals(w).unknown, 1);
    assert_int_equal(kafka_reader_unreadable(w->reader), 0);
}

static void of_a_table_that_is_known_by_name_alone_every_change_counts(void **state)
{
    world_t *w = *state;
    static const table_t theirs = {.name = "orders"};
    w->verify.tables = tables_of_one(&theirs, TRIGGERS_NONE, false);
    make_tap(w, true);
    make_reader(w);
    feed_text(w, 0,
              "{\"before\":null,\"after\":{\"id\":1,\"note\":\"x\"},\"source\":{\"txId\":5,"
              "\"lsn\":2000,\"sequence\":\"[\\\"1990\\\",\\\"2000\\\"]\"},\"op\":\"c\"}");
    feed_text(w, 0,
              "{\"before\":{\"id\":1},\"after\":null,\"source\":{\"txId\":6,\"lsn\":2010,"
              "\"sequence\":\"[\\\"2000\\\",\\\"2010\\\"]\"},\"op\":\"d\"}");
    feed_text(w, 0, "no event");
    assert_int_equal(tap_seen(w->tap), 2);
    assert_int_equal(tap_seen_of(w->tap, OP_DELETE), 1);
    assert_int_equal(tap_transactions(w->tap), 2);
    assert_int_equal(kafka_reader_unreadable(w->reader), 1);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)
    const struct CMUnitTest tests[] = {
        TEST(inserts_updates_and_deletes_are_proven_to_be_what_was_written),
        TEST(a_damaged_value_is_a_mismatch_in_its_column),
        TEST(columns_are_found_by_name_and_one_that_is_not_ours_is_passed_over),
        TEST(a_column_that_is_not_there_is_not_taken_from_the_row_before),
        TEST(a_value_that_the_log_does_not_carry_is_no_mismatch),
        TEST(a_change_that_comes_twice_is_counted_and_measured_once),
        TEST(a_position_that_falls_within_a_transaction_is_out_of_order),
        TEST(what_lies_below_the_floor_is_of_before_the_run),
        TEST(what_is_no_change_of_a_row_is_passed_over),
        TEST(what_cannot_be_read_is_unknown_with_its_key_and_offset),
        TEST(a_row_of_another_run_is_unknown),
        TEST(of_a_table_that_is_known_by_name_alone_every_change_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
