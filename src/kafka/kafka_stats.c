#include "kafka/kafka_stats.h"

#include <jansson.h>
#include <string.h>

static uint64_t number(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));
    return value > 0 ? (uint64_t)value : 0;
}

static void read_brokers(json_t *brokers, kafka_stats_t *out)
{
    const char *name;
    json_t *broker;
    json_object_foreach(brokers, name, broker)
    {
        const char *state = json_string_value(json_object_get(broker, "state"));
        out->wire_bytes += number(broker, "rxbytes");
        /* A learned broker's node id; the bootstrap ones, which have none, stay idle after it. */
        out->brokers_up += state && strcmp(state, "UP") == 0;
    }
}

bool kafka_stats_read(const char *json, size_t len, kafka_stats_t *out,
                      void (*on_first)(void *ctx, const char *topic, int32_t partition,
                                       int64_t first),
                      void *ctx)
{
    *out = (kafka_stats_t){0};
    json_t *root = json_loadb(json, len, 0, NULL);
    if (!json_is_object(root)) {
        json_decref(root);
        return false;
    }
    read_brokers(json_object_get(root, "brokers"), out);
    const char *name, *ignored;
    json_t *topic, *partition;
    json_object_foreach(json_object_get(root, "topics"), name, topic)
    {
        json_object_foreach(json_object_get(topic, "partitions"), ignored, partition)
        {
            json_int_t index = json_integer_value(json_object_get(partition, "partition"));
            json_int_t first = json_integer_value(json_object_get(partition, "lo_offset"));
            uint64_t queued_bytes = number(partition, "fetchq_size");
            /* Each partition reports the queue that it feeds: one, shared. */
            out->queued_bytes = queued_bytes > out->queued_bytes ? queued_bytes : out->queued_bytes;
            /* -1 is where librdkafka keeps what has no partition; -1001 an offset not known. */
            if (index >= 0 && first >= 0) {
                on_first(ctx, name, (int32_t)index, first);
            }
        }
    }
    json_decref(root);
    return true;
}
