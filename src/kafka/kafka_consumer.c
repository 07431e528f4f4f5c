#include "kafka/kafka_consumer.h"

#include <assert.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "kafka/kafka_client.h"
#include "kafka/kafka_stats.h"

/* What a tap needs of librdkafka (its CONFIGURATION.md).
 *
 * The local queue: once it holds queued.min.messages or queued.max.messages.kbytes, librdkafka 2.0
 * stops fetching for a whole second, which reads as lag; from 2.2 on fetch.queue.backoff.ms says
 * how long. The bounds are for the older ones: a million messages or 1 GiB, reached only while a
 * backlog is drained faster than it is verified, is the memory that this may take.
 *
 * fetch.wait.max.ms is how long a broker with nothing to send keeps a request; with fetch.min.bytes
 * 1, what is appended meanwhile is sent at once, so that it adds nothing to a lag. */
static const kafka_property_t properties[] = {
    {"queued.min.messages", "1000000", PROPERTY_DEFAULT},
    {"queued.max.messages.kbytes", "1048576", PROPERTY_DEFAULT},
    {"fetch.queue.backoff.ms", "1", PROPERTY_IF_KNOWN},
    {"fetch.wait.max.ms", "100", PROPERTY_DEFAULT},
    {"fetch.min.bytes", "1", PROPERTY_DEFAULT},
    {"fetch.error.backoff.ms", "50", PROPERTY_DEFAULT},
    {"check.crcs", "true", PROPERTY_DEFAULT},
    /* A topic that is gone is told after this, not after 30 s: it was there at open. */
    {"topic.metadata.propagation.max.ms", "5000", PROPERTY_DEFAULT},
    {"statistics.interval.ms", "1000", PROPERTY_FIXED},
    /* Records that were removed are passed over, and counted as skipped. */
    {"auto.offset.reset", "earliest", PROPERTY_FIXED},
    /* Tells the end of a log from a marker or a removed record before it. */
    {"enable.partition.eof", "true", PROPERTY_FIXED},
    {"enable.auto.commit", "false", PROPERTY_FIXED},
    {"enable.auto.offset.store", "false", PROPERTY_FIXED},
};

/* Between two looks at a topic that was just made. */
#define YOUNG_PAUSE_NS (50 * NS_PER_MS)

typedef struct {
    int64_t first_at_open;
    int64_t floor;         /* the end offset at open */
    atomic_llong position; /* the offset that is expected next. Written by the owner's thread */
    atomic_llong first;    /* as far as known; as above */
    bool started;
} partition_t;

typedef struct {
    char *name;
    uint32_t index;
    rd_kafka_topic_t *handle; /* the one that its messages point to */
    partition_t *partitions;
    int n_partitions;
} topic_t;

struct kafka_consumer {
    kafka_client_t client;
    topic_t *topics;
    size_t n_topics;
    rd_kafka_queue_t *queue; /* of all partitions */

    rd_kafka_message_t **raw; /* the last batch: n_raw of batch_messages */
    size_t n_raw, batch_messages;
    kafka_message_t *messages;
    err_t failure; /* found in a batch whose other messages are handed out first */

    /* Written by the owner's thread, read by any. */
    counter_t handed_messages, handed_bytes;
    counter_t wire_bytes, queued_bytes;
    counter_t skipped_offsets, rewinds;
};

/* ---- statistics --------------------------------------------------------------------------------
 */

static void note_first(void *ctx, const char *topic, int32_t partition, int64_t first)
{
    kafka_consumer_t *c = ctx;
    for (size_t i = 0; i < c->n_topics; i++) {
        topic_t *t = &c->topics[i];
        if (strcmp(t->name, topic) == 0 && partition >= 0 && partition < t->n_partitions) {
            relaxed_set(&t->partitions[partition].first, first);
        }
    }
}

static void on_stats(void *ctx, const char *json, size_t len)
{
    kafka_consumer_t *c = ctx;
    kafka_stats_t stats;
    if (!kafka_stats_read(json, len, &stats, note_first, c)) {
        return; /* memory is out: the next one comes in a second */
    }
    relaxed_set(&c->wire_bytes, stats.wire_bytes);
    relaxed_set(&c->queued_bytes, stats.queued_bytes);
    if (stats.brokers_up > 0) {
        kafka_client_heard(&c->client);
    }
}

/* Where the log ends, as of the last fetch; where it ended at first before there was one. */
static int64_t known_end(const kafka_consumer_t *c, const topic_t *topic, int32_t partition)
{
    int64_t first, end;
    if (rd_kafka_get_watermark_offsets(c->client.rk, topic->name, partition, &first, &end) ||
        end < 0) {
        return topic->partitions[partition].floor;
    }
    return end;
}

