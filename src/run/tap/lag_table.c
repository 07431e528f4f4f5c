#include "run/tap/lag_table.h"

#include <stdatomic.h>
#include <stdlib.h>

void lag_table_free(lag_table_t *table)
{
    for (uint32_t phase = 0; phase < SCENARIO_PHASES_MAX; phase++)
        for (int op = 0; op < OP_COUNT; op++)
            for (int stage = 0; stage < STAGE_COUNT; stage++)
                lag_free(
                    atomic_load_explicit(&table->cells[phase][op][stage], memory_order_relaxed));
}

void lag_table_record(lag_table_t *table, uint32_t phase, op_t op, stage_t stage, int64_t us,
                      uint64_t count)
{
    _Atomic(lag_t *) *cell = &table->cells[phase][op][stage];
    lag_t *lag = atomic_load_explicit(cell, memory_order_relaxed);
    if (lag == NULL) {
        lag = lag_new();
        if (lag == NULL)
            abort();
        atomic_store_explicit(cell, lag, memory_order_release);
    }
    if (!lag_record(lag, us, count))
        abort();
}

const lag_t *lag_table_get(const lag_table_t *table, uint32_t phase, op_t op, stage_t stage)
{
    return atomic_load_explicit(&table->cells[phase][op][stage], memory_order_acquire);
}

bool lag_table_copy(const lag_table_t *table,
                    lag_t *out[SCENARIO_PHASES_MAX][OP_COUNT][STAGE_COUNT])
{
    for (uint32_t phase = 0; phase < SCENARIO_PHASES_MAX; phase++)
        for (op_t op = 0; op < OP_COUNT; op++)
            for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
                const lag_t *lag = lag_table_get(table, phase, op, stage);
                if (lag == NULL)
                    continue;
                out[phase][op][stage] = lag_new();
                if (out[phase][op][stage] == NULL || !lag_copy(out[phase][op][stage], lag))
                    return false;
            }
    return true;
}
