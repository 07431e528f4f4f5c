/* kafka_producer against librdkafka's mock cluster: what is sent arrives in order, each record is
 * told of once, and a full queue loses nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "kafka/kafka_consumer.h"
#include "kafka/kafka_producer.h"
#include "kafka/mock_cluster.h"

#define TOPIC "cdcbench.public.transactions"

static mock_cluster_t mock;

/* What on_delivered was told. Tokens are numbers, 1 and on. */
static struct {
    uint64_t delivered, failed, sum;
    char why[256];
} told;

static int start(void **state)
{
    (void)state;
    mock = mock_cluster_start();
    mock_cluster_topic(&mock, TOPIC, 4);
    memset(&told, 0, sizeof told);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    mock_cluster_stop(&mock);
    return 0;
}

static void on_delivered(void *ctx, void *token, const char *why)
{
    assert_ptr_equal(ctx, &told);
    told.delivered += why == NULL;
    told.failed += why != NULL;
    told.sum += (uintptr_t)token;
    if (why != NULL) {
        snprintf(told.why, sizeof told.why, "%s", why);
    }
}

static kafka_producer_t *open_with(const char *const *properties, size_t n, const char *topic,
                                   err_t *err)
{
    kafka_producer_opts_t opts = {
        .target = {.brokers = mock.brokers, .properties = properties, .n_properties = n},
        .topic = topic,
        .on_delivered = on_delivered,
        .ctx = &told};
    return kafka_producer_open(&opts, err);
}

static kafka_producer_t *open_producer(const char *const *properties, size_t n)
{
    err_t err = {0};
    kafka_producer_t *producer = open_with(properties, n, TOPIC, &err);
    if (producer == NULL) {
        fail_msg("%s", err.text);
    }
    return producer;
}

/* Waits for its descriptor, and polls, until all that was sent has been told of. */
static void await_all(kafka_producer_t *producer)
{
    while (kafka_producer_waiting(producer) > 0) {
        struct pollfd fd = {.fd = kafka_producer_fd(producer), .events = POLLIN};
        assert_int_equal(poll(&fd, 1, MOCK_PATIENCE_MS), 1);
        kafka_producer_poll(producer);
    }
}

static void send_number(kafka_producer_t *producer, uint64_t number)
{
    char key[32], value[32];
    err_t err = {0};
    int key_len = snprintf(key, sizeof key, "k%d", (int)(number % 7));
    int value_len = snprintf(value, sizeof value, "%d", (int)number);
    kafka_send_t sent;
    while ((sent = kafka_producer_send(producer, key, (size_t)key_len, value, (size_t)value_len,
                                       (void *)(uintptr_t)number, &err)) == KAFKA_SEND_FULL) {
        kafka_producer_poll(producer);
    }
    if (sent != KAFKA_SEND_TAKEN) {
        fail_msg("%s", err.text);
    }
}

/* Reads so many records; within each key's, numbers rise, and one key is in one partition. */
static uint64_t read_back(uint64_t n)
{
    err_t err = {0};
    kafka_topic_t topic = {.name = TOPIC, .from = KAFKA_FROM_BEGINNING};
    kafka_consumer_opts_t opts = {
        .target = {.brokers = mock.brokers}, .topics = &topic, .n_topics = 1};
    kafka_consumer_t *consumer = kafka_consumer_open(&opts, &err);
    assert_non_null(consumer);
    uint64_t sum = 0, seen = 0;
    int last[7] = {0}, partition[7] = {-1, -1, -1, -1, -1, -1, -1};
    int64_t until_ns = clock_now_ns() + MOCK_PATIENCE_MS * NS_PER_MS;
    while (seen < n && clock_now_ns() < until_ns) {
        kafka_batch_t batch;
        assert_true(kafka_consumer_next(consumer, 100, &batch, &err));
        for (size_t i = 0; i < batch.n; i++, seen++) {
            const kafka_message_t *message = &batch.messages[i];
            char text[32];
            snprintf(text, sizeof text, "%.*s", (int)message->value_len, message->value);
            int key = message->key[1] - '0', number = atoi(text);
            assert_true(number > last[key]);
            assert_true(partition[key] < 0 || partition[key] == message->partition);
            last[key] = number;
            partition[key] = message->partition;
            sum += (uint64_t)number;
        }
    }
    kafka_consumer_close(consumer);
    assert_int_equal(seen, n);
    return sum;
}

