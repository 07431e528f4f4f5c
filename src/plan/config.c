#include "plan/config.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

bool config_defaults(config_t *config)
{
    *config = (config_t){
        .name = strdup("quick"),
        .seed = 42,
        .key_kind = KEY_UUID4,
        .replica_identity_full = true,
        .triggers = TRIGGERS_BOTH,
        .rows = 100000,
        .rows_per_txn = 1000,
        .duration_ns = 30 * NS_PER_S,
        .insert_rate = {STREAM_OPEN, 2000},
        .insert_rows_per_txn = 10,
        .update_rate = {STREAM_OPEN, 1000},
        .update_rows_per_txn = 20,
        .burst_rows = 500,
        .burst_every_ns = NS_PER_S,
        .connections = 4,
        .threads = 2,
        .tap_wal = true,
        .drain_timeout_ns = 60 * NS_PER_S,
        .reconnect_timeout_ns = 30 * NS_PER_S,
        .ledger_max = 4000000,
        .on_overload = OVERLOAD_MARK,
        .progress_ns = NS_PER_S,
    };
    return config->name != NULL;
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
    free(config->connect_url);
    free(config->connector_config);
    free_list(&config->kafka);
    free_list(&config->connector);
    free(config->dsn);
    free(config->tap_dsn);
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

static bool check_kafka(const config_t *config, err_t *err)
{
    if (config->tap_kafka && config->taps_given && config->brokers == NULL) {
        return err_set(err, ERR_USAGE,
                       "--taps kafka reads from Kafka: say where it is, with "
                       "--brokers host:port");
    }
    if (config->connect_url == NULL &&
        (config->connector.n > 0 || config->connector_config != NULL)) {
        return err_set(err, ERR_USAGE,
                       "--connector and --connector-config configure a connector: say where Kafka "
                       "Connect is, with --connect-url http://host:port");
    }
    if (config->connect_url != NULL && config->brokers == NULL) {
        return err_set(err, ERR_USAGE,
                       "--connect-url without --brokers: nobody would read what "
                       "the connector writes");
    }
    return true;
}

/* The name becomes part of a folder's. */
static bool check_name(const char *name, err_t *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t len = strlen(name);
    if (len == 0 || len >= SCENARIO_NAME_MAX || strspn(name, allowed) != len || name[0] == '.' ||
        name[0] == '-') {
        return err_set(err, ERR_USAGE,
                       "--name: cannot use '%s': a name has 1 to %d letters, digits, '.', '_' or "
                       "'-', and begins with a letter, a digit or '_'",
                       name, SCENARIO_NAME_MAX - 1);
    }
    return true;
}

static phase_t *add_phase(scenario_t *scenario, const char *name, phase_kind_t kind)
{
    phase_t *phase = &scenario->phases[scenario->n_phases++];
    snprintf(phase->name, sizeof phase->name, "%s", name);
    phase->kind = kind;
    return phase;
}

static bool insert_stream(const config_t *config, stream_t *out, err_t *err)
{
    if (config->inserts > 0 && config->insert_rate.kind == STREAM_OFF) {
        return err_set(err, ERR_USAGE,
                       "--inserts asks for %" PRIu64
                       " rows, and --insert-rate is off: give a rate, "
                       "or max",
                       config->inserts);
    }
    *out = (stream_t){
        .kind = config->insert_rate.kind,
        .rows = config->inserts,
        .rows_per_txn = (uint32_t)config->insert_rows_per_txn,
        .rate_per_s = config->insert_rate.per_s,
    };
    return schedule_check(out, config->duration_ns, err) ||
           err_wrap(err, "inserts (--insert-rate, --inserts, --duration)");
}

/* The rate and the burst, by the rule in config.h. */
static void settle_bursts(const config_t *config, rate_t *rate, uint64_t *burst_rows)
{
    *rate = config->update_rate;
    *burst_rows = config->burst_rows;
    if (config->update_rate_given && !config->burst_given) {
        *burst_rows = 0;
    }
    bool bursts_alone = !config->update_rate_given || rate->kind == STREAM_OFF;
    if (config->burst_given && *burst_rows > 0 && bursts_alone) {
        *rate = (rate_t){STREAM_OPEN,
                         (double)*burst_rows * (double)NS_PER_S / (double)config->burst_every_ns};
    }
}

/* What of an update stream's settings cannot be seen from the scenario: the options' names. */
static bool check_update_rows(const config_t *config, err_t *err)
{
    if (config->rows == 0) {
        return err_set(err, ERR_USAGE,
                       "--rows 0 leaves nothing to update: load some rows, or give "
                       "--update-rate off");
    }
    if (config->update_rows_per_txn > config->rows) {
        return err_set(err, ERR_USAGE,
                       "--update-rows-per-txn %" PRIu64 " is more than the %" PRIu64
                       " rows that are there to be updated (--rows)",
                       config->update_rows_per_txn, config->rows);
    }
    return true;
}

/* Leaves *out off where nothing is updated. */
static bool update_stream(const config_t *config, stream_t *out, err_t *err)
{
    rate_t rate;
    uint64_t burst_rows;
    settle_bursts(config, &rate, &burst_rows);
    if (rate.kind == STREAM_OFF) {
        if (config->updates > 0) {
            return err_set(err, ERR_USAGE,
                           "--updates asks for %" PRIu64 " rows, and --update-rate is off: give a "
                           "rate, or max",
                           config->updates);
        }
        return true;
    }
    *out = (stream_t){
        .kind = rate.kind,
        .rows = config->updates,
        .rows_per_txn = (uint32_t)config->update_rows_per_txn,
        .rate_per_s = rate.per_s,
        .burst_rows = burst_rows,
        .burst_every_ns = config->burst_every_ns,
    };
    if (!schedule_check(out, config->duration_ns, err)) {
        return err_wrap(err, "updates (--update-rate, --updates, --burst, --burst-every)");
    }
    return check_update_rows(config, err);
}

static void add_load(const config_t *config, scenario_t *scenario)
{
    if (config->rows == 0) {
        return;
    }
    add_phase(scenario, "load", PHASE_WORK)->streams[OP_INSERT] = (stream_t){
        .kind = STREAM_CLOSED,
        .rows = config->rows,
        .rows_per_txn = (uint32_t)config->rows_per_txn,
    };
}

static bool add_mixed(const config_t *config, scenario_t *scenario, err_t *err)
{
    stream_t inserts = {.kind = STREAM_OFF}, updates = {.kind = STREAM_OFF};
    if (!insert_stream(config, &inserts, err) || !update_stream(config, &updates, err)) {
        return false;
    }
    if (inserts.kind == STREAM_OFF && updates.kind == STREAM_OFF) {
        return true;
    }
    phase_t *phase = add_phase(scenario, "mixed", PHASE_WORK);
    phase->streams[OP_INSERT] = inserts;
    phase->streams[OP_UPDATE] = updates;
    bool timed = (inserts.kind != STREAM_OFF && inserts.rows == 0) ||
                 (updates.kind != STREAM_OFF && updates.rows == 0);
    phase->duration_ns = timed ? config->duration_ns : 0;
    return true;
}

bool config_scenario(const config_t *config, scenario_t *out, err_t *err)
{
    *out = (scenario_t){
        .seed = config->seed,
        .key_kind = config->key_kind,
        .replica_identity_full = config->replica_identity_full,
        .triggers = config->triggers,
        .connections = (uint32_t)config->connections,
    };
    if (!check_name(config->name, err) || !check_kafka(config, err)) {
        return false;
    }
    snprintf(out->name, sizeof out->name, "%s", config->name);
    add_load(config, out);
    if (!add_mixed(config, out, err)) {
        return false;
    }
    if (out->n_phases == 0) {
        return err_set(
            err, ERR_USAGE,
            "--rows 0 with --insert-rate off and --update-rate off leaves nothing to do: "
            "give one of them");
    }
    if (config->tap_wal || config_tap_kafka(config)) {
        add_phase(out, "drain", PHASE_DRAIN)->at_most_ns = config->drain_timeout_ns;
    }
    return scenario_resolve(out, err);
}
