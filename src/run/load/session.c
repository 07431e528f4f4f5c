#include "run/load/session_internal.h"

#include <stdlib.h>

#include "base/clock.h"

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
    s->next_ns = LOOP_NO_DEADLINE;
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
    return s->next_ns;
}

bool session_waits(const session_t *s)
{
    return pg_conn_state(s->conn) == PG_IDLE && !s->has_task && s->next_ns == LOOP_NO_DEADLINE;
}

bool session_done(const session_t *s, uint32_t phase)
{
    return !s->has_task && s->done_phase == phase + 1;
}

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
        s->idle_since_ns = now_ns;
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
            s->next_ns = s->retry_ns;
            return false;
        }
        session_ask(s);
        return true;
    }
    if (s->asks.state == MISSED_TO_ASK) {
        session_ask_missed(s);
        return true;
    }
    if (!s->has_task) {
        uint32_t phase = atomic_load_explicit(&s->o.work->phase, memory_order_acquire);
        take_t taken = taker_take(s->o.taker, s->o.connection, now_ns, &s->task, &s->next_ns);
        if (taken == TAKE_NOTHING)
            s->done_phase = phase + 1;
        if (taken != TAKE_TASK)
            return false;
        s->has_task = true;
        s->entered = false;
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
    s->next_ns = LOOP_NO_DEADLINE;
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
