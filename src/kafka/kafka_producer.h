/*
 * kafka_producer: hands records to a topic, as fast as librdkafka takes them, and tells of each
 * whether it was delivered. It carries bytes and knows nothing of what is in them. Keys go to
 * partitions as Java's producer sends them (murmur2), so one key's records stay in order; retries
 * keep it too and make no duplicates (enable.idempotence), unless a property says else.
 *
 * One thread: the one that sends also polls, and on_delivered is called in kafka_producer_poll.
 * Where the queue is full (queue.buffering.max.messages, .kbytes) a record is not taken: it is the
 * caller's to send again after some were delivered. Nothing is dropped.
 */
#ifndef CDCBENCH_KAFKA_KAFKA_PRODUCER_H
#define CDCBENCH_KAFKA_KAFKA_PRODUCER_H

#include <stdint.h>

#include "base/err.h"
#include "kafka/kafka_target.h"

typedef struct kafka_producer kafka_producer_t;

typedef struct {
    kafka_target_t target; /* its strings are needed during kafka_producer_open alone */
    const char *topic;     /* must be there */
    /* Of each record sent, once: `why` is NULL when the brokers have it as acks says, else it was
     * given up for that reason, and may have been written or not. */
    void (*on_delivered)(void *ctx, void *token, const char *why);
    void *ctx;
} kafka_producer_opts_t;

/* Connects and looks the topic up; blocks for target.patience_ms at most each. NULL with *err:
 * ERR_USAGE for a property that librdkafka refuses; ERR_RUN for a broker or a topic that is not
 * there, with what to do. */
kafka_producer_t *kafka_producer_open(const kafka_producer_opts_t *opts, err_t *err);

/* Gives up what is not delivered, without a word, and frees it. NULL is allowed. */
void kafka_producer_close(kafka_producer_t *producer);

int kafka_producer_partitions(const kafka_producer_t *producer);

typedef enum {
    KAFKA_SEND_TAKEN,
    KAFKA_SEND_FULL,   /* the queue is: poll until some were delivered */
    KAFKA_SEND_REFUSED /* *err says why; it will not be taken */
} kafka_send_t;

/* Copies key and value; value NULL is a tombstone. `token` comes back in on_delivered. */
kafka_send_t kafka_producer_send(kafka_producer_t *producer, const char *key, size_t key_len,
                                 const char *value, size_t value_len, void *token, err_t *err);

/* Becomes readable when deliveries wait for kafka_producer_poll, which makes it unreadable again.
 */
int kafka_producer_fd(const kafka_producer_t *producer);

/* Calls on_delivered for all that has come, without waiting. */
void kafka_producer_poll(kafka_producer_t *producer);

uint64_t kafka_producer_waiting(const kafka_producer_t *producer); /* sent, and not told of */

#endif
