#include "postgres/conn_internal.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const pg_state_names[PG_STATES] = {
    [PG_NEW] = "NEW",
    [PG_CONNECTING] = "CONNECTING",
    [PG_SETUP] = "SETUP",
    [PG_IDLE] = "IDLE",
    [PG_COPY_START] = "COPY_START",
    [PG_COPY_SENDING] = "COPY_SENDING",
    [PG_COPY_BLOCKED] = "COPY_BLOCKED",
    [PG_COPY_ENDING] = "COPY_ENDING",
    [PG_PIPE_FILLING] = "PIPE_FILLING",
    [PG_PIPE_DRAINING] = "PIPE_DRAINING",
    [PG_QUERYING] = "QUERYING",
    [PG_OPEN] = "OPEN",
    [PG_UNDOING] = "UNDOING",
    [PG_IN_DOUBT] = "IN_DOUBT",
    [PG_FAILED] = "FAILED",
    [PG_CLOSING] = "CLOSING",
    [PG_CLOSED] = "CLOSED",
};

/* ---- states ---------------------------------------------------------------------------------- */

#define TO(state) (1U << PG_##state)

/* Which moves are legal (unused where assertions are off). IN_DOUBT is reached only from where a
 * commit may have been asked for. */
static const unsigned moves[PG_STATES] __attribute__((unused)) = {
    [PG_NEW] = TO(CONNECTING) | TO(CLOSED),
    [PG_CONNECTING] = TO(SETUP) | TO(FAILED) | TO(CLOSED),
    [PG_SETUP] = TO(IDLE) | TO(FAILED) | TO(CLOSED),
    [PG_IDLE] =
        TO(COPY_START) | TO(PIPE_FILLING) | TO(QUERYING) | TO(OPEN) | TO(FAILED) | TO(CLOSING),
    [PG_COPY_START] = TO(COPY_SENDING) | TO(IDLE) | TO(UNDOING) | TO(FAILED) | TO(CLOSED),
    [PG_COPY_SENDING] = TO(COPY_BLOCKED) | TO(COPY_ENDING) | TO(FAILED) | TO(CLOSED),
    [PG_COPY_BLOCKED] = TO(COPY_SENDING) | TO(COPY_ENDING) | TO(FAILED) | TO(CLOSED),
    [PG_COPY_ENDING] = TO(IDLE) | TO(OPEN) | TO(UNDOING) | TO(IN_DOUBT) | TO(FAILED) | TO(CLOSED),
    [PG_PIPE_FILLING] = TO(PIPE_DRAINING) | TO(IN_DOUBT) | TO(FAILED) | TO(CLOSED),
    [PG_PIPE_DRAINING] = TO(IDLE) | TO(OPEN) | TO(UNDOING) | TO(IN_DOUBT) | TO(FAILED) | TO(CLOSED),
    [PG_QUERYING] = TO(IDLE) | TO(FAILED) | TO(CLOSED),
    [PG_OPEN] = TO(COPY_START) | TO(PIPE_FILLING) | TO(FAILED) | TO(CLOSED),
    [PG_UNDOING] = TO(IDLE) | TO(FAILED) | TO(CLOSED),
    [PG_IN_DOUBT] = TO(CONNECTING) | TO(CLOSED),
    [PG_FAILED] = TO(CONNECTING) | TO(CLOSED),
    [PG_CLOSING] = TO(CLOSED),
    [PG_CLOSED] = TO(CONNECTING),
};

void conn_move(pg_conn_t *c, pg_state_t to)
{
    pg_state_t from = c->state;
    assert(moves[from] & (1U << to));
    c->state = to;
    if (c->opts.on_state) {
        c->opts.on_state(c->opts.ctx, from, to);
    }
}

/* ---- events ---------------------------------------------------------------------------------- */

pg_event_t *conn_push(pg_conn_t *c, pg_event_kind_t kind)
{
    assert(c->event_count < CONN_EVENTS_MAX); /* the owner takes them after each step */
    pg_event_t *event = &c->events[(c->event_first + c->event_count++) % CONN_EVENTS_MAX];
    event->kind = kind;
    event->rows = 0;
    event->index = -1;
    event->zero_row_index = UINT64_MAX;
    event->sqlstate[0] = '\0';
    event->text[0] = '\0';
    event->value = NULL;
    return event;
}

