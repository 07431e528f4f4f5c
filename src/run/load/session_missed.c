/*
 * Changes that found no row: somebody else has deleted it. A statement of its own names its row.
 * One over an array has only counted: then the session asks afterwards, on its own connection and
 * before it takes anything else, which of the transaction's rows are not there. Nobody but this
 * connection changes rows of its lanes, so the answer is still that of the statement. Of rows that
 * were to be deleted none is there afterwards: they cannot be told from one another.
 */
#include "run/load/session_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"

/* So many questions a run: a table that was emptied must not be asked for at every transaction. */
#define QUESTIONS_MAX 10

/* The first row of command `index` of the pipeline segment just done, and its kind; false: there is
 * no such command, or it lies behind arrays whose number follows from the rows of each table. */
static bool command_row(const session_t *s, uint64_t index, uint64_t *row, step_kind_t *kind)
{
    size_t at = s->part_touched;
    for (uint32_t i = s->part_first; i < s->part_end; i++) {
        const step_t *step = &s->txn.steps[i];
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
                   ? txn_own_row(&s->txn, s->copied, (uint32_t)index, &version)
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
              stream_names[s->task.stream], s->task.n, s->asks.missed, s->asks.of, which);
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
    s->idle_since_ns = now_ns; /* it could not have sent anything meanwhile */
    buf_free(&which);
}

/* Whether something can be asked about the transaction, and may. */
static bool may_ask(session_t *s)
{
    bool updates = false;
    for (uint32_t i = s->part_first; i < s->part_end; i++)
        updates = updates || s->txn.steps[i].kind == STEP_UPDATE;
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
    uint64_t expected = txn_rows(&s->txn, s->part_first, s->part_end);
    s->step = s->part_end;
    if (event->rows >= expected)
        return;
    counter_add(&session_stats(s)->errors, expected - event->rows);
    const step_t *last = &s->txn.steps[s->part_end - 1];
    if (last->kind == STEP_COPY)
        /* Something on the server threw rows away. */
        log_error("COPY %" PRIu64 ": %" PRIu32 " rows from row %" PRIu64 " on were sent",
                  event->rows, last->rows, last->first_row);
    else
        note_missed(s, event, expected);
    if (!s->txn.rolled_back && last->kind != STEP_ROLLBACK_TO &&
        !(last->kind == STEP_COPY && last->marked))
        s->missed += expected - event->rows;
}
