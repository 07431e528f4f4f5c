/* kafka_consumer against librdkafka's mock cluster: what is appended comes out, from the offset
 * asked for, and whatever befalls the brokers is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "kafka/kafka_consumer.h"
#include "kafka/mock_cluster.h"

#define TOPIC "cdc.public.transactions"

static mock_cluster_t mock;

static int start(void **state)
{
    (void)state;
    mock = mock_cluster_start();
    mock_cluster_topic(&mock, TOPIC, 1);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mock_cluster_stop(&mock);
    return 0;
}

static kafka_consumer_t *open_topic(kafka_topic_t topic)
{
    err_t err = {0};
    kafka_consumer_opts_t opts = {
        .target = {.brokers = mock.brokers}, .topics = &topic, .n_topics = 1};
    kafka_consumer_t *c = kafka_consumer_open(&opts, &err);
    if (!c) {
        fail_msg("%s", err.text);
    }
    return c;
}

static kafka_consumer_t *open_from(kafka_from_t from)
{
    return open_topic((kafka_topic_t){.name = TOPIC, .from = from});
}

/* The error of an open that must fail. */
static err_t refused(const kafka_consumer_opts_t *opts)
{
    err_t err = {0};
    assert_null(kafka_consumer_open(opts, &err));
    return err;
}

/* The next batch that is not empty. */
static kafka_batch_t await_batch(kafka_consumer_t *c)
{
    err_t err = {0};
    kafka_batch_t batch = {0};
    int64_t until_ns = clock_now_ns() + MOCK_PATIENCE_MS * NS_PER_MS;
    while (batch.n == 0 && clock_now_ns() < until_ns) {
        if (!kafka_consumer_next(c, 100, &batch, &err)) {
            fail_msg("%s", err.text);
        }
    }
    if (batch.n == 0) {
        fail_msg("no message came");
    }
    return batch;
}

/* One message, which must be alone. */
static kafka_message_t await_message(kafka_consumer_t *c)
{
    kafka_batch_t batch = await_batch(c);
    assert_int_equal(batch.n, 1);
    return batch.messages[0];
}

static void assert_slice(const char *slice, size_t len, const char *expected)
{
    assert_non_null(slice);
    assert_int_equal(len, strlen(expected));
    assert_memory_equal(slice, expected, len);
}

/* Reads on until the statistics satisfy `enough`. */
static kafka_consumer_stats_t await_stats(kafka_consumer_t *c,
                                          bool (*enough)(const kafka_consumer_stats_t *))
{
    err_t err = {0};
    kafka_batch_t batch;
    kafka_consumer_stats_t stats;
    int64_t until_ns = clock_now_ns() + MOCK_PATIENCE_MS * NS_PER_MS;
    do {
        assert_true(kafka_consumer_next(c, 50, &batch, &err));
        kafka_consumer_stats(c, &stats);
        if (clock_now_ns() > until_ns) {
            fail_msg("the statistics never said so");
        }
    } while (!enough(&stats));
    return stats;
}

/* ---- messages ---- */

static void a_record_comes_with_its_key_value_offset_and_create_time(void **state)
{
    (void)state;
    mock_cluster_say(&mock, TOPIC, 0, "k", "before");
    kafka_consumer_t *c = open_from(KAFKA_FROM_END);
    mock_cluster_say(&mock, TOPIC, 0, "{\"id\":1}", "{\"op\":\"c\"}");
    kafka_message_t message = await_message(c);
    assert_slice(message.key, message.key_len, "{\"id\":1}");
    assert_slice(message.value, message.value_len, "{\"op\":\"c\"}");
    assert_int_equal(message.topic, 0);
    assert_int_equal(message.partition, 0);
    assert_int_equal(message.offset, 1);
    assert_int_equal(message.timestamp_kind, KAFKA_TIME_CREATE);
    assert_int_equal(message.timestamp_ms, 1712757806489);
    kafka_consumer_close(c);
}

