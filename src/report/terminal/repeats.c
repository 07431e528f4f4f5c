#include "report/terminal/repeats.h"

#include <math.h>

#include "report/text/text.h"
#include "result/accumulate.h"

/* Widths on the terminal, in columns. */
enum { NUMBER_WIDTH = 9, VERDICT_WIDTH = 13, RATE_WIDTH = 12, FIGURE_WIDTH = 15 };

/* Rows over the seconds from first send to last acknowledgement, both summed over the phases. */
static double rows_per_s(const result_t *result)
{
    double seconds = 0, rows = 0;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        const phase_result_t *phase = &result->phases[p];
        double more_s = result_phase_seconds(phase);
        if (result->scenario->phases[p].warm_up || phase->start_ns == NOT_MEASURED ||
            isnan(more_s)) {
            continue;
        }
        seconds += more_s;
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            bool any = isfinite(result_op_seconds(&phase->ops[stream]));
            rows += any ? (double)phase->ops[stream].rows : 0;
        }
    }
    return seconds > 0 ? rows / seconds : NAN;
}

static bool take_latency(const result_t *result, repeat_t *out)
{
    hist_t *all;
    if (!accumulate_writers(result, WRITERS_LATENCY, ACCUMULATE_ALL, &all)) {
        return false;
    }
    bool any = all != NULL && hist_count(all) > 0;
    out->latency_p99_us = any ? hist_percentile_us(all, 99) : NOT_MEASURED;
    hist_free(all);
    return true;
}

static bool take_lag(const result_t *result, repeat_t *out)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        lag_t *lag;
        if (!accumulate_stage(result, tap, SCOPE_EVENT, ACCUMULATE_ALL, ACCUMULATE_ALL,
                              STAGE_COMMIT_TO_RECEIPT, &lag)) {
            return false;
        }
        bool any = lag != NULL && lag_count(lag) > 0;
        out->lag_p99_us[tap] = any ? lag_percentile_us(lag, 99) : NOT_MEASURED;
        lag_free(lag);
    }
    return true;
}

bool repeat_take(const result_t *result, repeat_t *out)
{
    out->verdict = verdict_of(result);
    out->rows_per_s = rows_per_s(result);
    return take_latency(result, out) && take_lag(result, out);
}

static void print_row(FILE *out, const char *label, const char *verdict, const repeat_t *figures)
{
    double per_s = figures->rows_per_s;
    text_print_padded(out, label, -NUMBER_WIDTH);
    text_print_padded(out, verdict, -VERDICT_WIDTH);
    text_print_padded(out, isfinite(per_s) ? units_count((uint64_t)llround(per_s)).text : "-",
                      RATE_WIDTH);
    text_print_padded(out, text_us(figures->latency_p99_us).text, FIGURE_WIDTH);
    for (int tap = 0; tap < TAP_COUNT; tap++) {
        text_print_padded(out, text_us(figures->lag_p99_us[tap]).text, FIGURE_WIDTH);
    }
    putc('\n', out);
}

/* What was not measured takes no part. */
static int64_t extreme(int64_t a, int64_t b, bool most)
{
    if (a == NOT_MEASURED || b == NOT_MEASURED) {
        return a == NOT_MEASURED ? b : a;
    }
    return (a > b) == most ? a : b;
}

/* The smallest, or the largest, of each figure. */
static repeat_t extremes(const repeat_t *repeats, uint32_t n, bool most)
{
    repeat_t out = repeats[0];
    for (uint32_t i = 1; i < n; i++) {
        const repeat_t *next = &repeats[i];
        out.rows_per_s =
            most ? fmax(out.rows_per_s, next->rows_per_s) : fmin(out.rows_per_s, next->rows_per_s);
        out.latency_p99_us = extreme(out.latency_p99_us, next->latency_p99_us, most);
        for (int tap = 0; tap < TAP_COUNT; tap++) {
            out.lag_p99_us[tap] = extreme(out.lag_p99_us[tap], next->lag_p99_us[tap], most);
        }
    }
    return out;
}

void repeats_print(FILE *out, const repeat_t *repeats, uint32_t n)
{
    text_print_padded(out, "repeat", -NUMBER_WIDTH);
    text_print_padded(out, "", -VERDICT_WIDTH);
    text_print_padded(out, "rows/s", RATE_WIDTH);
    text_print_padded(out, "latency p99", FIGURE_WIDTH);
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        char head[32];
        snprintf(head, sizeof head, "lag %s p99", tap_rows[tap].name);
        text_print_padded(out, head, FIGURE_WIDTH);
    }
    putc('\n', out);
    for (uint32_t i = 0; i < n; i++) {
        char number[16];
        snprintf(number, sizeof number, "%u", i + 1);
        print_row(out, number, run_verdict_names[repeats[i].verdict], &repeats[i]);
    }
    if (n > 1) {
        repeat_t least = extremes(repeats, n, false), most = extremes(repeats, n, true);
        print_row(out, "least", "", &least);
        print_row(out, "most", "", &most);
    }
}
