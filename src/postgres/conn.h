/*
 * conn: one non-blocking connection that loads: a step machine which a loop polls. It carries bytes
 * and knows nothing of rows. One of the three hot paths.
 *
 *   NEW ─▶ CONNECTING ─▶ SETUP ─▶ IDLE
 *
 *          ┌─▶ COPY_START ─▶ COPY_SENDING ⇄ COPY_BLOCKED ─▶ COPY_ENDING ─┐
 *   IDLE ──┼─▶ PIPE_FILLING ─▶ PIPE_DRAINING ────────────────────────────┼─▶ IDLE
 *          └─▶ QUERYING ─────────────────────────────────────────────────┘
 *
 *   IDLE ─▶ OPEN: a transaction block. From OPEN a COPY or a pipeline segment is a part of it, and
 *   leads back to OPEN; the part that ends the block, to IDLE; a part that the server refused, over
 *   UNDOING (ROLLBACK) to IDLE.
 *
 *   lost when a commit may have been asked for, and no ERROR had come ─▶ IN_DOUBT ─▶ CONNECTING
 *   lost anywhere else ─▶ FAILED ─▶ CONNECTING
 *   IDLE ─▶ CLOSING ─▶ CLOSED, and any other at once ─▶ CLOSED ─▶ CONNECTING
 *
 * The rule of doubt: an implicit transaction is committed only by what ends it, CopyDone or Sync; a
 * block by its COMMIT. Until that was handed to libpq a lost transaction is certainly undone:
 * FAILED. From then until the acknowledgement it may be either: IN_DOUBT, also where the server
 * said FATAL, which can come after the commit. An ERROR undoes it for certain.
 *
 * Owned by one thread from pg_conn_new to pg_conn_free. The loop polls pg_conn_fd for what
 * pg_conn_wants_* say, calls pg_conn_step, then takes events with pg_conn_next until none is left;
 * the same after a call that says the connection is lost. The fd may change in any step while
 * CONNECTING: stop polling before the step, look again after. It is closed by the step or the call
 * that loses the connection (libpq itself closes it when it reads the end of the stream): stop
 * polling when pg_conn_fd is −1, before anything else is opened.
 *
 * There is no clock in here: libpq's connect_timeout does not work with PQconnectPoll, so the owner
 * times an attempt, and gives it up with pg_conn_close. Resolving a host name may block.
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
    PG_SETUP,         /* connected; the backend's identity and the statements are under way */
    PG_IDLE,          /* nothing is under way: a transaction may begin */
    PG_COPY_START,    /* COPY sent; the server's CopyInResponse is awaited */
    PG_COPY_SENDING,  /* rows may be put */
    PG_COPY_BLOCKED,  /* the socket is full: no rows until it is writable */
    PG_COPY_ENDING,   /* CopyDone sent; the server's acknowledgement is awaited */
    PG_PIPE_FILLING,  /* in pipeline mode; commands may be added; results are read meanwhile */
    PG_PIPE_DRAINING, /* Sync sent; the rest of the results is awaited */
    PG_QUERYING,      /* a single query's result is awaited (pg_conn_query) */
    PG_OPEN,          /* in a transaction block; nothing is under way: its next part may begin */
    PG_UNDOING,       /* the server refused a part of a block: ROLLBACK's result is awaited */
    PG_IN_DOUBT,      /* lost between what commits and the acknowledgement: done, or not */
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

/* Closes at once if need be, without a word to on_state; stop polling the fd first. NULL is
 * allowed. */
void pg_conn_free(pg_conn_t *c);

/* NEW, FAILED, IN_DOUBT or CLOSED → CONNECTING (a fresh connection). False with *err when libpq
 * refuses at once; the state is then as before. */
bool pg_conn_start(pg_conn_t *c, err_t *err);

/* Polite end from IDLE; from any other state at once: what was not acknowledged is then the owner's
 * to find out. Never blocks. Events not yet taken are dropped; stop polling the fd first. */
void pg_conn_close(pg_conn_t *c);

pg_state_t pg_conn_state(const pg_conn_t *c);
int pg_conn_fd(const pg_conn_t *c); /* −1 when there is none */
bool pg_conn_wants_read(const pg_conn_t *c);
bool pg_conn_wants_write(const pg_conn_t *c);

/* Does what can be done now. Never blocks. `readable` and `writable`: what poll said of the fd (an
 * error or a hang-up counts as readable). */
void pg_conn_step(pg_conn_t *c, bool readable, bool writable);

typedef enum {
    PG_EVENT_NONE,

    /* Setup is done: IDLE, with a backend of that pid and start time. */
    PG_EVENT_READY,

    /* COPY_START or COPY_BLOCKED → COPY_SENDING: rows may be put. */
    PG_EVENT_COPY_ROOM,

    /* The COPY or the pipeline segment was acknowledged: committed (or, where it ended a block with
     * a rollback, undone). `rows`: copied, updated or deleted by it. */
    PG_EVENT_DONE,

    /* A part of a block was done; back to OPEN. `rows` and `zero_row_index` are of that part. */
    PG_EVENT_PART,

    /* The server refused: the whole transaction is undone. `index`: which command of the segment
     * (0-based; −1: a COPY, a query, or the commit itself); back to IDLE. It may come before the
     * owner has ended the transaction: nothing more is sent then. */
    PG_EVENT_ERROR,

    /* pg_conn_query's answer: `value` (NULL: no row or SQL NULL); back to IDLE. */
    PG_EVENT_VALUE,

    /* The connection is gone, or could not be set up: FAILED or IN_DOUBT. `sqlstate` and `text`:
     * the server's FATAL where it sent one, else libpq's words. */
    PG_EVENT_LOST,
} pg_event_kind_t;

