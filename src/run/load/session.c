#include "run/load/session_internal.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

/* A transaction that the server rolled back to resolve a conflict is sent again this often. */
#define ATTEMPTS_MAX 10

/* … and one whose connection was lost, this often. */
#define SENDS_MAX 20

static void on_ready(void *ctx, bool readable, bool writable);

size_t session_piece_bytes(const tables_t *tables)
{
    size_t bytes = SESSION_PIECE_BYTES;
    for (uint32_t t = 0; t < tables->n; t++)
        if (tables->use[t].table->row_bytes_max > bytes)
            bytes = tables->use[t].table->row_bytes_max;
    return bytes;
}

session_t *session_new(const session_opts_t *opts)
{
    session_t *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    s->o = *opts;
    writer_init(&s->w, opts->work, opts->taker, opts->stats, opts->connection);
    pg_conn_opts_t conn = {.target = opts->work->target};
    conn.statements = statements_prepared(opts->work->statements, &conn.n_statements);
    s->conn = pg_conn_new(&conn);
    s->watch = watch_new(opts->loop, on_ready, s);
    if (s->conn == NULL || s->watch == NULL) {
        session_free(s);
        return NULL;
    }
    return s;
}

void session_free(session_t *s)
{
    if (s == NULL)
        return;
    watch_free(s->watch);
    if (s->conn != NULL) {
        session_missed_untold(s);
        session_abandon(s);
        pg_conn_free(s->conn);
    }
    touched_free(&s->touched);
    free(s);
}

int64_t session_next_ns(const session_t *s)
{
    return s->w.next_ns;
}

bool session_waits(const session_t *s)
{
    return pg_conn_state(s->conn) == PG_IDLE && !s->w.has_task && s->w.next_ns == LOOP_NO_DEADLINE;
}

bool session_done(const session_t *s, uint32_t phase)
{
    return writer_done(&s->w, phase);
}

_Static_assert(sizeof *(touched_t){0}.items == SESSION_TOUCHED_BYTES, "as documented");

/* ---- the rows that a transaction has touched ------------------------------------------------- */

void touched_free(touched_t *touched)
{
    free(touched->items);
    *touched = (touched_t){0};
}

bool touched_begin(touched_t *touched, size_t rows)
{
    touched->n = touched->first_live = 0;
    if (rows <= touched->cap)
        return true;
    free(touched->items);
    touched->items = malloc(rows * sizeof *touched->items);
    touched->cap = touched->items == NULL ? 0 : rows;
    return touched->items != NULL;
}

void touched_set(touched_t *touched, row_state_t *states, uint64_t row, uint16_t state)
{
    assert(touched->n < touched->cap);
    touched->items[touched->n].row = row;
    touched->items[touched->n].before = row_state_get(states, row);
    touched->n++;
    row_state_set(states, row, state); /* its chunk is there: the row was inserted */
}

void touched_undo(touched_t *touched, row_state_t *states)
{
    /* The last first: a row that was touched twice gets back what it was at the very start. */
    for (size_t i = touched->n; i > touched->first_live; i--)
        row_state_set(states, touched->items[i - 1].row, touched->items[i - 1].before);
    touched->first_live = touched->n;
}

/* ---- a transaction's course ------------------------------------------------------------------ */

/* Gives the task up, and with it the load. */
static void give_up(session_t *s, const char *why_text, int64_t now_ns)
{
    err_t why;
    err_set(&why, ERR_RUN, "%s transaction %" PRIu64 " of phase %s: %s",
            stream_names[s->w.task.stream], s->w.task.n, writer_phase(&s->w)->name, why_text);
    session_drop(s, now_ns);
    work_fail(s->o.work, &why);
}

/* Lays the task out and takes what it needs. False: it was given up. */
static bool prepare(session_t *s, int64_t now_ns)
{
    /* A transaction that takes its connection down each time it is sent must not be sent for ever.
     */
    if (s->attempts >= SENDS_MAX) {
        char text[80];
        snprintf(text, sizeof text, "it was sent %d times, and each time its connection was lost",
                 SENDS_MAX);
        give_up(s, text, now_ns);
        return false;
    }
    writer_lay_out(&s->w);
    s->missed = 0;
    if (!touched_begin(&s->touched, txn_older_rows(&s->w.txn))) {
        give_up(s, "out of memory for the rows that it touches", now_ns);
        return false;
    }
    if (!writer_enter(&s->w)) {
        give_up(s,
                "in its lane no rows are left to change: deletes have taken them; load more, or "
                "delete less",
                now_ns);
        return false;
    }
    return true;
}

void session_begin(session_t *s, int64_t now_ns)
{
    if (!prepare(s, now_ns))
        return;
    writer_sent(&s->w, s->attempts++ == 0, now_ns);
    s->sent_bytes = pg_conn_bytes_sent(s->conn);
    if (s->w.txn.block)
        pg_conn_block(s->conn);
    session_begin_part(s);
}

void session_undone(session_t *s)
{
    touched_undo(&s->touched, s->o.work->rows);
}

static void free_again(session_t *s, int64_t now_ns)
{
    writer_free_again(&s->w, now_ns);
    s->finished = true;
}

void session_acknowledged(session_t *s, int64_t now_ns)
{
    if (s->w.txn.rolled_back) {
        counter_add(&writer_stats(&s->w)->rolled_back, 1);
        counter_add(&writer_stats(&s->w)->rows_rolled_back, s->w.task.rows);
    } else {
        writer_acknowledged(&s->w, s->w.task.rows - s->missed,
                            pg_conn_bytes_sent(s->conn) - s->sent_bytes, now_ns);
    }
    free_again(s, now_ns);
}

