/* After a lost connection: what became of its transaction; and changes that found no row: which. */
#include "run/load/session_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"

/* ---- a lost connection ----------------------------------------------------------------------- */

/* Reconnect, make sure that the old backend is gone, and ask what became of the transaction, before
 * anything is sent again. */

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
    if (s->w.has_task && s->doubt == DOUBT_NONE)
        session_drop(s, now_ns);
    work_fail(s->o.work, &why);
    s->retry_ns = LOOP_NO_DEADLINE;
}

void session_lost(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    bool under_way = s->lost_ns == 0 && s->w.has_task;
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
        counter_add(&writer_stats(&s->w)->retries, 1);
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
        s->w.next_ns = s->retry_ns;
        return;
    }
    s->tried_ns = now_ns;
    if (pg_conn_start(s->conn, &err)) {
        s->w.next_ns = now_ns + ATTEMPT_MAX_NS;
    } else {
        lost_for(s, err.text, now_ns);
        s->w.next_ns = s->retry_ns;
    }
}

void session_hurry(session_t *s)
{
    int64_t now_ns = clock_now_ns();
    s->w.next_ns = s->tried_ns + ATTEMPT_MAX_NS;
    if (now_ns < s->w.next_ns)
        return;
    watch_set(s->watch, -1, false, false);
    pg_conn_close(s->conn);
    lost_for(s, "the server did not answer an attempt to connect", now_ns);
    s->w.next_ns = s->retry_ns;
}

/* A transaction is there as a whole or not at all, so its last change stands for it. */
typedef struct {
    step_kind_t kind;
    uint64_t row;
    uint32_t version; /* that an update made */
} last_change_t;

static last_change_t last_change(const session_t *s)
{
    const step_t *step = txn_last_seen(&s->w.txn);
    last_change_t last = {.kind = step->kind};
    switch (step->kind) {
    case STEP_COPY:
        last.row = step->first_row + (uint64_t)(step->rows - 1) * s->o.work->scenario->tables.n;
        break;
    case STEP_OWN_UPDATE:
        last.row = txn_own_row(&s->w.txn, s->w.copied, step->rows - 1, &last.version);
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
        counter_add(&writer_stats(&s->w)->retries, 1);
    }
}

/* ---- changes that found no row --------------------------------------------------------------- */

/* Somebody else has deleted it. A statement of its own names its row. One over an array has only
 * counted: then the session asks afterwards, on its own connection and before it takes anything
 * else, which of the transaction's rows are not there. Nobody but this connection changes rows of
 * its lanes, so the answer is still that of the statement. Of rows that were to be deleted none is
 * there afterwards: they cannot be told from one another. */

/* So many questions a run: a table that was emptied must not be asked for at every transaction. */
#define QUESTIONS_MAX 10

/* The first row of command `index` of the pipeline segment just done, and its kind; false: there is
 * no such command, or it lies behind arrays whose number follows from the rows of each table. */
static bool command_row(const session_t *s, uint64_t index, uint64_t *row, step_kind_t *kind)
{
    size_t at = s->part_touched;
    for (uint32_t i = s->part_first; i < s->part_end; i++) {
        const step_t *step = &s->w.txn.steps[i];
        bool arrays = !txn_is_control(step->kind) && session_in_arrays(s, step);
        if (arrays && s->o.work->scenario->tables.n > 1)
            return false;
        uint64_t commands = txn_is_control(step->kind) ? 1
                            : arrays ? (step->rows + SESSION_ARRAY_ROWS - 1) / SESSION_ARRAY_ROWS
                                     : step->rows;
        if (index >= commands) {
            index -= commands;
            at += step->kind == STEP_UPDATE || step->kind == STEP_DELETE ? step->rows : 0;
            continue;
        }
        uint32_t version;
        *kind = step->kind;
        *row = step->kind == STEP_OWN_UPDATE
                   ? txn_own_row(&s->w.txn, s->w.copied, (uint32_t)index, &version)
                   : s->touched.items[at + index * (arrays ? SESSION_ARRAY_ROWS : 1)].row;
        return true;
    }
    return false;
}

/* "row 17, transaction_id 8d40…" */
static void row_text_of(const session_t *s, uint64_t row, char *out, size_t size)
{
    char key[ROW_KEY_LEN + 1];
    session_key_text(s, row, key);
    const table_t *table = s->o.work->scenario->tables.use[session_table_of(s, row)].table;
    snprintf(out, size, "row %" PRIu64 ", %s %s", row, table->columns[table->key].name, key);
}

static void name_row(const session_t *s, const pg_event_t *event, uint64_t expected, uint64_t row,
                     step_kind_t kind)
{
    char text[256];
    row_text_of(s, row, text, sizeof text);
    log_error("%s 0: %s, was not there to be %sd (%" PRIu64 " of %" PRIu64
              " changes of this transaction found their row)",
              kind == STEP_DELETE ? "DELETE" : "UPDATE", text,
              kind == STEP_DELETE ? "delete" : "update", event->rows, expected);
}