typedef struct {
    pg_event_kind_t kind;
    uint64_t rows;
    int64_t index;
    uint64_t zero_row_index; /* DONE, PART: the first command that changed no row; UINT64_MAX: all
                                did, or do not change rows at all (BEGIN) */
    char sqlstate[6];        /* "" where the server sent none */
    char text[512];          /* the server's or libpq's words, one line, no password */
    const char *value;       /* good until the next step */
} pg_event_t;

/* The next event; false when none is left. */
bool pg_conn_next(pg_conn_t *c, pg_event_t *out);

/* The backend of the last READY: for finding out later whether it is gone. */
int pg_conn_backend_pid(const pg_conn_t *c);
const char *pg_conn_backend_start(const pg_conn_t *c); /* timestamptz text; "" before the first */
const char *pg_conn_user(const pg_conn_t *c);          /* current_user; "" before the first */

/* The calls below that return bool say false when the connection is lost (see the next event), or,
 * where they begin something, when it is not IDLE.
 *
 * A transaction block of several parts, from IDLE. Nothing is sent by this: its first part begins
 * with BEGIN, and its last one holds what ends it (pg_conn_pipe_control). */
bool pg_conn_block(pg_conn_t *c);

/* COPY, from IDLE or OPEN. sql: "COPY … FROM STDIN", in a block also with statements before it that
 * yield no rows: "BEGIN; COPY …". From IDLE the transaction is the COPY. PG_EVENT_COPY_ROOM
 * follows. */
bool pg_conn_copy_begin(pg_conn_t *c, const char *sql);

/* BLOCKED is also said when the server has refused the transaction already: then nothing is sent
 * any more, and PG_EVENT_ERROR is on its way. */
typedef enum {
    PG_PUT_OK,      /* taken; put more */
    PG_PUT_BLOCKED, /* taken; but wait before the next */
    PG_PUT_LOST,    /* the connection failed: see the next event */
} pg_put_t;

/* In COPY_SENDING: whole rows, copied once, into libpq's buffer, and sent as far as the socket
 * takes them. Best in pieces near PG_COPY_PIECE; each is a message and a flush. BLOCKED: wait for
 * PG_EVENT_COPY_ROOM. */
#define PG_COPY_PIECE 65536
pg_put_t pg_conn_copy_put(pg_conn_t *c, const char *bytes, size_t len);

/* CopyDone → COPY_ENDING; from COPY_SENDING or COPY_BLOCKED. */
bool pg_conn_copy_end(pg_conn_t *c);

/* A pipeline segment, ended by Sync: from IDLE one implicit transaction, from OPEN a part of the
 * block. Commands are sent in batches of about 8 kB, and the rest at the end: what is added need
 * not be under way at once. */
bool pg_conn_pipe_begin(pg_conn_t *c); /* → PIPE_FILLING */

/* Adds a command: PG_PUT_BLOCKED means it was taken, but wait until pg_conn_pipe_room is true again
 * (steps read results meanwhile, so a segment of any length cannot deadlock on full socket
 * buffers). Values are in text format, NUL-terminated (libpq does not look at the lengths of text;
 * here they only count the bytes sent); NULL is SQL NULL. All is copied. */
pg_put_t pg_conn_pipe_add(pg_conn_t *c, const char *statement, int n_params,
                          const char *const *values, const int *lengths);

/* The same with values in binary format, of these lengths. */
pg_put_t pg_conn_pipe_add_binary(pg_conn_t *c, const char *statement, int n_params,
                                 const char *const *values, const int *lengths);

/* Adds a prepared statement without parameters that changes no rows itself, in a block. */
typedef enum {
    PG_CONTROL_INNER,    /* BEGIN, SAVEPOINT, ROLLBACK TO SAVEPOINT: the block goes on */
    PG_CONTROL_COMMIT,   /* ends it: from here on it may be committed */
    PG_CONTROL_ROLLBACK, /* ends it */
} pg_control_t;
pg_put_t pg_conn_pipe_control(pg_conn_t *c, const char *statement, pg_control_t control);

bool pg_conn_pipe_room(const pg_conn_t *c);
bool pg_conn_pipe_end(pg_conn_t *c); /* Sync → PIPE_DRAINING */

/* One query from IDLE, text parameters; answered by PG_EVENT_VALUE or PG_EVENT_ERROR. For asking
 * (did the transaction in doubt happen?): when the connection is lost meanwhile the state is
 * FAILED. */
bool pg_conn_query(pg_conn_t *c, const char *sql, int n_params, const char *const *values);

/* What would commit the transaction under way has been handed to libpq: were the connection lost
 * now, it might be committed. */
bool pg_conn_may_commit(const pg_conn_t *c);

/* Bytes of CopyData and of pipelined commands, their message headers included, over all connections
 * of this object's life, as handed to libpq. */
uint64_t pg_conn_bytes_sent(const pg_conn_t *c);

#endif
