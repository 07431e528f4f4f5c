/* The kafka tap's thread, from a broker (librdkafka's mock) to the core's counters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kafka/mock_cluster.h"
#include "kafka_bytes.h"
#include "run/tap/kafka_tap.h"

enum { ROWS = 3000, CHUNK = 1024 };

#define TOPIC     "cdc.public.transactions"
#define OTHER     "cdc.public.wide"
#define ENDS      "cdc.transaction"
#define FLOOR_LSN 1000

static mock_cluster_t mock;

typedef struct {
    row_space_t space;
    verify_opts_t verify;
    clocksync_t clock;
    _Atomic uint32_t phase;
    ledger_t *ledger;
    tap_opts_t opts;
    kafka_tap_t *tap;
    uint64_t lsn;
    bool stopped;
} world_t;

static int world_make(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    mock = mock_cluster_start();
    mock_cluster_topic(&mock, TOPIC, 1);
    row_space_init(&w->space, 42, KEY_UUID4);
    clocksync_init(&w->clock, clock_anchor());
    w->verify = (verify_opts_t){.space = &w->space,
                                .tables = tables_of_one(&table_transactions, TRIGGERS_NONE, true),
                                .rows = ROWS,
                                .modified_by = "loader"};
    w->ledger = ledger_new(1, 1, 100000);
    w->opts = (tap_opts_t){.verify = &w->verify,
                           .ledger = w->ledger,
                           .connections = 1,
                           .id = TAP_KAFKA,
                           .clock = &w->clock,
                           .phase = &w->phase};
    w->lsn = FLOOR_LSN;
    *state = w;
    return 0;
}

static void stop(world_t *w)
{
    kafka_tap_stop(w->tap);
    w->stopped = true;
}

static int world_drop(void **state)
{
    world_t *w = *state;
    if (w->tap != NULL && !w->stopped)
        kafka_tap_stop(w->tap);
    kafka_tap_free(w->tap);
    ledger_free(w->ledger);
    mock_cluster_stop(&mock);
    free(w);
    return 0;
}

static tap_t *start(world_t *w, kafka_from_t from, const char *second)
{
    err_t err = {0};
    kafka_topic_t topics[] = {{.name = TOPIC, .from = from}, {.name = second, .from = from}};
    kafka_consumer_opts_t opts = {
        .target = {.brokers = mock.brokers}, .topics = topics, .n_topics = second == NULL ? 1 : 2};
    kafka_consumer_t *consumer = kafka_consumer_open(&opts, &err);
    w->tap = consumer == NULL ? NULL : kafka_tap_start(consumer, &w->opts, FLOOR_LSN, &err);
    if (w->tap == NULL)
        fail_msg("%s", err.text);
    return kafka_tap_core(w->tap);
}

/* An event on its way to the broker: see mock_cluster_flush. */
static void append(world_t *w, const char *topic, char op, uint64_t row, uint32_t version,
                   uint64_t txid)
{
    buf_t key = {0}, value = {0};
    w->lsn += 8;
    kafka_event_t event = {.op = op,
                           .row = row,
                           .from = version,
                           .to = version,
                           .txid = txid,
                           .lsn = w->lsn,
                           .last_commit = 10 * txid};
    kafka_key(&key, &w->space, row);
    kafka_envelope(&value, &w->space, &event);
    mock_cluster_append(&mock, topic, 0, buf_text(&key), value.data, value.len);
    buf_free(&key);
    buf_free(&value);
}

static void await(const tap_t *tap, uint64_t (*figure)(const tap_t *), uint64_t at_least)
{
    int64_t until_ns = clock_now_ns() + MOCK_PATIENCE_MS * NS_PER_MS;
    while (figure(tap) < at_least && clock_now_ns() < until_ns)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    assert_true(figure(tap) >= at_least);
}

static uint64_t failures(const tap_t *tap)
{
    return tap_failed(tap);
}

