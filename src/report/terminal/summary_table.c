#include "report/terminal/summary_table.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/files/tables.h"
#include "report/text/text.h"
#include "result/lag_merge.h"

/* Widths on the terminal, in columns. */
enum { LABEL_WIDTH = 23, RATE_WIDTH = 10, FIGURE_WIDTH = 9, BAR_WIDTH = 24 };

/* What a row shows of a distribution. */
typedef struct {
    bool any;
    double mean_us;
    int64_t p50_us, p99_us, p999_us, max_us;
} figures_t;

static figures_t figures_of_hist(const hist_t *hist)
{
    if (hist == NULL || hist_count(hist) == 0) {
        return (figures_t){.any = false};
    }
    return (figures_t){
        .any = true,
        .mean_us = hist_mean_us(hist),
        .p50_us = hist_percentile_us(hist, 50),
        .p99_us = hist_percentile_us(hist, 99),
        .p999_us = hist_percentile_us(hist, 99.9),
        .max_us = hist_max_us(hist),
    };
}

static figures_t figures_of_lag(const lag_t *lag)
{
    if (lag == NULL || lag_count(lag) == 0) {
        return (figures_t){.any = false};
    }
    return (figures_t){
        .any = true,
        .mean_us = lag_mean_us(lag),
        .p50_us = lag_percentile_us(lag, 50),
        .p99_us = lag_percentile_us(lag, 99),
        .p999_us = lag_percentile_us(lag, 99.9),
        .max_us = lag_max_us(lag),
    };
}

/* "10,001"; below 10 with a decimal, "-" when there is no rate. */
static void format_rate(double per_s, char *out, size_t size)
{
    if (!isfinite(per_s)) {
        snprintf(out, size, "-");
    } else if (per_s < 9.95) {
        snprintf(out, size, "%.1f", per_s);
    } else {
        units_format_count((uint64_t)llround(per_s), out, size);
    }
}

static void print_us(FILE *out, bool any, int64_t value_us)
{
    char text[32] = "-";
    if (any) {
        units_format_us(value_us, text, sizeof text);
    }
    text_print_padded(out, text, FIGURE_WIDTH);
}

static void print_row(FILE *out, const char *label, double per_s, const figures_t *figures)
{
    char rate[32];
    format_rate(per_s, rate, sizeof rate);
    text_print_padded(out, label, -LABEL_WIDTH);
    text_print_padded(out, rate, RATE_WIDTH);
    print_us(out, figures->any, figures->any ? llround(figures->mean_us) : 0);
    print_us(out, figures->any, figures->p50_us);
    print_us(out, figures->any, figures->p99_us);
    print_us(out, figures->any, figures->p999_us);
    print_us(out, figures->any, figures->max_us);
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
    static const char *const figures[] = {"mean", "p50", "p99", "p99.9", "max"};
    text_print_padded(out, label, -LABEL_WIDTH);
    text_print_padded(out, "per second", RATE_WIDTH);
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        text_print_padded(out, figures[i], FIGURE_WIDTH);
    }
    putc('\n', out);
}

static void print_operations(FILE *out, const result_t *result, uint32_t phase)
{
    for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
        summary_record_t record;
        if (summary_record(result, phase, stream, &record)) {
            figures_t figures = figures_of_hist(record.figures->latency);
            print_row(out, stream_names[stream], op_result_rows_per_s(record.figures), &figures);
        }
    }
}

/* From the phase's first send to its last acknowledgement, of any operation; NAN without. */
static double phase_seconds(const phase_result_t *phase)
{
    int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
    for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
        if (isfinite(op_result_seconds(&phase->ops[stream]))) {
            int64_t sent_ns = phase->ops[stream].first_sent_ns;
            int64_t acked_ns = phase->ops[stream].last_acked_ns;
            first_ns = sent_ns < first_ns ? sent_ns : first_ns;
            last_ns = acked_ns > last_ns ? acked_ns : last_ns;
        }
    }
    if (last_ns < first_ns && phase->end_ns != NOT_MEASURED) { /* a watch: nobody here sends */
        first_ns = phase->start_ns;
        last_ns = phase->end_ns;
    }
    return last_ns > first_ns ? (double)(last_ns - first_ns) / (double)NS_PER_S : NAN;
}

/* "  commit → send" from "commit_to_send". */
static void stage_label(stage_t stage, char *out, size_t size)
{
    const char *name = stage_names[stage];
    const char *to = strstr(name, "_to_");
    snprintf(out, size, "  %.*s → %s", (int)(to - name), name, to + strlen("_to_"));
}

/* A stage's mean, and which share of the whole's mean it is: means add up, percentiles do not. */
static void print_stage(FILE *out, stage_t stage, const lag_t *lag, double whole_us)
{
    char label[64];
    double mean_us = lag_mean_us(lag);
    stage_label(stage, label, sizeof label);
    text_print_padded(out, label, -(LABEL_WIDTH + RATE_WIDTH));
    print_us(out, true, llround(mean_us));
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
            const lag_t *lag = result->taps[tap].lag[phase][op][stage];
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
    return lag_merge(result, tap, (int)phase, LAG_MERGE_ALL, stage, &lag) ? lag : NULL;
}

/* The stages that sum to the whole, in the order in which an event passes them. */
static void print_stages(FILE *out, const result_t *result, uint32_t phase, tap_id_t tap,
                         double whole_us)
{
    static const stage_t order[] = {STAGE_COMMIT_TO_SEND,     STAGE_SEND_TO_RECEIPT,
                                    STAGE_COMMIT_TO_DEBEZIUM, STAGE_DEBEZIUM_TO_PRODUCE,
                                    STAGE_PRODUCE_TO_RECEIPT, STAGE_DEBEZIUM_TO_APPEND,
                                    STAGE_APPEND_TO_RECEIPT};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        lag_t *lag = phase_lag(result, phase, tap, order[i]);
        if (lag != NULL && lag_count(lag) > 0) {
            print_stage(out, order[i], lag, whole_us);
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
    snprintf(label, sizeof label, "lag %s%s", tap_names[tap], whole ? "" : ", from due");
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

void summary_table_print(FILE *out, const result_t *result)
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
