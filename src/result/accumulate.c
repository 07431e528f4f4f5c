#include "result/accumulate.h"

bool accumulate_hist(hist_t **into, const hist_t *from)
{
    if (from == NULL)
        return true;
    if (*into == NULL)
        *into = hist_new();
    if (*into == NULL)
        return false;
    hist_add(*into, from);
    return true;
}

bool accumulate_lag(lag_t **into, const lag_t *from)
{
    if (from == NULL)
        return true;
    if (*into == NULL)
        *into = lag_new();
    return *into != NULL && lag_add(*into, from);
}

static bool is_in(uint32_t set, uint32_t i)
{
    return (set >> i & 1u) != 0;
}

bool accumulate_stage(const result_t *result, tap_id_t tap, lag_scope_t scope, uint32_t phases,
                      uint32_t ops, stage_t stage, lag_t **out)
{
    *out = NULL;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++)
        for (op_t op = 0; op < OP_COUNT; op++)
            if (is_in(phases, p) && is_in(ops, op) &&
                !accumulate_lag(out, result->taps[tap].lag[scope][p][op][stage])) {
                lag_free(*out);
                *out = NULL;
                return false;
            }
    return true;
}

static const hist_t *written(const phase_result_t *phase, writers_time_t time, int stream)
{
    switch (time) {
    case WRITERS_LATENCY:
        return phase->ops[stream].latency;
    case WRITERS_SERVICE:
        return phase->ops[stream].service;
    case WRITERS_SCHEDULE_LAG:
        break;
    }
    return stream == 0 ? phase->schedule_lag : NULL; /* one for all streams */
}

bool accumulate_writers(const result_t *result, writers_time_t time, uint32_t phases, hist_t **out)
{
    *out = NULL;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++)
        for (int stream = 0; stream < STREAM_COUNT; stream++)
            if (is_in(phases, p) &&
                !accumulate_hist(out, written(&result->phases[p], time, stream))) {
                hist_free(*out);
                *out = NULL;
                return false;
            }
    return true;
}

void hist_growth(hist_t *diff, hist_t **now, hist_t **last)
{
    hist_t *spare = *last;
    hist_diff(diff, *now, *last);
    *last = *now;
    *now = spare;
}

bool lag_growth(lag_t *diff, lag_t **now, lag_t **last)
{
    lag_t *spare = *last;
    if (!lag_diff(diff, *now, *last))
        return false;
    *last = *now;
    *now = spare;
    return true;
}
