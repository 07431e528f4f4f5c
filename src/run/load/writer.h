/*
 * writer: who writes transactions, one at a time, whoever carries them: a session into PostgreSQL,
 * produce into Kafka. It takes a task, lays it out, enters it in the ledger, says which older rows
 * come next, and counts what is sent and acknowledged. What is sent how is the carrier's. Belongs
 * to its loader's thread.
 */
#ifndef CDCBENCH_RUN_LOAD_WRITER_H
#define CDCBENCH_RUN_LOAD_WRITER_H

#include "run/load/stats.h"
#include "run/load/txn.h"

/* A transaction's walk over the older rows of its lane: each comes once. */
typedef struct {
    keys_cursor_t cursor;
    uint64_t left; /* rows that have not come yet */
} lane_walk_t;

typedef struct {
    work_t *work;
    taker_t *taker;
    stats_t *stats;
    uint32_t connection; /* its number, 0 … connections − 1 */
    int64_t next_ns;     /* when it wants to look again, CLOCK_MONOTONIC; LOOP_NO_DEADLINE: never */
    int64_t idle_since_ns;
    uint32_t done_phase; /* 1 + the phase in which there was nothing left to take */

    bool has_task; /* `task` is under way, in doubt, or to be sent again */
    task_t task;
    txn_t txn;             /* the task, laid out */
    ledger_entry_t *entry; /* NULL: not kept, or not yet written */
    bool entered;          /* the ledger has been asked for an entry */
    int64_t sent_ns;

    /* how far it has come */
    uint32_t step;   /* the step under way … */
    uint32_t filled; /* … and how many of its changes have been put */
    uint32_t copied; /* rows of its COPYs: what own updates go round */
    lane_walk_t walk;
} writer_t;

void writer_init(writer_t *w, work_t *work, taker_t *taker, stats_t *stats, uint32_t connection);

static inline const phase_t *writer_phase(const writer_t *w)
{
    return &w->work->scenario->phases[w->task.phase];
}

static inline op_stats_t *writer_stats(const writer_t *w)
{
    return &w->stats->ops[w->task.phase][w->task.stream];
}

/* A new task, where there is one for it now; else next_ns or done_phase says when to look again. */
bool writer_take(writer_t *w, int64_t now_ns);

/* Nothing is under way and nothing of that phase is left to take. */
bool writer_done(const writer_t *w, uint32_t phase);

/* Lays the task out and stands at its beginning: first time or again. */
void writer_lay_out(writer_t *w);

/* Before the first byte is sent: enters it in the ledger, once. False: its lane has no row left. */
bool writer_enter(writer_t *w);

/* It is sent. The first time, the tool's own lateness is counted: from when it could have sent
 * (when it was due, or idle since, if that was later) to now. Nothing for closed streams and
 * warm-ups. */
void writer_sent(writer_t *w, bool first, int64_t now_ns);

/* The walk over older rows begins (again). */
void writer_walk(writer_t *w);

/* The next older row that is there: those that were deleted, or that a rolled-back insert never
 * made, are passed over, within the lane. False when it has none left. */
bool writer_older(writer_t *w, uint64_t *row);

/* The load ends, since the lane of its task has no row left. */
void writer_fail_without_rows(const writer_t *w);

/* The version that the next update of this row makes. */
uint32_t writer_next_version(const writer_t *w, uint64_t row);

/* It was acknowledged: latency, service time, rows (of `rows` changes that were made) and bytes are
 * counted, but for a warm-up's times; its inserts are noted; its entry is closed; it is free. */
void writer_acknowledged(writer_t *w, uint64_t rows, uint64_t bytes, int64_t now_ns);

/* Nobody knows whether it was done: its changes count as neither done nor lost, so its rows are
 * noted as if it were, and the tap's verdict on what is missing is not final. */
void writer_undetermined(writer_t *w);

/* No task is under way any more. */
void writer_free_again(writer_t *w, int64_t now_ns);

#endif
