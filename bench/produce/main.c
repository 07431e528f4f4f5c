/*
 * A bare librdkafka producer: hands over records that were made beforehand, as fast as they are
 * taken, and waits for the delivery of each. What cdcbench produce is held against.
 *
 *   bench_produce BROKERS TOPIC RECORDS VALUES.jsonl [NAME=VALUE]...
 *
 * VALUES.jsonl has a value a line, taken in turn; the key is its transaction_id, as Debezium writes
 * one. Prints records, seconds from the first to the last delivery, CPU seconds, bytes.
 */
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { POLL_EVERY = 32, KEY_LEN = 36 };

typedef struct {
    char *value;
    size_t len;
    char key[64];
    size_t key_len;
} record_t;

static long failed; /* deliveries that were not */

static void die(const char *what, const char *why)
{
    fprintf(stderr, "bench_produce: %s: %s\n", what, why);
    exit(1);
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)rk, (void)opaque;
    failed += message->err != RD_KAFKA_RESP_ERR_NO_ERROR;
}

static record_t read_record(char *line, size_t len)
{
    static const char before[] = "\"transaction_id\":\"";
    record_t record = {.value = strndup(line, len), .len = len};
    const char *id = strstr(line, before);
    if (record.value == NULL || id == NULL) {
        die("a value", "no transaction_id in it");
    }
    int n = snprintf(record.key, sizeof record.key, "{%s%.*s\"}", before, KEY_LEN,
                     id + sizeof before - 1);
    record.key_len = (size_t)n;
    return record;
}

static record_t *read_records(const char *path, size_t *n)
{
    FILE *file = fopen(path, "r");
    record_t *records = NULL;
    char *line = NULL;
    size_t cap = 0;
    if (file == NULL) {
        die(path, "cannot be read");
    }
    *n = 0;
    for (ssize_t len; (len = getline(&line, &cap, file)) > 0; (*n)++) {
        records = realloc(records, (*n + 1) * sizeof *records);
        if (records == NULL) {
            die(path, "memory is out");
        }
        records[*n] = read_record(line, (size_t)len - (line[len - 1] == '\n'));
    }
    free(line);
    fclose(file);
    if (*n == 0) {
        die(path, "no values");
    }
    return records;
}

static rd_kafka_t *make_producer(const char *brokers, char **properties, int n)
{
    char words[256];
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    if (rd_kafka_conf_set(conf, "bootstrap.servers", brokers, words, sizeof words) != 0) {
        die(brokers, words);
    }
    for (int i = 0; i < n; i++) {
        char *value = strchr(properties[i], '=');
        if (value == NULL) {
            die(properties[i], "NAME=VALUE is expected");
        }
        *value++ = '\0';
        if (rd_kafka_conf_set(conf, properties[i], value, words, sizeof words) != 0) {
            die(properties[i], words);
        }
    }
    rd_kafka_t *rk = rd_kafka_new(RD_KAFKA_PRODUCER, conf, words, sizeof words);
    if (rk == NULL) {
        die("the producer", words);
    }
    return rk;
}

static double now_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Hands over `total` records; returns their bytes. */
static unsigned long long produce(rd_kafka_t *rk, rd_kafka_topic_t *topic, const record_t *records,
                                  size_t n, long total)
{
    unsigned long long bytes = 0;
    for (long i = 0; i < total; i++) {
        const record_t *record = &records[(size_t)i % n];
        while (rd_kafka_produce(topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY, record->value,
                                record->len, record->key, record->key_len, NULL) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL) {
                die("a record", rd_kafka_err2str(rd_kafka_last_error()));
            }
            rd_kafka_poll(rk, 1);
        }
        bytes += record->key_len + record->len;
        if (i % POLL_EVERY == 0) {
            rd_kafka_poll(rk, 0);
        }
    }
    return bytes;
}

int main(int argc, char **argv)
{
    if (argc < 5) {
        die("usage", "bench_produce BROKERS TOPIC RECORDS VALUES.jsonl [NAME=VALUE]...");
    }
    size_t n;
    record_t *records = read_records(argv[4], &n);
    rd_kafka_t *rk = make_producer(argv[1], argv + 5, argc - 5);
    rd_kafka_topic_t *topic = rd_kafka_topic_new(rk, argv[2], NULL);
    const struct rd_kafka_metadata *metadata;
    /* Connected before the clock runs, as cdcbench is. */
    if (topic == NULL || rd_kafka_metadata(rk, 0, topic, &metadata, 10000) != 0) {
        die(argv[2], rd_kafka_err2str(rd_kafka_last_error()));
    }
    rd_kafka_metadata_destroy(metadata);
    long total = strtol(argv[3], NULL, 10);
    double began_s = now_s(CLOCK_MONOTONIC), cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID);
    unsigned long long bytes = produce(rk, topic, records, n, total);
    while (rd_kafka_outq_len(rk) > 0) {
        rd_kafka_poll(rk, 1);
    }
    double seconds = now_s(CLOCK_MONOTONIC) - began_s;
    cpu_s = now_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s;
    if (failed > 0) {
        die(argv[2], "records were not delivered");
    }
    printf("%ld %.6f %.6f %llu\n", total, seconds, cpu_s, bytes);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(rk);
    for (size_t i = 0; i < n; i++) {
        free(records[i].value);
    }
    free(records);
    return 0;
}
