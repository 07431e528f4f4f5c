/*
 * kafka_client: a librdkafka handle with what each use of it here shares: properties, the brokers'
 * address for messages, what went wrong underneath last. Internal to this layer. One thread, but
 * for `unreachable`; librdkafka's own threads only log, to log_debug.
 */
#ifndef CDCBENCH_KAFKA_KAFKA_CLIENT_H
#define CDCBENCH_KAFKA_KAFKA_CLIENT_H

#include <librdkafka/rdkafka.h>
#include <stdatomic.h>

#include "base/err.h"
#include "kafka/kafka_target.h"

typedef enum {
    PROPERTY_DEFAULT,  /* ours, unless the user says else */
    PROPERTY_IF_KNOWN, /* the same, and passed over by a librdkafka that is too old for it */
    PROPERTY_FIXED,    /* what the code relies on: the user's is refused */
} kafka_property_kind_t;

typedef struct {
    const char *name, *value;
    kafka_property_kind_t kind;
} kafka_property_t;

typedef struct {
    rd_kafka_t *rk;
    char *brokers;
    int patience_ms;
    char trouble[384];         /* librdkafka's latest words about a broker; "": none */
    atomic_bool unreachable;   /* no broker is connected. Read by any thread */
    atomic_ullong outages;     /* how often that began. Read by any thread */
    rd_kafka_resp_err_t fatal; /* after which reading on makes no sense; trouble says why */
    void (*on_stats)(void *ctx, const char *json, size_t len); /* from rd_kafka_poll */
    /* Set: the handle is a producer's, and tells of each record's delivery, from rd_kafka_poll. */
    void (*on_delivery)(void *ctx, const rd_kafka_message_t *message);
    void *ctx;
} kafka_client_t;

/* Sets properties and makes the handle, which connects by itself. on_stats, on_delivery and ctx are
 * set before; the client does not move after. False with *err: ERR_USAGE for a property that
 * librdkafka does not take. kafka_client_close in either case. */
bool kafka_client_open(kafka_client_t *client, const kafka_target_t *target,
                       const kafka_property_t *properties, size_t n_properties, err_t *err);
void kafka_client_close(kafka_client_t *client);

/* True for what a broker that comes back mends. */
bool kafka_client_is_outage(rd_kafka_resp_err_t code);

/* Some broker has answered. */
void kafka_client_heard(kafka_client_t *client);

/* Always false: ERR_RUN with the brokers, what was tried, why not (`words`, or librdkafka's for the
 * code where NULL), and what to do. */
bool kafka_client_fail(kafka_client_t *client, rd_kafka_resp_err_t code, const char *words,
                       err_t *err, const char *tried_format, ...)
    __attribute__((format(printf, 5, 6)));

/* The number of partitions of a topic, all with a leader; 0: there is no such topic. Never makes
 * one. Blocks for patience_ms at most. False with *err. */
bool kafka_client_partitions(kafka_client_t *client, const char *topic, int *partitions,
                             err_t *err);

#endif
