/*
 * A pipeline segment as one transaction, or as a part of a block: commands, then Sync. Results are
 * taken as they come, in PIPE_FILLING too: a server that cannot get rid of its answers stops
 * reading commands, so only a client that reads while it writes gets through a segment of any
 * length.
 *
 * Flushing. libpq sends by itself whenever 8,192 bytes are ready (pqPutMsgEnd), but does not say
 * whether the socket took them, and tries again at each message after that. The segment is
 * therefore flushed just below that mark: as few system calls, and each one's outcome is seen. The
 * sizes below are those of the messages that PQsendQueryPrepared makes (PQsendQueryGuts):
 *
 *   Bind      'B' i32 · portal "" 0 · statement … 0 · i16 formats · {i16}* · i16 params ·
 *             {i32 length · bytes}* · i16 result formats = 1 · i16 format
 *   Describe  'D' i32 · 'P' · portal "" 0
 *   Execute   'E' i32 · portal "" 0 · i32 rows
 *   Sync      'S' i32
 *
 * There are as many parameter formats as parameters where they are binary, else none.
 */
#include "postgres/conn_internal.h"

#include <assert.h>
#include <string.h>

enum {
    BIND_BYTES = 15, /* without statement name, parameters and their lengths */
    DESCRIBE_BYTES = 7,
    EXECUTE_BYTES = 10,
    SYNC_BYTES = 5,
    FLUSH_BYTES = 7936, /* one more command of usual size still fits below libpq's 8,192 */
};

bool pg_conn_pipe_begin(pg_conn_t *c)
{
    if (!conn_at_rest(c) || !conn_pipeline_mode(c, true)) {
        return false;
    }
    conn_begin(c);
    conn_move(c, PG_PIPE_FILLING);
    return true;
}

static size_t command_bytes(const char *statement, int n_params, const char *const *values,
                            const int *lengths)
{
    size_t bytes = BIND_BYTES + DESCRIBE_BYTES + EXECUTE_BYTES + strlen(statement);
    for (int i = 0; i < n_params; i++) {
        bytes += 4 + (values[i] ? (size_t)lengths[i] : 0);
    }
    return bytes;
}

static pg_put_t add(pg_conn_t *c, const char *statement, int n_params, const char *const *values,
                    const int *lengths, const int *formats)
{
    if (!c->pg) {
        return PG_PUT_LOST;
    }
    if (c->ended_early) {
        return PG_PUT_BLOCKED;
    }
    assert(c->state == PG_PIPE_FILLING && n_params <= PG_PARAMS_MAX);
    if (!PQsendQueryPrepared(c->pg, statement, n_params, values, lengths, formats, 0)) {
        conn_break(c);
        return PG_PUT_LOST;
    }
    size_t bytes = command_bytes(statement, n_params, values, lengths);
    if (formats) {
        bytes += 2 * (size_t)n_params;
    }
    c->added++;
    c->bytes_sent += bytes;
    c->pipe_buffered += bytes;
    if (c->pipe_buffered >= FLUSH_BYTES && !conn_flush(c)) {
        return PG_PUT_LOST;
    }
    return c->unsent ? PG_PUT_BLOCKED : PG_PUT_OK;
}

pg_put_t pg_conn_pipe_add(pg_conn_t *c, const char *statement, int n_params,
                          const char *const *values, const int *lengths)
{
    return add(c, statement, n_params, values, lengths, NULL);
}

pg_put_t pg_conn_pipe_add_binary(pg_conn_t *c, const char *statement, int n_params,
                                 const char *const *values, const int *lengths)
{
    static const int binary[PG_PARAMS_MAX] = {1, 1, 1, 1};
    return add(c, statement, n_params, values, lengths, binary);
}

pg_put_t pg_conn_pipe_control(pg_conn_t *c, const char *statement, pg_control_t control)
{
    assert(c->block || !c->pg);
    if (control != PG_CONTROL_INNER) {
        c->block_ends = true;
        c->commit_sent = control == PG_CONTROL_COMMIT && !c->ended_early;
    }
    return pg_conn_pipe_add(c, statement, 0, NULL, NULL);
}

bool pg_conn_pipe_room(const pg_conn_t *c)
{
    return c->state == PG_PIPE_FILLING && !c->unsent;
}

bool pg_conn_pipe_end(pg_conn_t *c)
{
    if (!c->pg) {
        return false;
    }
    if (c->ended_early) {
        return true;
    }
    conn_move(c, PG_PIPE_DRAINING);
    c->commit_sent = c->commit_sent || !c->block;
    c->bytes_sent += SYNC_BYTES;
    if (!PQpipelineSync(c->pg)) {
        conn_break(c);
        return false;
    }
    return conn_flush(c);
}

/* The rest of a segment that the server refused would only be skipped: Sync ends it here. */
static void end_early(pg_conn_t *c)
{
    c->ended_early = true;
    conn_move(c, PG_PIPE_DRAINING);
    c->bytes_sent += SYNC_BYTES;
    if (!PQpipelineSync(c->pg)) {
        conn_lose(c, NULL);
        return;
    }
    c->unsent = PQflush(c->pg) == 1; /* where it fails, the next read does too */
}

static void take_error(pg_conn_t *c, const PGresult *result)
{
    /* When all commands were answered, it is the commit that failed. */
    bool at_commit = c->answered == c->added;
    if (!conn_note_error(c, result, at_commit ? -1 : (int64_t)c->answered)) {
        return;
    }
    if (!at_commit) {
        c->answered++;
    }
    if (c->state == PG_PIPE_FILLING) {
        end_early(c);
    }
}

void conn_pipe_result(pg_conn_t *c, PGresult *result)
{
    if (!result) {
        return; /* one command's results are complete */
    }
    switch (PQresultStatus(result)) {
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK: {
        uint64_t rows = conn_tag_rows(result);
        bool counts = *PQcmdTuples(result) != '\0'; /* "BEGIN" does not */
        if (rows == 0 && counts && c->zero_row_index == UINT64_MAX) {
            c->zero_row_index = c->answered;
        }
        c->rows += rows;
        c->answered++;
        break;
    }
    case PGRES_PIPELINE_ABORTED:
        c->answered++;
        break;
    case PGRES_PIPELINE_SYNC:
        conn_end_part(c);
        break;
    default:
        take_error(c, result);
    }
}
