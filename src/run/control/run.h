/*
 * run: the controller: sets a run up, walks it through its phases, collects every thread's numbers
 * once a second, and hands back what came of it. Main thread; blocking.
 */
#ifndef CDCBENCH_RUN_CONTROL_RUN_H
#define CDCBENCH_RUN_CONTROL_RUN_H

#include <stdatomic.h>

#include "plan/options/config.h"
#include "postgres/target.h"
#include "postgres/watched.h"
#include "result/result.h"

typedef struct run run_t;

typedef struct {
    const config_t *config;
    const scenario_t *scenario; /* resolved */
    const pg_target_t *target;  /* NULL with `produce` */
    bool produce;               /* straight into Kafka (run/load/produce.h): there is no server */
    const watched_t *watched;   /* the table of others to listen to; NULL: a run. Its scenario is
                                   run_watch_scenario's */
    const pg_target_t *tap_target; /* the wal tap's way to the same server; NULL: as target */
    bool keep_table;               /* a table of ours that is there stays, with its rows */
    bool meter;                    /* result.phases[].used is asked for */
    const atomic_int *interrupts;  /* how often the user has pressed ^C */
    /* All in the caller's thread; any may be NULL. */
    void (*on_begun)(void *ctx, const run_t *run); /* everything stands: the load begins */
    void (*on_second)(void *ctx, const timeline_row_t *row);
    /* After a second's row: each series that got any value in it; and once more at the end. */
    void (*on_interval)(void *ctx, const series_interval_t *interval);
    void (*on_note)(void *ctx, const char *text); /* an interrupt was heard */
    void *ctx;
} run_opts_t;

/* The one phase of a watch. */
void run_watch_scenario(int64_t watch_ns, scenario_t *out);

/* Everything that can be found wrong without touching the server's data: schema_check. */
bool run_check(const run_opts_t *opts, err_t *err);

/* Runs it. All that opts points to outlives the run. NULL with *err when it could not begin: then
 * nothing was measured. A run that broke off later has a result, whose `failure` says why. */
run_t *run_execute(const run_opts_t *opts, err_t *err);
const result_t *run_result(const run_t *run);
const char *run_modified_by(const run_t *run); /* the role that the triggers note */

/* From on_begun on: Kafka's and Debezium's versions, topic and connector, as a JSON text; NULL
 * without them. */
const char *run_pipeline(const run_t *run);
void run_free(run_t *run);

/* Wakes the controller after `interrupts` was raised. Async-signal-safe; any time. */
void run_interrupted(void);

#endif
