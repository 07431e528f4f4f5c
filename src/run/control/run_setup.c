#include "run/control/run_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/log.h"
#include "postgres/schema.h"
#include "run/control/table_setup.h"
#include "run/monitor/process.h"

/* The postmaster, when it is a process of this host: the one that listens where we are connected
 * to, and whose child serves us (a pooler or a tunnel listens too, and has no such child). */
int run_local_postmaster(const run_t *run)
{
    char address[64];
    const char *host = pg_target_get(run->opts.target, "hostaddr");
    const char *port = pg_target_get(run->opts.target, "port");
    int pid = pg_admin_listener_pid(run->admin);
    if (host == NULL)
        host = pg_target_get(run->opts.target, "host");
    snprintf(address, sizeof address, "%s:%s", host != NULL ? host : "", port != NULL ? port : "");
    if (pid == 0)
        pid = process_behind(address);
    return pid != 0 && process_parent(pg_admin_backend_pid(run->admin)) == pid ? pid : 0;
}

static bool prepare_schema(run_t *run, char *noted_topics, size_t size, err_t *err)
{
    run->admin = pg_admin_connect(run->opts.target, err);
    if (run->admin == NULL)
        return false;
    run->server_pid = run_local_postmaster(run);
    table_setup_t setup;
    bool done = table_setup_make(&setup, &run->opts.scenario->tables, err) &&
                schema_check(run->admin, &setup.opts,
                             config_has_tap(run->opts.config, TAP_READS_LOG), err) &&
                schema_noted(run->admin, noted_topics, size, err) &&
                schema_create(run->admin, &setup.opts, !run->opts.keep_table, err) &&
                schema_note(run->admin, noted_topics, err) &&
                pg_admin_value(run->admin, "SELECT current_user", run->modified_by,
                               sizeof run->modified_by, err);
    table_setup_end(&setup);
    return done;
}

static bool prepare_data(run_t *run, err_t *err)
{
    const scenario_t *scenario = run->opts.scenario;
    const config_t *config = run->opts.config;
    work_t *work = &run->work;
    row_space_init(&run->space, scenario->seed, scenario->key_kind);
    work->scenario = scenario;
    work->space = &run->space;
    work->statements = run->statements = statements_new(scenario);
    work->target = run->opts.target;
    work->threads =
        (uint32_t)(config->load.threads < scenario->connections ? config->load.threads
                                                                : scenario->connections);
    work->reconnect_timeout_ns = config->load.reconnect_timeout_ns;
    run->bound = (backlog_bound_t){.max_rows = config->load.backlog_max_rows,
                                   .max_age_ns = config->load.backlog_max_age_ns};
    work->stop_on_overload = config->load.on_overload == OVERLOAD_STOP;
    work->rows = row_state_new(scenario->rows);
    work->ledger = ledger_new(scenario->connections, config_taps(config), config->load.ledger_max);
    if (work->statements == NULL || work->rows == NULL || work->ledger == NULL)
        return err_set(err, ERR_RUN, "out of memory for the ledger and the versions of %llu rows",
                       (unsigned long long)scenario->rows);
    run->verify = (verify_opts_t){.space = &run->space,
                                  .tables = scenario->tables,
                                  .rows = scenario->rows,
                                  .modified_by = run->modified_by};
    return true;
}

/* Of the log: the slot that is made for this run. */
static void name_slot(const run_t *run, char *out, size_t size)
{
    snprintf(out, size, "%swal_%d_%lld", SCHEMA_SLOT_PREFIX, (int)getpid(),
             (long long)(run->anchor.wall_us / US_PER_S));
}

static bool note_topics(run_t *run, const char *noted_topics, err_t *err)
{
    buf_t note = {0};
    bool done = buf_puts(&note, noted_topics) && topics_note(debezium_topics(run->debezium), &note)
                    ? schema_note(run->admin, buf_text(&note), err)
                    : err_set(err, ERR_RUN, "out of memory");
    buf_free(&note);
    return done;
}

static bool prepare_debezium(run_t *run, const char *noted_topics, err_t *err)
{
    debezium_opts_t opts = {.config = run->opts.config,
                            .target = run->opts.target,
                            .admin = run->admin,
                            .tables = &run->opts.scenario->tables,
                            .noted_topics = noted_topics,
                            .interrupts = run->opts.interrupts};
    run->debezium = debezium_start(&opts, err);
    return run->debezium != NULL && note_topics(run, noted_topics, err);
}

