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
                schema_check(run->admin, &setup.opts, run->opts.config->taps.wal, err) &&
                schema_noted(run->admin, noted_topics, size, err) &&
                schema_create(run->admin, &setup.opts, !run->opts.keep_table, err) &&
                schema_note(run->admin, noted_topics, err) &&
                pg_admin_value(run->admin, "SELECT current_user", run->modified_by,
                               sizeof run->modified_by, err);
    table_setup_end(&setup);
    return done;
}

static uint32_t n_taps(const config_t *config)
{
    return (uint32_t)config->taps.wal + (uint32_t)config_tap_kafka(config);
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
    work->ledger = ledger_new(scenario->connections, n_taps(config), config->load.ledger_max);
    if (work->statements == NULL || work->rows == NULL || work->ledger == NULL)
        return err_set(err, ERR_RUN, "out of memory for the ledger and the versions of %llu rows",
                       (unsigned long long)scenario->rows);
    run->verify = (verify_opts_t){.space = &run->space,
                                  .tables = scenario->tables,
                                  .rows = scenario->rows,
                                  .modified_by = run->modified_by};
    return true;
}

/* The wal tap's slot. It is made before the load and after the connector, so that it decodes
 * nothing of what setting up has written. */
static pg_replication_t *open_slot(run_t *run, monitor_opts_t *monitor, err_t *err)
{
    const watched_t *watched = run->opts.watched;
    char *slot = monitor->slots[TAP_WAL];
    snprintf(slot, sizeof monitor->slots[TAP_WAL], "%swal_%d_%lld", SCHEMA_SLOT_PREFIX,
             (int)getpid(), (long long)(run->anchor.wall_us / US_PER_S));
    pg_replication_t *replication =
        pg_replication_open(run_tap_target(&run->opts), slot,
                            watched != NULL ? watched->publication : SCHEMA_PUBLICATION, err);
    if (replication != NULL && run->server_pid > 0)
        monitor->walsender_pid = pg_replication_backend_pid(replication);
    return replication;
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

static kafka_consumer_t *open_consumer(const run_t *run, err_t *err)
{
    const config_t *config = run->opts.config;
    kafka_topic_t wanted[TABLES_MAX + 1];
    uint32_t n_wanted = 1;
    if (run->debezium != NULL) {
        const topics_t *topics = debezium_topics(run->debezium);
        n_wanted = topics->n;
        for (uint32_t t = 0; t < topics->n; t++)
            wanted[t] = (kafka_topic_t){.name = topics->at[t].name, .from = KAFKA_FROM_BEGINNING};
    } else {
        wanted[0] = (kafka_topic_t){.name = config->watch.topic, .from = KAFKA_FROM_END};
    }
    kafka_consumer_opts_t opts = {
        .target = {.brokers = config->kafka.brokers,
                   .properties = (const char *const *)config->kafka.properties.items,
                   .n_properties = config->kafka.properties.n},
        .topics = wanted,
        .n_topics = n_wanted};
    return kafka_consumer_open(&opts, err);
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
        snprintf(monitor->slots[TAP_KAFKA], sizeof monitor->slots[TAP_KAFKA], "%s",
                 debezium_slot(run->debezium));
        monitor->connect_pid = process_behind(config->kafka.connect_url);
        monitor->check = check_connector;
        monitor->on_failed = on_connector_failed;
        monitor->ctx = run;
    }
    clocksync_init(&run->clock, run->anchor);
    run->monitor = monitor_start(monitor, err);
    return run->monitor != NULL;
}

static bool start_wal_tap(run_t *run, pg_replication_t *replication, const tap_opts_t *opts,
                          err_t *err)
{
    run->wal_tap = wal_tap_start(replication, opts, err);
    run->wal_tap_running = run->wal_tap != NULL;
    if (run->wal_tap != NULL)
        run->taps[TAP_WAL] = wal_tap_core(run->wal_tap);
    return run->wal_tap != NULL;
}

bool run_start_kafka_tap(run_t *run, kafka_consumer_t *consumer, const tap_opts_t *opts, err_t *err)
{
    /* What was committed before a watch began and comes late is what it is there to see. */
    uint64_t floor_lsn = run->opts.watched != NULL ? 0 : run->floor_lsn;
    run->kafka_tap = kafka_tap_start(consumer, opts, floor_lsn, err);
    run->kafka_tap_running = run->kafka_tap != NULL;
    if (run->kafka_tap != NULL)
        run->taps[TAP_KAFKA] = kafka_tap_core(run->kafka_tap);
    return run->kafka_tap != NULL;
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
                        .is_kafka = tap == TAP_KAFKA,
                        .clock = &run->clock,
                        .unmeasured = warm_up_phases(run->opts.scenario),
                        .phase = &run->work.phase};
}

static bool start_kafka_tap(run_t *run, const monitor_opts_t *monitor, err_t *err)
{
    tap_opts_t opts = run_tap_opts(run, TAP_KAFKA);
    const topics_t *topics = run->debezium != NULL ? debezium_topics(run->debezium) : NULL;
    opts.collections = topics != NULL && topics->has_transactions ? topics->collections : NULL;
    find_clients_clocks(run, monitor, opts.clients_clock);
    kafka_consumer_t *consumer = open_consumer(run, err);
    return consumer != NULL && run_start_kafka_tap(run, consumer, &opts, err);
}

bool run_prepare_taps(run_t *run, err_t *err)
{
    const config_t *config = run->opts.config;
    monitor_opts_t *monitor = &run->monitored;
    pg_replication_t *replication = NULL;
    if (config->taps.wal && (replication = open_slot(run, monitor, err)) == NULL)
        return false;
    if (!note_floor(run, err) || !start_monitor(run, monitor, err)) {
        pg_replication_close(replication);
        return false;
    }
    tap_opts_t wal = run_tap_opts(run, TAP_WAL);
    if (replication != NULL && !start_wal_tap(run, replication, &wal, err))
        return false;
    const watched_t *watched = run->opts.watched;
    bool reads_kafka = run->debezium != NULL || (watched != NULL && config_tap_kafka(config));
    return !reads_kafka || start_kafka_tap(run, monitor, err);
}

bool run_prepare(run_t *run, err_t *err)
{
    char noted_topics[SCHEMA_NOTE_MAX];
    if (run->opts.produce)
        return prepare_data(run, err) && run_prepare_produce(run, err);
    return prepare_schema(run, noted_topics, sizeof noted_topics, err) && prepare_data(run, err) &&
           (!config_tap_kafka(run->opts.config) || prepare_debezium(run, noted_topics, err)) &&
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
    if (run->wal_tap_running)
        wal_tap_stop(run->wal_tap);
    if (run->kafka_tap_running)
        kafka_tap_stop(run->kafka_tap);
    run->wal_tap_running = run->kafka_tap_running = false;
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