bool pg_conn_next(pg_conn_t *c, pg_event_t *out)
{
    if (c->event_count == 0) {
        return false;
    }
    *out = c->events[c->event_first];
    c->event_first = (c->event_first + 1) % CONN_EVENTS_MAX;
    c->event_count--;
    return true;
}

/* ---- errors ---------------------------------------------------------------------------------- */

static void note_fault(conn_fault_t *fault, const PGresult *result, bool fatal, int64_t index)
{
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    char words[2 * sizeof(fault->text)];
    snprintf(words, sizeof(words), "%s%s%s%s", primary ? primary : "", detail ? " (" : "",
             detail ? detail : "", detail ? ")" : "");
    err_line(fault->text, sizeof(fault->text), words);
    snprintf(fault->sqlstate, sizeof(fault->sqlstate), "%s",
             PQresultErrorField(result, PG_DIAG_SQLSTATE));
    fault->noted = true;
    fault->fatal = fatal;
    fault->index = index;
}

static bool ends_session(const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY_NONLOCALIZED);
    return severity && (strcmp(severity, "FATAL") == 0 || strcmp(severity, "PANIC") == 0);
}

bool conn_note_error(pg_conn_t *c, const PGresult *result, int64_t index)
{
    if (!PQresultErrorField(result, PG_DIAG_SQLSTATE)) {
        conn_lose(c, PQresultErrorMessage(result));
        return false;
    }
    bool fatal = ends_session(result);
    if (fatal || !c->fault.noted) {
        note_fault(&c->fault, result, fatal, index);
    }
    if (fatal) {
        conn_lose(c, NULL);
        return false;
    }
    /* An ERROR undoes the transaction for certain; after a FATAL it may have been committed. */
    c->commit_sent = false;
    return true;
}

/* libpq's default receiver prints to stderr. A FATAL that comes while nothing is under way comes
 * through here too (pqParseInput3: messages in idle state). */
static void on_notice(void *ctx, const PGresult *result)
{
    pg_conn_t *c = ctx;
    c->notices++;
    if (ends_session(result) && PQresultErrorField(result, PG_DIAG_SQLSTATE)) {
        note_fault(&c->fault, result, true, -1);
    }
}

static void drop(pg_conn_t *c)
{
    PQclear(c->value);
    c->value = NULL;
    PQfinish(c->pg);
    c->pg = NULL;
    c->block = false;
    c->unsent = false;
    c->answer_read = false;
}

void conn_lose(pg_conn_t *c, const char *why)
{
    pg_event_t *event = conn_push(c, PG_EVENT_LOST);
    if (c->fault.fatal) {
        memcpy(event->sqlstate, c->fault.sqlstate, sizeof(event->sqlstate));
        memcpy(event->text, c->fault.text, sizeof(event->text));
    } else {
        err_line(event->text, sizeof(event->text), why && *why ? why : PQerrorMessage(c->pg));
    }
    drop(c);
    conn_move(c, c->commit_sent ? PG_IN_DOUBT : PG_FAILED);
}

void conn_break(pg_conn_t *c)
{
    if (c->state == PG_COPY_SENDING || c->state == PG_COPY_BLOCKED) {
        conn_copy_abort(c);
    }
    conn_take_results(c);
    if (c->pg) {
        conn_lose(c, NULL);
    }
}

/* ---- transactions ---------------------------------------------------------------------------- */

bool conn_at_rest(const pg_conn_t *c)
{
    return c->state == PG_IDLE || c->state == PG_OPEN;
}

void conn_begin(pg_conn_t *c)
{
    c->commit_sent = false;
    c->ended_early = false;
    c->fault.noted = false;
    c->fault.fatal = false;
    c->rows = 0;
    c->added = 0;
    c->answered = 0;
    c->zero_row_index = UINT64_MAX;
    c->pipe_buffered = 0;
}

