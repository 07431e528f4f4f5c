#include "run/run_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "postgres/schema.h"

static bool prepare_schema(run_t *run, err_t *err)
{
    const scenario_t *scenario = run->opts.scenario;
    run->admin = pg_admin_connect(run->opts.target, err);
    if (run->admin == NULL)
        return false;
    schema_opts_t schema = {.trigger_user = (scenario->triggers & TRIGGERS_USER) != 0,
                            .trigger_columns = (scenario->triggers & TRIGGERS_COLUMNS) != 0,
                            .replica_identity_full = scenario->replica_identity_full};
    return schema_check(run->admin, run->opts.config->tap_wal, err) &&
           schema_create(run->admin, &schema, true, err) &&
           pg_admin_value(run->admin, "SELECT current_user", run->modified_by,
                          sizeof run->modified_by, err);
}

static bool prepare_data(run_t *run, err_t *err)
{
    const scenario_t *scenario = run->opts.scenario;
    const config_t *config = run->opts.config;
    work_t *work = &run->work;
    row_space_init(&run->space, scenario->seed, scenario->key_kind);
    work->scenario = scenario;
    work->space = &run->space;
    work->table = &table_transactions;
    work->target = run->opts.target;
    work->threads = (uint32_t)(config->threads < scenario->connections ? config->threads
                                                                       : scenario->connections);
    work->reconnect_timeout_ns = config->reconnect_timeout_ns;
    work->stop_on_overload = config->on_overload == OVERLOAD_STOP;
    work->rows = row_state_new(scenario->rows);
    work->ledger =
        ledger_new(scenario->connections, config->tap_wal ? 1 : 0, config->ledger_max);
    if (work->rows == NULL || work->ledger == NULL)
        return err_set(err, ERR_RUN, "out of memory for the ledger and the versions of %llu rows",
                       (unsigned long long)scenario->rows);
    run->verify = (verify_opts_t){.space = &run->space,
                                  .table = work->table,
                                  .rows = scenario->rows,
                                  .triggers = scenario->triggers,
                                  .modified_by = run->modified_by,
                                  .replica_identity_full = scenario->replica_identity_full};
    return true;
}

static pg_replication_t *open_slot(run_t *run, monitor_opts_t *monitor, err_t *err)
{
    snprintf(monitor->slot, sizeof monitor->slot, "%swal_%d_%lld", SCHEMA_SLOT_PREFIX,
             (int)getpid(), (long long)(run->anchor.wall_us / US_PER_S));
    pg_replication_t *replication =
        pg_replication_open(run->opts.target, monitor->slot, SCHEMA_PUBLICATION, err);
    if (replication == NULL)
        return NULL;
    run->slot_lsn = pg_replication_start_lsn(replication);
    if (run->opts.server_pid > 0)
        monitor->walsender_pid = pg_replication_backend_pid(replication);
    return replication;
}

static bool prepare_tap(run_t *run, err_t *err)
{
    monitor_opts_t monitor = {.target = run->opts.target,
                              .clock = &run->clock,
                              .server_pid = run->opts.server_pid};
    pg_replication_t *replication = NULL;
    if (run->opts.config->tap_wal) {
        replication = open_slot(run, &monitor, err);
        if (replication == NULL)
            return false;
    }
    clocksync_init(&run->clock, run->anchor);
    run->monitor = monitor_start(&monitor, err);
    if (run->monitor == NULL) {
        pg_replication_close(replication);
        return false;
    }
    if (replication == NULL)
        return true;
    tap_opts_t tap = {.verify = &run->verify,
                      .ledger = run->work.ledger,
                      .connections = run->opts.scenario->connections,
                      .clock = &run->clock,
                      .phase = &run->work.phase};
    run->wal_tap = wal_tap_start(replication, &tap, err);
    run->wal_tap_running = run->wal_tap != NULL;
    return run->wal_tap != NULL;
}

bool run_prepare(run_t *run, err_t *err)
{
    return prepare_schema(run, err) && prepare_data(run, err) && prepare_tap(run, err);
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

void run_stop_tap(run_t *run)
{
    if (run->wal_tap_running)
        wal_tap_stop(run->wal_tap);
    run->wal_tap_running = false;
}
