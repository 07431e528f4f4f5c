#include "run/load/session_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* A transaction that the server rolled back to resolve a conflict is sent again this often. */
#define ATTEMPTS_MAX 10

/* … and one whose connection was lost, this often. */
#define SENDS_MAX 20

/* Before the first byte is sent. False: it cannot be sent. */
static bool enter_ledger(session_t *s)
{
    ledger_entry_t entry = {
        .intended_ns = s->task.intended_ns, .rows = s->task.rows, .phase = (uint8_t)s->task.phase};
    if (s->entered || s->txn.rolled_back)
        return true;
    if (!txn_first_change(&s->txn, &s->walk, s->o.work->rows, &entry))
        return false;
    s->entered = true;
    s->entry = work_enter(s->o.work, s->o.connection, &entry);
    return true;
}

/* Gives the task up, and with it the load. */
static void give_up(session_t *s, const char *why_text, int64_t now_ns)
{
    err_t why;
    err_set(&why, ERR_RUN, "%s transaction %" PRIu64 " of phase %s: %s",
            stream_names[s->task.stream], s->task.n, session_phase(s)->name, why_text);
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
    txn_lay_out(s->o.work->scenario, &s->task, &s->txn);
    lane_walk_begin(&s->walk, s->o.work->scenario, &s->task);
    s->step = s->filled = s->copied = 0;
    s->missed = 0;
    if (!touched_begin(&s->touched, txn_older_rows(&s->txn))) {
        give_up(s, "out of memory for the rows that it touches", now_ns);
        return false;
    }
    if (!enter_ledger(s)) {
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
    if (s->attempts++ == 0)
        txn_count_lateness(s->o.stats, s->o.work->scenario, &s->task, s->idle_since_ns, now_ns);
    txn_count_sent(s->o.stats, &s->task, now_ns);
    s->sent_ns = now_ns;
    s->sent_bytes = pg_conn_bytes_sent(s->conn);
    if (s->txn.block)
        pg_conn_block(s->conn);
    session_begin_part(s);
}

void session_undone(session_t *s)
{
    touched_undo(&s->touched, s->o.work->rows);
}

static void free_again(session_t *s, int64_t now_ns)
{
    s->has_task = false;
    s->entry = NULL;
    s->finished = true;
    s->idle_since_ns = now_ns;
}

void session_acknowledged(session_t *s, int64_t now_ns)
{
    if (s->txn.rolled_back) {
        counter_add(&session_stats(s)->rolled_back, 1);
        counter_add(&session_stats(s)->rows_rolled_back, s->task.rows);
    } else {
        txn_note_inserts(s->o.work, &s->txn);
        ledger_close(s->entry, now_ns);
        txn_count_acknowledged(s->o.work, s->o.stats, &s->task, s->sent_ns,
                               s->task.rows - s->missed,
                               pg_conn_bytes_sent(s->conn) - s->sent_bytes, now_ns);
    }
    free_again(s, now_ns);
}

/* Of a transaction whose end was sent nobody knows whether it was committed: its changes count as
 * neither done nor lost, so its rows are noted as if it were done, and the tap's verdict on what is
 * missing is not final. */
void session_abandon(session_t *s)
{
    if (!s->has_task)
        return;
    s->has_task = false;
    if (s->doubt == DOUBT_NONE && !pg_conn_may_commit(s->conn)) {
        session_undone(s);
        ledger_close(s->entry, LEDGER_VOID);
        return;
    }
    counter_add(&s->o.stats->undetermined, 1);
    txn_note_inserts(s->o.work, &s->txn);
}

void session_drop(session_t *s, int64_t now_ns)
{
    session_undone(s);
    ledger_close(s->entry, LEDGER_VOID);
    free_again(s, now_ns);
}

void session_refused(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    session_undone(s);
    /* Class 40: rolled back by the server to resolve a conflict; sending it again is what it asks
     * for. */
    if (strncmp(event->sqlstate, "40", 2) == 0 && s->attempts < ATTEMPTS_MAX) {
        counter_add(&session_stats(s)->retries, 1);
        return;
    }
    err_t why;
    err_set(&why, ERR_RUN,
            "the server refused %s transaction %" PRIu64 " of phase %s: %s (SQLSTATE %s); it was "
            "undone, and the load ends here",
            stream_names[s->task.stream], s->task.n, session_phase(s)->name, event->text,
            event->sqlstate[0] != '\0' ? event->sqlstate : "unknown");
    counter_add(&session_stats(s)->errors, 1);
    session_drop(s, now_ns);
    work_fail(s->o.work, &why);
}
