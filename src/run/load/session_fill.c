/*
 * What a transaction's parts send: COPY's rows, and statements, a row each or an array of them. One
 * of the hot paths: nothing is allocated for a row.
 */
#include "run/load/session_internal.h"

#include <stdio.h>

#include "model/encode/copy_array.h"
#include "model/encode/encode.h"

/* Its two arrays stand one behind the other in the piece. */
#define ARRAY_KEYS_SIZE (ARRAY_HEAD_BYTES + (size_t)SESSION_ARRAY_ROWS * ARRAY_KEY_BYTES)
_Static_assert(ARRAY_KEYS_SIZE + ARRAY_HEAD_BYTES +
                       (size_t)SESSION_ARRAY_ROWS * ARRAY_AMOUNT_BYTES <=
                   SESSION_PIECE_BYTES,
               "both arrays fit into the piece");

/* ---- COPY ------------------------------------------------------------------------------------ */

static void count_sent(session_t *s, const step_t *step, uint32_t rows)
{
    if (!step->marked || s->w.txn.rolled_back)
        counter_add(&writer_stats(&s->w)->rows_sent, rows);
}

/* The next piece of a COPY in binary form, with what stands before its first row and behind its
 * last. */
static size_t binary_piece(const session_t *s, const step_t *step, uint64_t first_row, size_t *rows)
{
    const size_t fit = (SESSION_PIECE_BYTES - (size_t)2 * ENCODE_FRAME_MAX) / ENCODE_ROW_MAX;
    uint32_t left = step->rows - s->w.filled;
    *rows = left < fit ? left : fit;
    char *at = s->o.piece;
    if (s->w.filled == 0)
        at += encode_head(ENCODE_COPY_BINARY, at);
    at += encode_rows(ENCODE_COPY_BINARY, s->o.work->space, first_row, *rows, at);
    if (*rows == left)
        at += encode_tail(ENCODE_COPY_BINARY, at);
    return (size_t)(at - s->o.piece);
}

static size_t text_piece(const session_t *s, const step_t *step, uint64_t first_row, size_t *rows)
{
    const tables_t *tables = &s->o.work->scenario->tables;
    return table_copy_text(s->o.work->space, tables->use[step->table].table, first_row, tables->n,
                           step->rows - s->w.filled, s->o.piece, session_piece_bytes(tables), rows);
}

static void fill_copy(session_t *s)
{
    bool binary = scenario_copies_binary(s->o.work->scenario);
    const step_t *step = &s->w.txn.steps[s->w.step];
    const tables_t *tables = &s->o.work->scenario->tables;
    pg_put_t put = PG_PUT_OK;
    while (put == PG_PUT_OK && s->w.filled < step->rows) {
        uint64_t first_row = step->first_row + (uint64_t)s->w.filled * tables->n;
        size_t rows;
        size_t len = binary ? binary_piece(s, step, first_row, &rows)
                            : text_piece(s, step, first_row, &rows);
        put = pg_conn_copy_put(s->conn, s->o.piece, len);
        s->w.filled += (uint32_t)rows;
        count_sent(s, step, (uint32_t)rows);
    }
    if (put == PG_PUT_OK && s->w.filled == step->rows) {
        s->w.copied += step->rows;
        s->w.step++;
        pg_conn_copy_end(s->conn);
    }
}

/* ---- statements ------------------------------------------------------------------------------ */

static uint32_t cents_of(const session_t *s, uint64_t row, uint32_t version, bool marked)
{
    return row_amount_cents(s->o.work->space, row, version) + (marked ? TXN_MARK_CENTS : 0);
}

static size_t amount_text(const session_t *s, uint64_t row, uint32_t version, bool marked,
                          char out[16])
{
    size_t len = row_amount_text(cents_of(s, row, version, marked), out);
    out[len] = '\0';
    return len;
}