pg_event_t *conn_end(pg_conn_t *c, pg_event_kind_t kind)
{
    c->commit_sent = false;
    /* A FATAL that came behind the acknowledgement ends the session, and undoes nothing. */
    bool refused = c->fault.noted && !c->fault.fatal;
    pg_event_t *event = conn_push(c, refused ? PG_EVENT_ERROR : kind);
    if (refused) {
        event->index = c->fault.index;
        memcpy(event->sqlstate, c->fault.sqlstate, sizeof(event->sqlstate));
        memcpy(event->text, c->fault.text, sizeof(event->text));
    } else {
        event->rows = c->rows;
        event->zero_row_index = c->zero_row_index;
    }
    c->block = c->block && kind == PG_EVENT_PART && !refused;
    conn_move(c, c->block ? PG_OPEN : PG_IDLE);
    return event;
}

/* After an error a block takes nothing but its end. */
static void undo(pg_conn_t *c)
{
    c->commit_sent = false;
    conn_move(c, PG_UNDOING);
    if (conn_pipeline_mode(c, false)) {
        if (!PQsendQuery(c->pg, "ROLLBACK")) {
            conn_break(c);
            return;
        }
        conn_flush(c);
    }
}

void conn_end_part(pg_conn_t *c)
{
    if (c->block && c->fault.noted && !c->fault.fatal) {
        undo(c);
    } else {
        conn_end(c, c->block && !c->block_ends ? PG_EVENT_PART : PG_EVENT_DONE);
    }
}

/* The answer to ROLLBACK, and then NULL. A block that its COMMIT's error has ended is told so by a
 * warning. */
static void undo_result(pg_conn_t *c, const PGresult *result)
{
    if (result && PQresultStatus(result) != PGRES_COMMAND_OK) {
        conn_lose(c, "the server refused to roll a transaction back");
    } else if (c->fault.fatal) {
        conn_lose(c, NULL);
    } else if (!result) {
        conn_end(c, PG_EVENT_ERROR);
    }
}

bool pg_conn_block(pg_conn_t *c)
{
    if (c->state != PG_IDLE) {
        return false;
    }
    c->block = true;
    c->block_ends = false;
    conn_move(c, PG_OPEN);
    return true;
}

bool pg_conn_may_commit(const pg_conn_t *c)
{
    return c->commit_sent;
}

uint64_t conn_tag_rows(PGresult *result)
{
    uint64_t rows = 0;
    for (const char *digit = PQcmdTuples(result); *digit >= '0' && *digit <= '9'; digit++) {
        rows = rows * 10 + (uint64_t)(*digit - '0');
    }
    return rows;
}

bool conn_pipeline_mode(pg_conn_t *c, bool on)
{
    bool is_on = PQpipelineStatus(c->pg) != PQ_PIPELINE_OFF;
    if (is_on == on || (on ? PQenterPipelineMode(c->pg) : PQexitPipelineMode(c->pg)) == 1) {
        return true;
    }
    conn_break(c);
    return false;
}

/* ---- the step -------------------------------------------------------------------------------- */

static bool awaits_result(const pg_conn_t *c)
{
    switch (c->state) {
    case PG_SETUP:
    case PG_COPY_START:
    case PG_COPY_ENDING:
    case PG_PIPE_DRAINING:
    case PG_QUERYING:
    case PG_UNDOING:
        return true;
    case PG_PIPE_FILLING:
        return c->answered < c->added;
    default:
        return false;
    }
}

bool conn_flush(pg_conn_t *c)
{
    int left = PQflush(c->pg);
    if (left < 0) {
        conn_break(c);
        return false;
    }
    c->unsent = left == 1;
    c->pipe_buffered = 0;
    c->answer_read = awaits_result(c) && !PQisBusy(c->pg);
    return true;
}

static void take_result(pg_conn_t *c, PGresult *result)
{
    switch (c->state) {
    case PG_SETUP:
        conn_setup_result(c, result);
        break;
    case PG_COPY_START:
    case PG_COPY_ENDING:
        conn_copy_result(c, result);
        break;
    case PG_QUERYING:
        conn_query_result(c, result);
        return; /* which owns it now */
    case PG_UNDOING:
        undo_result(c, result);
        break;
    default:
        conn_pipe_result(c, result);
    }
    PQclear(result);
}

void conn_take_results(pg_conn_t *c)
{
    bool was_null = false;
    while (awaits_result(c) && !PQisBusy(c->pg)) {
        PGresult *result = PQgetResult(c->pg);
        if (!result && was_null) { /* a NULL ends one command's results: two say there is no more */
            conn_lose(c, "libpq has no more results, though the server owes some");
            return;
        }
        was_null = !result;
        take_result(c, result);
    }
    c->answer_read = false;
}

