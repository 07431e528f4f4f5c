#include "plan/options/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

bool config_defaults(config_t *config)
{
    *config = (config_t){
        .scenario = {.name = strdup("quick")},
        .produce = {.topic = strdup("cdcbench.public.transactions"), .partitions = 1},
        .table = {.seed = 42,
                  .key_kind = KEY_UUID4,
                  .replica_identity_full = true,
                  .triggers = TRIGGERS_BOTH},
        .quick = {.rows = 50000,
                  .rows_per_txn = 1000,
                  .duration_ns = 30 * NS_PER_S,
                  .insert_rate = {STREAM_OPEN, 2000},
                  .insert_rows_per_txn = 10,
                  .update_rate = {STREAM_OPEN, 1000},
                  .update_rows_per_txn = 20,
                  .burst_rows = 500,
                  .burst_every_ns = NS_PER_S},
        .load = {.connections = 4,
                 .copy_binary = true,
                 .threads = 2,
                 .reconnect_timeout_ns = 30 * NS_PER_S,
                 .ledger_max = 4000000,
                 .on_overload = OVERLOAD_MARK},
        .taps = {.wal = true, .drain_timeout_ns = 60 * NS_PER_S},
        .run = {.repeat = 1},
        .size = {.retention_ns = INT64_C(7) * 86400 * NS_PER_S,
                 .outage_ns = 3600 * NS_PER_S,
                 .replication = 3,
                 .consumers = 1},
        .output = {.progress_ns = NS_PER_S},
    };
    return config->scenario.name != NULL && config->produce.topic != NULL;
}

static void free_list(text_list_t *list)
{
    for (size_t i = 0; i < list->n; i++) {
        free(list->items[i]);
    }
    free(list->items);
}

void config_free(config_t *config)
{
    free(config->kafka.brokers);
    free(config->compare.phase);
    free(config->size.peak);
    free(config->size.growth);
    free(config->size.events);
    free(config->size.drain);
    free(config->size.broker);
    free(config->size.partition);
    free(config->kafka.connect_url);
    free(config->kafka.connector_config);
    if (config->scenario.spec_free != NULL) {
        config->scenario.spec_free(config->scenario.spec);
    }
    free(config->scenario.word);
    free_list(&config->scenario.set);
    free_list(&config->scenario.expect);
    free_list(&config->table.names);
    free_list(&config->kafka.properties);
    free_list(&config->kafka.connector);
    free(config->server.dsn);
    free(config->server.tap_dsn);
    free(config->watch.publication);
    free(config->watch.topic);
    free(config->produce.topic);
    free(config->server.pg_bin);
    free(config->scenario.name);
    free(config->output.folder);
    free(config->gen.shard);
    free(config->output.file);
    free(config->output.listen);
    *config = (config_t){0};
}

bool config_tap_kafka(const config_t *config)
{
    return config->taps.given ? config->taps.kafka : config->kafka.brokers != NULL;
}
