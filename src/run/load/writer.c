#include "run/load/writer.h"

#include <inttypes.h>

#include "base/counter.h"
#include "run/load/loop.h"

void writer_init(writer_t *w, work_t *work, taker_t *taker, stats_t *stats, uint32_t connection)
{
    *w = (writer_t){.work = work,
                    .taker = taker,
                    .stats = stats,
                    .connection = connection,
                    .next_ns = LOOP_NO_DEADLINE};
}

bool writer_take(writer_t *w, int64_t now_ns)
{
    uint32_t phase = atomic_load_explicit(&w->work->phase, memory_order_acquire);
    take_t taken = taker_take(w->taker, w->connection, now_ns, &w->task, &w->next_ns);
    if (taken == TAKE_NOTHING)
        w->done_phase = phase + 1;
    if (taken != TAKE_TASK)
        return false;
    w->has_task = true;
    w->entered = false;
    return true;
}

bool writer_done(const writer_t *w, uint32_t phase)
{
    return !w->has_task && w->done_phase == phase + 1;
}

void writer_lay_out(writer_t *w)
{
    txn_lay_out(w->work->scenario, &w->task, &w->txn);
    writer_walk(w);
    w->step = w->filled = w->copied = 0;
}

/* ---- older rows ------------------------------------------------------------------------------ */

void writer_walk(writer_t *w)
{
    const phase_t *phase = writer_phase(w);
    if (!scenario_has_lanes(phase, w->task.stream))
        return;
    const keys_t *keys = &phase->keys[w->task.stream];
    uint32_t lane = keys_txn_lane(keys, w->task.n);
    keys_txn_begin(keys, w->task.n, &w->walk.cursor);
    w->walk.left = keys->rows / keys->lanes + (lane < keys->rows % keys->lanes);
}

static bool walk_on(lane_walk_t *walk, const row_state_t *rows, uint64_t *row)
{
    for (; walk->left > 0; walk->left--) {
        *row = keys_txn_next(&walk->cursor);
        if (row_state_get(rows, *row) < ROW_VERSIONS) {
            walk->left--;
            return true;
        }
    }
    return false;
}

bool writer_older(writer_t *w, uint64_t *row)
{
    return walk_on(&w->walk, w->work->rows, row);
}

void writer_fail_without_rows(const writer_t *w)
{
    err_t why;
    err_set(&why, ERR_RUN,
            "phase %s: in the lane of %s transaction %" PRIu64 " no rows are left to change: "
            "deletes have taken them; load more, or delete less",
            writer_phase(w)->name, stream_names[w->task.stream], w->task.n);
    work_fail(w->work, &why);
}

uint32_t writer_next_version(const writer_t *w, uint64_t row)
{
    return (row_state_get(w->work->rows, row) + 1u) % ROW_VERSIONS;
}

/* ---- the ledger ------------------------------------------------------------------------------ */

/* The first change that the taps will see: what the ledger knows a transaction by. */
static bool first_change(const writer_t *w, ledger_entry_t *entry)
{
    const step_t *step = txn_first_seen(&w->txn);
    if (step->kind == STEP_COPY) {
        entry->op = OP_INSERT;
        entry->first_row = step->first_row;
        return true;
    }
    lane_walk_t ahead = w->walk;
    if (!walk_on(&ahead, w->work->rows, &entry->first_row))
        return false;
    entry->op = step->kind == STEP_DELETE ? OP_DELETE : OP_UPDATE;
    if (entry->op == OP_UPDATE)
        entry->first_version = (uint16_t)writer_next_version(w, entry->first_row);
    return true;
}

bool writer_enter(writer_t *w)
{
    ledger_entry_t entry = {
        .intended_ns = w->task.intended_ns, .rows = w->task.rows, .phase = (uint8_t)w->task.phase};
    if (w->entered || w->txn.rolled_back)
        return true;
    if (!first_change(w, &entry))
        return false;
    w->entered = true;
    w->entry = work_enter(w->work, w->connection, &entry);
    return true;
}

/* ---- what is counted ------------------------------------------------------------------------- */

void writer_sent(writer_t *w, bool first, int64_t now_ns)
{
    op_stats_t *of = writer_stats(w);
    if (first && w->task.open && !writer_phase(w)->warm_up) {
        int64_t able_ns =
            w->task.intended_ns > w->idle_since_ns ? w->task.intended_ns : w->idle_since_ns;
        stats_record(&w->stats->schedule_lag[w->task.phase], now_ns - able_ns);
    }
    if (relaxed_get(&of->first_sent_ns) == 0)
        relaxed_set(&of->first_sent_ns, now_ns);
    w->sent_ns = now_ns;
}

/* The rows that it has inserted, with the versions that its own updates have made; older rows were
 * noted when they were sent. */
static bool note_rows(const txn_t *txn, row_state_t *rows)
{
    if (txn->inserts == 0)
        return true;
    uint32_t own = 0;
    for (uint32_t i = 0; i < txn->n_steps; i++)
        if (txn->steps[i].kind == STEP_OWN_UPDATE && !txn->steps[i].marked)
            own = txn->steps[i].rows;
    uint32_t rounds = own / txn->inserts, further = own % txn->inserts;
    return row_state_set_range(rows, txn->first_row, further, (uint16_t)(rounds + 1)) &&
           row_state_set_range(rows, txn->first_row + further, txn->inserts - further,
                               (uint16_t)rounds);
}

static void note_inserts(const writer_t *w)
{
    err_t why;
    if (note_rows(&w->txn, w->work->rows))
        return;
    err_set(&why, ERR_RUN, "the versions of rows: out of memory");
    work_fail(w->work, &why);
}

static void count_acknowledged(const writer_t *w, uint64_t rows, uint64_t bytes, int64_t now_ns)
{
    op_stats_t *of = writer_stats(w);
    if (!writer_phase(w)->warm_up) {
        stats_record(&of->latency, now_ns - w->task.intended_ns);
        stats_record(&of->service, now_ns - w->sent_ns);
        if (w->task.open)
            stalls_acknowledged(&w->work->stalls, w->task.phase, w->task.intended_ns, now_ns);
    }
    counter_add(&of->transactions, 1);
    counter_add(&of->rows_acked, rows);
    counter_add(&of->bytes, bytes);
    relaxed_set(&of->last_acked_ns, now_ns);
}

void writer_acknowledged(writer_t *w, uint64_t rows, uint64_t bytes, int64_t now_ns)
{
    note_inserts(w);
    ledger_close(w->entry, now_ns);
    count_acknowledged(w, rows, bytes, now_ns);
    writer_free_again(w, now_ns);
}

void writer_undetermined(writer_t *w)
{
    counter_add(&w->stats->undetermined, 1);
    note_inserts(w);
}

void writer_free_again(writer_t *w, int64_t now_ns)
{
    w->has_task = false;
    w->entry = NULL;
    w->idle_since_ns = now_ns;
}