void session_abandon(session_t *s)
{
    if (!s->w.has_task)
        return;
    s->w.has_task = false;
    if (s->doubt == DOUBT_NONE && !pg_conn_may_commit(s->conn)) {
        session_undone(s);
        ledger_close(s->w.entry, LEDGER_VOID);
        return;
    }
    writer_undetermined(&s->w);
}

void session_drop(session_t *s, int64_t now_ns)
{
    session_undone(s);
    ledger_close(s->w.entry, LEDGER_VOID);
    free_again(s, now_ns);
}

void session_refused(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    session_undone(s);
    /* Class 40: rolled back by the server to resolve a conflict; sending it again is what it asks
     * for. */
    if (strncmp(event->sqlstate, "40", 2) == 0 && s->attempts < ATTEMPTS_MAX) {
        counter_add(&writer_stats(&s->w)->retries, 1);
        return;
    }
    err_t why;
    err_set(&why, ERR_RUN,
            "the server refused %s transaction %" PRIu64 " of phase %s: %s (SQLSTATE %s); it was "
            "undone, and the load ends here",
            stream_names[s->w.task.stream], s->w.task.n, writer_phase(&s->w)->name, event->text,
            event->sqlstate[0] != '\0' ? event->sqlstate : "unknown");
    counter_add(&writer_stats(&s->w)->errors, 1);
    session_drop(s, now_ns);
    work_fail(s->o.work, &why);
}

/* ---- taking and polling ---------------------------------------------------------------------- */

static void on_event(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    switch (event->kind) {
    case PG_EVENT_READY:
        if (!s->was_ready) {
            s->was_ready = true;
            atomic_fetch_add_explicit(&s->o.work->ready, 1, memory_order_release);
        } else {
            counter_add(&s->o.stats->reconnects, 1);
        }
        s->lost_ns = 0;
        s->w.idle_since_ns = now_ns;
        break;
    case PG_EVENT_DONE:
        session_part_done(s, event);
        session_acknowledged(s, now_ns);
        break;
    case PG_EVENT_PART:
        session_part_done(s, event);
        break;
    case PG_EVENT_ERROR:
        if (s->doubt != DOUBT_NONE)
            session_answer(s, event, now_ns);
        else if (s->asks.state == MISSED_ASKED)
            session_missed_answer(s, event, now_ns);
        else
            session_refused(s, event, now_ns);
        break;
    case PG_EVENT_VALUE:
        if (s->asks.state == MISSED_ASKED)
            session_missed_answer(s, event, now_ns);
        else
            session_answer(s, event, now_ns);
        break;
    case PG_EVENT_LOST:
        session_missed_untold(s);
        session_lost(s, event, now_ns);
        break;
    case PG_EVENT_COPY_ROOM:
    case PG_EVENT_NONE:
        break;
    }
}

static bool take_events(session_t *s)
{
    pg_event_t event;
    bool took = false;
    while (pg_conn_next(s->conn, &event)) {
        on_event(s, &event, clock_now_ns());
        took = true;
    }
    return took;
}

/* At rest: goes on with a doubt, with a task that must be sent again, or takes a new one. False:
 * there is nothing to do now. */
static bool at_idle(session_t *s)
{
    int64_t now_ns = clock_now_ns();
    if (s->doubt != DOUBT_NONE) {
        if (now_ns < s->retry_ns) {
            s->w.next_ns = s->retry_ns;
            return false;
        }
        session_ask(s);
        return true;
    }
    if (s->asks.state == MISSED_TO_ASK) {
        session_ask_missed(s);
        return true;
    }
    if (!s->w.has_task) {
        if (!writer_take(&s->w, now_ns))
            return false;
        s->attempts = 0;
    }
    session_begin(s, now_ns);
    return true;
}

/* One move from the state the connection is in; false when only its socket or the clock can bring
 * the next one. */
static bool move(session_t *s)
{
    switch (pg_conn_state(s->conn)) {
    case PG_IDLE:
        return at_idle(s);
    case PG_OPEN:
        session_begin_part(s);
        return true;
    case PG_COPY_SENDING:
        session_fill(s);
        return pg_conn_state(s->conn) == PG_IDLE;
    case PG_PIPE_FILLING:
        if (!pg_conn_pipe_room(s->conn))
            return false;
        session_fill(s);
        return pg_conn_state(s->conn) == PG_IDLE;
    case PG_CONNECTING:
    case PG_SETUP:
        session_hurry(s);
        return false;
    case PG_NEW:
    case PG_FAILED:
    case PG_IN_DOUBT:
    case PG_CLOSED:
        session_reconnect(s);
        return false;
    default:
        return false;
    }
}

void session_pump(session_t *s)
{
    s->w.next_ns = LOOP_NO_DEADLINE;
    take_events(s); /* what was acknowledged is, whatever comes next */
    if (atomic_load_explicit(&s->o.work->quit, memory_order_acquire))
        return;
    bool moved, took;
    do {
        moved = move(s);
        took = take_events(s);
    } while (moved || took);
    watch_set(s->watch, pg_conn_fd(s->conn), pg_conn_wants_read(s->conn),
              pg_conn_wants_write(s->conn));
}

static void on_ready(void *ctx, bool readable, bool writable)
{
    session_t *s = ctx;
    /* The descriptor may change, or be closed, in any step while it connects. */
    if (pg_conn_state(s->conn) == PG_CONNECTING)
        watch_set(s->watch, -1, false, false);
    pg_conn_step(s->conn, readable, writable);
    session_pump(s);
    bool finished = s->finished;
    s->finished = false;
    s->o.on_progress(s->o.ctx, finished);
}
