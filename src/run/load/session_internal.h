/*
 * session_internal: what session.c (taking, polling, a transaction's course), session_fill.c (what
 * its parts send) and session_lost.c (after a lost connection, and changes that found no row)
 * share. Nobody else includes it.
 */
#ifndef CDCBENCH_RUN_LOAD_SESSION_INTERNAL_H
#define CDCBENCH_RUN_LOAD_SESSION_INTERNAL_H

#include "postgres/conn.h"
#include "run/load/session.h"
#include "run/load/writer.h"

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

/* The older rows that the transaction under way has updated or deleted, in the order in which they
 * were sent, and what the writer knew of each before: so that their states go back when it is
 * undone, and that a statement which found no row can name it. 16 bytes a row, kept from
 * transaction to transaction. */
typedef struct {
    struct {
        uint64_t row;
        uint16_t before;
    } * items;
    size_t n, cap;
    size_t first_live; /* the states of those before it have gone back */
} touched_t;

struct session {
    session_opts_t o;
    pg_conn_t *conn;
    watch_t *watch;
    writer_t w;
    bool was_ready;      /* counted in work->ready */
    bool finished;       /* a task ended since on_progress was last called */
    uint64_t sent_bytes; /* pg_conn_bytes_sent before the task under way */
    uint32_t attempts;

    /* how far it has come, beside what its writer knows */
    uint32_t part_first, part_end; /* steps of the part under way */
    size_t part_touched;           /* touched.n when the part began */
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
    return step->kind != STEP_OWN_UPDATE &&
           writer_phase(&s->w)->mode[s->w.task.stream] == SEND_ARRAY;
}

/* Rows of one statement in array mode. */
#define SESSION_ARRAY_ROWS 2000u

static inline size_t session_key_text(const session_t *s, uint64_t row, char out[ROW_KEY_LEN + 1])
{
    row_key(s->o.work->space, row, out);
    out[ROW_KEY_LEN] = '\0';
    return ROW_KEY_LEN;
}

/* session.c: the touched rows */
void touched_free(touched_t *touched);

/* Empties it, with room for so many; false when memory is out. */
bool touched_begin(touched_t *touched, size_t rows);

/* Sets the row's state, and notes what it was. There is room. */
void touched_set(touched_t *touched, row_state_t *states, uint64_t row, uint16_t state);

/* Gives all their states back; they stay listed. */
void touched_undo(touched_t *touched, row_state_t *states);

/* session_fill.c */
void session_begin_part(session_t *s); /* the one that begins with s->w.step, from IDLE or OPEN */
void session_fill(session_t *s);       /* COPY_SENDING, PIPE_FILLING: until full or ended */

/* session_lost.c: changes that found no row */
/* A part was done: looks whether each of its changes found its row, and says so if not. */
void session_part_done(session_t *s, const pg_event_t *event);
void session_ask_missed(session_t *s); /* from IDLE, MISSED_TO_ASK */
void session_missed_answer(session_t *s, const pg_event_t *event, int64_t now_ns);
void session_missed_untold(session_t *s); /* no answer will come: says what is known without */

/* session.c */
void session_begin(session_t *s, int64_t now_ns); /* the task, from IDLE: first time or again */
void session_acknowledged(session_t *s, int64_t now_ns);
void session_undone(session_t *s); /* the writer's states go back; the task stays */
void session_refused(session_t *s, const pg_event_t *event, int64_t now_ns);
void session_abandon(session_t *s);              /* at the very end, with a task still there */
void session_drop(session_t *s, int64_t now_ns); /* gives the task up */

/* session_lost.c: lost connections */
void session_lost(session_t *s, const pg_event_t *event, int64_t now_ns);
void session_reconnect(session_t *s); /* without a connection: makes one when it is time */
void session_hurry(session_t *s);     /* gives up an attempt that takes too long */
void session_ask(session_t *s);       /* from IDLE with a doubt */
void session_answer(session_t *s, const pg_event_t *event, int64_t now_ns);

#endif
