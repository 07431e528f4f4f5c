#include "report/terminal/live_view.h"

#include <math.h>
#include <string.h>

#include "base/units.h"

static void sum_clear(live_sum_t *sum)
{
    memset(sum, 0, sizeof *sum);
    sum->latency = (live_quantiles_t){NOT_MEASURED, NOT_MEASURED};
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        sum->lag[tap] = (live_quantiles_t){NOT_MEASURED, NOT_MEASURED};
    }
}

void live_quantiles_keep_larger(live_quantiles_t *into, int64_t p50_us, int64_t p99_us)
{
    /* NOT_MEASURED is INT64_MIN: any value is larger. */
    into->p50_us = p50_us > into->p50_us ? p50_us : into->p50_us;
    into->p99_us = p99_us > into->p99_us ? p99_us : into->p99_us;
}

static void sum_add(live_sum_t *sum, const timeline_row_t *row)
{
    sum->seconds += row->interval_s;
    for (int op = 0; op < STREAM_COUNT; op++) {
        if (row->ops[op].due_rows == NOT_MEASURED) {
            sum->due_rows[op] =
                NOT_MEASURED; /* and stays so: it is the phase's stream that is closed */
        } else if (sum->due_rows[op] != NOT_MEASURED) {
            sum->due_rows[op] += row->ops[op].due_rows;
        }
        sum->acked_rows[op] += row->ops[op].acked_rows;
        sum->errors += row->ops[op].errors;
        live_quantiles_keep_larger(&sum->latency, row->ops[op].p50_us, row->ops[op].p99_us);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        live_quantiles_keep_larger(&sum->lag[tap], row->taps[tap].p50_us, row->taps[tap].p99_us);
    }
}

void live_view_init(live_view_t *view, const scenario_t *scenario)
{
    memset(view, 0, sizeof *view);
    view->scenario = scenario;
    sum_clear(&view->phase);
    sum_clear(&view->line);
}

void live_view_begin_line(live_view_t *view)
{
    sum_clear(&view->line);
}

bool live_view_turns(const live_view_t *view, const timeline_row_t *row)
{
    return view->begun && row->phase != view->last.phase;
}

static void push(live_spark_t *spark, double value)
{
    if (spark->n == LIVE_SPARKS_MAX) {
        memmove(spark->values, spark->values + 1, (LIVE_SPARKS_MAX - 1) * sizeof *spark->values);
        spark->n--;
    }
    spark->values[spark->n++] = value;
}

static double measured(int64_t value)
{
    return value == NOT_MEASURED ? NAN : (double)value;
}

static void push_second(live_view_t *view, const timeline_row_t *row)
{
    live_quantiles_t latency = {NOT_MEASURED, NOT_MEASURED};
    for (int op = 0; op < STREAM_COUNT; op++) {
        push(&view->acked_per_s[op],
             row->interval_s > 0 ? (double)row->ops[op].acked_rows / row->interval_s : NAN);
        live_quantiles_keep_larger(&latency, row->ops[op].p50_us, row->ops[op].p99_us);
    }
    push(&view->latency_us, measured(latency.p99_us));
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        push(&view->lag_us[tap], measured(row->taps[tap].p99_us));
    }
}

static void forget_seconds(live_view_t *view)
{
    memset(view->acked_per_s, 0, sizeof view->acked_per_s);
    memset(&view->latency_us, 0, sizeof view->latency_us);
    memset(view->lag_us, 0, sizeof view->lag_us);
}

void live_view_add(live_view_t *view, const timeline_row_t *row)
{
    if (live_view_turns(view, row)) {
        sum_clear(&view->phase);
        forget_seconds(view);
    }
    view->begun = true;
    view->last = *row;
    sum_add(&view->phase, row);
    sum_add(&view->line, row);
    push_second(view, row);
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        view->tap_on[tap] = view->tap_on[tap] || row->taps[tap].seen_rows != NOT_MEASURED;
    }
}

/* --- the plain line --------------------------------------------------------------------------- */

static void print_rate(FILE *out, int64_t rows, double seconds)
{
    double per_s = seconds > 0 && rows > 0 ? (double)rows / seconds : 0;
    fputs(units_count((uint64_t)llround(per_s)).text, out);
}

static void print_operation(const live_sum_t *sum, int op, FILE *out)
{
    fprintf(out, ", %s ", stream_names[op]);
    print_rate(out, sum->acked_rows[op], sum->seconds);
    fputs("/s", out);
    if (sum->due_rows[op] != NOT_MEASURED) {
        fputs(" (due ", out);
        print_rate(out, sum->due_rows[op], sum->seconds);
        putc(')', out);
    }
}

/* "p50 1.9 ms p99 6.4 ms", or "-". */
static void print_quantiles(const live_quantiles_t *quantiles, FILE *out)
{
    if (quantiles->p50_us == NOT_MEASURED || quantiles->p99_us == NOT_MEASURED) {
        putc('-', out);
        return;
    }
    fprintf(out, "p50 %s p99 %s", units_us(quantiles->p50_us).text,
            units_us(quantiles->p99_us).text);
}

static void print_tap(const live_view_t *view, tap_id_t tap, FILE *out)
{
    int64_t behind_rows = view->last.taps[tap].behind_rows;
    fprintf(out, ", lag %s ", tap_rows[tap].name);
    if (view->last.taps[tap].seen_rows == NOT_MEASURED) {
        fputs("ended", out);
        return;
    }
    print_quantiles(&view->line.lag[tap], out);
    if (behind_rows != NOT_MEASURED) {
        fprintf(out, ", behind %s", units_count(behind_rows > 0 ? (uint64_t)behind_rows : 0).text);
    }
}

void live_view_print_line(const live_view_t *view, FILE *out)
{
    if (view->line.seconds <= 0 || view->last.phase >= view->scenario->n_phases) {
        return;
    }
    const phase_t *phase = &view->scenario->phases[view->last.phase];
    bool works = false;
    fprintf(out, "progress: %.1f s, %s", view->last.second, phase->name);
    for (int op = 0; op < STREAM_COUNT; op++) {
        if (phase->streams[op].kind != STREAM_OFF) {
            print_operation(&view->line, op, out);
            works = true;
        }
    }
    if (works) {
        fputs(", lat ", out);
        print_quantiles(&view->line.latency, out);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (view->tap_on[tap]) {
            print_tap(view, tap, out);
        }
    }
    if (view->line.errors > 0) {
        fprintf(out, ", %lld errors", (long long)view->line.errors);
    }
    putc('\n', out);
}
