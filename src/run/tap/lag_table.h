/*
 * lag_table: a lag's distribution for every phase, operation and stage, each made when it is first
 * used. One writer; any thread reads, as with base/lag.h.
 */
#ifndef CDCBENCH_RUN_TAP_LAG_TABLE_H
#define CDCBENCH_RUN_TAP_LAG_TABLE_H

#include "result/result.h"

typedef struct {
    _Atomic(lag_t *) cells[SCENARIO_PHASES_MAX][OP_COUNT][STAGE_COUNT]; /* NULL: nothing yet */
} lag_table_t;

void lag_table_free(lag_table_t *table); /* what it holds */

/* `count` times the value. Aborts when memory is out: a result with a stage dropped in silence
 * would be worse. */
void lag_table_record(lag_table_t *table, uint32_t phase, op_t op, stage_t stage, int64_t us,
                      uint64_t count);

const lag_t *lag_table_get(const lag_table_t *table, uint32_t phase, op_t op, stage_t stage);

/* Copies what there is; the copies are the caller's. False when memory is out. */
bool lag_table_copy(const lag_table_t *table,
                    lag_t *out[SCENARIO_PHASES_MAX][OP_COUNT][STAGE_COUNT]);

#endif
