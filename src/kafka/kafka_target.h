/*
 * kafka_target: which Kafka cluster, and how to get there. Filled at start-up by one thread; then
 * only read. What it points to belongs to whoever fills it, and outlives what is opened with it.
 */
#ifndef CDCBENCH_KAFKA_KAFKA_TARGET_H
#define CDCBENCH_KAFKA_KAFKA_TARGET_H

#include <stddef.h>

/* How long a request waits for a broker's answer unless the target says else. */
#define KAFKA_PATIENCE_MS 10000

typedef struct {
    const char *brokers;           /* "host:port,host:port", as bootstrap.servers */
    const char *const *properties; /* librdkafka's own, each "name=value"; may be NULL with 0 */
    size_t n_properties;
    int patience_ms; /* 0: KAFKA_PATIENCE_MS */
} kafka_target_t;

#endif