void kafka_consumer_position(const kafka_consumer_t *c, uint32_t topic, int32_t partition,
                             int64_t *position, int64_t *end)
{
    const topic_t *of = &c->topics[topic];
    *position = relaxed_get(&of->partitions[partition].position);
    *end = known_end(c, of, partition);
}

void kafka_consumer_stats(const kafka_consumer_t *c, kafka_consumer_stats_t *out)
{
    *out = (kafka_consumer_stats_t){
        .messages = relaxed_get(&c->handed_messages),
        .bytes = relaxed_get(&c->handed_bytes),
        .wire_bytes = relaxed_get(&c->wire_bytes),
        .queued_messages = rd_kafka_queue_length(c->queue),
        .queued_bytes = relaxed_get(&c->queued_bytes),
        .skipped_offsets = relaxed_get(&c->skipped_offsets),
        .rewinds = relaxed_get(&c->rewinds),
        .outages = relaxed_get(&c->client.outages),
        .unreachable = relaxed_get(&c->client.unreachable),
    };
    for (size_t i = 0; i < c->n_topics; i++) {
        const topic_t *topic = &c->topics[i];
        for (int32_t p = 0; p < topic->n_partitions; p++) {
            const partition_t *partition = &topic->partitions[p];
            int64_t first = relaxed_get(&partition->first);
            int64_t position, end;
            kafka_consumer_position(c, (uint32_t)i, p, &position, &end);
            out->behind_messages += end > position ? (uint64_t)(end - position) : 0;
            out->removed_offsets +=
                first > partition->first_at_open ? (uint64_t)(first - partition->first_at_open) : 0;
        }
    }
}

/* ---- opening and closing -----------------------------------------------------------------------
 */

/* A topic just made has a leader that may not know of it yet. */
static bool is_young(rd_kafka_resp_err_t code)
{
    return code == RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION ||
           code == RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE ||
           code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
}

