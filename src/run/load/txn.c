#include "run/load/txn.h"

#include <assert.h>

#include "base/hash.h"

/* Keeps these uses of the seed apart from those of rows and keys. */
#define TXN_SALT UINT64_C(0x74786e0000000000) /* "txn", then the stream's id */

/* How many changes of each kind a transaction holds. */
typedef struct {
    uint32_t inserts, own_updates, updates, deletes;
} counts_t;

static uint32_t take(uint32_t *left, uint32_t want)
{
    uint32_t taken = want < *left ? want : *left;
    *left -= taken;
    return taken;
}

/* The last transaction of a stream, or of a burst, may be shorter: then it lacks what comes last.
 */
static counts_t counts_of(const phase_t *phase, const task_t *task)
{
    uint32_t left = task->rows;
    switch (task->stream) {
    case OP_INSERT:
        return (counts_t){.inserts = left};
    case OP_UPDATE:
        return (counts_t){.updates = left};
    case OP_DELETE:
        return (counts_t){.deletes = left};
    default: {
        counts_t counts;
        counts.inserts = take(&left, phase->mix.inserts);
        counts.own_updates = counts.inserts > 0 ? take(&left, phase->mix.own_updates) : 0;
        counts.updates = take(&left, phase->mix.updates);
        counts.deletes = take(&left, phase->mix.deletes);
        return counts;
    }
    }
}

static counts_t half(const counts_t *all)
{
    return (counts_t){
        .inserts = all->inserts / 2 + all->inserts % 2,
        .own_updates = all->own_updates / 2 + all->own_updates % 2,
        .updates = all->updates / 2 + all->updates % 2,
        .deletes = all->deletes / 2 + all->deletes % 2,
    };
}

static void add(txn_t *txn, step_kind_t kind, bool marked, uint32_t rows)
{
    if (rows == 0 && !txn_is_control(kind))
        return;
    assert(txn->n_steps < TXN_STEPS_MAX);
    txn->steps[txn->n_steps++] = (step_t){.kind = kind, .marked = marked, .rows = rows};
}

/* A COPY for each table that has some of the rows, the first row's first. */
static void add_copies(txn_t *txn, uint32_t tables, bool marked, uint32_t rows)
{
    uint64_t first = txn->first_row + (marked ? ROW_ROLLBACK_BASE : 0);
    for (uint32_t t = 0; t < tables && t < rows; t++) {
        add(txn, STEP_COPY, marked, (rows - t + tables - 1) / tables);
        step_t *step = &txn->steps[txn->n_steps - 1];
        step->first_row = first + t;
        step->table = (uint32_t)(step->first_row % tables);
    }
}

static void add_changes(txn_t *txn, uint32_t tables, const counts_t *counts, bool marked)
{
    add_copies(txn, tables, marked, counts->inserts);
    add(txn, STEP_OWN_UPDATE, marked, counts->own_updates);
    add(txn, STEP_UPDATE, marked, counts->updates);
    add(txn, STEP_DELETE, marked, counts->deletes);
}

/* True for `share` of all draws. */
static bool drawn(uint64_t draw, double share)
{
    return (double)(draw >> 11) * 0x1p-53 < share;
}

static uint64_t first_row_of(const phase_t *phase, const task_t *task)
{
    if (task->stream == OP_INSERT)
        return phase->first_row +
               schedule_txn_first(&phase->streams[OP_INSERT], phase->duration_ns, task->n);
    return phase->mix_first_row + task->n * phase->mix.inserts;
}

void txn_lay_out(const scenario_t *scenario, const task_t *task, txn_t *out)
{
    const phase_t *phase = &scenario->phases[task->phase];
    uint64_t id = TXN_SALT | (task->phase * STREAM_COUNT + task->stream);
    uint64_t hash = hash_u64(hash_u64(scenario->seed, id), task->n);
    uint32_t tables = scenario->tables.n;
    counts_t all = counts_of(phase, task);
    bool rolled_back = drawn(hash_word(hash, 1), phase->rollback_share[task->stream]);
    bool savepoint =
        !rolled_back && drawn(hash_word(hash, 2), phase->savepoint_share[task->stream]);
    *out = (txn_t){
        .block = rolled_back || savepoint || task->stream == STREAM_MIX ||
                 (tables > 1 && all.inserts > 1),
        .rolled_back = rolled_back,
        .first_row = first_row_of(phase, task),
        .inserts = rolled_back ? 0 : all.inserts,
    };
    if (out->block)
        add(out, STEP_BEGIN, false, 0);
    if (savepoint) {
        counts_t part = half(&all);
        add(out, STEP_SAVEPOINT, false, 0);
        add_changes(out, tables, &part, true);
        add(out, STEP_ROLLBACK_TO, false, 0);
    }
    add_changes(out, tables, &all, rolled_back);
    if (out->block)
        add(out, rolled_back ? STEP_ROLLBACK : STEP_COMMIT, false, 0);
}

uint32_t txn_part_end(const txn_t *txn, uint32_t first)
{
    bool pipeline = false; /* something other than what may go before a COPY is in it */
    for (uint32_t i = first; i < txn->n_steps; i++) {
        step_kind_t kind = txn->steps[i].kind;
        if (kind == STEP_COPY)
            return pipeline ? i : i + 1;
        if (kind == STEP_ROLLBACK_TO)
            return i + 1;
        pipeline = pipeline || !(kind == STEP_BEGIN || kind == STEP_SAVEPOINT);
    }
    return txn->n_steps;
}

uint64_t txn_rows(const txn_t *txn, uint32_t first, uint32_t end)
{
    uint64_t rows = 0;
    for (uint32_t i = first; i < end; i++)
        rows += txn->steps[i].rows;
    return rows;
}

uint64_t txn_older_rows(const txn_t *txn)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < txn->n_steps; i++)
        if (txn->steps[i].kind == STEP_UPDATE || txn->steps[i].kind == STEP_DELETE)
            rows += txn->steps[i].rows;
    return rows;
}

static bool is_seen(const step_t *step)
{
    return !txn_is_control(step->kind) && !step->marked;
}

const step_t *txn_first_seen(const txn_t *txn)
{
    for (uint32_t i = 0; i < txn->n_steps; i++)
        if (is_seen(&txn->steps[i]))
            return &txn->steps[i];
    return NULL;
}

const step_t *txn_last_seen(const txn_t *txn)
{
    for (uint32_t i = txn->n_steps; i > 0; i--)
        if (is_seen(&txn->steps[i - 1]))
            return &txn->steps[i - 1];
    return NULL;
}
