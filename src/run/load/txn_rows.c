#include "run/load/txn_rows.h"

void lane_walk_begin(lane_walk_t *walk, const scenario_t *scenario, const task_t *task)
{
    const phase_t *phase = &scenario->phases[task->phase];
    if (!scenario_has_lanes(phase, task->stream))
        return;
    const keys_t *keys = &phase->keys[task->stream];
    uint32_t lane = keys_txn_lane(keys, task->n);
    keys_txn_begin(keys, task->n, &walk->cursor);
    walk->left = keys->rows / keys->lanes + (lane < keys->rows % keys->lanes);
}

bool lane_walk_next(lane_walk_t *walk, const row_state_t *rows, uint64_t *row)
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

uint32_t txn_next_version(const row_state_t *rows, uint64_t row)
{
    return (row_state_get(rows, row) + 1u) % ROW_VERSIONS;
}

bool txn_first_change(const txn_t *txn, const lane_walk_t *walk, const row_state_t *rows,
                      ledger_entry_t *entry)
{
    const step_t *step = txn_first_seen(txn);
    if (step->kind == STEP_COPY) {
        entry->op = OP_INSERT;
        entry->first_row = step->first_row;
        return true;
    }
    lane_walk_t ahead = *walk;
    if (!lane_walk_next(&ahead, rows, &entry->first_row))
        return false;
    entry->op = step->kind == STEP_DELETE ? OP_DELETE : OP_UPDATE;
    if (entry->op == OP_UPDATE)
        entry->first_version = (uint16_t)txn_next_version(rows, entry->first_row);
    return true;
}