static bool query_offsets(kafka_consumer_t *c, const char *topic, int32_t partition, int64_t *first,
                          int64_t *end, err_t *err)
{
    int64_t until_ns = clock_now_ns() + c->client.patience_ms * NS_PER_MS;
    rd_kafka_resp_err_t code;
    while (is_young(code = rd_kafka_query_watermark_offsets(c->client.rk, topic, partition, first,
                                                            end, c->client.patience_ms)) &&
           clock_now_ns() < until_ns) {
        clock_sleep_until_ns(clock_now_ns() + YOUNG_PAUSE_NS);
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           kafka_client_fail(&c->client, code, NULL, err,
                             "the offsets of topic %s, partition %d, could not be read", topic,
                             (int)partition);
}

static int64_t start_of(const partition_t *partition, const kafka_topic_t *wanted, int32_t p)
{
    switch (wanted->from) {
    case KAFKA_FROM_BEGINNING:
        return partition->first_at_open;
    case KAFKA_FROM_OFFSETS:
        return wanted->offsets[p];
    case KAFKA_FROM_END:
        break;
    }
    return partition->floor;
}

static bool start_partition(kafka_consumer_t *c, topic_t *topic, const kafka_topic_t *wanted,
                            int32_t p, err_t *err)
{
    partition_t *partition = &topic->partitions[p];
    if (!query_offsets(c, topic->name, p, &partition->first_at_open, &partition->floor, err)) {
        return false;
    }
    int64_t start = start_of(partition, wanted, p);
    atomic_init(&partition->first, partition->first_at_open);
    atomic_init(&partition->position, start);
    /* librdkafka's interface without a consumer group: the other one asks the broker for a group
     * coordinator, which makes it create the offsets' topic while the run is on. */
    if (rd_kafka_consume_start_queue(topic->handle, p, start, c->queue) != 0) {
        return kafka_client_fail(&c->client, rd_kafka_last_error(), NULL, err,
                                 "topic %s, partition %d, could not be read", topic->name, (int)p);
    }
    partition->started = true;
    return true;
}

static bool start_topic(kafka_consumer_t *c, topic_t *topic, const kafka_topic_t *wanted,
                        err_t *err)
{
    int found;
    if (!kafka_client_partitions(&c->client, wanted->name, &found, err)) {
        return false;
    }
    if (found == 0) {
        return err_set(err, ERR_RUN,
                       "Kafka at %s: there is no topic %s; create it, or check topic.prefix and "
                       "table.include.list of the connector that writes it",
                       c->client.brokers, wanted->name);
    }
    if (wanted->from == KAFKA_FROM_OFFSETS && wanted->n_offsets != found) {
        return err_set(err, ERR_RUN,
                       "Kafka at %s: topic %s has %d partitions, and offsets for %d were given",
                       c->client.brokers, wanted->name, found, wanted->n_offsets);
    }
    topic->name = strdup(wanted->name);
    topic->partitions = calloc((size_t)found, sizeof *topic->partitions);
    topic->handle = topic->name && topic->partitions
                        ? rd_kafka_topic_new(c->client.rk, topic->name, NULL)
                        : NULL;
    if (!topic->handle) {
        return err_set(err, ERR_RUN, "Kafka at %s: topic %s: memory is out", c->client.brokers,
                       wanted->name);
    }
    topic->n_partitions = found;
    for (int32_t p = 0; p < found; p++) {
        if (!start_partition(c, topic, wanted, p, err)) {
            return false;
        }
    }
    return true;
}

static bool allocate(kafka_consumer_t *c, const kafka_consumer_opts_t *opts)
{
    c->batch_messages = opts->batch_messages ? opts->batch_messages : KAFKA_BATCH_MESSAGES;
    c->raw = calloc(c->batch_messages, sizeof(rd_kafka_message_t *));
    c->messages = calloc(c->batch_messages, sizeof *c->messages);
    c->topics = calloc(opts->n_topics, sizeof *c->topics);
    return c->raw && c->messages && c->topics;
}

kafka_consumer_t *kafka_consumer_open(const kafka_consumer_opts_t *opts, err_t *err)
{
    kafka_consumer_t *c = calloc(1, sizeof *c);
    if (!c || !allocate(c, opts)) {
        err_set(err, ERR_RUN, "Kafka at %s: memory is out", opts->target.brokers);
        goto fail;
    }
    c->client.on_stats = on_stats;
    c->client.ctx = c;
    if (!kafka_client_open(&c->client, &opts->target, properties,
                           sizeof properties / sizeof *properties, err)) {
        goto fail;
    }
    c->queue = rd_kafka_queue_new(c->client.rk);
    for (size_t i = 0; i < opts->n_topics; i++) {
        c->topics[i].index = (uint32_t)i;
        c->n_topics = i + 1;
        if (!start_topic(c, &c->topics[i], &opts->topics[i], err)) {
            goto fail;
        }
    }
    return c;
fail:
    kafka_consumer_close(c);
    return NULL;
}

static void close_topic(topic_t *topic)
{
    for (int32_t p = 0; p < topic->n_partitions; p++) {
        if (topic->partitions[p].started) {
            rd_kafka_consume_stop(topic->handle, p);
        }
    }
    if (topic->handle) {
        rd_kafka_topic_destroy(topic->handle);
    }
}

void kafka_consumer_close(kafka_consumer_t *c)
{
    if (!c) {
        return;
    }
    kafka_consumer_release(c);
    for (size_t i = 0; i < c->n_topics; i++) {
        close_topic(&c->topics[i]);
    }
    if (c->queue) {
        rd_kafka_queue_destroy(c->queue);
    }
    kafka_client_close(&c->client);
    for (size_t i = 0; i < c->n_topics; i++) {
        free(c->topics[i].partitions);
        free(c->topics[i].name);
    }
    free(c->topics);
    free(c->messages);
    free(c->raw);
    free(c);
}

/* ---- reading -----------------------------------------------------------------------------------
 */

void kafka_consumer_release(kafka_consumer_t *c)
{
    for (size_t i = 0; i < c->n_raw; i++) {
        rd_kafka_message_destroy(c->raw[i]);
    }
    c->n_raw = 0;
}

/* There are few. */
static topic_t *topic_of(const kafka_consumer_t *c, const rd_kafka_message_t *raw)
{
    topic_t *topic = c->topics;
    while (topic->handle != raw->rkt) {
        topic++;
        assert(topic < c->topics + c->n_topics);
    }
    return topic;
}

/* An event or an error in the place of a message. */
static void take_event(kafka_consumer_t *c, const rd_kafka_message_t *raw)
{
    if (raw->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        partition_t *partition = &topic_of(c, raw)->partitions[raw->partition];
        int64_t position = relaxed_get(&partition->position);
        if (raw->offset > position) {
            counter_add(&c->skipped_offsets, (uint64_t)(raw->offset - position));
            relaxed_set(&partition->position, raw->offset);
        }
        return;
    }
    if (kafka_client_is_outage(raw->err) || c->failure.code != ERR_NONE) {
        return;
    }
    kafka_client_fail(&c->client, raw->err, rd_kafka_message_errstr(raw), &c->failure,
                      "topic %s, partition %d, cannot be read on",
                      raw->rkt ? rd_kafka_topic_name(raw->rkt) : "?", (int)raw->partition);
}

static kafka_time_t time_kind(rd_kafka_timestamp_type_t type)
{
    switch (type) {
    case RD_KAFKA_TIMESTAMP_CREATE_TIME:
        return KAFKA_TIME_CREATE;
    case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME:
        return KAFKA_TIME_LOG_APPEND;
    case RD_KAFKA_TIMESTAMP_NOT_AVAILABLE:
        break;
    }
    return KAFKA_TIME_NONE;
}

static void follow(kafka_consumer_t *c, partition_t *partition, int64_t offset)
{
    int64_t expected = relaxed_get(&partition->position);
    if (offset > expected) {
        counter_add(&c->skipped_offsets, (uint64_t)(offset - expected));
    } else if (offset < expected) {
        counter_add(&c->rewinds, 1);
    }
    relaxed_set(&partition->position, offset + 1);
}

static void take_message(kafka_consumer_t *c, const rd_kafka_message_t *raw, kafka_message_t *out)
{
    const topic_t *topic = topic_of(c, raw);
    rd_kafka_timestamp_type_t type;
    int64_t timestamp_ms = rd_kafka_message_timestamp(raw, &type);
    *out = (kafka_message_t){
        .key = raw->key,
        .key_len = raw->key_len,
        .value = raw->payload,
        .value_len = raw->len,
        .offset = raw->offset,
        .timestamp_ms = timestamp_ms,
        .timestamp_kind = time_kind(type),
        .partition = raw->partition,
        .topic = topic->index,
    };
    follow(c, &topic->partitions[raw->partition], raw->offset);
}

/* Waits for the first message alone: rd_kafka_consume_batch_queue, asked for many, waits until it
 * has them all or the time is up. */
static bool fetch(kafka_consumer_t *c, int timeout_ms, err_t *err)
{
    ssize_t first = rd_kafka_consume_batch_queue(c->queue, timeout_ms, c->raw, 1);
    if (first == 1) {
        c->n_raw = 1;
        ssize_t rest = rd_kafka_consume_batch_queue(c->queue, 0, c->raw + 1, c->batch_messages - 1);
        c->n_raw += rest > 0 ? (size_t)rest : 0;
    }
    return first >= 0 || err_set(err, ERR_RUN, "Kafka at %s: cannot be read: %s", c->client.brokers,
                                 strerror(errno));
}

static bool failed(kafka_consumer_t *c, err_t *err)
{
    if (c->client.fatal != RD_KAFKA_RESP_ERR_NO_ERROR && c->failure.code == ERR_NONE) {
        kafka_client_fail(&c->client, c->client.fatal, c->client.trouble, &c->failure,
                          "cannot be read on (was a topic deleted?)");
    }
    if (c->failure.code != ERR_NONE && err) {
        *err = c->failure;
    }
    return c->failure.code != ERR_NONE;
}

bool kafka_consumer_next(kafka_consumer_t *c, int timeout_ms, kafka_batch_t *batch, err_t *err)
{
    *batch = (kafka_batch_t){.messages = c->messages};
    kafka_consumer_release(c);
    rd_kafka_poll(c->client.rk, 0); /* statistics, and what befell brokers */
    if (failed(c, err) || !fetch(c, timeout_ms, err)) {
        return false;
    }
    batch->receipt_ns = clock_now_ns();
    uint64_t bytes = 0;
    for (size_t i = 0; i < c->n_raw; i++) {
        if (c->raw[i]->err) {
            take_event(c, c->raw[i]);
        } else {
            take_message(c, c->raw[i], &c->messages[batch->n++]);
            bytes += c->raw[i]->len + c->raw[i]->key_len;
        }
    }
    if (batch->n > 0) {
        kafka_client_heard(&c->client);
        counter_add(&c->handed_messages, batch->n);
        counter_add(&c->handed_bytes, bytes);
    }
    return batch->n > 0 || !failed(c, err);
}

/* ---- what is known -----------------------------------------------------------------------------
 */

int kafka_consumer_partitions(const kafka_consumer_t *c, uint32_t topic)
{
    return c->topics[topic].n_partitions;
}

int64_t kafka_consumer_floor(const kafka_consumer_t *c, uint32_t topic, int32_t partition)
{
    return c->topics[topic].partitions[partition].floor;
}

bool kafka_consumer_watermarks(kafka_consumer_t *c, uint32_t topic, int32_t partition,
                               int64_t *first, int64_t *end, err_t *err)
{
    return query_offsets(c, c->topics[topic].name, partition, first, end, err);
}
