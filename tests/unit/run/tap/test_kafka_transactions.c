/* Where a transaction of a Debezium topic begins and ends, and the way that its events took. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/tap/kafka_world.h"

/* ---- transactions -----------------------------------------------------------------------------
 */

static void a_transaction_goes_on_while_its_number_and_the_commit_before_it_stand(void **state)
{
    world_t *w = *state;
    say(w, 'c', 0, 0, TXID);
    say(w, 'c', 1, 0, TXID);
    assert_int_equal(tap_transactions(w->tap), 1);
    say(w, 'c', 2, 0, TXID + 1);
    assert_int_equal(tap_transactions(w->tap), 2);
    kafka_event_t event = event_of(w, 'c', 3, 0, TXID + 1);
    event.last_commit++; /* the number has come round */
    feed_event(w, &event);
    assert_int_equal(tap_transactions(w->tap), 3);
    assert_proven(w, 4);
}

static void over_several_partitions_each_event_stands_alone(void **state)
{
    world_t *w = *state;
    w->opts.partitions = 3;
    make_reader(w);
    say(w, 'c', 0, 0, TXID + 1);
    say(w, 'c', 1, 0, TXID + 1);
    say(w, 'c', 2, 0, TXID);
    assert_int_equal(tap_transactions(w->tap), 3);
    assert_proven(w, 3);
}

static void enter(world_t *w, op_t op, uint64_t row, uint16_t version, uint32_t rows)
{
    ledger_entry_t entry = {.intended_ns = 0,
                            .first_row = row,
                            .first_version = version,
                            .rows = rows,
                            .op = (uint8_t)op};
    ledger_close(ledger_append(w->ledger, 0, &entry), NS_PER_MS);
}

static void rows_without_a_number_are_told_apart_by_the_ledger(void **state)
{
    world_t *w = *state;
    enter(w, OP_INSERT, 0, 0, 2);
    enter(w, OP_UPDATE, 0, 1, 1);
    flat(w, 0, 0, "");
    flat(w, 1, 0, "");
    assert_int_equal(tap_transactions(w->tap), 1);
    flat(w, 0, 1, "");
    assert_int_equal(tap_transactions(w->tap), 2);
    assert_int_equal(tap_unmatched(w->tap), 0);
    assert_int_equal(tap_seen_of(w->tap, OP_INSERT), 2);
    assert_int_equal(tap_seen_of(w->tap, OP_UPDATE), 1);
    assert_int_equal(lag_count(tap_lag(w->tap, SCOPE_LAST, 0, OP_INSERT, STAGE_ACK_TO_RECEIPT)), 1);
    assert_int_equal(lag_count(tap_lag(w->tap, SCOPE_LAST, 0, OP_UPDATE, STAGE_ACK_TO_RECEIPT)), 1);
}

static void a_flattened_update_has_no_old_row_and_none_is_missed(void **state)
{
    world_t *w = *state;
    flat(w, 0, 0, ",\"__op\":\"c\"");
    flat(w, 0, 1, ",\"__op\":\"u\"");
    assert_int_equal(tap_seen_of(w->tap, OP_UPDATE), 1);
    assert_proven(w, 2);
}

static void a_delete_is_known_by_its_old_row_or_its_key(void **state)
{
    world_t *w = *state;
    flat(w, 0, 0, ",\"__op\":\"c\"");
    flat(w, 1, 0, ",\"__op\":\"c\"");
    flat(w, 0, 0, ",\"__deleted\":\"true\"");
    feed_text(w, 1,
              "{\"before\":null,\"after\":null,\"source\":{\"txId\":9,\"lsn\":2000,"
              "\"sequence\":\"[\\\"1990\\\",\\\"2000\\\"]\"},\"op\":\"d\"}");
    assert_int_equal(tap_seen_of(w->tap, OP_DELETE), 2);
    assert_int_equal(totals(w).unknown, 0);
}

static void the_end_of_the_run_is_the_end_of_the_transaction(void **state)
{
    world_t *w = *state;
    enter(w, OP_INSERT, 0, 0, 2);
    say(w, 'c', 0, 0, TXID);
    assert_true(tap_is_matched(w->tap));
    kafka_reader_end(w->reader);
    assert_false(tap_is_matched(w->tap));
    assert_int_equal(lag_count(tap_lag(w->tap, SCOPE_LAST, 0, OP_INSERT, STAGE_ACK_TO_RECEIPT)), 1);
    kafka_reader_end(w->reader);
    assert_int_equal(lag_count(tap_lag(w->tap, SCOPE_LAST, 0, OP_INSERT, STAGE_ACK_TO_RECEIPT)), 1);
    say(w, 'c', 1, 0, TXID);
    assert_int_equal(tap_transactions(w->tap), 2);
}

