/* The tables of the summary. Numbers are aligned by what a terminal shows, not by bytes. */
#include <math.h>
#include <string.h>

#include "report/files/tables.h"
#include "report/terminal/summary.h"
#include "report/text/text.h"
#include "result/accumulate.h"

/* Widths on the terminal, in columns. */
enum { LABEL_WIDTH = 23, RATE_WIDTH = 10, FIGURE_WIDTH = 9, BAR_WIDTH = 24 };

/* What a row shows of a distribution; NAN and NOT_MEASURED: it is empty. */
typedef struct {
    double mean_us;
    int64_t us[4]; /* as in `heads`, behind the mean */
} figures_t;
static const char *const heads[] = {"mean", "p50", "p99", "p99.9", "max"};
static const figures_t no_figures = {NAN, {NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED}};

static figures_t figures_of_hist(const hist_t *hist)
{
    if (hist == NULL || hist_count(hist) == 0) {
        return no_figures;
    }
    return (figures_t){hist_mean_us(hist),
                       {hist_percentile_us(hist, 50), hist_percentile_us(hist, 99),
                        hist_percentile_us(hist, 99.9), hist_max_us(hist)}};
}

static figures_t figures_of_lag(const lag_t *lag)
{
    if (lag == NULL || lag_count(lag) == 0) {
        return no_figures;
    }
    return (figures_t){lag_mean_us(lag),
                       {lag_percentile_us(lag, 50), lag_percentile_us(lag, 99),
                        lag_percentile_us(lag, 99.9), lag_max_us(lag)}};
}

static void print_mean(FILE *out, double mean_us)
{
    int64_t us = isfinite(mean_us) ? llround(mean_us) : NOT_MEASURED;
    text_print_padded(out, text_us(us).text, FIGURE_WIDTH);
}

static void print_row(FILE *out, const char *label, double per_s, const figures_t *figures)
{
    text_print_padded(out, label, -LABEL_WIDTH);
    text_print_padded(out, text_rate(per_s).text, RATE_WIDTH);
    print_mean(out, figures->mean_us);
    for (size_t i = 0; i < sizeof figures->us / sizeof figures->us[0]; i++) {
        text_print_padded(out, text_us(figures->us[i]).text, FIGURE_WIDTH);
    }
    putc('\n', out);
}

/* The phase's name and length stand where the labels do. */
static void print_header(FILE *out, const result_t *result, uint32_t phase)
{
    const phase_result_t *times = &result->phases[phase];
    char label[SCENARIO_NAME_MAX + 32];
    int bytes = (int)text_fit(result->scenario->phases[phase].name, LABEL_WIDTH - 10);
    int n = snprintf(label, sizeof label, "%.*s", bytes, result->scenario->phases[phase].name);
    if (times->end_ns != NOT_MEASURED && n > 0) {
        double seconds = (double)(times->end_ns - times->start_ns) / (double)NS_PER_S;
        snprintf(label + n, sizeof label - (size_t)n, " · %.*f s", seconds < 9.95 ? 1 : 0, seconds);
    }
    text_print_padded(out, label, -LABEL_WIDTH);
    text_print_padded(out, "per second", RATE_WIDTH);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        text_print_padded(out, heads[i], FIGURE_WIDTH);
    }
    putc('\n', out);
}

static void print_operations(FILE *out, const result_t *result, uint32_t phase)
{
    for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
        summary_record_t record;
        if (summary_record(result, phase, stream, &record)) {
            figures_t figures = figures_of_hist(record.figures->latency);
            print_row(out, stream_names[stream], result_op_rows_per_s(record.figures), &figures);
        }
    }
}

/* How long a phase's changes were made, of any operation; NAN: not at all. */
static double phase_seconds(const phase_result_t *phase)
{
    double seconds = result_phase_seconds(phase);
    if (isnan(seconds) && phase->end_ns != NOT_MEASURED) { /* a watch: nobody here sends */
        seconds = (double)(phase->end_ns - phase->start_ns) / (double)NS_PER_S;
    }
    return seconds > 0 ? seconds : NAN;
}

