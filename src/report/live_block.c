#include <math.h>

#include "base/units.h"
#include "report/live_view.h"
#include "report/text.h"

/* Widths on the terminal, in columns. */
enum { LABEL_WIDTH = 13, BAR_WIDTH = 24, RATE_WIDTH = 7, DURATION_WIDTH = 8, BEHIND_WIDTH = 7 };

static const phase_t *phase_of(const live_view_t *view)
{
    return &view->scenario->phases[view->last.phase];
}

static void print_rate(FILE *out, double per_s)
{
    char text[32];
    units_format_count(per_s > 0 ? (uint64_t)llround(per_s) : 0, text, sizeof text);
    text_print_padded(out, text, RATE_WIDTH);
}

static void print_count(FILE *out, uint64_t count)
{
    char text[32];
    units_format_count(count, text, sizeof text);
    fputs(text, out);
}

/* A duration, or "-". */
static void print_us(FILE *out, int64_t us)
{
    char text[32] = "-";
    if (us != NOT_MEASURED) {
        units_format_us(us, text, sizeof text);
    }
    text_print_padded(out, text, DURATION_WIDTH);
}

/* The rows of the phase's streams; SCHEDULE_UNBOUNDED when they have no end of their own. */
static uint64_t phase_rows(const phase_t *phase)
{
    uint64_t rows = 0;
    for (op_t op = 0; op < OP_COUNT; op++) {
        if (phase->streams[op].kind != STREAM_OFF) {
            uint64_t stream = schedule_rows(&phase->streams[op], phase->duration_ns);
            if (stream == SCHEDULE_UNBOUNDED) {
                return SCHEDULE_UNBOUNDED;
            }
            rows += stream;
        }
    }
    return rows;
}

static uint64_t acked_rows(const live_view_t *view)
{
    int64_t rows = 0;
    for (op_t op = 0; op < OP_COUNT; op++) {
        rows += view->phase.acked_rows[op];
    }
    return (uint64_t)rows;
}

/* A bar in steps of half a column. */
static void print_bar(FILE *out, double fraction)
{
    int halves = (int)(2 * BAR_WIDTH * fmin(fmax(fraction, 0), 1));
    for (int column = 0; column < BAR_WIDTH; column++) {
        int left = halves - 2 * column;
        fputs(left >= 2 ? "━" : left == 1 ? "╸" : "─", out);
    }
    fputs("  ", out);
}

/* How far the phase is: by its time when it has one, else by its rows. */
static void print_progress(const live_view_t *view, FILE *out)
{
    const phase_t *phase = phase_of(view);
    bool drain = phase->kind == PHASE_DRAIN;
    int64_t planned_ns = drain ? phase->at_most_ns : phase->duration_ns;
    uint64_t rows = phase_rows(phase);
    double elapsed_s = view->phase.seconds;
    if (planned_ns > 0) {
        double planned_s = (double)planned_ns / (double)NS_PER_S;
        print_bar(out, elapsed_s / planned_s);
        fprintf(out, "%.0f s of %s%g s", elapsed_s, drain ? "at most " : "", planned_s);
    } else if (rows > 0 && rows != SCHEDULE_UNBOUNDED) {
        print_bar(out, (double)acked_rows(view) / (double)rows);
        print_count(out, acked_rows(view));
        fputs(" of ", out);
        print_count(out, rows);
        fputs(" rows", out);
    } else {
        fprintf(out, "%.0f s", elapsed_s);
    }
}

static void print_phase(const live_view_t *view, FILE *out)
{
    const char *name = phase_of(view)->name;
    int bytes = (int)text_fit(name, LABEL_WIDTH - 1);
    char label[SCENARIO_NAME_MAX];
    snprintf(label, sizeof label, "%.*s", bytes, name);
    text_print_padded(out, label, -LABEL_WIDTH);
    print_progress(view, out);
    if (view->last.phase + 1 < view->scenario->n_phases) {
        fprintf(out, ", then %s", view->scenario->phases[view->last.phase + 1].name);
    }
    putc('\n', out);
}

