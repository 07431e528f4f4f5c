/*
 * conn: one non-blocking connection that loads: a step machine which a loop polls. It carries bytes
 * and knows nothing of rows. One of the three hot paths.
 *
 *                      ┌───────────────────────── pg_conn_start ────────────────────────┐
 *   NEW ─▶ CONNECTING ─▶ SETUP ─▶ IDLE ─▶ COPY_START ─▶ COPY_SENDING ⇄ COPY_BLOCKED     │
 *                                  │ ▲                        └─▶ COPY_ENDING ─▶ IDLE   │
 *                                  │ └─ PIPE_DRAINING ◀─ PIPE_FILLING ◀─ IDLE           │
 *   any of those but IDLE that had something sent, connection lost ─▶ IN_DOUBT ─────────┘
 *   any other, connection lost ─▶ FAILED ─▶ (pg_conn_start)      CLOSING ─▶ CLOSED
 *
 * Owned by one thread from pg_conn_new to pg_conn_free. The loop polls pg_conn_fd for what
 * pg_conn_wants_* say, calls pg_conn_step, then takes events with pg_conn_next until none is left.
 * The fd may change in any step while CONNECTING: stop polling before the step, look again after.
 */
#ifndef CDCBENCH_POSTGRES_CONN_H
#define CDCBENCH_POSTGRES_CONN_H

#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "postgres/target.h"

typedef enum {
    PG_NEW,           /* made; nothing tried */
    PG_CONNECTING,    /* PQconnectPoll is under way */
    PG_SETUP,         /* connected; session settings, backend's identity and prepared statements under way */
    PG_IDLE,          /* nothing is under way: a transaction may begin */
    PG_COPY_START,    /* COPY sent; the server's CopyInResponse is awaited */
    PG_COPY_SENDING,  /* rows may be put */
    PG_COPY_BLOCKED,  /* the socket is full: no rows until it is writable */
    PG_COPY_ENDING,   /* CopyDone sent; the server's acknowledgement is awaited */
    PG_PIPE_FILLING,  /* in pipeline mode; commands may be added; results are read meanwhile */
    PG_PIPE_DRAINING, /* Sync sent; the rest of the results is awaited */
    PG_QUERYING,      /* a single query's result is awaited (pg_conn_query) */
    PG_IN_DOUBT,      /* lost between send and acknowledgement: what was sent may or may not be done */
    PG_FAILED,        /* lost, or never reached, with nothing in doubt */
    PG_CLOSING,       /* Terminate is being sent */
    PG_CLOSED,
    PG_STATES
} pg_state_t;

extern const char *const pg_state_names[PG_STATES];

/* A statement to prepare at setup; parameters are text, their types given in the SQL. */
typedef struct {
    const char *name;
    const char *sql;
    int n_params; /* at most PG_PARAMS_MAX */
} pg_statement_t;

#define PG_PARAMS_MAX 4

typedef struct {
    const pg_target_t *target;        /* outlives the connection */
    const pg_statement_t *statements; /* outlives the connection */
    int n_statements;
    void (*on_state)(void *ctx, pg_state_t from, pg_state_t to); /* NULL, or told of every move */
    void *ctx;
} pg_conn_opts_t;

typedef struct pg_conn pg_conn_t;

pg_conn_t *pg_conn_new(const pg_conn_opts_t *opts); /* NULL when memory is out */
void pg_conn_free(pg_conn_t *c); /* closes at once if need be; stop polling the fd first */

/* NEW, FAILED, IN_DOUBT or CLOSED → CONNECTING (a fresh connection). False with *err when libpq
 * refuses at once; the state is then as before. */
bool pg_conn_start(pg_conn_t *c, err_t *err);

/* Polite end from IDLE; from any other state at once. */
void pg_conn_close(pg_conn_t *c);

