/*
 * txn_rows: which rows a transaction changes, as its writer knows them: what a walk over a lane's
 * older rows meets, and the change that the ledger knows it by. Shared by those who write (session,
 * produce); the thread that owns the rows.
 */
#ifndef CDCBENCH_RUN_LOAD_TXN_ROWS_H
#define CDCBENCH_RUN_LOAD_TXN_ROWS_H

#include "run/load/txn.h"

/* A transaction's walk over the older rows of its lane: each comes once. */
typedef struct {
    keys_cursor_t cursor;
    uint64_t left; /* rows that have not come yet */
} lane_walk_t;

/* The task's walk begins (again). Leaves *walk alone when its stream has no lanes. */
void lane_walk_begin(lane_walk_t *walk, const scenario_t *scenario, const task_t *task);

/* The next row that is there: those that were deleted, or that a rolled-back insert never made, are
 * passed over, within the lane. False when it has none left. */
bool lane_walk_next(lane_walk_t *walk, const row_state_t *rows, uint64_t *row);

/* The version that the next update of this row makes. */
uint32_t txn_next_version(const row_state_t *rows, uint64_t row);

/* Fills in op, first_row and first_version of the first change that the taps will see; false when
 * its lane has no row left. The transaction is not rolled back. */
bool txn_first_change(const txn_t *txn, const lane_walk_t *walk, const row_state_t *rows,
                      ledger_entry_t *entry);

#endif