/* The last seconds, each against the highest of them. */
static void print_sparkline(const live_view_t *view, op_t op, FILE *out)
{
    static const char *const sparks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
    const int top = sizeof sparks / sizeof sparks[0] - 1;
    double highest = 0;
    for (int i = 0; i < view->n_acked; i++) {
        highest = fmax(highest, view->acked_per_s[op][i]);
    }
    for (int i = 0; i < view->n_acked; i++) {
        double share = highest > 0 ? view->acked_per_s[op][i] / highest : 0;
        fputs(sparks[(int)lround(share * top)], out);
    }
    fprintf(out, "%*s", LIVE_SPARKS - view->n_acked, "");
}

static void print_operation(const live_view_t *view, op_t op, FILE *out)
{
    const stream_t *stream = &phase_of(view)->streams[op];
    const timeline_row_t *row = &view->last;
    char label[32];
    snprintf(label, sizeof label, "%s/s", op_names[op]);
    text_print_padded(out, label, -LABEL_WIDTH);
    if (row->ops[op].due_rows == NOT_MEASURED) {
        fprintf(out, "%*s", (int)sizeof "due " - 1 + RATE_WIDTH, "");
    } else {
        fputs("due ", out);
        print_rate(out, (double)row->ops[op].due_rows / row->interval_s);
    }
    fputs("   acked ", out);
    print_rate(out, (double)row->ops[op].acked_rows / row->interval_s);
    fputs("   ", out);
    print_sparkline(view, op, out);
    if (stream->kind == STREAM_CLOSED) {
        fputs("   as fast as it goes", out);
    } else if (stream->burst_rows > 0) {
        fputs("   burst of ", out);
        print_count(out, stream->burst_rows);
        fprintf(out, " every %g s", (double)stream->burst_every_ns / (double)NS_PER_S);
    }
    putc('\n', out);
}

static void print_latency(const live_view_t *view, FILE *out)
{
    live_quantiles_t largest = {NOT_MEASURED, NOT_MEASURED};
    int operations = 0;
    for (op_t op = 0; op < OP_COUNT; op++) {
        operations += view->last.ops[op].p50_us != NOT_MEASURED;
        live_quantiles_keep_larger(&largest, view->last.ops[op].p50_us, view->last.ops[op].p99_us);
    }
    text_print_padded(out, "latency", -LABEL_WIDTH);
    fputs("p50 ", out);
    print_us(out, largest.p50_us);
    fputs("   p99 ", out);
    print_us(out, largest.p99_us);
    fprintf(out, "   from the intended time%s\n", operations > 1 ? ", slowest" : "");
}

static void print_tap(const live_view_t *view, tap_id_t tap, FILE *out)
{
    const timeline_row_t *row = &view->last;
    char label[32];
    snprintf(label, sizeof label, "lag %s", tap_names[tap]);
    text_print_padded(out, label, -LABEL_WIDTH);
    if (row->taps[tap].seen_rows == NOT_MEASURED) {
        fputs("ended\n", out);
        return;
    }
    fputs("p50 ", out);
    print_us(out, row->taps[tap].p50_us);
    fputs("   p99 ", out);
    print_us(out, row->taps[tap].p99_us);
    char behind[32] = "-";
    if (row->taps[tap].behind_rows != NOT_MEASURED) {
        int64_t rows = row->taps[tap].behind_rows;
        units_format_count(rows > 0 ? (uint64_t)rows : 0, behind, sizeof behind);
    }
    fputs("   behind ", out);
    text_print_padded(out, behind, BEHIND_WIDTH);
    fputs(" events\n", out);
}

void live_view_print_block(const live_view_t *view, const char *heading, FILE *out)
{
    fprintf(out, "%s\n", heading);
    if (!view->begun || view->last.phase >= view->scenario->n_phases) {
        return;
    }
    print_phase(view, out);
    bool works = false;
    for (op_t op = 0; op < OP_COUNT; op++) {
        if (phase_of(view)->streams[op].kind != STREAM_OFF) {
            print_operation(view, op, out);
            works = true;
        }
    }
    if (works) {
        print_latency(view, out);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (view->tap_on[tap]) {
            print_tap(view, tap, out);
        }
    }
}
