#include "kafka/kafka_producer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "kafka/kafka_client.h"

struct kafka_producer {
    kafka_client_t client;
    rd_kafka_topic_t *topic;
    rd_kafka_queue_t *queue; /* where deliveries wait */
    int fd;                  /* eventfd: written to when the queue is no longer empty */
    int partitions;
    void (*on_delivered)(void *ctx, void *token, const char *why);
    void *ctx;
};

/* A large queue, since a broker's round trip at these rates holds many records; enough in a batch
 * that compression has something to work on. */
static const kafka_property_t properties[] = {
    {"acks", "all", PROPERTY_DEFAULT},
    {"enable.idempotence", "true", PROPERTY_DEFAULT},
    {"linger.ms", "5", PROPERTY_DEFAULT},
    {"queue.buffering.max.messages", "500000", PROPERTY_DEFAULT},
    {"queue.buffering.max.kbytes", "524288", PROPERTY_DEFAULT},
    {"partitioner", "murmur2_random", PROPERTY_FIXED},
    {"delivery.report.only.error", "false", PROPERTY_FIXED},
};

static void on_delivery(void *ctx, const rd_kafka_message_t *message)
{
    kafka_producer_t *producer = ctx;
    const char *why =
        message->err == RD_KAFKA_RESP_ERR_NO_ERROR ? NULL : rd_kafka_err2str(message->err);
    producer->on_delivered(producer->ctx, message->_private, why);
}

static bool open_topic(kafka_producer_t *producer, const char *name, err_t *err)
{
    if (!kafka_client_partitions(&producer->client, name, &producer->partitions, err)) {
        return false;
    }
    if (producer->partitions == 0) {
        return err_set(err, ERR_RUN, "Kafka at %s: there is no topic %s; create it first",
                       producer->client.brokers, name);
    }
    producer->topic = rd_kafka_topic_new(producer->client.rk, name, NULL);
    return producer->topic != NULL ||
           kafka_client_fail(&producer->client, rd_kafka_last_error(), NULL, err, "topic %s", name);
}

kafka_producer_t *kafka_producer_open(const kafka_producer_opts_t *opts, err_t *err)
{
    static const uint64_t one = 1;
    kafka_producer_t *producer = calloc(1, sizeof *producer);
    if (producer == NULL) {
        err_set(err, ERR_RUN, "Kafka at %s: memory is out", opts->target.brokers);
        return NULL;
    }
    producer->on_delivered = opts->on_delivered;
    producer->ctx = opts->ctx;
    producer->client.on_delivery = on_delivery;
    producer->client.ctx = producer;
    producer->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (producer->fd < 0) {
        err_set(err, ERR_RUN, "Kafka at %s: no descriptor is left", opts->target.brokers);
        goto fail;
    }
    if (!kafka_client_open(&producer->client, &opts->target, properties,
                           sizeof properties / sizeof properties[0], err) ||
        !open_topic(producer, opts->topic, err)) {
        goto fail;
    }
    producer->queue = rd_kafka_queue_get_main(producer->client.rk);
    rd_kafka_queue_io_event_enable(producer->queue, producer->fd, &one, sizeof one);
    return producer;
fail:
    kafka_producer_close(producer);
    return NULL;
}

void kafka_producer_close(kafka_producer_t *producer)
{
    if (producer == NULL) {
        return;
    }
    if (producer->queue != NULL) {
        rd_kafka_queue_io_event_enable(producer->queue, -1, NULL, 0);
        rd_kafka_queue_destroy(producer->queue);
    }
    if (producer->topic != NULL) {
        rd_kafka_purge(producer->client.rk, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
        rd_kafka_topic_destroy(producer->topic);
    }
    kafka_client_close(&producer->client);
    if (producer->fd >= 0) {
        close(producer->fd);
    }
    free(producer);
}

int kafka_producer_partitions(const kafka_producer_t *producer)
{
    return producer->partitions;
}

kafka_send_t kafka_producer_send(kafka_producer_t *producer, const char *key, size_t key_len,
                                 const char *value, size_t value_len, void *token, err_t *err)
{
    /* librdkafka does not write to what it copies. */
    if (rd_kafka_produce(producer->topic, RD_KAFKA_PARTITION_UA, RD_KAFKA_MSG_F_COPY,
                         (void *)(uintptr_t)value, /* NOLINT(performance-no-int-to-ptr) */
                         value_len, key, key_len, token) == 0) {
        return KAFKA_SEND_TAKEN;
    }
    rd_kafka_resp_err_t code = rd_kafka_last_error();
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL) {
        return KAFKA_SEND_FULL;
    }
    kafka_client_fail(&producer->client, code, NULL, err, "a record of %zu bytes was not taken",
                      value_len);
    return KAFKA_SEND_REFUSED;
}

int kafka_producer_fd(const kafka_producer_t *producer)
{
    return producer->fd;
}

void kafka_producer_poll(kafka_producer_t *producer)
{
    eventfd_t value;
    eventfd_read(producer->fd, &value);
    while (rd_kafka_poll(producer->client.rk, 0) > 0) {
    }
}

uint64_t kafka_producer_waiting(const kafka_producer_t *producer)
{
    return (uint64_t)rd_kafka_outq_len(producer->client.rk);
}
