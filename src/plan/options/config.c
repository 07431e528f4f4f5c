#include "plan/options/config.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

bool config_defaults(config_t *config)
{
    *config = (config_t){
        .name = strdup("quick"),
        .topic = strdup("cdcbench.public.transactions"),
        .partitions = 1,
        .seed = 42,
        .key_kind = KEY_UUID4,
        .replica_identity_full = true,
        .triggers = TRIGGERS_BOTH,
        .rows = 50000,
        .rows_per_txn = 1000,
        .duration_ns = 30 * NS_PER_S,
        .insert_rate = {STREAM_OPEN, 2000},
        .insert_rows_per_txn = 10,
        .update_rate = {STREAM_OPEN, 1000},
        .update_rows_per_txn = 20,
        .burst_rows = 500,
        .burst_every_ns = NS_PER_S,
        .connections = 4,
        .copy_binary = true,
        .threads = 2,
        .tap_wal = true,
        .repeat = 1,
        .drain_timeout_ns = 60 * NS_PER_S,
        .reconnect_timeout_ns = 30 * NS_PER_S,
        .ledger_max = 4000000,
        .on_overload = OVERLOAD_MARK,
        .size_retention_ns = INT64_C(7) * 86400 * NS_PER_S,
        .size_outage_ns = 3600 * NS_PER_S,
        .size_replication = 3,
        .size_consumers = 1,
        .progress_ns = NS_PER_S,
    };
    return config->name != NULL && config->topic != NULL;
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
    free(config->brokers);
    free(config->compare_phase);
    free(config->size_peak);
    free(config->size_growth);
    free(config->size_events);
    free(config->size_drain);
    free(config->size_broker);
    free(config->size_partition);
    free(config->connect_url);
    free(config->connector_config);
    if (config->spec_free != NULL) {
        config->spec_free(config->spec);
    }
    free(config->scenario);
    free_list(&config->set);
    free_list(&config->expect);
    free_list(&config->tables);
    free_list(&config->kafka);
    free_list(&config->connector);
    free(config->dsn);
    free(config->tap_dsn);
    free(config->watch_publication);
    free(config->watch_topic);
    free(config->topic);
    free(config->pg_bin);
    free(config->name);
    free(config->out);
    free(config->gen_shard);
    free(config->gen_output);
    *config = (config_t){0};
}

bool config_tap_kafka(const config_t *config)
{
    return config->taps_given ? config->tap_kafka : config->brokers != NULL;
}
