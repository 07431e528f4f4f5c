#include <math.h>

#include "base/units.h"
#include "report/terminal/live_view.h"

static void print_rate(FILE *out, int64_t rows, double seconds)
{
    double per_s = seconds > 0 && rows > 0 ? (double)rows / seconds : 0;
    char text[32];
    units_format_count((uint64_t)llround(per_s), text, sizeof text);
    fputs(text, out);
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
    char p50[32], p99[32];
    if (quantiles->p50_us == NOT_MEASURED || quantiles->p99_us == NOT_MEASURED) {
        putc('-', out);
        return;
    }
    units_format_us(quantiles->p50_us, p50, sizeof p50);
    units_format_us(quantiles->p99_us, p99, sizeof p99);
    fprintf(out, "p50 %s p99 %s", p50, p99);
}

static void print_tap(const live_view_t *view, tap_id_t tap, FILE *out)
{
    int64_t behind_rows = view->last.taps[tap].behind_rows;
    fprintf(out, ", lag %s ", tap_names[tap]);
    if (view->last.taps[tap].seen_rows == NOT_MEASURED) {
        fputs("ended", out);
        return;
    }
    print_quantiles(&view->line.lag[tap], out);
    if (behind_rows != NOT_MEASURED) {
        char behind[32];
        units_format_count(behind_rows > 0 ? (uint64_t)behind_rows : 0, behind, sizeof behind);
        fprintf(out, ", behind %s", behind);
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