static void events_that_a_merge_is_to_put_together_wait_in_it(void **state)
{
    world_t *w = *state;
    merge_t *merge = merge_new(w->tap, 2);
    w->opts.merge = merge;
    make_reader(w);
    enter(w, OP_INSERT, 0, 0, 2);
    say(w, 'c', 0, 0, TXID);
    say(w, 'c', 1, 0, TXID);
    assert_proven(w, 2);
    assert_int_equal(tap_transactions(w->tap), 0);
    merge_settle(merge, RECEIPT_NS, true);
    assert_int_equal(tap_transactions(w->tap), 1);
    assert_int_equal(tap_unmatched(w->tap), 0);
    say(w, 'c', 2, 0, 0); /* without a number it stands alone */
    assert_int_equal(tap_transactions(w->tap), 2);
    merge_free(merge);
}

/* As with provide.transaction.metadata. */
static void say_with_id(world_t *w, char op, uint64_t lsn)
{
    kafka_event_t event = event_of(w, op, 0, 0, TXID);
    event.lsn = lsn;
    compose(w, &event);
    feed_with(w, "\"transaction\":null",
              "\"transaction\":{\"id\":\"700:1010\",\"total_order\":1,"
              "\"data_collection_order\":1}");
}

static void every_change_and_truncate_is_held_against_the_ends(void **state)
{
    world_t *w = *state;
    static const char *const collections[] = {"public.transactions"};
    transaction_ends_t *ends = transaction_ends_new(collections, 1, FLOOR_LSN);
    w->opts.ends = ends;
    make_reader(w);
    say_with_id(w, 'c', FLOOR_LSN);
    feed(w, true, false); /* one that came twice was sent twice */
    say_with_id(w, 't', FLOOR_LSN);
    feed_text(w, 0, "{\"ts_ms\":1795351584000}");
    say_with_id(w, 'c', FLOOR_LSN - 1);
    assert_int_equal(transaction_ends_waiting(ends), 1);
    static const char end[] =
        "{\"status\":\"END\",\"id\":\"700:1010\",\"event_count\":3,\"data_collections\":["
        "{\"data_collection\":\"public.transactions\",\"event_count\":3}],\"ts_ms\":1}";
    transaction_ends_record(ends, end, strlen(end));
    assert_int_equal(transaction_ends_waiting(ends), 0);
    end_counts_t counts;
    transaction_ends_result(ends, true, &counts);
    assert_int_equal(counts.agree, 1);
    assert_int_equal(end_counts_faulty(&counts), 0);
    transaction_ends_free(ends);
}

/* ---- an event's way ---------------------------------------------------------------------------
 */

static void stamp(world_t *w, kafka_time_t kind)
{
    w->timestamp_kind = kind;
    w->timestamp_ms = COMMIT_US / 1000 + 3;
}

static void an_events_way_goes_through_connect_and_the_producer(void **state)
{
    world_t *w = *state;
    stamp(w, KAFKA_TIME_CREATE);
    say(w, 'c', 0, 0, TXID);
    kafka_reader_end(w->reader);
    assert_lag_us(w, STAGE_COMMIT_TO_DEBEZIUM, 1500);
    assert_lag_us(w, STAGE_DEBEZIUM_TO_PRODUCE, 1500);
    assert_lag_us(w, STAGE_PRODUCE_TO_RECEIPT, 10000 + AHEAD_US - 3000);
    assert_lag_us(w, STAGE_COMMIT_TO_RECEIPT, 10000 + AHEAD_US);
    assert_no_lag(w, STAGE_DEBEZIUM_TO_APPEND);
    assert_no_lag(w, STAGE_APPEND_TO_RECEIPT);
    assert_int_equal(w->clocks[CLOCK_CONNECT].stamps, 2);
    assert_int_equal(w->clocks[CLOCK_BROKER].stamps, 0);
    assert_true(foreign_clock_holds(&w->clocks[CLOCK_CONNECT]));
}

