/*
 * kafka_admin: topics: looked up, created, deleted, and what a topic's configuration says. Calls
 * block, for the target's patience_ms at most each. One thread at a time; owns its librdkafka
 * handle.
 */
#ifndef CDCBENCH_KAFKA_KAFKA_ADMIN_H
#define CDCBENCH_KAFKA_KAFKA_ADMIN_H

#include <stdint.h>

#include "base/err.h"
#include "kafka/kafka_target.h"

typedef struct kafka_admin kafka_admin_t;

/* Connects, and waits until a broker has answered. The target is needed during the call alone. NULL
 * with *err: ERR_USAGE for a property that librdkafka refuses, ERR_RUN for brokers that are not
 * there: which, why, what to do. */
kafka_admin_t *kafka_admin_open(const kafka_target_t *target, err_t *err);
void kafka_admin_free(kafka_admin_t *admin); /* NULL is allowed */

const char *kafka_admin_brokers(const kafka_admin_t *admin); /* as given */

/* The number of partitions of a topic; 0: there is none, and none is made. False with *err. */
bool kafka_admin_partitions(kafka_admin_t *admin, const char *topic, int *partitions, err_t *err);

/* A setting of a topic, "message.timestamp.type" for example: cut at size; "" for one that the
 * broker does not know. False with *err. */
bool kafka_admin_topic_setting(kafka_admin_t *admin, const char *topic, const char *setting,
                               char *out, size_t size, err_t *err);

typedef struct {
    const char *name;
    int partitions;
    int replicas;                /* -1: the broker's default.replication.factor */
    const char *const *settings; /* each "name=value"; may be NULL with 0 */
    size_t n_settings;
} kafka_new_topic_t;

/* Makes a topic, and returns when it has leaders. One that is there stays as it is: *created tells.
 * False with *err. */
bool kafka_admin_create_topic(kafka_admin_t *admin, const kafka_new_topic_t *topic, bool *created,
                              err_t *err);

/* Deletes a topic with all its records, and returns when the brokers no longer list it. One that is
 * not there is no error: *deleted tells. False with *err. */
bool kafka_admin_delete_topic(kafka_admin_t *admin, const char *topic, bool *deleted, err_t *err);

#endif
