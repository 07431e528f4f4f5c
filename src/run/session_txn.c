#include "run/session_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "model/encode.h"

/* A transaction that the server rolled back to resolve a conflict is sent again this often. */
#define ATTEMPTS_MAX 10

/* … and one whose connection was lost, this often. */
#define SENDS_MAX 20

#define UPDATE_STATEMENT "cdcbench_update"

const pg_statement_t session_statements[] = {
    {UPDATE_STATEMENT, "UPDATE transactions SET amount = $2 WHERE transaction_id = $1", 2},
};
const int n_session_statements = 1;

static const phase_t *phase_of(const session_t *s)
{
    return &s->o.work->scenario->phases[s->task.phase];
}

static op_stats_t *stats_of(session_t *s)
{
    return &s->o.stats->ops[s->task.phase][s->task.op];
}

/* The version that the next update of this row makes. */
static uint32_t next_version(const session_t *s, uint64_t row)
{
    return (row_state_get(s->o.work->rows, row) + 1u) % ROW_VERSIONS;
}

static void enter_ledger(session_t *s)
{
    ledger_entry_t entry = {.intended_ns = s->task.intended_ns,
                            .first_row = s->first_row,
                            .rows = s->task.rows,
                            .phase = (uint8_t)s->task.phase,
                            .op = (uint8_t)s->task.op};
    if (s->task.op != OP_INSERT)
        entry.first_version = (uint16_t)next_version(s, s->first_row);
    s->entered = true;
    s->entry = ledger_append(s->o.work->ledger, s->o.connection, &entry);
    if (s->entry == NULL && s->o.work->stop_on_overload && ledger_dropped(s->o.work->ledger) > 0) {
        err_t why;
        err_set(&why, ERR_RUN,
                "the ledger is full: the taps are too far behind the load (--ledger-max), and "
                "--on-overload is stop");
        work_fail(s->o.work, &why);
    }
}

static void locate(session_t *s)
{
    const phase_t *phase = phase_of(s);
    if (s->task.op == OP_INSERT) {
        s->first_row = phase->first_row + schedule_txn_first(&phase->streams[OP_INSERT],
                                                             phase->duration_ns, s->task.n);
        return;
    }
    keys_txn_begin(&phase->keys[s->task.op], s->task.n, &s->cursor);
    keys_cursor_t first = s->cursor;
    s->first_row = keys_txn_next(&first);
}

/* A transaction that takes its connection down each time it is sent must not be sent for ever. */
static bool sent_too_often(session_t *s, int64_t now_ns)
{
    if (s->attempts < SENDS_MAX)
        return false;
    err_t why;
    err_set(&why, ERR_RUN,
            "%s transaction %" PRIu64
            " of phase %s was sent %d times, and each time its connection "
            "was lost",
            op_names[s->task.op], s->task.n, phase_of(s)->name, SENDS_MAX);
    session_drop(s, now_ns);
    work_fail(s->o.work, &why);
    return true;
}

void session_begin(session_t *s, int64_t now_ns)
{
    if (sent_too_often(s, now_ns))
        return;
    op_stats_t *stats = stats_of(s);
    locate(s);
    if (!s->entered)
        enter_ledger(s);
    if (s->attempts++ == 0 && s->task.open) {
        /* The tool's own lateness: from when it could have sent, to now. */
        int64_t able_ns =
            s->task.intended_ns > s->idle_since_ns ? s->task.intended_ns : s->idle_since_ns;
        stats_record(&s->o.stats->schedule_lag[s->task.phase], now_ns - able_ns);
    }
    if (atomic_load_explicit(&stats->first_sent_ns, memory_order_relaxed) == 0)
        atomic_store_explicit(&stats->first_sent_ns, now_ns, memory_order_relaxed);
    s->sent_ns = now_ns;
    s->sent_bytes = pg_conn_bytes_sent(s->conn);
    s->filled = 0;
    if (s->task.op == OP_INSERT)
        pg_conn_copy_begin(s->conn, s->o.copy_sql);
    else
        pg_conn_pipe_begin(s->conn);
}

static void fill_copy(session_t *s)
{
    const row_space_t *space = s->o.work->space;
    pg_put_t put = PG_PUT_OK;
    while (put == PG_PUT_OK && s->filled < s->task.rows) {
        uint32_t left = s->task.rows - s->filled;
        uint32_t n = left < SESSION_PIECE_ROWS ? left : SESSION_PIECE_ROWS;
        size_t len = encode_copy_text(space, s->first_row + s->filled, n, s->o.piece);
        put = pg_conn_copy_put(s->conn, s->o.piece, len);
        s->filled += n;
        stats_count(&stats_of(s)->rows_sent, n);
    }
    if (put == PG_PUT_OK && s->filled == s->task.rows)
        pg_conn_copy_end(s->conn);
}

static pg_put_t put_update(session_t *s)
{
    work_t *work = s->o.work;
    char key[ROW_KEY_LEN + 1], amount[16];
    uint64_t row = keys_txn_next(&s->cursor);
    uint32_t version = next_version(s, row);
    row_key(work->space, row, key);
    key[ROW_KEY_LEN] = '\0';
    size_t len = row_amount_text(row_amount_cents(work->space, row, version), amount);
    amount[len] = '\0';
    const char *values[] = {key, amount};
    const int lengths[] = {ROW_KEY_LEN, (int)len};
    /* The version counts from now, since the same row may come again in this transaction; if the
     * transaction is undone, session_undone takes it back. */
    row_state_set(work->rows, row, (uint16_t)version);
    s->last_row = row;
    s->last_version = version;
    s->filled++;
    return pg_conn_pipe_add(s->conn, UPDATE_STATEMENT, 2, values, lengths);
}