static void a_tombstone_is_told_from_an_empty_value_and_no_key_from_an_empty_one(void **state)
{
    (void)state;
    kafka_consumer_t *c = open_from(KAFKA_FROM_END);
    mock_cluster_say(&mock, TOPIC, 0, "k", NULL);
    kafka_message_t tombstone = await_message(c);
    assert_null(tombstone.value);
    assert_int_equal(tombstone.value_len, 0);
    assert_slice(tombstone.key, tombstone.key_len, "k");

    mock_cluster_say(&mock, TOPIC, 0, NULL, "");
    kafka_message_t empty = await_message(c);
    assert_slice(empty.value, empty.value_len, "");
    assert_null(empty.key);

    mock_cluster_say(&mock, TOPIC, 0, "", "v");
    kafka_message_t empty_key = await_message(c);
    assert_slice(empty_key.key, empty_key.key_len, "");
    kafka_consumer_close(c);
}

static void one_record_is_handed_out_without_waiting_for_a_full_batch(void **state)
{
    (void)state;
    kafka_consumer_t *c = open_from(KAFKA_FROM_END);
    mock_cluster_say(&mock, TOPIC, 0, "k", "alone");
    err_t err = {0};
    kafka_batch_t batch;
    /* The end of the partition may be told first, which ends a wait too. A consumer that waited for
     * more would be stopped by the test's own time limit. */
    do {
        assert_true(kafka_consumer_next(c, 24 * 3600 * 1000, &batch, &err));
    } while (batch.n == 0);
    assert_int_equal(batch.n, 1);
    kafka_consumer_close(c);
}

static void a_batch_that_is_waited_for_in_vain_is_empty_and_no_error(void **state)
{
    (void)state;
    kafka_consumer_t *c = open_from(KAFKA_FROM_END);
    err_t err = {0};
    kafka_batch_t batch = {.n = 99};
    assert_true(kafka_consumer_next(c, 0, &batch, &err));
    assert_int_equal(batch.n, 0);
    assert_int_equal(err.code, ERR_NONE);
    kafka_consumer_close(c);
}

static void many_records_come_once_each_and_in_order_and_are_counted(void **state)
{
    (void)state;
    enum { RECORDS = 5000 };
    kafka_consumer_t *c = open_from(KAFKA_FROM_END);
    int64_t next = kafka_consumer_floor(c, 0, 0);
    for (int i = 0; i < RECORDS; i++) {
        char value[16];
        mock_cluster_append(&mock, TOPIC, 0, "key", value,
                            (size_t)snprintf(value, sizeof value, "%08d", i));
    }
    mock_cluster_flush(&mock);
    for (int i = 0; i < RECORDS;) {
        kafka_batch_t batch = await_batch(c);
        assert_in_range(batch.n, 1, KAFKA_BATCH_MESSAGES);
        for (size_t m = 0; m < batch.n; m++, i++, next++) {
            char value[16];
            snprintf(value, sizeof value, "%08d", i);
            assert_slice(batch.messages[m].value, batch.messages[m].value_len, value);
            assert_int_equal(batch.messages[m].offset, next);
        }
    }
    kafka_consumer_stats_t stats;
    kafka_consumer_stats(c, &stats);
    assert_int_equal(stats.messages, RECORDS);
    assert_int_equal(stats.bytes, RECORDS * (3 + 8));
    assert_int_equal(stats.behind_messages, 0);
    assert_int_equal(stats.skipped_offsets, 0);
    assert_int_equal(stats.rewinds, 0);
    kafka_consumer_close(c);
}

/* ---- where it begins ---- */

static void reading_from_the_beginning_tells_old_from_new_by_the_floor(void **state)
{
    (void)state;
    mock_cluster_topic(&mock, "floor", 1);
    mock_cluster_say(&mock, "floor", 0, "k", "old 0");
    mock_cluster_say(&mock, "floor", 0, "k", "old 1");
    kafka_consumer_t *c =
        open_topic((kafka_topic_t){.name = "floor", .from = KAFKA_FROM_BEGINNING});
    assert_int_equal(kafka_consumer_floor(c, 0, 0), 2);
    mock_cluster_say(&mock, "floor", 0, "k", "new 2");
    for (int64_t offset = 0; offset < 3;) {
        kafka_batch_t batch = await_batch(c);
        for (size_t m = 0; m < batch.n; m++, offset++) {
            assert_int_equal(batch.messages[m].offset, offset);
            assert_int_equal(batch.messages[m].value[0], offset < 2 ? 'o' : 'n');
        }
    }
    kafka_consumer_close(c);
}