static void each_record_arrives_and_is_told_of_once(void **state)
{
    (void)state;
    kafka_producer_t *producer = open_producer(NULL, 0);
    assert_int_equal(kafka_producer_partitions(producer), 4);
    for (uint64_t i = 1; i <= 1000; i++) {
        send_number(producer, i);
    }
    await_all(producer);
    assert_int_equal(told.delivered, 1000);
    assert_int_equal(told.failed, 0);
    assert_int_equal(told.sum, 500500);
    kafka_producer_close(producer);
    assert_int_equal(read_back(1000), 500500);
}

static void a_full_queue_takes_no_more_and_loses_nothing(void **state)
{
    (void)state;
    static const char *const small[] = {"queue.buffering.max.messages=10"};
    kafka_producer_t *producer = open_producer(small, 1);
    err_t err = {0};
    int taken = 0;
    while (kafka_producer_send(producer, "k0", 2, "0", 1, NULL, &err) == KAFKA_SEND_TAKEN) {
        taken++;
    }
    assert_int_equal(taken, 10);
    for (uint64_t i = 1; i <= 100; i++) {
        send_number(producer, i);
    }
    await_all(producer);
    assert_int_equal(told.delivered, 110);
    assert_int_equal(told.sum, 5050);
    kafka_producer_close(producer);
}

static void a_tombstone_has_a_key_and_no_value(void **state)
{
    (void)state;
    err_t err = {0};
    kafka_producer_t *producer = open_producer(NULL, 0);
    assert_int_equal(kafka_producer_send(producer, "k", 1, NULL, 0, NULL, &err), KAFKA_SEND_TAKEN);
    await_all(producer);
    kafka_producer_close(producer);
    kafka_topic_t topic = {.name = TOPIC, .from = KAFKA_FROM_BEGINNING};
    kafka_consumer_opts_t opts = {
        .target = {.brokers = mock.brokers}, .topics = &topic, .n_topics = 1};
    kafka_consumer_t *consumer = kafka_consumer_open(&opts, &err);
    assert_non_null(consumer);
    kafka_batch_t batch = {.n = 0};
    while (batch.n == 0) {
        assert_true(kafka_consumer_next(consumer, MOCK_PATIENCE_MS, &batch, &err));
    }
    assert_null(batch.messages[0].value);
    assert_int_equal(batch.messages[0].key_len, 1);
    kafka_consumer_close(consumer);
}

static void what_a_broker_refuses_is_told_with_its_reason(void **state)
{
    (void)state;
    kafka_producer_t *producer = open_producer(NULL, 0);
    rd_kafka_mock_push_request_errors(mock.cluster, 0 /* Produce */, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    send_number(producer, 1);
    await_all(producer);
    assert_int_equal(told.delivered, 0);
    assert_int_equal(told.failed, 1);
    assert_non_null(strstr(told.why, "authorization"));
    kafka_producer_close(producer);
}

static void a_topic_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    err_t err = {0};
    rd_kafka_mock_topic_set_error(mock.cluster, "none", RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART);
    assert_null(open_with(NULL, 0, "none", &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "there is no topic none"));
}

static void properties_that_order_rests_on_are_refused(void **state)
{
    (void)state;
    err_t err = {0};
    static const char *const random_partitions[] = {"partitioner=random"};
    assert_null(open_with(random_partitions, 1, TOPIC, &err));
    assert_int_equal(err.code, ERR_USAGE);
    static const char *const wrong[] = {"acks=some"};
    assert_null(open_with(wrong, 1, TOPIC, &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "acks"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_record_arrives_and_is_told_of_once),
        TEST(a_full_queue_takes_no_more_and_loses_nothing),
        TEST(a_tombstone_has_a_key_and_no_value),
        TEST(what_a_broker_refuses_is_told_with_its_reason),
        TEST(a_topic_that_is_not_there_is_an_error),
        TEST(properties_that_order_rests_on_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
