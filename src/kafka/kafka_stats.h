/*
 * kafka_stats: what we read of librdkafka's statistics, a JSON object a second (its STATISTICS.md).
 * Internal to this layer. Pure; any thread.
 */
#ifndef CDCBENCH_KAFKA_KAFKA_STATS_H
#define CDCBENCH_KAFKA_KAFKA_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t wire_bytes;   /* the sum of brokers.*.rxbytes */
    uint64_t queued_bytes; /* in the queue that all partitions share */
    int brokers_up;        /* in state UP */
} kafka_stats_t;

/* Reads it, and calls on_first for each partition whose first offset is in it. False when it is no
 * JSON object or memory is out. */
bool kafka_stats_read(const char *json, size_t len, kafka_stats_t *out,
                      void (*on_first)(void *ctx, const char *topic, int32_t partition,
                                       int64_t first),
                      void *ctx);

#endif