/* Nothing of the load has been committed yet: where the log stands now is the floor of both taps.
 */
static bool note_floor(run_t *run, err_t *err)
{
    char text[32];
    if (!pg_admin_value(run->admin, "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')",
                        text, sizeof text, err))
        return false;
    run->floor_lsn = strtoull(text, NULL, 10);
    return true;
}

/* The topics to read; how many. */
static uint32_t list_topics(const run_t *run, kafka_topic_t wanted[TABLES_MAX + 1])
{
    if (run->debezium == NULL) {
        wanted[0] = (kafka_topic_t){.name = run->opts.config->watch.topic, .from = KAFKA_FROM_END};
        return 1;
    }
    const topics_t *topics = debezium_topics(run->debezium);
    for (uint32_t t = 0; t < topics->n; t++)
        wanted[t] = (kafka_topic_t){.name = topics->at[t].name, .from = KAFKA_FROM_BEGINNING};
    return topics->n;
}

static void on_connector_failed(void *ctx, const err_t *why)
{
    run_t *run = ctx;
    atomic_store_explicit(&run->connector_failed, true, memory_order_relaxed);
    work_fail(&run->work, why);
}

static bool check_connector(void *ctx, err_t *err)
{
    run_t *run = ctx;
    return debezium_check(run->debezium, err);
}

static bool start_monitor(run_t *run, monitor_opts_t *monitor, err_t *err)
{
    const config_t *config = run->opts.config;
    monitor->target = run->opts.target;
    monitor->clock = &run->clock;
    monitor->server_pid = run->server_pid;
    monitor->broker_pid = process_behind(config->kafka.brokers);
    if (run->debezium != NULL) {
        char *slot = monitor->slots[tap_with(TAP_BEHIND_PIPELINE)];
        snprintf(slot, sizeof monitor->slots[0], "%s", debezium_slot(run->debezium));
        monitor->connect_pid = process_behind(config->kafka.connect_url);
        monitor->check = check_connector;
        monitor->on_failed = on_connector_failed;
        monitor->ctx = run;
    }
    clocksync_init(&run->clock, run->anchor);
    run->monitor = monitor_start(monitor, err);
    return run->monitor != NULL;
}

bool run_open_source(run_t *run, tap_id_t tap, const source_opts_t *opts, err_t *err)
{
    run->sources[tap] = source_open(tap, opts, err);
    return run->sources[tap] != NULL;
}

bool run_start_source(run_t *run, tap_id_t tap, const tap_opts_t *opts, err_t *err)
{
    /* What was committed before a watch began and comes late is what it is there to see. */
    uint64_t floor_lsn = run->opts.watched != NULL ? 0 : run->floor_lsn;
    if (!source_start(run->sources[tap], opts, floor_lsn, err))
        return false;
    run->taps[tap] = source_tap(run->sources[tap]);
    return true;
}

static uint32_t warm_up_phases(const scenario_t *scenario)
{
    _Static_assert(SCENARIO_PHASES_MAX <= 32, "a bit a phase");
    uint32_t bits = 0;
    for (uint32_t p = 0; p < scenario->n_phases; p++)
        bits |= (uint32_t)scenario->phases[p].warm_up << p;
    return bits;
}

/* Where Connect and the broker are processes of this host, their clock is the client's, and known.
 * It need not be told from the server's while the two cannot be told apart: then stamps stay what
 * they are. */
static void find_clients_clocks(const run_t *run, const monitor_opts_t *monitor,
                                bool is_clients[CLOCK_COUNT])
{
    int64_t offset_us = 0, uncertainty_us = 0;
    bool differs = clocksync_get(&run->clock, &offset_us, &uncertainty_us) &&
                   llabs(offset_us) > uncertainty_us;
    is_clients[CLOCK_CONNECT] = differs && monitor->connect_pid != 0;
    is_clients[CLOCK_BROKER] = differs && monitor->broker_pid != 0;
}

tap_opts_t run_tap_opts(const run_t *run, tap_id_t tap)
{
    const watched_t *watched = run->opts.watched;
    return (tap_opts_t){.verify = &run->verify,
                        .unverified = watched != NULL,
                        .schema = watched != NULL ? watched->schema : NULL,
                        .ledger = watched != NULL ? NULL : run->work.ledger,
                        .connections = run->opts.scenario->connections,
                        .id = tap,
                        .clock = &run->clock,
                        .unmeasured = warm_up_phases(run->opts.scenario),
                        .phase = &run->work.phase};
}