static void reading_from_given_offsets_begins_there(void **state)
{
    (void)state;
    mock_cluster_topic(&mock, "given", 2);
    for (int i = 0; i < 3; i++) {
        mock_cluster_say(&mock, "given", 0, "k", "a");
        mock_cluster_say(&mock, "given", 1, "k", "b");
    }
    const int64_t offsets[] = {2, 3};
    kafka_consumer_t *c = open_topic((kafka_topic_t){
        .name = "given", .from = KAFKA_FROM_OFFSETS, .offsets = offsets, .n_offsets = 2});
    kafka_message_t message = await_message(c);
    assert_int_equal(message.partition, 0);
    assert_int_equal(message.offset, 2);
    mock_cluster_say(&mock, "given", 1, "k", "b");
    message = await_message(c);
    assert_int_equal(message.partition, 1);
    assert_int_equal(message.offset, 3);
    kafka_consumer_close(c);
}

static void offsets_for_another_number_of_partitions_are_refused(void **state)
{
    (void)state;
    const int64_t offsets[] = {0, 0};
    kafka_topic_t topic = {
        .name = TOPIC, .from = KAFKA_FROM_OFFSETS, .offsets = offsets, .n_offsets = 2};
    err_t err = refused(&(kafka_consumer_opts_t){
        .target = {.brokers = mock.brokers}, .topics = &topic, .n_topics = 1});
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "has 1 partitions, and offsets for 2 were given"));
}

static void all_partitions_of_several_topics_are_read_at_once(void **state)
{
    (void)state;
    mock_cluster_topic(&mock, "wide", 3);
    mock_cluster_topic(&mock, "cdc.transaction", 1);
    const kafka_topic_t topics[] = {{.name = "wide"}, {.name = "cdc.transaction"}};
    err_t err = {0};
    kafka_consumer_t *c = kafka_consumer_open(
        &(kafka_consumer_opts_t){
            .target = {.brokers = mock.brokers}, .topics = topics, .n_topics = 2},
        &err);
    assert_non_null(c);
    assert_int_equal(kafka_consumer_partitions(c, 0), 3);
    assert_int_equal(kafka_consumer_partitions(c, 1), 1);
    for (int p = 0; p < 3; p++) {
        mock_cluster_say(&mock, "wide", p, "k", "v");
        kafka_message_t message = await_message(c);
        assert_int_equal(message.topic, 0);
        assert_int_equal(message.partition, p);
    }
    mock_cluster_say(&mock, "cdc.transaction", 0, "k", "END");
    assert_int_equal(await_message(c).topic, 1);
    kafka_consumer_close(c);
}

static void the_ends_of_a_partition_can_be_asked_for(void **state)
{
    (void)state;
    mock_cluster_topic(&mock, "ends", 1);
    kafka_consumer_t *c = open_topic((kafka_topic_t){.name = "ends"});
    mock_cluster_say(&mock, "ends", 0, "k", "v");
    int64_t first = -1, end = -1;
    err_t err = {0};
    assert_true(kafka_consumer_watermarks(c, 0, 0, &first, &end, &err));
    assert_int_equal(first, 0);
    assert_int_equal(end, 1);
    kafka_consumer_close(c);
}

/* ---- what goes wrong ---- */

static void a_topic_that_does_not_exist_is_named(void **state)
{
    (void)state;
    rd_kafka_mock_topic_set_error(mock.cluster, "no.such.topic",
                                  RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    kafka_topic_t topic = {.name = "no.such.topic"};
    err_t err = refused(&(kafka_consumer_opts_t){
        .target = {.brokers = mock.brokers}, .topics = &topic, .n_topics = 1});
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "there is no topic no.such.topic; create it"));
    assert_non_null(strstr(err.text, mock.brokers));
}