static void fill_pipe(session_t *s)
{
    pg_put_t put = PG_PUT_OK;
    uint32_t before = s->filled;
    while (put == PG_PUT_OK && s->filled < s->task.rows)
        put = put_update(s);
    stats_count(&stats_of(s)->rows_sent, s->filled - before);
    if (put == PG_PUT_OK && s->filled == s->task.rows)
        pg_conn_pipe_end(s->conn);
}

void session_fill(session_t *s)
{
    if (s->task.op == OP_INSERT)
        fill_copy(s);
    else
        fill_pipe(s);
}

void session_undone(session_t *s)
{
    if (s->task.op == OP_INSERT)
        return; /* rows are noted when they are acknowledged */
    keys_cursor_t cursor;
    keys_txn_begin(&phase_of(s)->keys[s->task.op], s->task.n, &cursor);
    for (uint32_t i = 0; i < s->filled; i++) {
        uint64_t row = keys_txn_next(&cursor);
        uint32_t version = row_state_get(s->o.work->rows, row);
        row_state_set(s->o.work->rows, row,
                      (uint16_t)((version + ROW_VERSIONS - 1) % ROW_VERSIONS));
    }
    s->filled = 0;
}

static void free_again(session_t *s, int64_t now_ns)
{
    s->has_task = false;
    s->entry = NULL;
    s->finished = true;
    s->idle_since_ns = now_ns;
}

/* UPDATE 0: the row is gone from under us; a COPY with fewer rows: something on the server threw
 * rows away. What the others changed is done. */
static void missed_rows(session_t *s, const pg_event_t *event)
{
    keys_cursor_t cursor;
    uint64_t row = 0;
    if (s->task.op == OP_INSERT) {
        stats_count(&stats_of(s)->errors, s->task.rows - event->rows);
        log_error("COPY %" PRIu64 ": %" PRIu32 " rows from row %" PRIu64 " on were sent",
                  event->rows, s->task.rows, s->first_row);
        return;
    }
    keys_txn_begin(&phase_of(s)->keys[s->task.op], s->task.n, &cursor);
    for (uint64_t i = 0; i <= event->zero_row_index; i++)
        row = keys_txn_next(&cursor);
    char key[ROW_KEY_LEN];
    row_key(s->o.work->space, row, key);
    stats_count(&stats_of(s)->errors, s->task.rows - event->rows);
    log_error("UPDATE 0: row %" PRIu64 ", transaction_id %.*s, was not there to be updated "
              "(%" PRIu64 " of %" PRIu32 " updates of this transaction found their row)",
              row, ROW_KEY_LEN, key, event->rows, s->task.rows);
}

void session_acknowledged(session_t *s, const pg_event_t *event, int64_t now_ns)
{
    op_stats_t *stats = stats_of(s);
    if (s->task.op == OP_INSERT &&
        !row_state_set_range(s->o.work->rows, s->first_row, s->task.rows, 0)) {
        err_t why;
        err_set(&why, ERR_RUN, "the versions of rows: out of memory");
        work_fail(s->o.work, &why);
    }
    ledger_close(s->entry, now_ns);
    stats_record(&stats->latency, now_ns - s->task.intended_ns);
    stats_record(&stats->service, now_ns - s->sent_ns);
    stats_count(&stats->transactions, 1);
    stats_count(&stats->bytes, pg_conn_bytes_sent(s->conn) - s->sent_bytes);
    atomic_store_explicit(&stats->last_acked_ns, now_ns, memory_order_relaxed);
    if (event->rows < s->task.rows)
        missed_rows(s, event);
    stats_count(&stats->rows_acked, event->rows);
    free_again(s, now_ns);
}

/* Of a transaction whose end was sent nobody knows whether it was committed: its changes count as
 * neither done nor lost, so its rows are noted as if it were done, and the tap's verdict on what is
 * missing is not final. */
void session_abandon(session_t *s)
{
    pg_state_t state = pg_conn_state(s->conn);
    if (!s->has_task)
        return;
    s->has_task = false;
    if (s->doubt == DOUBT_NONE && state != PG_COPY_ENDING && state != PG_PIPE_DRAINING) {
        session_undone(s);
        ledger_close(s->entry, LEDGER_VOID);
        return;
    }
    stats_count(&s->o.stats->undetermined, 1);
    if (s->task.op == OP_INSERT)
        row_state_set_range(s->o.work->rows, s->first_row, s->task.rows, 0);
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
        stats_count(&stats_of(s)->retries, 1);
        return;
    }
    err_t why;
    err_set(&why, ERR_RUN,
            "the server refused %s transaction %" PRIu64 " of phase %s (rows from %" PRIu64
            "): %s (SQLSTATE %s); it was undone, and the load ends here",
            op_names[s->task.op], s->task.n, phase_of(s)->name, s->first_row, event->text,
            event->sqlstate[0] != '\0' ? event->sqlstate : "unknown");
    stats_count(&stats_of(s)->errors, 1);
    session_drop(s, now_ns);
    work_fail(s->o.work, &why);
}