/* Those that are asked for, in their order. */
static bool open_sources(run_t *run, const source_opts_t *opts, err_t *err)
{
    monitor_opts_t *monitor = &run->monitored;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (!config_tap_on(run->opts.config, tap))
            continue;
        if (tap_has(tap, TAP_READS_LOG))
            snprintf(monitor->slots[tap], sizeof monitor->slots[tap], "%s", opts->slot);
        if (!run_open_source(run, tap, opts, err))
            return false;
        if (tap_has(tap, TAP_READS_LOG) && run->server_pid > 0)
            monitor->walsender_pid = source_backend_pid(run->sources[tap]);
    }
    return true;
}

static bool start_sources(run_t *run, err_t *err)
{
    const topics_t *topics = run->debezium != NULL ? debezium_topics(run->debezium) : NULL;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        tap_opts_t opts = run_tap_opts(run, tap);
        opts.collections = topics != NULL && topics->has_transactions ? topics->collections : NULL;
        find_clients_clocks(run, &run->monitored, opts.clients_clock);
        if (run->sources[tap] != NULL && !run_start_source(run, tap, &opts, err))
            return false;
    }
    return true;
}

/* Slots are made before the load and after the connector, so that they decode nothing of what
 * setting up has written. */
bool run_prepare_taps(run_t *run, err_t *err)
{
    const config_t *config = run->opts.config;
    const watched_t *watched = run->opts.watched;
    kafka_topic_t wanted[TABLES_MAX + 1];
    char slot[64];
    name_slot(run, slot, sizeof slot);
    const source_opts_t opts = {
        .server = run_tap_target(&run->opts),
        .slot = slot,
        .publication = watched != NULL ? watched->publication : SCHEMA_PUBLICATION,
        .topics = {.target = {.brokers = config->kafka.brokers,
                              .properties = (const char *const *)config->kafka.properties.items,
                              .n_properties = config->kafka.properties.n},
                   .topics = wanted,
                   .n_topics = list_topics(run, wanted)}};
    return open_sources(run, &opts, err) && note_floor(run, err) &&
           start_monitor(run, &run->monitored, err) && start_sources(run, err);
}

bool run_prepare(run_t *run, err_t *err)
{
    char noted_topics[SCHEMA_NOTE_MAX];
    if (run->opts.produce)
        return prepare_data(run, err) && run_prepare_produce(run, err);
    return prepare_schema(run, noted_topics, sizeof noted_topics, err) && prepare_data(run, err) &&
           (!config_has_tap(run->opts.config, TAP_BEHIND_PIPELINE) ||
            prepare_debezium(run, noted_topics, err)) &&
           run_prepare_taps(run, err);
}

/* Connections are made before the first phase, so that no phase's figures hold them. */
static bool wait_until_ready(run_t *run, err_t *err)
{
    const scenario_t *scenario = run->opts.scenario;
    while (atomic_load_explicit(&run->work.ready, memory_order_acquire) < scenario->connections) {
        if (work_failed(&run->work, err))
            return false;
        if (atomic_load_explicit(run->opts.interrupts, memory_order_relaxed) > 0)
            return err_set(err, ERR_INTERRUPTED, "interrupted before the load began");
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    }
    return true;
}

bool run_start_loaders(run_t *run, err_t *err)
{
    uint32_t threads = run->work.threads;
    run->loaders = calloc(threads, sizeof(loader_t *));
    if (run->loaders == NULL)
        return err_set(err, ERR_RUN, "out of memory for %u loader threads", threads);
    for (uint32_t i = 0; i < threads; i++) {
        run->loaders[i] = loader_start(&run->work, i, err);
        if (run->loaders[i] == NULL)
            return false;
        run->n_loaders++;
    }
    return wait_until_ready(run, err);
}

void run_stop_loaders(run_t *run)
{
    atomic_store_explicit(&run->work.quit, true, memory_order_release);
    for (uint32_t i = 0; i < run->n_loaders; i++)
        loader_wake(run->loaders[i]);
    for (uint32_t i = 0; i < run->n_loaders; i++)
        loader_join(run->loaders[i]);
}

void run_stop_taps(run_t *run)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++)
        if (run->sources[tap] != NULL)
            source_stop(run->sources[tap]);
}

void run_stop_debezium(run_t *run)
{
    err_t err = {0};
    monitor_stop(run->monitor); /* it asks the connector too */
    run->monitor = NULL;
    if (!debezium_stop(run->debezium, &err))
        log_warning("%s", err.text);
    run->debezium = NULL;
}
