/*
 * work: what is to be done, and who may take it. One work_t is shared by all loader threads; each
 * has a taker of its own, which hands transactions to that thread's connections.
 *
 * Inserts go to whichever connection is free first: their numbers come from one shared counter.
 * Updates and deletes of older rows, alone or in a mix, go to the connection that owns their lane
 * (plan/schedule/keys.h): every taker walks the whole stream and queues what belongs to its
 * connections.
 */
#ifndef CDCBENCH_RUN_LOAD_WORK_H
#define CDCBENCH_RUN_LOAD_WORK_H

#include <pthread.h>
#include <stdatomic.h>

#include "model/row_state.h"
#include "plan/schedule/scenario.h"
#include "postgres/target.h"
#include "result/result.h"
#include "run/load/ledger.h"
#include "run/load/statements.h"

typedef struct produce_form produce_form_t;

/* The times in which nothing was acknowledged although something was due: the server stood still,
 * or could not be reached. Loader threads tell of every acknowledgement of what is due by the clock
 * (closed streams promise no rate); the controller reads at the end. */
typedef struct {
    _Atomic int64_t last_ack_ns; /* of any thread */
    pthread_mutex_t lock;
    uint64_t n; /* in all; the first STALLS_MAX are kept; under the lock */
    stall_t items[STALLS_MAX];
} stalls_t;

void stalls_init(stalls_t *stalls);
void stalls_free(stalls_t *stalls); /* what it holds, not itself */

/* A transaction that was due at due_ns was acknowledged. Any thread. */
void stalls_acknowledged(stalls_t *stalls, uint32_t phase, int64_t due_ns, int64_t now_ns);

typedef struct {
    const scenario_t *scenario;
    const row_space_t *space;
    const statements_t *statements; /* of the scenario's tables */
    const pg_target_t *target;      /* NULL: it goes into Kafka, as … */
    const produce_form_t *produce;  /* … this says (run/load/produce.h); NULL: into PostgreSQL */
    ledger_t *ledger;
    row_state_t *rows; /* the writer's versions; a row is written by its connection */
    uint32_t threads;
    int64_t reconnect_timeout_ns;
    bool stop_on_overload;
    int wake_fd; /* eventfd: written to when the controller should look */

    _Atomic uint32_t phase;                        /* valid once it has a start time */
    _Atomic int64_t start_ns[SCENARIO_PHASES_MAX]; /* 0: not begun */
    _Atomic int64_t end_ns[SCENARIO_PHASES_MAX];   /* 0: goes on; nothing is due after it */
    _Atomic uint64_t taken[SCENARIO_PHASES_MAX][STREAM_COUNT]; /* of streams without lanes */
    _Atomic uint32_t ready;                     /* connections that have been set up once */
    _Atomic uint32_t done[SCENARIO_PHASES_MAX]; /* threads with nothing left in that phase */
    _Atomic bool stop_taking;                   /* finish what is under way, take nothing new */
    _Atomic bool quit;                          /* drop everything */

    _Atomic uint32_t missed_asked; /* questions about rows that were not there (session_missed.c) */

    stalls_t stalls;

    pthread_mutex_t failure_lock;
    err_t failure; /* the first one; under failure_lock */
} work_t;

/* Why the load cannot go on. The first caller's reason is kept; taking stops. Any thread. */
void work_fail(work_t *work, const err_t *why);
bool work_failed(work_t *work, err_t *why);

/* ledger_append; past --ledger-max with --on-overload=stop, or without memory, the load ends. */
ledger_entry_t *work_enter(work_t *work, uint32_t connection, const ledger_entry_t *entry);

/* One transaction to be done. */
typedef struct {
    uint32_t stream; /* an op_t, or STREAM_MIX */
    uint32_t phase;
    uint64_t n; /* its number in its stream */
    uint32_t rows;
    bool open;           /* due by the clock: intended_ns is from the schedule */
    int64_t intended_ns; /* CLOCK_MONOTONIC */
} task_t;

typedef struct taker taker_t;

/* For the connections first, first + step, … of the scenario's (those of one thread). NULL when
 * memory is out. */
taker_t *taker_new(work_t *work, uint32_t first, uint32_t step);
void taker_free(taker_t *taker);

typedef enum {
    TAKE_TASK,    /* *task is this connection's to do */
    TAKE_LATER,   /* nothing is due: look again at *next_ns (LOOP_NO_DEADLINE: when another of this
                     thread's connections has finished something) */
    TAKE_NOTHING, /* nothing more for this connection in this phase */
} take_t;

take_t taker_take(taker_t *taker, uint32_t connection, int64_t now_ns, task_t *task,
                  int64_t *next_ns);

#endif
