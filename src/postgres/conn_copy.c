/*
 * COPY … FROM STDIN as one transaction, or as a part of a block.
 *
 * Back-pressure. PQputCopyData never says that the socket is full: it lets libpq's buffer grow.
 * Each piece is therefore flushed as it is put, and PQflush() == 1 is COPY_BLOCKED: libpq never
 * holds more than the last piece, which bounds both its buffer and the memmove that follows a
 * partial send.
 *
 * An error in mid-COPY. While libpq is in COPY_IN it parses no ErrorResponse, and has no call that
 * tells of one (pqParseInput3 leaves it in the buffer until PQputCopyEnd). The server sends nothing
 * in mid-COPY but errors and notices, so input that brings no notice is taken for an error, and the
 * COPY is ended with CopyFail: a server that has failed already ignores it and tells its own error,
 * and any other undoes the transaction, so nothing half sent is ever committed. An error that libpq
 * read by itself, while it was blocked in a flush, is found at CopyDone at the latest; until then
 * the server reads and drops what comes.
 */
#include "postgres/conn_internal.h"

#include <assert.h>
#include <poll.h>

#define COPY_DATA_HEADER 5 /* 'd', int32 length */

bool pg_conn_copy_begin(pg_conn_t *c, const char *sql)
{
    if (!conn_at_rest(c) || !conn_pipeline_mode(c, false)) {
        return false;
    }
    conn_begin(c);
    conn_move(c, PG_COPY_START);
    if (!PQsendQuery(c->pg, sql)) {
        conn_break(c);
        return false;
    }
    return conn_flush(c);
}

pg_put_t pg_conn_copy_put(pg_conn_t *c, const char *bytes, size_t len)
{
    if (!c->pg) {
        return PG_PUT_LOST;
    }
    if (c->ended_early) {
        return PG_PUT_BLOCKED;
    }
    assert(c->state == PG_COPY_SENDING && len <= INT32_MAX);
    if (PQputCopyData(c->pg, bytes, (int)len) != 1) {
        conn_break(c);
        return PG_PUT_LOST;
    }
    c->bytes_sent += len + COPY_DATA_HEADER;
    if (!conn_flush(c)) {
        return PG_PUT_LOST;
    }
    if (c->unsent) {
        conn_move(c, PG_COPY_BLOCKED);
        return PG_PUT_BLOCKED;
    }
    return PG_PUT_OK;
}

bool pg_conn_copy_end(pg_conn_t *c)
{
    if (!c->pg) {
        return false;
    }
    if (c->ended_early) {
        return true;
    }
    conn_move(c, PG_COPY_ENDING);
    c->commit_sent = !c->block;
    if (PQputCopyEnd(c->pg, NULL) != 1) {
        conn_break(c);
        return false;
    }
    return conn_flush(c);
}

void conn_copy_abort(pg_conn_t *c)
{
    c->ended_early = true;
    conn_move(c, PG_COPY_ENDING);
    /* When this fails, so does the next PQgetResult, which is where it is looked at. */
    (void)PQputCopyEnd(c->pg, "cdcbench: the server sent something in mid-COPY");
}

void conn_copy_readable(pg_conn_t *c)
{
    struct pollfd fd = {.fd = PQsocket(c->pg), .events = POLLIN};
    if (poll(&fd, 1, 0) == 0) {
        return; /* a wake-up for nothing must not end a good COPY */
    }
    uint64_t notices = c->notices;
    bool alive = PQconsumeInput(c->pg);
    (void)PQisBusy(c->pg); /* parses: what is a notice goes to the receiver */
    if (!alive) {
        conn_break(c);
    } else if (c->notices == notices) {
        conn_copy_abort(c);
        if (conn_flush(c)) {
            conn_take_results(c);
        }
    }
}

void conn_copy_result(pg_conn_t *c, PGresult *result)
{
    if (!result) {
        conn_end_part(c);
        return;
    }
    ExecStatusType status = PQresultStatus(result);
    if (status == PGRES_FATAL_ERROR) {
        (void)conn_note_error(c, result, -1);
    } else if (status == PGRES_COPY_IN && c->state == PG_COPY_START) {
        conn_move(c, PG_COPY_SENDING);
        conn_push(c, PG_EVENT_COPY_ROOM);
    } else if (status == PGRES_COMMAND_OK && c->state == PG_COPY_ENDING) {
        c->rows = conn_tag_rows(result);
    } else if (status != PGRES_COMMAND_OK || !c->block) { /* a block's BEGIN is answered first */
        conn_lose(c, "the server answered COPY FROM STDIN with something else");
    }
}