/* A stage's mean, and which share of the whole's mean it is: means add up, percentiles do not. */
static void print_stage(FILE *out, stage_t stage, const lag_t *lag, double whole_us)
{
    char label[64];
    double mean_us = lag_mean_us(lag);
    snprintf(label, sizeof label, "  %s → %s", stage_rows[stage].from, stage_rows[stage].to);
    text_print_padded(out, label, -(LABEL_WIDTH + RATE_WIDTH));
    print_mean(out, mean_us);
    if (whole_us > 0) {
        double share = mean_us / whole_us;
        fprintf(out, "%6.0f %%", 100 * share);
        for (int i = 0; i < (int)lround(BAR_WIDTH * fmin(share, 1)); i++) {
            fputs(i == 0 ? "  ━" : "━", out);
        }
    }
    putc('\n', out);
}

static bool tap_has_lag(const result_t *result, uint32_t phase, tap_id_t tap)
{
    for (op_t op = 0; result->taps[tap].on && op < OP_COUNT; op++) {
        for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
            const lag_t *lag = result->taps[tap].lag[SCOPE_EVENT][phase][op][stage];
            if (lag != NULL && lag_count(lag) > 0) {
                return true;
            }
        }
    }
    return false;
}

/* The lag over all operations; NULL when there is none (or no memory, which the row's "-" says). */
static lag_t *phase_lag(const result_t *result, uint32_t phase, tap_id_t tap, stage_t stage)
{
    lag_t *lag = NULL;
    return accumulate_stage(result, tap, SCOPE_EVENT, ACCUMULATE_ONE(phase), ACCUMULATE_ALL, stage,
                            &lag)
               ? lag
               : NULL;
}

/* The stages that sum to the whole, in the order in which an event passes them. */
static void print_stages(FILE *out, const result_t *result, uint32_t phase, tap_id_t tap,
                         double whole_us)
{
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
        lag_t *lag = stage_rows[stage].is_link ? phase_lag(result, phase, tap, stage) : NULL;
        if (lag != NULL && lag_count(lag) > 0) {
            print_stage(out, stage, lag, whole_us);
        }
        lag_free(lag);
    }
}

/* The whole, then its stages beneath it. Where no event told its commit's time, what the client
 * saw of itself. */
static void print_tap(FILE *out, const result_t *result, uint32_t phase, tap_id_t tap)
{
    char label[64];
    lag_t *lag = phase_lag(result, phase, tap, STAGE_COMMIT_TO_RECEIPT);
    bool whole = lag != NULL && lag_count(lag) > 0;
    if (!whole) {
        lag_free(lag);
        lag = phase_lag(result, phase, tap, STAGE_INTENDED_TO_RECEIPT);
    }
    snprintf(label, sizeof label, "lag %s%s", tap_rows[tap].name, whole ? "" : ", from due");
    figures_t figures = figures_of_lag(lag);
    double per_s =
        lag == NULL ? NAN : (double)lag_count(lag) / phase_seconds(&result->phases[phase]);
    print_row(out, label, per_s, &figures);
    print_stages(out, result, phase, tap, whole ? figures.mean_us : NAN);
    lag_free(lag);
}

/* Whether there is anything to say of this phase. */
static bool phase_shown(const result_t *result, uint32_t phase)
{
    bool shown = false;
    for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
        summary_record_t record;
        shown = shown || summary_record(result, phase, stream, &record);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        shown = shown || tap_has_lag(result, phase, tap);
    }
    return shown;
}

void summary_print_tables(FILE *out, const result_t *result)
{
    for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
        if (!phase_shown(result, phase)) {
            continue;
        }
        print_header(out, result, phase);
        print_operations(out, result, phase);
        for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
            if (tap_has_lag(result, phase, tap)) {
                print_tap(out, result, phase, tap);
            }
        }
        putc('\n', out);
    }
}
