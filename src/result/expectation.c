#include "result/expectation.h"

#include <math.h>
#include <string.h>

#include "result/accumulate.h"

static bool has_rate(const phase_t *phase)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        if (phase->streams[i].kind == STREAM_OPEN) {
            return true;
        }
    }
    return false;
}

/* Whether a phase is looked at (expectation.h). */
static bool is_in(const expect_t *expect, const scenario_t *scenario, uint32_t number)
{
    const phase_t *phase = &scenario->phases[number];
    if (expect->phase[0] != '\0') {
        return strcmp(expect->phase, phase->name) == 0;
    }
    bool any = false;
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        any = any || (has_rate(&scenario->phases[i]) && !scenario->phases[i].warm_up);
    }
    return !phase->warm_up && (!any || has_rate(phase) || !expect_is_time(expect));
}

static double lag_at(const lag_t *lag, double percent)
{
    return percent == 0     ? lag_mean_us(lag)
           : percent >= 100 ? (double)lag_max_us(lag)
                            : (double)lag_percentile_us(lag, percent);
}

static double hist_at(const hist_t *hist, double percent)
{
    return percent == 0     ? hist_mean_us(hist)
           : percent >= 100 ? (double)hist_max_us(hist)
                            : (double)hist_percentile_us(hist, percent);
}

static void take_worse(expectation_t *out, double value)
{
    out->value = out->measured ? fmax(out->value, value) : value;
    out->measured = true;
}

/* The phases that are looked at, as a set. */
static uint32_t phases_of(const expect_t *expect, const scenario_t *scenario)
{
    uint32_t phases = 0;
    for (uint32_t p = 0; p < scenario->n_phases; p++) {
        phases |= (uint32_t)is_in(expect, scenario, p) << p;
    }
    return phases;
}

static bool measure_tap(const result_t *result, tap_id_t tap, expectation_t *out)
{
    lag_t *all;
    bool done =
        accumulate_stage(result, tap, SCOPE_EVENT, phases_of(&out->expect, result->scenario),
                         ACCUMULATE_ALL, STAGE_COMMIT_TO_RECEIPT, &all);
    if (done && all != NULL && lag_count(all) > 0) {
        take_worse(out, lag_at(all, out->expect.percent));
    }
    lag_free(all);
    return done;
}

static bool measure_lag(const result_t *result, expectation_t *out)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        bool asked = out->expect.tap < 0 || out->expect.tap == (int)tap;
        if (asked && result->taps[tap].on && !measure_tap(result, tap, out)) {
            return false;
        }
    }
    return true;
}

static bool measure_written(const result_t *result, expectation_t *out)
{
    writers_time_t time = out->expect.measure == EXPECT_SCHEDULE_LAG ? WRITERS_SCHEDULE_LAG
                          : out->expect.measure == EXPECT_LATENCY    ? WRITERS_LATENCY
                                                                     : WRITERS_SERVICE;
    hist_t *all;
    bool done = accumulate_writers(result, time, phases_of(&out->expect, result->scenario), &all);
    if (done && all != NULL && hist_count(all) > 0) {
        take_worse(out, hist_at(all, out->expect.percent));
    }
    hist_free(all);
    return done;
}

static uint64_t faults(const verify_totals_t *totals, expect_measure_t measure)
{
    switch (measure) {
    case EXPECT_MISSING:
        return totals->missing;
    case EXPECT_DUPLICATED:
        return totals->duplicated;
    case EXPECT_OUT_OF_ORDER:
        return totals->out_of_order;
    case EXPECT_MISMATCHED:
        return totals->mismatched;
    case EXPECT_ROLLED_BACK:
        return totals->rolled_back;
    case EXPECT_UNKNOWN:
        return totals->unknown;
    default:
        break;
    }
    __builtin_unreachable();
}

/* What a tap that ended early had not read is not known to be missing. */
static void measure_faults(const result_t *result, expectation_t *out)
{
    for (int i = 0; i < TAP_COUNT; i++) {
        const tap_result_t *tap = &result->taps[i];
        if (!tap->on || (out->expect.tap >= 0 && out->expect.tap != i)) {
            continue;
        }
        if (!tap->complete && out->expect.measure == EXPECT_MISSING) {
            out->measured = false;
            return;
        }
        out->value += (double)faults(&tap->verify, out->expect.measure);
        out->measured = true;
    }
}

static void measure_writers(const result_t *result, expectation_t *out)
{
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        for (int stream = 0; stream < STREAM_COUNT && is_in(&out->expect, result->scenario, p);
             stream++) {
            const op_result_t *op = &result->phases[p].ops[stream];
            out->value += (double)(out->expect.measure == EXPECT_ERRORS ? op->errors : op->retries);
        }
    }
    out->measured = true;
}

/* Where one tap did not keep up, or it is not decided, the answer is no. */
static void measure_pace(const result_t *result, expectation_t *out)
{
    pace_verdict_t worst = PACE_UNKNOWN;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        for (int tap = 0; tap < TAP_COUNT && is_in(&out->expect, result->scenario, p); tap++) {
            if (out->expect.tap < 0 || out->expect.tap == tap) {
                worst = pace_worse(worst, result->phases[p].pace[tap].verdict);
            }
        }
    }
    out->measured = worst == PACE_KEPT_UP || worst == PACE_FELL_BEHIND;
    out->value = worst == PACE_KEPT_UP;
}

bool expectation_judge(const config_t *config, size_t i, const result_t *result, expectation_t *out)
{
    bool done = true;
    *out = (expectation_t){.text = config->scenario.expect.items[i]};
    if (!expect_parse(out->text, &out->expect, NULL)) {
        return true; /* config_scenario has let it through: it does not come here */
    }
    if (out->expect.measure == EXPECT_LAG) {
        done = measure_lag(result, out);
    } else if (expect_is_time(&out->expect)) {
        done = measure_written(result, out);
    } else if (out->expect.measure <= EXPECT_UNKNOWN) {
        measure_faults(result, out);
    } else if (out->expect.measure == EXPECT_KEPT_UP) {
        measure_pace(result, out);
    } else {
        measure_writers(result, out);
    }
    out->met = done && out->measured && expect_holds(&out->expect, out->value);
    return done;
}

bool expectations_met(const config_t *config, const result_t *result)
{
    bool met = true;
    for (size_t i = 0; i < config->scenario.expect.n; i++) {
        expectation_t expectation;
        met = expectation_judge(config, i, result, &expectation) && expectation.met && met;
    }
    return met;
}
