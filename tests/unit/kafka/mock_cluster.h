/*
 * mock_cluster: librdkafka's own mock of a Kafka cluster (rdkafka_mock.h): brokers in this process,
 * which speak enough of the protocol to produce and to consume. Included after cmocka.
 */
#ifndef CDCBENCH_TESTS_MOCK_CLUSTER_H
#define CDCBENCH_TESTS_MOCK_CLUSTER_H

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <string.h>

/* How long a test waits for what it expects; far more than that takes. */
#define MOCK_PATIENCE_MS 20000

typedef struct {
    rd_kafka_t *producer; /* owns the brokers */
    rd_kafka_mock_cluster_t *cluster;
    const char *brokers;
} mock_cluster_t;

static inline mock_cluster_t mock_cluster_start(void)
{
    char words[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", words, sizeof words);
    rd_kafka_conf_set(conf, "linger.ms", "0", words, sizeof words);
    rd_kafka_conf_set(conf, "log_level", "0", words, sizeof words);
    mock_cluster_t mock = {.producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words)};
    if (!mock.producer) {
        fail_msg("%s", words);
    }
    mock.cluster = rd_kafka_handle_mock_cluster(mock.producer);
    mock.brokers = rd_kafka_mock_cluster_bootstraps(mock.cluster);
    return mock;
}

static inline void mock_cluster_stop(mock_cluster_t *mock)
{
    rd_kafka_destroy(mock->producer);
}

static inline void mock_cluster_topic(mock_cluster_t *mock, const char *topic, int partitions)
{
    assert_int_equal(rd_kafka_mock_topic_create(mock->cluster, topic, partitions, 1), 0);
}

/* Hands a record to the producer; see mock_cluster_flush. NULL key or value: none. */
static inline void mock_cluster_append(mock_cluster_t *mock, const char *topic, int partition,
                                       const char *key, const char *value, size_t value_len)
{
    rd_kafka_resp_err_t code = rd_kafka_producev(
        mock->producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(partition),
        RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, key ? strlen(key) : 0),
        RD_KAFKA_V_VALUE((void *)value, value_len), RD_KAFKA_V_TIMESTAMP(1712757806489),
        RD_KAFKA_V_END);
    assert_int_equal(code, 0);
}

/* Waits until the broker has it all. */
static inline void mock_cluster_flush(mock_cluster_t *mock)
{
    assert_int_equal(rd_kafka_flush(mock->producer, MOCK_PATIENCE_MS), 0);
}

static inline void mock_cluster_say(mock_cluster_t *mock, const char *topic, int partition,
                                    const char *key, const char *value)
{
    mock_cluster_append(mock, topic, partition, key, value, value ? strlen(value) : 0);
    mock_cluster_flush(mock);
}

/* The broker answers the next n fetches so. An answer to a fetch that the consumer has given up
 * meanwhile is lost: where one must be heard, ask for many. */
static inline void mock_cluster_answer_fetches(mock_cluster_t *mock, size_t n,
                                               rd_kafka_resp_err_t code)
{
    rd_kafka_resp_err_t codes[1000];
    assert_true(n <= sizeof codes / sizeof *codes);
    for (size_t i = 0; i < n; i++)
        codes[i] = code;
    rd_kafka_mock_push_request_errors_array(mock->cluster, 1 /* Fetch */, n, codes);
}

#endif
