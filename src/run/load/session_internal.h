/*
 * session_internal: what session.c (taking and polling), session_txn.c (a transaction's course),
 * session_fill.c (what its parts send), session_missed.c (changes that found no row) and
 * session_lost.c (after a lost connection) share. Nobody else includes it.
 */
#ifndef CDCBENCH_RUN_LOAD_SESSION_INTERNAL_H
#define CDCBENCH_RUN_LOAD_SESSION_INTERNAL_H

#include "postgres/conn.h"
#include "run/load/session.h"
#include "run/load/touched.h"
#include "run/load/txn_count.h"
#include "run/load/txn_rows.h"

/* What is asked after a transaction's connection was lost, in this order. */
typedef enum {
    DOUBT_NONE,    /* nothing is in doubt */
    DOUBT_BACKEND, /* is the old backend gone? (it is terminated by the same question) */
    DOUBT_ROW,     /* is the transaction's last change in the table? */
} doubt_t;

/* After a transaction some of whose rows were not there: is it asked which? */
typedef enum {
    MISSED_NONE, /* no */
    MISSED_TO_ASK,
    MISSED_ASKED,
} missed_state_t;

typedef struct {
    missed_state_t state;
    uint64_t missed, of; /* rows */
} asks_t;

struct session {
    session_opts_t o;
    pg_conn_t *conn;
    watch_t *watch;
    int64_t next_ns;
    bool was_ready;      /* counted in work->ready */
    uint32_t done_phase; /* 1 + the phase in which there was nothing left to take */
    int64_t idle_since_ns;

    bool has_task; /* `task` is under way, in doubt, or to be sent again */
    bool finished; /* a task ended since on_progress was last called */
    task_t task;
    txn_t txn;             /* the task, laid out */
    ledger_entry_t *entry; /* NULL: not kept, or not yet written */
    bool entered;          /* the ledger has been asked for an entry */
    int64_t sent_ns;
    uint64_t sent_bytes; /* pg_conn_bytes_sent before it */
    uint32_t attempts;

    /* how far it has come */
    uint32_t part_first, part_end; /* steps of the part under way */
    uint32_t step;                 /* the step under way … */
    uint32_t filled;               /* … and how many of its changes have been put */
    uint32_t copied;               /* rows of its COPYs: what own updates go round */
    size_t part_touched;           /* touched.n when the part began */
    lane_walk_t walk;              /* over older rows */
    touched_t touched;
    uint64_t missed; /* changes that found no row to change */
    asks_t asks;     /* about them */

    int64_t lost_ns;  /* when the connection was lost; 0: it is not */
    int64_t retry_ns; /* when to try again */
    int64_t tried_ns; /* when the attempt under way began */
    int64_t backoff_ns;
    doubt_t doubt;
    char old_pid[16], old_start[64];
};

static inline const phase_t *session_phase(const session_t *s)
{
    return &s->o.work->scenario->phases[s->task.phase];
}

static inline op_stats_t *session_stats(session_t *s)
{
    return &s->o.stats->ops[s->task.phase][s->task.stream];
}

/* The table that a row lives in, and its statements. */
static inline uint32_t session_table_of(const session_t *s, uint64_t row)
{
    return (uint32_t)(row % s->o.work->scenario->tables.n);
}

static inline const table_statements_t *session_statements_of(const session_t *s, uint64_t row)
{
    return statements_of(s->o.work->statements, session_table_of(s, row));
}

/* Whether a step sends statements over arrays: a mix has one mode for its updates and deletes. */
static inline bool session_in_arrays(const session_t *s, const step_t *step)
{
    return step->kind != STEP_OWN_UPDATE && session_phase(s)->mode[s->task.stream] == SEND_ARRAY;
}

/* Rows of one statement in array mode. */
#define SESSION_ARRAY_ROWS 2000u

static inline size_t session_key_text(const session_t *s, uint64_t row, char out[ROW_KEY_LEN + 1])
{
    row_key(s->o.work->space, row, out);
    out[ROW_KEY_LEN] = '\0';
    return ROW_KEY_LEN;
}

/* session_fill.c */
void session_begin_part(session_t *s); /* the one that begins with s->step, from IDLE or OPEN */
void session_fill(session_t *s);       /* COPY_SENDING, PIPE_FILLING: until full or ended */

/* session_missed.c */
/* A part was done: looks whether each of its changes found its row, and says so if not. */
void session_part_done(session_t *s, const pg_event_t *event);
void session_ask_missed(session_t *s); /* from IDLE, MISSED_TO_ASK */
void session_missed_answer(session_t *s, const pg_event_t *event, int64_t now_ns);
void session_missed_untold(session_t *s); /* no answer will come: says what is known without */

/* session_txn.c */
void session_begin(session_t *s, int64_t now_ns); /* the task, from IDLE: first time or again */
void session_acknowledged(session_t *s, int64_t now_ns);
void session_undone(session_t *s); /* the writer's states go back; the task stays */
void session_refused(session_t *s, const pg_event_t *event, int64_t now_ns);
void session_abandon(session_t *s);              /* at the very end, with a task still there */
void session_drop(session_t *s, int64_t now_ns); /* gives the task up */

/* session_lost.c */
void session_lost(session_t *s, const pg_event_t *event, int64_t now_ns);
void session_reconnect(session_t *s); /* without a connection: makes one when it is time */
void session_hurry(session_t *s);     /* gives up an attempt that takes too long */
void session_ask(session_t *s);       /* from IDLE with a doubt */
void session_answer(session_t *s, const pg_event_t *event, int64_t now_ns);

#endif
