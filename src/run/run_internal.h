/*
 * run_internal: what run.c (the phases), run_setup.c (making and unmaking the parts) and run_gather.c
 * (the result) share. Nobody else includes it.
 */
#ifndef CDCBENCH_RUN_RUN_INTERNAL_H
#define CDCBENCH_RUN_RUN_INTERNAL_H

#include "postgres/admin.h"
#include "run/loader.h"
#include "run/monitor.h"
#include "run/run.h"
#include "run/timeline.h"
#include "run/wal_tap.h"

struct run {
    run_opts_t opts;
    row_space_t space;
    work_t work;
    clocksync_t clock;
    clock_anchor_t anchor;
    verify_opts_t verify;
    char modified_by[64];
    pg_admin_t *admin;
    monitor_t *monitor;
    wal_tap_t *wal_tap;
    bool wal_tap_running;
    timeline_t *timeline;
    loader_t **loaders;
    uint32_t n_loaders;
    uint64_t slot_lsn;        /* where the wal tap's slot begins */
    int64_t start_ns, end_ns; /* CLOCK_MONOTONIC */
    int64_t next_second_ns;
    int64_t phase_end_ns[SCENARIO_PHASES_MAX];
    int64_t client_cpu_us;    /* at the start */
    int heard;                /* interrupts acted on */
    bool caught_up;           /* the drain ended because nothing more can come */
    char drain_note[256];     /* why it ended otherwise */
    result_t result;
};

/* run_setup.c */
bool run_prepare(run_t *run, err_t *err);       /* schema, slot, monitor, tap */
bool run_start_loaders(run_t *run, err_t *err); /* threads; waits until every connection is ready */
void run_stop_loaders(run_t *run);
void run_stop_tap(run_t *run);

/* run.c: waits for a wake-up or the next second, and takes the second's reading when it is time. */
void run_wait(run_t *run, int64_t until_ns);
void run_wake_loaders(run_t *run);

/* run_gather.c: fills run->result, when all threads have been joined. */
bool run_gather(run_t *run, err_t *err);
void run_free_result(run_t *run);

#endif
