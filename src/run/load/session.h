/*
 * session: one loading connection at work: takes a transaction when it is idle, sends its parts one
 * after another (txn.h), notes times in ledger and statistics, and after a lost connection finds
 * out what became of the transaction. Belongs to its loader's thread.
 */
#ifndef CDCBENCH_RUN_LOAD_SESSION_H
#define CDCBENCH_RUN_LOAD_SESSION_H

#include "run/load/loop.h"
#include "run/load/stats.h"
#include "run/load/work.h"

typedef struct session session_t;

#define SESSION_PIECE_BYTES ((size_t)320 * ROW_TEXT_MAX) /* 320 transactions: PG_COPY_PIECE */

#define SESSION_TOUCHED_BYTES 16 /* for each older row that a transaction may change */

typedef struct {
    work_t *work;
    loop_t *loop;
    taker_t *taker;
    stats_t *stats;
    char *piece; /* session_piece_bytes for what is on its way; shared by the thread's sessions */
    uint32_t connection; /* its number, 0 … connections − 1 */
    /* Its socket was ready and it has done what it could; `finished`: it is free again. */
    void (*on_progress)(void *ctx, bool finished);
    void *ctx;
} session_opts_t;

/* Room for what is on its way to these tables: a row of each at least. */
size_t session_piece_bytes(const tables_t *tables);

session_t *session_new(const session_opts_t *opts); /* NULL when memory is out */

/* A transaction still under way is given up: undone for certain, or undetermined. */
void session_free(session_t *session);

/* Begins to connect, or goes on: does what can be done now. */
void session_pump(session_t *session);

/* When session_pump wants to be called again at the latest, CLOCK_MONOTONIC; LOOP_NO_DEADLINE: no
 * time of its own. */
int64_t session_next_ns(const session_t *session);

/* True when it is idle with no time of its own to look again: only another one's progress, or the
 * next phase, brings it work. */
bool session_waits(const session_t *session);

/* True when nothing is under way and nothing of that phase is left to take. */
bool session_done(const session_t *session, uint32_t phase);

#endif
