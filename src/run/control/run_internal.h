/*
 * run_internal: what run.c (the phases), run_setup.c (making and unmaking the parts) and
 * run_gather.c (the result) share. Nobody else includes it.
 */
#ifndef CDCBENCH_RUN_CONTROL_RUN_INTERNAL_H
#define CDCBENCH_RUN_CONTROL_RUN_INTERNAL_H

#include "postgres/admin.h"
#include "run/control/ddl.h"
#include "run/control/meter.h"
#include "run/control/pace_watch.h"
#include "run/control/run.h"
#include "run/control/series.h"
#include "run/control/timeline.h"
#include "run/load/loader.h"
#include "run/load/produce.h"
#include "run/monitor/monitor.h"
#include "run/pipeline/debezium.h"
#include "run/tap/sources.h"

/* How many events a tap had when it was last looked at, and since when. */
typedef struct {
    uint64_t events;
    int64_t since_ns;
} quiet_t;

/* How a drain went, tap by tap. */
typedef struct {
    bool begun;
    int64_t start_ns;
    uint64_t seen_before[TAP_COUNT], seen_after[TAP_COUNT];
    int64_t last_ns[TAP_COUNT]; /* when the tap had its last event of it; 0: it had none */
} drain_t;

struct run {
    run_opts_t opts;
    row_space_t space;
    work_t work;
    statements_t *statements; /* work's */
    clocksync_t clock;
    clock_anchor_t anchor;
    verify_opts_t verify;
    table_t watched_table; /* the name alone */
    char modified_by[64];
    pg_admin_t *admin;
    int server_pid; /* the postmaster's, on this host; 0: not known */
    monitor_t *monitor;
    monitor_opts_t monitored; /* what it looks at */
    debezium_t *debezium;
    source_t *sources[TAP_COUNT]; /* of the taps that are on */
    tap_t *taps[TAP_COUNT];       /* what they feed */
    timeline_t *timeline;
    ddl_t *ddl; /* NULL: the tables stay as they are */
    int64_t ddl_done_ns;
    series_t *series; /* NULL: nobody asks for it */
    loader_t **loaders;
    uint32_t n_loaders;
    uint64_t floor_lsn;       /* nothing of this run was committed below it */
    int64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
    int64_t next_second_ns;
    int64_t phase_end_ns[SCENARIO_PHASES_MAX];
    usage_t used[SCENARIO_PHASES_MAX];
    backlog_bound_t bound;
    backlog_watch_t watches[SCENARIO_PHASES_MAX];
    drain_t drains[SCENARIO_PHASES_MAX];
    pace_watch_t pace_watch;
    pace_t pace[SCENARIO_PHASES_MAX][TAP_COUNT];
    int64_t client_cpu_us; /* at the start */
    int heard;             /* interrupts acted on */
    quiet_t quiet[TAP_COUNT];
    bool caught_up[TAP_COUNT];       /* nothing more can come */
    _Atomic bool connector_failed;   /* set by the monitor's thread */
    char drain_note[TAP_COUNT][256]; /* why the drain ended otherwise */
    char *pipeline;                  /* for result.pipeline */
    produce_form_t produce;          /* of a run that writes into Kafka */
    char *produce_server;            /* in it */
    result_t result;
};

/* How the wal tap reaches the server. */
static inline const pg_target_t *run_tap_target(const run_opts_t *opts)
{
    return opts->tap_target != NULL ? opts->tap_target : opts->target;
}

/* run_setup.c */
bool run_prepare(run_t *run, err_t *err);       /* schema, slots, connector, monitor, taps */
int run_local_postmaster(const run_t *run);     /* of this host; 0: not known */
bool run_prepare_taps(run_t *run, err_t *err);  /* with schema and data there */
bool run_start_loaders(run_t *run, err_t *err); /* threads; waits until every connection is ready */
void run_stop_loaders(run_t *run);
void run_stop_taps(run_t *run);
void run_stop_debezium(run_t *run);

/* What a tap of this run needs to know. */
tap_opts_t run_tap_opts(const run_t *run, tap_id_t tap);

/* Opens the tap's source. */
bool run_open_source(run_t *run, tap_id_t tap, const source_opts_t *opts, err_t *err);

/* Starts what was opened. */
bool run_start_source(run_t *run, tap_id_t tap, const tap_opts_t *opts, err_t *err);

/* run_produce.c: topic, monitor, tap, of a run that writes into Kafka. */
bool run_prepare_produce(run_t *run, err_t *err);

/* run.c: waits for a wake-up or the next second, and takes the second's reading when it is time. */
void run_wait(run_t *run, int64_t until_ns);
void run_wake_loaders(run_t *run);

static inline bool run_has_bound(const run_t *run)
{
    return run->bound.max_rows > 0 || run->bound.max_age_ns > 0;
}

/* run_drain.c: a drain, in the middle or at the end: until every tap has caught up with all that
 * was acknowledged so far, ended, or is late (then drain_note). */
void run_drain(run_t *run, uint32_t phase);

/* A phase begins: what an earlier drain has found says nothing of what comes now. */
void run_drain_forget(run_t *run);

/* run_watch.c: what run_prepare is to a run; and the phase. */
bool run_prepare_watch(run_t *run, err_t *err);
void run_watch_phase(run_t *run, int64_t duration_ns);

/* run_gather.c: fills run->result, when all threads have been joined. */
bool run_gather(run_t *run, err_t *err);
void run_free_result(run_t *run);

#endif