static void a_broker_that_is_not_there_is_named_with_the_reason(void **state)
{
    (void)state;
    kafka_topic_t topic = {.name = TOPIC};
    err_t err = refused(&(kafka_consumer_opts_t){
        .target = {.brokers = "127.0.0.1:1", .patience_ms = 300}, .topics = &topic, .n_topics = 1});
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "Kafka at 127.0.0.1:1: "));
    assert_non_null(strstr(err.text, "Connection refused"));
    assert_non_null(strstr(err.text, "is a broker running there"));
}

static err_t refused_property(const char *property)
{
    kafka_topic_t topic = {.name = TOPIC};
    return refused(&(kafka_consumer_opts_t){
        .target = {.brokers = mock.brokers, .properties = &property, .n_properties = 1},
        .topics = &topic,
        .n_topics = 1});
}

static void a_property_that_librdkafka_refuses_is_named(void **state)
{
    (void)state;
    err_t err = refused_property("no.such.property=1");
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "no.such.property"));
    err = refused_property("fetch.wait.max.ms=soon");
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "fetch.wait.max.ms"));
    err = refused_property("fetch.wait.max.ms");
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "expected NAME=VALUE"));
}

static void a_property_that_the_consumer_relies_on_is_not_overridden(void **state)
{
    (void)state;
    const char *const properties[] = {"auto.offset.reset=latest", "bootstrap.servers=elsewhere:1",
                                      "allow.auto.create.topics=true"};
    for (size_t i = 0; i < 3; i++) {
        err_t err = refused_property(properties[i]);
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.text, "set by cdcbench itself"));
    }
}

static void a_property_of_the_users_goes_before_ours(void **state)
{
    (void)state;
    /* librdkafka compares the two, which shows that both were taken. */
    const char *const properties[] = {"fetch.max.bytes=2000000",
                                      "receive.message.max.bytes=1000000"};
    kafka_topic_t topic = {.name = TOPIC};
    err_t err = refused(&(kafka_consumer_opts_t){
        .target = {.brokers = mock.brokers, .properties = properties, .n_properties = 2},
        .topics = &topic,
        .n_topics = 1});
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "the properties do not go together"));
    assert_non_null(strstr(err.text, "fetch.max.bytes"));
}

static void records_removed_before_they_were_read_are_counted_as_skipped(void **state)
{
    (void)state;
    /* A mock partition keeps 5 MiB. */
    static char value[100000];
    mock_cluster_topic(&mock, "short", 1);
    memset(value, 'x', sizeof value);
    for (int i = 0; i < 80; i++) {
        mock_cluster_append(&mock, "short", 0, "k", value, sizeof value);
        mock_cluster_flush(&mock);
    }
    const int64_t from_zero[] = {0};
    kafka_consumer_t *c = open_topic((kafka_topic_t){
        .name = "short", .from = KAFKA_FROM_OFFSETS, .offsets = from_zero, .n_offsets = 1});
    int64_t first = -1, end = -1;
    assert_true(kafka_consumer_watermarks(c, 0, 0, &first, &end, NULL));
    assert_true(first > 0);
    kafka_batch_t batch = await_batch(c);
    assert_int_equal(batch.messages[0].offset, first);
    kafka_consumer_stats_t stats;
    kafka_consumer_stats(c, &stats);
    assert_int_equal(stats.skipped_offsets, first);
    kafka_consumer_close(c);
}

