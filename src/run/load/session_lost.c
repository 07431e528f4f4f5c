/* After a lost connection: reconnect, make sure that the old backend is gone, and ask what became
 * of the transaction, before anything is sent again. */
#include "run/load/session_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"

#define BACKOFF_FIRST_NS (20 * NS_PER_MS)
#define BACKOFF_MAX_NS   NS_PER_S
#define ASK_AGAIN_NS     (20 * NS_PER_MS)
#define ATTEMPT_MAX_NS   (10 * NS_PER_S)

/* One question does both: a backend that is still there is told to go, and no row says it is gone.
 * Pid and start time together name a backend; a pid alone may have been given to another. */
#define BACKEND_QUESTION                                                                           \
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "                                      \
    "WHERE pid = $1::int AND backend_start = $2::timestamptz"

static void give_up(session_t *s, const char *text, int64_t now_ns)
{
    err_t why;
    err_set(&why, ERR_RUN,
            "connection %" PRIu32 " was lost and could not be made again within %.0f s "
            "(--reconnect-timeout): %s",
            s->o.connection, (double)s->o.work->reconnect_timeout_ns / (double)NS_PER_S, text);
    if (s->has_task && s->doubt == DOUBT_NONE)
        session_drop(s, now_ns);
    work_fail(s->o.work, &why);
    s->retry_ns = LOOP_NO_DEADLINE;
}

void session_lost(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    bool under_way = s->lost_ns == 0 && s->has_task;
    if (s->lost_ns == 0) {
        s->lost_ns = now_ns;
        s->backoff_ns = BACKOFF_FIRST_NS;
        if (s->was_ready)
            log_warning("connection %" PRIu32 " was lost: %s", s->o.connection, event->text);
    }
    if (pg_conn_state(s->conn) == PG_IN_DOUBT && s->doubt == DOUBT_NONE) {
        s->doubt = DOUBT_BACKEND;
        counter_add(&s->o.stats->in_doubt, 1);
        snprintf(s->old_pid, sizeof s->old_pid, "%d", pg_conn_backend_pid(s->conn));
        snprintf(s->old_start, sizeof s->old_start, "%s", pg_conn_backend_start(s->conn));
    } else if (under_way && s->doubt == DOUBT_NONE) {
        session_undone(s); /* its end was never sent, so it cannot have been committed */
        counter_add(&session_stats(s)->retries, 1);
    }
    if (now_ns - s->lost_ns >= s->o.work->reconnect_timeout_ns) {
        give_up(s, event->text, now_ns);
        return;
    }
    s->retry_ns = now_ns + s->backoff_ns;
    s->backoff_ns = s->backoff_ns * 2 < BACKOFF_MAX_NS ? s->backoff_ns * 2 : BACKOFF_MAX_NS;
}

static void lost_for(session_t *s, const char *text, int64_t now_ns)
{
    pg_event_t event = {.kind = PG_EVENT_LOST};
    snprintf(event.text, sizeof event.text, "%.*s", (int)sizeof event.text - 1, text);
    session_lost(s, &event, now_ns);
}

void session_reconnect(session_t *s)
{
    err_t err = {0};
    int64_t now_ns = clock_now_ns();
    if (now_ns < s->retry_ns) {
        s->next_ns = s->retry_ns;
        return;
    }
    s->tried_ns = now_ns;
    if (pg_conn_start(s->conn, &err)) {
        s->next_ns = now_ns + ATTEMPT_MAX_NS;
    } else {
        lost_for(s, err.text, now_ns);
        s->next_ns = s->retry_ns;
    }
}

void session_hurry(session_t *s)
{
    int64_t now_ns = clock_now_ns();
    s->next_ns = s->tried_ns + ATTEMPT_MAX_NS;
    if (now_ns < s->next_ns)
        return;
    watch_set(s->watch, -1, false, false);
    pg_conn_close(s->conn);
    lost_for(s, "the server did not answer an attempt to connect", now_ns);
    s->next_ns = s->retry_ns;
}

/* A transaction is there as a whole or not at all, so its last change stands for it. */
typedef struct {
    step_kind_t kind;
    uint64_t row;
    uint32_t version; /* that an update made */
} last_change_t;

static last_change_t last_change(const session_t *s)
{
    const step_t *step = txn_last_seen(&s->txn);
    last_change_t last = {.kind = step->kind};
    switch (step->kind) {
    case STEP_COPY:
        last.row = step->first_row + (uint64_t)(step->rows - 1) * s->o.work->scenario->tables.n;
        break;
    case STEP_OWN_UPDATE:
        last.row = txn_own_row(&s->txn, s->copied, step->rows - 1, &last.version);
        break;
    default:
        last.row = s->touched.items[s->touched.n - 1].row;
        last.version = row_state_get(s->o.work->rows, last.row);
    }
    return last;
}

void session_ask(session_t *s)
{
    if (s->doubt == DOUBT_BACKEND) {
        const char *values[] = {s->old_pid, s->old_start};
        pg_conn_query(s->conn, BACKEND_QUESTION, 2, values);
        return;
    }
    char key[ROW_KEY_LEN + 1];
    uint64_t row = last_change(s).row;
    row_key(s->o.work->space, row, key);
    key[ROW_KEY_LEN] = '\0';
    const char *values[] = {key};
    pg_conn_query(s->conn, session_statements_of(s, row)->amount_question, 1, values);
}

static bool is_there(const session_t *s, const char *value)
{
    last_change_t last = last_change(s);
    if (last.kind == STEP_DELETE)
        return value == NULL;
    if (value == NULL)
        return false;
    if (last.kind == STEP_COPY)
        return true;
    char amount[16];
    uint32_t cents = row_amount_cents(s->o.work->space, last.row, last.version);
    size_t len = row_amount_text(cents, amount);
    return strlen(value) == len && memcmp(value, amount, len) == 0;
}

void session_answer(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    if (event->kind == PG_EVENT_ERROR) {
        err_t why;
        err_set(&why, ERR_RUN,
                "what became of a transaction whose connection was lost could not be asked: %s "
                "(SQLSTATE %s)",
                event->text, event->sqlstate);
        work_fail(s->o.work, &why);
        s->retry_ns = now_ns + BACKOFF_MAX_NS;
        return;
    }
    if (s->doubt == DOUBT_BACKEND) {
        if (event->value != NULL)
            s->retry_ns = now_ns + ASK_AGAIN_NS; /* told to go; is it gone? */
        else
            s->doubt = DOUBT_ROW;
        return;
    }
    s->doubt = DOUBT_NONE;
    if (is_there(s, event->value)) {
        counter_add(&s->o.stats->in_doubt_committed, 1);
        session_acknowledged(s, now_ns);
    } else {
        session_undone(s);
        counter_add(&session_stats(s)->retries, 1);
    }
}