static void step_read(pg_conn_t *c)
{
    if (c->state == PG_COPY_SENDING || c->state == PG_COPY_BLOCKED) {
        conn_copy_readable(c);
        return;
    }
    if (!PQconsumeInput(c->pg)) {
        conn_break(c);
        return;
    }
    if (conn_at_rest(c)) {
        (void)PQisBusy(c->pg); /* parses: notices, or the FATAL before the end */
        if (c->fault.fatal) {
            conn_lose(c, NULL);
        }
        return;
    }
    conn_take_results(c);
}

static void step_write(pg_conn_t *c)
{
    if (!conn_flush(c)) {
        return;
    }
    if (!c->unsent && c->state == PG_COPY_BLOCKED) {
        conn_move(c, PG_COPY_SENDING);
        conn_push(c, PG_EVENT_COPY_ROOM);
    }
    conn_take_results(c);
}

void pg_conn_step(pg_conn_t *c, bool readable, bool writable)
{
    PQclear(c->value);
    c->value = NULL;
    if (c->state == PG_CONNECTING) {
        conn_setup_step(c, readable, writable);
        return;
    }
    if (c->pg && readable) {
        step_read(c);
    }
    if (c->pg && writable && (c->unsent || c->answer_read)) {
        step_write(c);
    }
}

/* ---- life ------------------------------------------------------------------------------------ */

pg_conn_t *pg_conn_new(const pg_conn_opts_t *opts)
{
    pg_conn_t *c = calloc(1, sizeof(*c));
    if (c) {
        c->opts = *opts;
        c->state = PG_NEW;
    }
    return c;
}

void pg_conn_free(pg_conn_t *c)
{
    if (c) {
        c->opts.on_state = NULL; /* its owner may be half gone */
        pg_conn_close(c);
        free(c);
    }
}

bool pg_conn_start(pg_conn_t *c, err_t *err)
{
    assert(moves[c->state] & TO(CONNECTING));
    PGconn *pg = PQconnectStartParams(pg_target_keywords(c->opts.target, false),
                                      pg_target_values(c->opts.target, false), 0);
    if (!pg || PQstatus(pg) == CONNECTION_BAD) {
        char words[sizeof(err->text)] = "memory is out";
        if (pg) {
            err_line(words, sizeof(words), PQerrorMessage(pg));
        }
        PQfinish(pg);
        return err_set(err, ERR_RUN, "could not connect to PostgreSQL (%s): %s",
                       pg_target_display(c->opts.target), words);
    }
    PQsetNoticeReceiver(pg, on_notice, c);
    c->pg = pg;
    c->polling = PGRES_POLLING_WRITING; /* as PQconnectPoll's documentation says to begin */
    conn_begin(c);
    conn_move(c, PG_CONNECTING);
    return true;
}

void pg_conn_close(pg_conn_t *c)
{
    c->event_count = 0;
    if (c->state == PG_CLOSED) {
        return;
    }
    if (c->state == PG_IDLE) {
        conn_move(c, PG_CLOSING);
    }
    drop(c); /* nothing is unsent when IDLE: PQfinish's Terminate goes out at once, or never */
    conn_move(c, PG_CLOSED);
}

pg_state_t pg_conn_state(const pg_conn_t *c)
{
    return c->state;
}

int pg_conn_fd(const pg_conn_t *c)
{
    return c->pg ? PQsocket(c->pg) : -1;
}

bool pg_conn_wants_read(const pg_conn_t *c)
{
    return c->pg && (c->state != PG_CONNECTING || c->polling == PGRES_POLLING_READING);
}

bool pg_conn_wants_write(const pg_conn_t *c)
{
    if (c->state == PG_CONNECTING) {
        return c->polling == PGRES_POLLING_WRITING;
    }
    return c->pg && (c->unsent || c->answer_read);
}

int pg_conn_backend_pid(const pg_conn_t *c)
{
    return c->backend_pid;
}

const char *pg_conn_backend_start(const pg_conn_t *c)
{
    return c->backend_start;
}

const char *pg_conn_user(const pg_conn_t *c)
{
    return c->user;
}

uint64_t pg_conn_bytes_sent(const pg_conn_t *c)
{
    return c->bytes_sent;
}
