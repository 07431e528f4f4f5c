#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/terminal/heading.h"
#include "report/terminal/live_row.h"
#include "report/text/text.h"

/* Widths on the terminal, in columns. */
enum { LABEL_WIDTH = 13, RATE_WIDTH = 7, DURATION_WIDTH = 8, BEHIND_WIDTH = 7 };
/* Of bar and sparklines: as wide as an ordinary terminal has room for, and on a wide one wider. */
enum { BAR_MIN = 10, BAR_MAX = 40, SPARK_MIN = 8, ORDINARY_COLUMNS = 79 };

static const phase_t *phase_of(const live_view_t *view)
{
    return &view->scenario->phases[view->last.phase];
}

static int clamp(int value, int low, int high)
{
    return value < low ? low : value > high ? high : value;
}

static int spark_width(const live_row_t *row)
{
    return clamp((int)row->look->columns - ORDINARY_COLUMNS + SPARK_MIN, SPARK_MIN,
                 LIVE_SPARKS_MAX);
}

static int bar_width(const live_row_t *row)
{
    return clamp((int)row->look->columns * 3 / 10, BAR_MIN, BAR_MAX);
}

static void put_count(live_row_t *row, style_t style, double count, int width)
{
    char text[32];
    units_format_count(count > 0 ? (uint64_t)llround(count) : 0, text, sizeof text);
    live_row_put_padded(row, style, text, width);
}

/* A duration, or "-". */
static void put_us(live_row_t *row, int64_t us)
{
    char text[32] = "-";
    if (us != NOT_MEASURED) {
        units_format_us(us, text, sizeof text);
    }
    live_row_put_padded(row, STYLE_PLAIN, text, DURATION_WIDTH);
}

/* "9 s", "12 min", "3.5 h" */
static void format_seconds(double seconds, char *out, size_t size)
{
    if (seconds < 120) {
        snprintf(out, size, "%.0f s", seconds);
    } else if (seconds < 7200) {
        snprintf(out, size, "%.0f min", seconds / 60);
    } else {
        snprintf(out, size, "%.1f h", seconds / 3600);
    }
}