static pg_put_t put_control(session_t *s, step_kind_t kind)
{
    static const pg_control_t controls[] = {
        [STEP_BEGIN] = PG_CONTROL_INNER,       [STEP_SAVEPOINT] = PG_CONTROL_INNER,
        [STEP_ROLLBACK_TO] = PG_CONTROL_INNER, [STEP_COMMIT] = PG_CONTROL_COMMIT,
        [STEP_ROLLBACK] = PG_CONTROL_ROLLBACK,
    };
    static const char *const names[] = {
        [STEP_BEGIN] = "cdcbench_begin",
        [STEP_SAVEPOINT] = "cdcbench_savepoint",
        [STEP_ROLLBACK_TO] = "cdcbench_rollback_to",
        [STEP_COMMIT] = "cdcbench_commit",
        [STEP_ROLLBACK] = "cdcbench_rollback",
    };
    if (kind == STEP_ROLLBACK_TO || kind == STEP_ROLLBACK) {
        touched_undo(&s->touched, s->o.work->rows);
        writer_walk(&s->w);
        s->w.copied = 0;
    }
    return pg_conn_pipe_control(s->conn, names[kind], controls[kind]);
}

static pg_put_t put_update(session_t *s, uint64_t row, uint32_t version, bool marked)
{
    char key[ROW_KEY_LEN + 1], amount[16];
    const int lengths[] = {(int)session_key_text(s, row, key),
                           (int)amount_text(s, row, version, marked, amount)};
    const char *values[] = {key, amount};
    return pg_conn_pipe_add(s->conn, session_statements_of(s, row)->names[STATEMENT_UPDATE], 2,
                            values, lengths);
}

static pg_put_t put_own_update(session_t *s, const step_t *step)
{
    uint32_t version;
    uint64_t row = txn_own_row(&s->w.txn, s->w.copied, s->w.filled, &version);
    s->w.filled++;
    return put_update(s, row + (step->marked ? ROW_ROLLBACK_BASE : 0), version, step->marked);
}

static pg_put_t put_delete(session_t *s, uint64_t row)
{
    char key[ROW_KEY_LEN + 1];
    const int lengths[] = {(int)session_key_text(s, row, key)};
    const char *values[] = {key};
    return pg_conn_pipe_add(s->conn, session_statements_of(s, row)->names[STATEMENT_DELETE], 1,
                            values, lengths);
}

/* The next older row, touched: its state counts from now, since the same row may come again in this
 * transaction; if the transaction is undone, so is that. False: there is none left, and the step
 * ends here. */
static bool touch_next(session_t *s, step_t *step, uint64_t *row, uint32_t *version)
{
    if (!writer_older(&s->w, row)) {
        s->missed += step->rows - s->w.filled;
        step->rows = s->w.filled;
        writer_fail_without_rows(&s->w);
        return false;
    }
    *version = writer_next_version(&s->w, *row);
    /* A marked update makes no version; a marked delete keeps the row from being deleted twice. */
    uint16_t state = step->kind == STEP_DELETE ? ROW_STATE_DELETED
                     : step->marked            ? row_state_get(s->o.work->rows, *row)
                                               : (uint16_t)*version;
    touched_set(&s->touched, s->o.work->rows, *row, state);
    s->w.filled++;
    return true;
}

static pg_put_t put_older(session_t *s, step_t *step)
{
    uint64_t row;
    uint32_t version;
    if (!touch_next(s, step, &row, &version))
        return PG_PUT_OK;
    return step->kind == STEP_DELETE ? put_delete(s, row)
                                     : put_update(s, row, version, step->marked);
}