/* Behind the count: `which` rows, as far as that is known. */
static void tell_missed(const session_t *s, const char *which)
{
    log_error("%s transaction %" PRIu64 ": %" PRIu64 " of %" PRIu64
              " rows were not there to be changed%s",
              stream_names[s->w.task.stream], s->w.task.n, s->asks.missed, s->asks.of, which);
}

/* Those that the transaction has not deleted itself, as a text[]. */
static bool put_kept_keys(const session_t *s, buf_t *out)
{
    char key[ROW_KEY_LEN + 1];
    bool put = buf_puts(out, "{");
    for (size_t i = 0; put && i < s->touched.n; i++) {
        uint64_t row = s->touched.items[i].row;
        if (row_state_get(s->o.work->rows, row) == ROW_STATE_DELETED)
            continue;
        session_key_text(s, row, key);
        put = (out->len == 1 || buf_puts(out, ",")) && buf_puts(out, key);
    }
    return put && buf_puts(out, "}");
}

void session_ask_missed(session_t *s)
{
    buf_t keys = {0};
    s->asks.state = MISSED_ASKED;
    const char *values[] = {NULL};
    if (!put_kept_keys(s, &keys)) {
        session_missed_untold(s);
    } else {
        values[0] = buf_text(&keys);
        pg_conn_query(s->conn, statements_absent_question(s->o.work->statements), 1, values);
    }
    buf_free(&keys);
}

void session_missed_untold(session_t *s)
{
    if (s->asks.state != MISSED_NONE)
        tell_missed(s, " (mode: pipeline would name them)");
    s->asks.state = MISSED_NONE;
}

/* The row with this key, of those touched. */
static bool touched_row(const session_t *s, const char *key, uint64_t *row)
{
    char text[ROW_KEY_LEN + 1];
    for (size_t i = 0; i < s->touched.n; i++) {
        *row = s->touched.items[i].row;
        session_key_text(s, *row, text);
        if (strncmp(text, key, ROW_KEY_LEN) == 0)
            return true;
    }
    return false;
}

void session_missed_answer(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    buf_t which = {0};
    bool put = event->value != NULL;
    uint64_t named = 0, row;
    for (const char *key = event->value; put && key != NULL && key[0] != '\0'; named++) {
        char text[256] = "";
        if (touched_row(s, key, &row))
            row_text_of(s, row, text, sizeof text);
        put = buf_printf(&which, "%s%s", named == 0 ? ": " : "; ", text);
        key = strchr(key, ' ');
        key = key == NULL ? NULL : key + 1;
    }
    put = put && (named >= s->asks.missed || buf_puts(&which, "; and others"));
    if (put)
        tell_missed(s, buf_text(&which));
    else
        session_missed_untold(s);
    s->asks.state = MISSED_NONE;
    s->w.idle_since_ns = now_ns; /* it could not have sent anything meanwhile */
    buf_free(&which);
}

/* Whether something can be asked about the transaction, and may. */
static bool may_ask(session_t *s)
{
    bool updates = false;
    for (uint32_t i = s->part_first; i < s->part_end; i++)
        updates = updates || s->w.txn.steps[i].kind == STEP_UPDATE;
    return updates && atomic_fetch_add_explicit(&s->o.work->missed_asked, 1, memory_order_relaxed) <
                          QUESTIONS_MAX;
}

static void note_missed(session_t *s, const pg_event_t *event, uint64_t expected)
{
    uint64_t row;
    step_kind_t kind;
    if (command_row(s, event->zero_row_index, &row, &kind)) {
        name_row(s, event, expected, row, kind);
        return;
    }
    session_missed_untold(s); /* an earlier part's */
    bool asks = may_ask(s);
    s->asks = (asks_t){MISSED_TO_ASK, expected - event->rows, expected};
    if (!asks)
        session_missed_untold(s);
}

void session_part_done(session_t *s, const pg_event_t *event)
{
    uint64_t expected = txn_rows(&s->w.txn, s->part_first, s->part_end);
    s->w.step = s->part_end;
    if (event->rows >= expected)
        return;
    counter_add(&writer_stats(&s->w)->errors, expected - event->rows);
    const step_t *last = &s->w.txn.steps[s->part_end - 1];
    if (last->kind == STEP_COPY)
        /* Something on the server threw rows away. */
        log_error("COPY %" PRIu64 ": %" PRIu32 " rows from row %" PRIu64 " on were sent",
                  event->rows, last->rows, last->first_row);
    else
        note_missed(s, event, expected);
    if (!s->w.txn.rolled_back && last->kind != STEP_ROLLBACK_TO &&
        !(last->kind == STEP_COPY && last->marked))
        s->missed += expected - event->rows;
}