pg_state_t pg_conn_state(const pg_conn_t *c);
int pg_conn_fd(const pg_conn_t *c); /* −1 when there is none */
bool pg_conn_wants_read(const pg_conn_t *c);
bool pg_conn_wants_write(const pg_conn_t *c);

/* Does what can be done now. Never blocks. */
void pg_conn_step(pg_conn_t *c, bool readable, bool writable);

typedef enum {
    PG_EVENT_NONE,
    PG_EVENT_READY,     /* setup is done: IDLE, with a backend of that pid and start time */
    PG_EVENT_COPY_ROOM, /* COPY_START or COPY_BLOCKED → COPY_SENDING: rows may be put */
    PG_EVENT_DONE,      /* the COPY or the pipeline segment was acknowledged: committed. `rows`: copied or updated */
    PG_EVENT_ERROR,     /* the server refused: the whole transaction is undone. `index`: which command of the segment
                         * (0-based; −1 unknown or COPY); back to IDLE */
    PG_EVENT_VALUE,     /* pg_conn_query's answer: `value` (NULL: no row or SQL NULL); back to IDLE */
    PG_EVENT_LOST,      /* the connection is gone: state FAILED, or IN_DOUBT when something was sent */
} pg_event_kind_t;

typedef struct {
    pg_event_kind_t kind;
    uint64_t rows;
    int64_t index;
    uint64_t zero_row_index; /* DONE: 0-based index of the first command that changed no row, UINT64_MAX: all did */
    char sqlstate[6];  /* "" where the server sent none */
    char text[512];    /* the server's or libpq's words, no newline at the end, no password */
    const char *value; /* good until the next step */
} pg_event_t;

/* The next event; false when none is left. */
bool pg_conn_next(pg_conn_t *c, pg_event_t *out);

/* The backend of the last READY: for finding out later whether it is gone (decision 8). */
int pg_conn_backend_pid(const pg_conn_t *c);
const char *pg_conn_backend_start(const pg_conn_t *c); /* timestamptz text; "" before the first READY */
const char *pg_conn_user(const pg_conn_t *c); /* the session's current_user; "" before the first READY */

/* COPY, from IDLE. sql: "COPY … FROM STDIN". The transaction is the COPY. */
bool pg_conn_copy_begin(pg_conn_t *c, const char *sql);

typedef enum {
    PG_PUT_OK,      /* taken; put more */
    PG_PUT_BLOCKED, /* taken; but wait for PG_EVENT_COPY_ROOM before the next */
    PG_PUT_LOST,    /* the connection failed: see the next event */
} pg_put_t;

/* In COPY_SENDING: whole rows, copied once, into libpq's buffer. Best in pieces near PG_COPY_PIECE. */
#define PG_COPY_PIECE 65536
pg_put_t pg_conn_copy_put(pg_conn_t *c, const char *bytes, size_t len);
bool pg_conn_copy_end(pg_conn_t *c); /* → COPY_ENDING */

/* A pipeline segment, from IDLE: one implicit transaction, ended by Sync. */
bool pg_conn_pipe_begin(pg_conn_t *c); /* → PIPE_FILLING */

/* Adds a command: PG_PUT_BLOCKED means it was taken, but wait until pg_conn_pipe_room is true again
 * (steps read results meanwhile, so a segment of any length cannot deadlock on full socket buffers). */
pg_put_t pg_conn_pipe_add(pg_conn_t *c, const char *statement, int n_params,
                          const char *const *values, const int *lengths);
bool pg_conn_pipe_room(const pg_conn_t *c);
bool pg_conn_pipe_end(pg_conn_t *c); /* Sync → PIPE_DRAINING */

/* One query from IDLE, text parameters; answered by PG_EVENT_VALUE or PG_EVENT_ERROR. */
bool pg_conn_query(pg_conn_t *c, const char *sql, int n_params, const char *const *values);

/* Bytes sent over all connections of this object's life, as handed to libpq. */
uint64_t pg_conn_bytes_sent(const pg_conn_t *c);

#endif
