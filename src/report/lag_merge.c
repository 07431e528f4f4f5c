#include "report/lag_merge.h"

static bool add(lag_t **into, const lag_t *from)
{
    if (from == NULL) {
        return true;
    }
    if (*into == NULL) {
        *into = lag_new();
    }
    return *into != NULL && lag_add(*into, from);
}

bool lag_merge(const result_t *result, tap_id_t tap, int phase, int op, stage_t stage, lag_t **out)
{
    int phases = (int)result->scenario->n_phases;
    int first_phase = phase == LAG_MERGE_ALL ? 0 : phase;
    int end_phase = phase == LAG_MERGE_ALL ? phases : phase + 1;
    int first_op = op == LAG_MERGE_ALL ? 0 : op;
    int end_op = op == LAG_MERGE_ALL ? OP_COUNT : op + 1;
    *out = NULL;
    for (int p = first_phase; p < end_phase; p++) {
        for (int o = first_op; o < end_op; o++) {
            if (!add(out, result->taps[tap].lag[p][o][stage])) {
                lag_free(*out);
                *out = NULL;
                return false;
            }
        }
    }
    return true;
}
