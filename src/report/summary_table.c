#include "report/summary_table.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/lag_merge.h"
#include "report/tables.h"
#include "report/text.h"

/* Widths on the terminal, in columns. */
enum { LABEL_MIN = 11, GAP = 2, RATE_WIDTH = 10, P50_WIDTH = 9, QUANTILE_WIDTH = 10 };

typedef struct {
    FILE *out;
    const result_t *result;
    int phase_width; /* of the column that names the phase; 0: one phase, not named */
    int label_width;
} grid_t;

/* What a row shows of a distribution. */
typedef struct {
    bool any;
    int64_t p50_us, p99_us, p999_us, max_us;
} quantiles_t;

static quantiles_t quantiles_of_hist(const hist_t *hist)
{
    if (hist == NULL || hist_count(hist) == 0) {
        return (quantiles_t){.any = false};
    }
    return (quantiles_t){
        .any = true,
        .p50_us = hist_percentile_us(hist, 50),
        .p99_us = hist_percentile_us(hist, 99),
        .p999_us = hist_percentile_us(hist, 99.9),
        .max_us = hist_max_us(hist),
    };
}

static quantiles_t quantiles_of_lag(const lag_t *lag)
{
    if (lag == NULL || lag_count(lag) == 0) {
        return (quantiles_t){.any = false};
    }
    return (quantiles_t){
        .any = true,
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

static void print_quantile(const grid_t *grid, bool any, int64_t value_us, int width)
{
    char text[32] = "-";
    if (any) {
        units_format_us(value_us, text, sizeof text);
    }
    text_print_padded(grid->out, text, width);
}

static void print_label(const grid_t *grid, const char *phase, const char *label)
{
    if (grid->phase_width > 0) {
        text_print_padded(grid->out, phase, -grid->phase_width);
    }
    text_print_padded(grid->out, label, -grid->label_width);
}

static void print_row(const grid_t *grid, const char *phase, const char *label, const char *rate,
                      const quantiles_t *quantiles)
{
    print_label(grid, phase, label);
    text_print_padded(grid->out, rate, RATE_WIDTH);
    print_quantile(grid, quantiles->any, quantiles->p50_us, P50_WIDTH);
    print_quantile(grid, quantiles->any, quantiles->p99_us, QUANTILE_WIDTH);
    print_quantile(grid, quantiles->any, quantiles->p999_us, QUANTILE_WIDTH);
    print_quantile(grid, quantiles->any, quantiles->max_us, QUANTILE_WIDTH);
    putc('\n', grid->out);
}

static void print_header(const grid_t *grid)
{
    print_label(grid, "", "");
    text_print_padded(grid->out, "per second", RATE_WIDTH);
    text_print_padded(grid->out, "p50", P50_WIDTH);
    text_print_padded(grid->out, "p99", QUANTILE_WIDTH);
    text_print_padded(grid->out, "p99.9", QUANTILE_WIDTH);
    text_print_padded(grid->out, "max", QUANTILE_WIDTH);
    putc('\n', grid->out);
}

static void print_operations(const grid_t *grid, uint32_t phase)
{
    for (op_t op = 0; op < OP_COUNT; op++) {
        summary_record_t record;
        if (summary_record(grid->result, phase, op, &record)) {
            char rate[32];
            format_rate(op_result_rows_per_s(record.figures), rate, sizeof rate);
            quantiles_t quantiles = quantiles_of_hist(record.figures->latency);
            print_row(grid, record.phase, op_names[op], rate, &quantiles);
        }
    }
}

/* From the phase's first send to its last acknowledgement, of any operation; NAN without. */
static double phase_seconds(const phase_result_t *phase)
{
    int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
    for (op_t op = 0; op < OP_COUNT; op++) {
        if (isfinite(op_result_seconds(&phase->ops[op]))) {
            int64_t sent_ns = phase->ops[op].first_sent_ns;
            int64_t acked_ns = phase->ops[op].last_acked_ns;
            first_ns = sent_ns < first_ns ? sent_ns : first_ns;
            last_ns = acked_ns > last_ns ? acked_ns : last_ns;
        }
    }
    return last_ns > first_ns ? (double)(last_ns - first_ns) / (double)NS_PER_S : NAN;
}

/* "  commit → send" from "commit_to_send". */
static void stage_label(stage_t stage, char *out, size_t size)
{
    const char *name = stage_names[stage];
    const char *to = strstr(name, "_to_");
    if (to == NULL) {
        snprintf(out, size, "  %s", name);
    } else {
        snprintf(out, size, "  %.*s → %s", (int)(to - name), name, to + strlen("_to_"));
    }
}

static void print_stage(const grid_t *grid, const char *phase, tap_id_t tap, stage_t stage,
                        const lag_t *lag, double seconds)
{
    char label[64], rate[32] = "";
    if (stage == STAGE_COMMIT_TO_RECEIPT) { /* the whole: the tap's own row */
        snprintf(label, sizeof label, "lag %s", tap_names[tap]);
        format_rate(lag == NULL ? NAN : (double)lag_count(lag) / seconds, rate, sizeof rate);
    } else if (lag == NULL) {
        return;
    } else {
        stage_label(stage, label, sizeof label);
    }
    quantiles_t quantiles = quantiles_of_lag(lag);
    print_row(grid, phase, label, rate, &quantiles);
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

/* The whole, then its stages beneath it. */
static void print_tap(const grid_t *grid, uint32_t phase, tap_id_t tap)
{
    static const stage_t order[STAGE_COUNT] = {
        STAGE_COMMIT_TO_RECEIPT,   STAGE_COMMIT_TO_SEND,      STAGE_SEND_TO_RECEIPT,
        STAGE_COMMIT_TO_DEBEZIUM,  STAGE_DEBEZIUM_TO_PRODUCE, STAGE_PRODUCE_TO_RECEIPT,
        STAGE_DEBEZIUM_TO_APPEND,  STAGE_APPEND_TO_RECEIPT,   STAGE_ACK_TO_RECEIPT,
        STAGE_INTENDED_TO_RECEIPT, STAGE_KAFKA_MINUS_WAL};
    double seconds = phase_seconds(&grid->result->phases[phase]);
    for (int i = 0; i < STAGE_COUNT; i++) {
        const char *name = i == 0 ? grid->result->scenario->phases[phase].name : "";
        lag_t *lag;
        if (lag_merge(grid->result, tap, (int)phase, LAG_MERGE_ALL, order[i], &lag)) {
            print_stage(grid, name, tap, order[i], lag, seconds);
            lag_free(lag);
        } else {
            fprintf(grid->out, "lag %s: out of memory\n", tap_names[tap]);
        }
    }
}

/* Whether the table has a row of this phase. */
static bool phase_shown(const result_t *result, uint32_t phase)
{
    bool shown = false;
    for (op_t op = 0; op < OP_COUNT; op++) {
        summary_record_t record;
        shown = shown || summary_record(result, phase, op, &record);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        shown = shown || tap_has_lag(result, phase, tap);
    }
    return shown;
}

static int widest(int width, const char *text)
{
    int other = (int)text_width(text);
    return other > width ? other : width;
}

/* Sets the widths; returns how many phases are shown. */
static uint32_t measure(grid_t *grid)
{
    uint32_t shown = 0;
    bool lag = false;
    for (uint32_t phase = 0; phase < grid->result->scenario->n_phases; phase++) {
        if (phase_shown(grid->result, phase)) {
            shown++;
            grid->phase_width =
                widest(grid->phase_width, grid->result->scenario->phases[phase].name);
            lag = lag || tap_has_lag(grid->result, phase, TAP_WAL) ||
                  tap_has_lag(grid->result, phase, TAP_KAFKA);
        }
    }
    grid->phase_width = shown > 1 ? grid->phase_width + GAP : 0;
    grid->label_width = LABEL_MIN;
    for (stage_t stage = 0; lag && stage < STAGE_COUNT; stage++) {
        char label[64];
        stage_label(stage, label, sizeof label);
        grid->label_width = widest(grid->label_width, label);
    }
    grid->label_width += GAP;
    return shown;
}

void summary_table_print(FILE *out, const result_t *result)
{
    grid_t grid = {.out = out, .result = result};
    if (measure(&grid) == 0) {
        return;
    }
    print_header(&grid);
    for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
        print_operations(&grid, phase);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
            if (tap_has_lag(result, phase, tap)) {
                print_tap(&grid, phase, tap);
            }
        }
    }
    putc('\n', out);
}