/* The rows of the phase's streams; SCHEDULE_UNBOUNDED when they have no end of their own. */
static uint64_t phase_rows(const phase_t *phase)
{
    uint64_t rows = 0;
    for (int i = 0; i < STREAM_COUNT; i++) {
        if (phase->streams[i].kind != STREAM_OFF) {
            uint64_t stream = schedule_rows(&phase->streams[i], phase->duration_ns);
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
    for (int op = 0; op < STREAM_COUNT; op++) {
        rows += view->phase.acked_rows[op];
    }
    return (uint64_t)rows;
}

static void put_time_left(live_row_t *row, double seconds)
{
    char text[32];
    if (isfinite(seconds) && seconds > 0) {
        format_seconds(seconds, text, sizeof text);
        live_row_put(row, STYLE_PLAIN, ", %s left", text);
    }
}

/* A phase that ends with its time: how much of it has passed. */
static void put_time(live_row_t *row, const live_view_t *view, double planned_s)
{
    bool drain = phase_of(view)->kind == PHASE_DRAIN;
    char elapsed[32], planned[32];
    format_seconds(view->phase.seconds, elapsed, sizeof elapsed);
    format_seconds(planned_s, planned, sizeof planned);
    live_row_put_bar(row, view->phase.seconds / planned_s, bar_width(row));
    live_row_put(row, STYLE_PLAIN, "  %s of %s%s", elapsed, drain ? "at most " : "", planned);
    if (!drain) {
        put_time_left(row, planned_s - view->phase.seconds);
    }
}

/* A phase that ends with its rows. */
static void put_rows(live_row_t *row, const live_view_t *view, uint64_t planned)
{
    uint64_t acked = acked_rows(view);
    live_row_put_bar(row, (double)acked / (double)planned, bar_width(row));
    live_row_put(row, STYLE_PLAIN, "  ");
    put_count(row, STYLE_PLAIN, (double)acked, 0);
    live_row_put(row, STYLE_PLAIN, " of ");
    put_count(row, STYLE_PLAIN, (double)planned, 0);
    live_row_put(row, STYLE_PLAIN, " rows");
    if (acked > 0 && acked < planned) {
        put_time_left(row, view->phase.seconds * (double)(planned - acked) / (double)acked);
    }
}

static void print_phase(const live_view_t *view, const live_look_t *look, FILE *out)
{
    const phase_t *phase = phase_of(view);
    int64_t planned_ns = phase->kind == PHASE_DRAIN ? phase->at_most_ns : phase->duration_ns;
    uint64_t rows = phase_rows(phase);
    live_row_t row = live_row_begin(out, look);
    live_row_put_label(&row, phase->name, LABEL_WIDTH);
    if (planned_ns > 0) {
        put_time(&row, view, (double)planned_ns / (double)NS_PER_S);
    } else if (rows > 0 && rows != SCHEDULE_UNBOUNDED) {
        put_rows(&row, view, rows);
    } else {
        live_row_put(&row, STYLE_PLAIN, "%.0f s", view->phase.seconds);
    }
    if (view->last.phase + 1 < view->scenario->n_phases) {
        live_row_put(&row, STYLE_DIM, ", then %s",
                     view->scenario->phases[view->last.phase + 1].name);
    }
    live_row_end(&row);
}

/* What the stream is to do, behind its figures. */
static void put_plan(live_row_t *row, const stream_t *stream)
{
    if (stream->kind == STREAM_CLOSED) {
        live_row_put(row, STYLE_DIM, "   as fast as it goes");
    } else if (stream->kind == STREAM_OPEN && stream->burst_rows > 0) {
        char rows[32];
        units_format_count(stream->burst_rows, rows, sizeof rows);
        live_row_put(row, STYLE_DIM, "   burst of %s every %g s", rows,
                     (double)stream->burst_every_ns / (double)NS_PER_S);
    }
}

/* What is due and waits: worth a word from a second's work on. */
static void put_backlog(live_row_t *row, const timeline_row_t *last, int op)
{
    int64_t backlog = last->ops[op].backlog_rows;
    if (backlog != NOT_MEASURED && backlog > 0 && backlog >= last->ops[op].due_rows) {
        char rows[32];
        units_format_count((uint64_t)backlog, rows, sizeof rows);
        live_row_put(row, STYLE_WARN, "   backlog %s", rows);
    }
}

static void print_operation(const live_view_t *view, int op, const live_look_t *look, FILE *out)
{
    const timeline_row_t *last = &view->last;
    char label[32];
    snprintf(label, sizeof label, "%s/s", stream_names[op]);
    live_row_t row = live_row_begin(out, look);
    live_row_put_label(&row, label, LABEL_WIDTH);
    if (last->ops[op].due_rows == NOT_MEASURED) {
        live_row_put_padded(&row, STYLE_PLAIN, "", sizeof "due " - 1 + RATE_WIDTH);
    } else {
        live_row_put(&row, STYLE_DIM, "due ");
        put_count(&row, STYLE_PLAIN, (double)last->ops[op].due_rows / last->interval_s, RATE_WIDTH);
    }
    live_row_put(&row, STYLE_DIM, "   acked ");
    put_count(&row, STYLE_PLAIN, (double)last->ops[op].acked_rows / last->interval_s, RATE_WIDTH);
    live_row_put(&row, STYLE_PLAIN, "   ");
    live_row_put_spark(&row, &view->acked_per_s[op], spark_width(&row));
    put_backlog(&row, last, op);
    put_plan(&row, &phase_of(view)->streams[op]);
    live_row_end(&row);
}

static void put_quantiles(live_row_t *row, int64_t p50_us, int64_t p99_us,
                          const live_spark_t *spark)
{
    live_row_put(row, STYLE_DIM, "p50 ");
    put_us(row, p50_us);
    live_row_put(row, STYLE_DIM, "   p99 ");
    put_us(row, p99_us);
    live_row_put(row, STYLE_PLAIN, "   ");
    live_row_put_spark(row, spark, spark_width(row));
}

static void print_latency(const live_view_t *view, const live_look_t *look, FILE *out)
{
    live_quantiles_t largest = {NOT_MEASURED, NOT_MEASURED};
    int operations = 0;
    for (int op = 0; op < STREAM_COUNT; op++) {
        operations += view->last.ops[op].p50_us != NOT_MEASURED;
        live_quantiles_keep_larger(&largest, view->last.ops[op].p50_us, view->last.ops[op].p99_us);
    }
    live_row_t row = live_row_begin(out, look);
    live_row_put_label(&row, "latency", LABEL_WIDTH);
    put_quantiles(&row, largest.p50_us, largest.p99_us, &view->latency_us);
    live_row_put(&row, STYLE_DIM, "   %sfrom when due", operations > 1 ? "slowest, " : "");
    live_row_end(&row);
}

/* How far the tap is behind: in events, and by the age of the oldest of them. */
static void put_behind(live_row_t *row, const timeline_row_t *last, tap_id_t tap)
{
    int64_t events = last->taps[tap].behind_rows, age_us = last->taps[tap].behind_us;
    style_t style = age_us != NOT_MEASURED && age_us >= US_PER_S ? STYLE_WARN : STYLE_PLAIN;
    live_row_put(row, STYLE_DIM, "   behind ");
    if (events == NOT_MEASURED) {
        live_row_put_padded(row, STYLE_PLAIN, "-", BEHIND_WIDTH);
    } else {
        put_count(row, style, (double)events, BEHIND_WIDTH);
    }
    if (age_us != NOT_MEASURED && age_us > 0) {
        char age[32];
        units_format_us(age_us, age, sizeof age);
        live_row_put(row, style, ", %s", age);
    }
}

static void print_tap(const live_view_t *view, tap_id_t tap, const live_look_t *look, FILE *out)
{
    const timeline_row_t *last = &view->last;
    char label[32];
    snprintf(label, sizeof label, "lag %s", tap_names[tap]);
    live_row_t row = live_row_begin(out, look);
    live_row_put_label(&row, label, LABEL_WIDTH);
    if (last->taps[tap].seen_rows == NOT_MEASURED) {
        live_row_put(&row, STYLE_BAD, "ended");
    } else {
        put_quantiles(&row, last->taps[tap].p50_us, last->taps[tap].p99_us, &view->lag_us[tap]);
        put_behind(&row, last, tap);
    }
    live_row_end(&row);
}

static void print_errors(const live_view_t *view, const live_look_t *look, FILE *out)
{
    if (view->phase.errors > 0) {
        live_row_t row = live_row_begin(out, look);
        live_row_put_label(&row, "errors", LABEL_WIDTH);
        put_count(&row, STYLE_BAD, (double)view->phase.errors, 0);
        live_row_end(&row);
    }
}

/* Part by part, as many as fit. */
static void print_heading(const char *heading, const live_look_t *look, FILE *out)
{
    live_row_t row = live_row_begin(out, look);
    while (*heading != '\0') {
        const char *next = strstr(heading + 1, HEADING_SEPARATOR);
        size_t len = next != NULL ? (size_t)(next - heading) : strlen(heading);
        live_row_put(&row, STYLE_BOLD, "%.*s", (int)len, heading);
        heading += len;
    }
    live_row_end(&row);
}

void live_view_print_block(const live_view_t *view, const char *heading, const live_look_t *look,
                           FILE *out)
{
    print_heading(heading, look, out);
    if (!view->begun || view->last.phase >= view->scenario->n_phases) {
        return;
    }
    print_phase(view, look, out);
    bool works = false;
    for (int op = 0; op < STREAM_COUNT; op++) {
        if (phase_of(view)->streams[op].kind != STREAM_OFF) {
            print_operation(view, op, look, out);
            works = true;
        }
    }
    if (works) {
        print_latency(view, look, out);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (view->tap_on[tap]) {
            print_tap(view, tap, look, out);
        }
    }
    print_errors(view, look, out);
}