static void enter(world_t *w, uint64_t row, uint32_t rows)
{
    ledger_entry_t entry = {.first_row = row, .rows = rows};
    ledger_entry_t *entered = ledger_append(w->ledger, 0, &entry);
    assert_non_null(entered);
    ledger_close(entered, 1);
}

static void what_is_appended_is_verified_matched_and_counted(void **state)
{
    world_t *w = *state;
    const tap_t *core = start(w, KAFKA_FROM_END, NULL);
    for (uint64_t row = 0; row < ROWS; row++) {
        if (row % 10 == 0)
            enter(w, row, 10);
        append(w, TOPIC, 'c', row, 0, 1 + row / 10);
    }
    append(w, TOPIC, 'd', 7, 0, 2 * ROWS);
    mock_cluster_say(&mock, TOPIC, 0, "{\"transaction_id\":\"\"}", NULL);
    await(core, tap_seen, ROWS + 1);
    stop(w);
    verify_totals_t totals;
    verify_totals_peek(tap_verifier(kafka_tap_core(w->tap)), &totals);
    assert_int_equal(totals.delivered, ROWS + 1);
    assert_int_equal(totals.mismatched + totals.unknown + totals.out_of_order, 0);
    assert_int_equal(tap_transactions(core), ROWS / 10 + 1);
    assert_int_equal(tap_unmatched(core), 1); /* the delete, of which the ledger was not told */
    assert_int_equal(tap_position(core), w->lsn);
    assert_int_equal(kafka_tap_tombstones(w->tap), 1);
    assert_int_equal(kafka_tap_unreadable(w->tap), 0);
    assert_int_equal(kafka_tap_partitions(w->tap), 1);
    assert_true(tap_bytes(core) > ROWS * 300);
}

static void a_stop_leaves_nothing_behind_that_was_received(void **state)
{
    world_t *w = *state;
    const tap_t *core = start(w, KAFKA_FROM_END, NULL);
    enter(w, 0, ROWS);
    for (uint64_t row = 0; row < ROWS; row++)
        append(w, TOPIC, 'c', row, 0, 1);
    mock_cluster_flush(&mock);
    await(core, tap_seen, 1);
    stop(w);
    kafka_consumer_stats_t stats;
    kafka_tap_stats(w->tap, &stats);
    assert_int_equal(tap_events(core), stats.messages);
    /* What was under way has ended: its last event is measured. */
    const lag_t *last = tap_lag(core, SCOPE_LAST, 0, OP_INSERT, STAGE_ACK_TO_RECEIPT);
    assert_int_equal(lag_count(last), 1);
}

static void what_was_in_the_topic_before_is_of_before_the_run(void **state)
{
    world_t *w = *state;
    append(w, TOPIC, 'c', 0, 0, 1);
    append(w, TOPIC, 'c', 1, 0, 1);
    mock_cluster_flush(&mock);
    const tap_t *core = start(w, KAFKA_FROM_BEGINNING, NULL);
    append(w, TOPIC, 'c', 2, 0, 2);
    mock_cluster_flush(&mock);
    await(core, tap_seen, 1);
    stop(w);
    verify_totals_t totals;
    verify_totals_peek(tap_verifier(kafka_tap_core(w->tap)), &totals);
    assert_int_equal(totals.before_run, 2);
    assert_int_equal(totals.delivered, 1);
}