static void a_topic_that_is_deleted_ends_the_reading_with_its_name(void **state)
{
    (void)state;
    mock_cluster_topic(&mock, "doomed", 1);
    const char *const soon[] = {"topic.metadata.refresh.interval.ms=100",
                                "topic.metadata.propagation.max.ms=1"};
    kafka_topic_t topic = {.name = "doomed"};
    err_t err = {0};
    kafka_consumer_t *c = kafka_consumer_open(
        &(kafka_consumer_opts_t){
            .target = {.brokers = mock.brokers, .properties = soon, .n_properties = 2},
            .topics = &topic,
            .n_topics = 1},
        &err);
    assert_non_null(c);
    rd_kafka_mock_topic_set_error(mock.cluster, "doomed", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    kafka_batch_t batch;
    int64_t until_ns = clock_now_ns() + MOCK_PATIENCE_MS * NS_PER_MS;
    while (kafka_consumer_next(c, 50, &batch, &err) && clock_now_ns() < until_ns) {
    }
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "cannot be read on (was a topic deleted?): doomed [0]"));
    assert_false(kafka_consumer_next(c, 0, &batch, &err)); /* and stays so */
    kafka_consumer_close(c);
}

static bool is_unreachable(const kafka_consumer_stats_t *stats)
{
    return stats->unreachable;
}

static void a_broker_that_goes_is_told_and_one_that_comes_back_is_read_on(void **state)
{
    (void)state;
    kafka_consumer_t *c = open_from(KAFKA_FROM_END);
    mock_cluster_say(&mock, TOPIC, 0, "k", "before");
    int64_t offset = await_message(c).offset;
    rd_kafka_mock_broker_set_down(mock.cluster, -1);
    assert_int_equal(await_stats(c, is_unreachable).outages, 1);
    rd_kafka_mock_broker_set_up(mock.cluster, -1);
    mock_cluster_say(&mock, TOPIC, 0, "k", "after");
    kafka_message_t message = await_message(c);
    assert_slice(message.value, message.value_len, "after");
    assert_int_equal(message.offset, offset + 1);
    kafka_consumer_stats_t stats;
    kafka_consumer_stats(c, &stats);
    assert_false(stats.unreachable);
    kafka_consumer_close(c);
}

static bool has_wire_bytes(const kafka_consumer_stats_t *stats)
{
    return stats->wire_bytes > 0;
}

static void the_bytes_on_the_wire_hold_the_records(void **state)
{
    (void)state;
    static char value[50000];
    memset(value, 'x', sizeof value);
    kafka_consumer_t *c = open_from(KAFKA_FROM_END);
    mock_cluster_append(&mock, TOPIC, 0, "k", value, sizeof value);
    mock_cluster_flush(&mock);
    assert_int_equal(await_message(c).value_len, sizeof value);
    kafka_consumer_stats_t stats = await_stats(c, has_wire_bytes);
    assert_true(stats.wire_bytes > sizeof value);
    kafka_consumer_close(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_comes_with_its_key_value_offset_and_create_time),
        cmocka_unit_test(a_tombstone_is_told_from_an_empty_value_and_no_key_from_an_empty_one),
        cmocka_unit_test(one_record_is_handed_out_without_waiting_for_a_full_batch),
        cmocka_unit_test(a_batch_that_is_waited_for_in_vain_is_empty_and_no_error),
        cmocka_unit_test(many_records_come_once_each_and_in_order_and_are_counted),
        cmocka_unit_test(reading_from_the_beginning_tells_old_from_new_by_the_floor),
        cmocka_unit_test(reading_from_given_offsets_begins_there),
        cmocka_unit_test(offsets_for_another_number_of_partitions_are_refused),
        cmocka_unit_test(all_partitions_of_several_topics_are_read_at_once),
        cmocka_unit_test(the_ends_of_a_partition_can_be_asked_for),
        cmocka_unit_test(a_topic_that_does_not_exist_is_named),
        cmocka_unit_test(a_broker_that_is_not_there_is_named_with_the_reason),
        cmocka_unit_test(a_property_that_librdkafka_refuses_is_named),
        cmocka_unit_test(a_property_that_the_consumer_relies_on_is_not_overridden),
        cmocka_unit_test(a_property_of_the_users_goes_before_ours),
        cmocka_unit_test(records_removed_before_they_were_read_are_counted_as_skipped),
        cmocka_unit_test(a_topic_that_is_deleted_ends_the_reading_with_its_name),
        cmocka_unit_test(a_broker_that_goes_is_told_and_one_that_comes_back_is_read_on),
        cmocka_unit_test(the_bytes_on_the_wire_hold_the_records),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
