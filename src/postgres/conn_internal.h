/*
 * conn_internal: what the files of conn share, and nobody else sees. conn.c has the states, the
 * events and the step; conn_setup.c connects; conn_copy.c, conn_pipe.c and conn_query.c are the
 * three kinds of transaction. A file's *_result function is given what PQgetResult returned.
 *
 * How a connection is lost. libpq holds back a failed write until it has read all that the server
 * sent (pqSendSome), and keeps what it had read when it meets the end of the stream (pqReadData):
 * so results are always taken before a loss is believed, and an acknowledgement or a FATAL that
 * came in with the end of the connection still counts.
 *
 * A flush may read. A send that would block makes libpq read what has come (pqSendSome), and then
 * the socket has nothing left to wake the owner with. An answer that a flush brought in is
 * therefore a reason to be stepped (answer_read): the owner is told to wait for a writable socket.
 */
#ifndef CDCBENCH_POSTGRES_CONN_INTERNAL_H
#define CDCBENCH_POSTGRES_CONN_INTERNAL_H

#include <libpq-fe.h>

#include "postgres/conn.h"

/* A step makes at most two events: the end of a transaction, and the loss of the connection. */
#define CONN_EVENTS_MAX 4

/* What the server refused with. */
typedef struct {
    bool noted;
    bool fatal; /* the server ends the session with it */
    int64_t index;
    char sqlstate[6];
    char text[sizeof((pg_event_t *)0)->text];
} conn_fault_t;

struct pg_conn {
    pg_conn_opts_t opts;
    PGconn *pg; /* NULL: there is no connection */
    pg_state_t state;
    PostgresPollingStatusType polling; /* CONNECTING: what PQconnectPoll waits for */

    bool unsent;        /* libpq holds bytes that the socket did not take */
    bool answer_read;   /* a flush has read a result, which the next step takes */
    bool block;         /* in a transaction block: parts end in OPEN … */
    bool block_ends;    /* … but this one, which holds its COMMIT or ROLLBACK */
    bool commit_sent;   /* what commits was handed to libpq, and no ERROR has come since */
    bool ended_early;   /* the server refused before the owner had ended the transaction */
    uint64_t notices;   /* messages that passed through the notice receiver */
    conn_fault_t fault; /* this transaction's first error, or the session's FATAL */
    uint64_t rows;      /* copied or updated by this COPY or segment */
    uint64_t added;     /* commands of this segment */
    uint64_t answered;  /* of those, how many had their result */
    uint64_t zero_row_index;
    size_t pipe_buffered; /* bytes in libpq's buffer since the last flush */
    PGresult *value;      /* QUERYING's answer, until the next step */

    int backend_pid;
    char backend_start[48];
    char user[256];
    uint64_t bytes_sent;

    pg_event_t events[CONN_EVENTS_MAX]; /* a ring */
    unsigned event_first, event_count;
};

/* conn.c */

/* The one setter of the state: asserts that the move is legal, and tells on_state. */
void conn_move(pg_conn_t *c, pg_state_t to);

/* Forgets the COPY, segment or query before. */
void conn_begin(pg_conn_t *c);

/* True where a COPY or a segment may begin: IDLE, OPEN. */
bool conn_at_rest(const pg_conn_t *c);

/* A COPY or a segment is over: back to IDLE with DONE, to OPEN with PART, or, where the server
 * refused, to IDLE with ERROR; a block is rolled back first. */
void conn_end_part(pg_conn_t *c);

/* Back to IDLE with `kind`, or with ERROR where the server refused: the event, in the queue. */
pg_event_t *conn_end(pg_conn_t *c, pg_event_kind_t kind);

/* An event at the queue's end, with nothing in it but its kind. */
pg_event_t *conn_push(pg_conn_t *c, pg_event_kind_t kind);

/* Sends what libpq holds, as far as the socket takes it. False: the connection is lost, and said
 * so. */
bool conn_flush(pg_conn_t *c);

/* Takes every result that has come in full. */
void conn_take_results(pg_conn_t *c);

/* Something broke: takes what the server said before that, then loses the connection. */
void conn_break(pg_conn_t *c);

/* Drops the connection: FAILED or IN_DOUBT, and a LOST event with the server's FATAL, else `why`,
 * else libpq's words. */
void conn_lose(pg_conn_t *c, const char *why);

/* Notes an error result of command `index`. False where that was the end of the connection: FATAL,
 * or an error of libpq's own (it has no SQLSTATE), which says that the stream is broken. */
bool conn_note_error(pg_conn_t *c, const PGresult *result, int64_t index);

/* The rows that a command's tag counts: "UPDATE 1", "COPY 1000". */
uint64_t conn_tag_rows(PGresult *result);

/* Into (or out of) pipeline mode, if it is not so yet. It is left only where COPY or a query needs
 * it: segment after segment stays in it. False: the connection is lost, and said so. */
bool conn_pipeline_mode(pg_conn_t *c, bool on);

/* conn_setup.c */
void conn_setup_step(pg_conn_t *c, bool readable, bool writable); /* CONNECTING */
void conn_setup_result(pg_conn_t *c, PGresult *result);

/* conn_copy.c */
void conn_copy_readable(pg_conn_t *c); /* COPY_SENDING, COPY_BLOCKED: input has come */
void conn_copy_abort(pg_conn_t *c);    /* the same: nothing of this may be committed any more */
void conn_copy_result(pg_conn_t *c, PGresult *result);

/* conn_pipe.c */
void conn_pipe_result(pg_conn_t *c, PGresult *result);

/* conn_query.c; keeps a result with rows */
void conn_query_result(pg_conn_t *c, PGresult *result);

#endif
