#include "result/lag_merge.h"

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

static const lag_t *recorded(const tap_result_t *tap, lag_scope_t scope, int phase, int op,
                             stage_t stage)
{
    switch (scope) {
    case SCOPE_FIRST:
        return tap->first_lag[phase][op][stage];
    case SCOPE_LAST:
        return tap->last_lag[phase][op][stage];
    case SCOPE_EVENT:
    case SCOPE_COUNT:
        break;
    }
    return tap->lag[phase][op][stage];
}

bool lag_merge_scope(const result_t *result, tap_id_t tap, lag_scope_t scope, int phase, int op,
                     stage_t stage, lag_t **out)
{
    int phases = (int)result->scenario->n_phases;
    int first_phase = phase == LAG_MERGE_ALL ? 0 : phase;
    int end_phase = phase == LAG_MERGE_ALL ? phases : phase + 1;
    int first_op = op == LAG_MERGE_ALL ? 0 : op;
    int end_op = op == LAG_MERGE_ALL ? OP_COUNT : op + 1;
    *out = NULL;
    for (int p = first_phase; p < end_phase; p++) {
        for (int o = first_op; o < end_op; o++) {
            if (!add(out, recorded(&result->taps[tap], scope, p, o, stage))) {
                lag_free(*out);
                *out = NULL;
                return false;
            }
        }
    }
    return true;
}

bool lag_merge(const result_t *result, tap_id_t tap, int phase, int op, stage_t stage, lag_t **out)
{
    return lag_merge_scope(result, tap, SCOPE_EVENT, phase, op, stage, out);
}