/* One statement over those of the rows touched from `first` on that live in this table. */
static pg_put_t put_array_of(session_t *s, const step_t *step, uint32_t table, size_t first,
                             const uint32_t *versions)
{
    const row_space_t *space = s->o.work->space;
    array_writer_t keys, amounts;
    array_begin_keys(&keys, s->o.piece);
    array_begin_amounts(&amounts, s->o.piece + ARRAY_KEYS_SIZE);
    for (size_t i = first; i < s->touched.n; i++) {
        uint64_t row = s->touched.items[i].row;
        if (session_table_of(s, row) != table)
            continue;
        array_add_key(&keys, space, row);
        array_add_amount(&amounts, cents_of(s, row, versions[i - first], step->marked));
    }
    if (keys.n == 0)
        return PG_PUT_OK;
    const int lengths[] = {(int)array_end(&keys), (int)array_end(&amounts)};
    const char *values[] = {keys.begin, amounts.begin};
    bool deletes = step->kind == STEP_DELETE;
    const table_statements_t *statements = statements_of(s->o.work->statements, table);
    return pg_conn_pipe_add_binary(
        s->conn, statements->names[deletes ? STATEMENT_DELETE_ARRAY : STATEMENT_UPDATE_ARRAY],
        deletes ? 1 : 2, values, lengths);
}

/* The next rows of the step, at most SESSION_ARRAY_ROWS: a statement for each table that has some,
 * the first row's first. What comes after one that blocks is taken all the same. */
static pg_put_t put_array(session_t *s, step_t *step)
{
    uint32_t versions[SESSION_ARRAY_ROWS], n = 0, tables = s->o.work->scenario->tables.n;
    size_t first = s->touched.n;
    uint64_t row;
    while (n < SESSION_ARRAY_ROWS && s->w.filled < step->rows &&
           touch_next(s, step, &row, &versions[n]))
        n++;
    if (n == 0)
        return PG_PUT_OK;
    uint32_t first_table = session_table_of(s, s->touched.items[first].row);
    pg_put_t put = PG_PUT_OK;
    for (uint32_t t = 0; t < tables && put != PG_PUT_LOST; t++) {
        pg_put_t next = put_array_of(s, step, (first_table + t) % tables, first, versions);
        put = next == PG_PUT_OK ? put : next;
    }
    return put;
}

/* The next command. */
static pg_put_t put_next(session_t *s)
{
    step_t *step = &s->w.txn.steps[s->w.step];
    pg_put_t put;
    uint32_t before = s->w.filled;
    if (txn_is_control(step->kind))
        put = put_control(s, step->kind);
    else if (step->kind == STEP_OWN_UPDATE)
        put = put_own_update(s, step);
    else if (session_in_arrays(s, step))
        put = put_array(s, step);
    else
        put = put_older(s, step);
    count_sent(s, step, s->w.filled - before);
    if (s->w.filled == step->rows) {
        s->w.step++;
        s->w.filled = 0;
    }
    return put;
}

static void fill_pipe(session_t *s)
{
    pg_put_t put = PG_PUT_OK;
    while (put == PG_PUT_OK && s->w.step < s->part_end)
        put = put_next(s);
    if (put == PG_PUT_OK && s->w.step == s->part_end)
        pg_conn_pipe_end(s->conn);
}

/* ---- parts ----------------------------------------------------------------------------------- */

void session_begin_part(session_t *s)
{
    s->part_first = s->w.step;
    s->part_end = txn_part_end(&s->w.txn, s->w.step);
    s->part_touched = s->touched.n;
    s->w.filled = 0;
    if (s->w.txn.steps[s->part_end - 1].kind == STEP_COPY) {
        /* The control steps before it go along in its query. */
        s->w.step = s->part_end - 1;
        uint32_t table = s->w.txn.steps[s->w.step].table;
        pg_conn_copy_begin(
            s->conn, statements_of(s->o.work->statements, table)->copy[s->w.step - s->part_first]);
    } else {
        pg_conn_pipe_begin(s->conn);
    }
}

void session_fill(session_t *s)
{
    if (pg_conn_state(s->conn) == PG_COPY_SENDING)
        fill_copy(s);
    else
        fill_pipe(s);
}