static void when_it_may_not_read_on_it_says_why_and_gives_the_ledger_up(void **state)
{
    world_t *w = *state;
    const tap_t *core = start(w, KAFKA_FROM_END, NULL);
    mock_cluster_answer_fetches(&mock, 100, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    append(w, TOPIC, 'c', 0, 0, 1);
    mock_cluster_flush(&mock);
    await(core, failures, 1);
    assert_non_null(strstr(tap_error(core), "the kafka tap ended"));
    assert_non_null(strstr(tap_error(core), TOPIC));
    for (uint64_t row = 0; row < ROWS; row++)
        enter(w, row, 1);
    int64_t until_ns = clock_now_ns() + MOCK_PATIENCE_MS * NS_PER_MS;
    while (ledger_live(w->ledger) > CHUNK && clock_now_ns() < until_ns)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    assert_int_equal(ledger_live(w->ledger), CHUNK);
}

/* Others' tables: known by their names, nothing of their rows is looked at. */
static void two_tables(world_t *w, int partitions_of_other)
{
    static const table_t transactions = {.name = "transactions"}, wide = {.name = "wide"};
    w->verify.tables = (tables_t){.use = {{.table = &transactions}, {.table = &wide}}, .n = 2};
    w->opts.unverified = true;
    w->opts.ledger = NULL;
    mock_cluster_topic(&mock, OTHER, partitions_of_other);
}

static void a_transaction_over_two_topics_is_one(void **state)
{
    world_t *w = *state;
    two_tables(w, 1);
    const tap_t *core = start(w, KAFKA_FROM_END, OTHER);
    for (uint64_t txid = 1; txid <= 50; txid++) {
        append(w, TOPIC, 'c', txid, 0, txid);
        append(w, OTHER, 'c', txid, 0, txid);
        append(w, TOPIC, 'c', txid, 0, txid);
    }
    mock_cluster_flush(&mock);
    await(core, tap_seen, 150);
    stop(w);
    assert_int_equal(tap_transactions(core), 50);
}

static void where_a_topic_has_several_partitions_each_event_stands_alone(void **state)
{
    world_t *w = *state;
    two_tables(w, 2);
    const tap_t *core = start(w, KAFKA_FROM_END, OTHER);
    append(w, TOPIC, 'c', 1, 0, 1);
    append(w, TOPIC, 'c', 2, 0, 1);
    append(w, OTHER, 'c', 3, 0, 1);
    mock_cluster_flush(&mock);
    await(core, tap_seen, 3);
    stop(w);
    assert_int_equal(tap_transactions(core), 3);
}

static void ends_of_transactions_are_read_from_the_last_topic(void **state)
{
    world_t *w = *state;
    static const char *const collections[] = {"public.transactions"};
    static const char end[] =
        "{\"status\":\"END\",\"id\":\"700:1010\",\"event_count\":3,\"data_collections\":["
        "{\"data_collection\":\"public.transactions\",\"event_count\":3}],\"ts_ms\":1}";
    end_counts_t counts;
    mock_cluster_topic(&mock, ENDS, 1);
    w->opts.collections = collections;
    start(w, KAFKA_FROM_END, ENDS);
    mock_cluster_say(&mock, ENDS, 0, NULL, end);
    int64_t until_ns = clock_now_ns() + MOCK_PATIENCE_MS * NS_PER_MS;
    while (kafka_tap_ends(w->tap) == 0 && clock_now_ns() < until_ns)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    assert_int_equal(kafka_tap_ends(w->tap), 1);
    assert_int_equal(kafka_tap_ends_waiting(w->tap), 1);
    stop(w);
    kafka_tap_end_counts(w->tap, true, &counts);
    assert_int_equal(counts.ends, 1);
    assert_int_equal(counts.faults[END_UNSEEN], 1);
    assert_int_equal(tap_events(kafka_tap_core(w->tap)), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)
    const struct CMUnitTest tests[] = {
        TEST(what_is_appended_is_verified_matched_and_counted),
        TEST(a_stop_leaves_nothing_behind_that_was_received),
        TEST(what_was_in_the_topic_before_is_of_before_the_run),
        TEST(when_it_may_not_read_on_it_says_why_and_gives_the_ledger_up),
        TEST(a_transaction_over_two_topics_is_one),
        TEST(where_a_topic_has_several_partitions_each_event_stands_alone),
        TEST(ends_of_transactions_are_read_from_the_last_topic),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