static void where_the_broker_stamps_it_goes_through_the_broker(void **state)
{
    world_t *w = *state;
    stamp(w, KAFKA_TIME_LOG_APPEND);
    say(w, 'c', 0, 0, TXID);
    kafka_reader_end(w->reader);
    assert_lag_us(w, STAGE_COMMIT_TO_DEBEZIUM, 1500);
    assert_lag_us(w, STAGE_DEBEZIUM_TO_APPEND, 1500);
    assert_lag_us(w, STAGE_APPEND_TO_RECEIPT, 10000 + AHEAD_US - 3000);
    assert_no_lag(w, STAGE_DEBEZIUM_TO_PRODUCE);
    assert_int_equal(w->clocks[CLOCK_CONNECT].stamps, 1);
    assert_int_equal(w->clocks[CLOCK_BROKER].stamps, 1);
}

static void stamps_of_this_hosts_clock_are_converted_to_the_servers(void **state)
{
    world_t *w = *state;
    w->opts.clients_clock[CLOCK_CONNECT] = true;
    make_reader(w);
    stamp(w, KAFKA_TIME_CREATE);
    say(w, 'c', 0, 0, TXID);
    kafka_reader_end(w->reader);
    assert_lag_us(w, STAGE_COMMIT_TO_DEBEZIUM, 1500 + AHEAD_US);
    assert_lag_us(w, STAGE_DEBEZIUM_TO_PRODUCE, 1500);
    assert_lag_us(w, STAGE_PRODUCE_TO_RECEIPT, 10000 - 3000);
    assert_lag_us(w, STAGE_COMMIT_TO_RECEIPT, 10000 + AHEAD_US);
    assert_true(w->clocks[CLOCK_CONNECT].is_clients);
}

static void a_stamp_that_cannot_be_says_that_its_clock_is_wrong(void **state)
{
    world_t *w = *state;
    stamp(w, KAFKA_TIME_CREATE);
    kafka_event_t event = event_of(w, 'c', 0, 0, TXID);
    event.event_us = COMMIT_US - 5000; /* made before what it tells of was committed */
    feed_event(w, &event);
    kafka_reader_end(w->reader);
    assert_lag_us(w, STAGE_COMMIT_TO_DEBEZIUM, -5000);
    assert_false(foreign_clock_holds(&w->clocks[CLOCK_CONNECT]));
}

static void without_stamps_the_way_is_one_stage(void **state)
{
    world_t *w = *state;
    say(w, 'c', 0, 0, TXID);
    kafka_reader_end(w->reader);
    assert_lag_us(w, STAGE_COMMIT_TO_RECEIPT, 10000 + AHEAD_US);
    assert_no_lag(w, STAGE_COMMIT_TO_DEBEZIUM);
    assert_no_lag(w, STAGE_PRODUCE_TO_RECEIPT);
}

static void without_a_commit_time_no_stage_that_begins_there_is_recorded(void **state)
{
    world_t *w = *state;
    enter(w, OP_INSERT, 0, 0, 1);
    stamp(w, KAFKA_TIME_CREATE);
    kafka_event_t event = event_of(w, 'c', 0, 0, TXID);
    event.commit_us = 0;
    feed_event(w, &event);
    kafka_reader_end(w->reader);
    assert_no_lag(w, STAGE_COMMIT_TO_RECEIPT);
    assert_no_lag(w, STAGE_COMMIT_TO_DEBEZIUM);
    assert_lag_us(w, STAGE_INTENDED_TO_RECEIPT, 10000);
    assert_lag_us(w, STAGE_ACK_TO_RECEIPT, 9000);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_transaction_goes_on_while_its_number_and_the_commit_before_it_stand),
        TEST(over_several_partitions_each_event_stands_alone),
        TEST(rows_without_a_number_are_told_apart_by_the_ledger),
        TEST(a_flattened_update_has_no_old_row_and_none_is_missed),
        TEST(a_delete_is_known_by_its_old_row_or_its_key),
        TEST(the_end_of_the_run_is_the_end_of_the_transaction),
        TEST(events_that_a_merge_is_to_put_together_wait_in_it),
        TEST(every_change_and_truncate_is_held_against_the_ends),
        TEST(an_events_way_goes_through_connect_and_the_producer),
        TEST(where_the_broker_stamps_it_goes_through_the_broker),
        TEST(stamps_of_this_hosts_clock_are_converted_to_the_servers),
        TEST(a_stamp_that_cannot_be_says_that_its_clock_is_wrong),
        TEST(without_stamps_the_way_is_one_stage),
        TEST(without_a_commit_time_no_stage_that_begins_there_is_recorded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
