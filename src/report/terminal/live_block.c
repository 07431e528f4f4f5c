/* The block on a terminal. */
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/terminal/live.h"
#include "report/terminal/live_view.h"
#include "report/text/text.h"

/* Widths on the terminal, in columns. */
enum { LABEL_WIDTH = 13, RATE_WIDTH = 7, DURATION_WIDTH = 8, BEHIND_WIDTH = 7 };
/* Of bar and sparklines: as wide as an ordinary terminal has room for, and on a wide one wider. */
enum { BAR_MIN = 10, BAR_MAX = 40, SPARK_MIN = 8, ORDINARY_COLUMNS = 79 };

/* --- a row ------------------------------------------------------------------------------------ */

/* Put together from pieces from left to right: a piece that does not fit the terminal is left out,
 * and all behind it. */
typedef struct {
    FILE *out;
    const live_look_t *look;
    size_t used;
    bool full;
} live_row_t;

typedef enum { STYLE_PLAIN, STYLE_DIM, STYLE_BOLD, STYLE_GOOD, STYLE_WARN, STYLE_BAD } style_t;

/* SGR, ECMA-48, 8.3.117. */
static const char *const styles[] = {
    [STYLE_PLAIN] = "",        [STYLE_DIM] = "\033[2m",   [STYLE_BOLD] = "\033[1m",
    [STYLE_GOOD] = "\033[32m", [STYLE_WARN] = "\033[33m", [STYLE_BAD] = "\033[31m",
};
#define STYLE_OFF "\033[0m"

/* Longest piece, in bytes: a bar or a sparkline, of three bytes a column. */
enum { PIECE_MAX = 256 };

static size_t columns_of(const char *text, int width)
{
    size_t wanted = (size_t)abs(width), present = text_width(text);
    return present > wanted ? present : wanted;
}

static void print(live_row_t *row, style_t style, const char *text, int width)
{
    bool styled = row->look->colors && style != STYLE_PLAIN;
    fputs(styled ? styles[style] : "", row->out);
    text_print_padded(row->out, text, width);
    fputs(styled ? STYLE_OFF : "", row->out);
    row->used += columns_of(text, width);
}

/* The piece padded to `width` columns: on the right of them, or on the left when negative. */
static void row_put_padded(live_row_t *row, style_t style, const char *text, int width)
{
    row->full = row->full || row->used + columns_of(text, width) > row->look->columns;
    if (!row->full) {
        print(row, style, text, width);
    }
}

/* A piece: printf's, without control characters. */
__attribute__((format(printf, 3, 4))) static void row_put(live_row_t *row, style_t style,
                                                          const char *format, ...)
{
    char text[PIECE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    row_put_padded(row, style, text, 0);
}

/* A row begins with its label, cut to fit LABEL_WIDTH: that is there whatever the terminal. */
static live_row_t row_begin(FILE *out, const live_look_t *look, const char *label)
{
    char cut[PIECE_MAX];
    live_row_t row = {.out = out, .look = look};
    snprintf(cut, sizeof cut, "%.*s", (int)text_fit(label, LABEL_WIDTH - 1), label);
    print(&row, STYLE_DIM, cut, -LABEL_WIDTH);
    return row;
}

static double highest_of(const live_spark_t *spark, int first)
{
    double highest = 0;
    for (int i = first; i < spark->n; i++) {
        highest = fmax(highest, spark->values[i]); /* fmax passes a NAN over */
    }
    return highest;
}

/* The last `columns` seconds, each against the highest of them; blank where nothing was measured.
 * What is left of the columns, on the right, stays blank. */
static void row_put_spark(live_row_t *row, const live_spark_t *spark, int columns)
{
    char text[PIECE_MAX] = "";
    int shown = spark->n < columns ? spark->n : columns;
    double highest = highest_of(spark, spark->n - shown);
    for (int i = spark->n - shown; i < spark->n; i++) {
        double share = highest > 0 ? spark->values[i] / highest : 0;
        strcat(text, isfinite(spark->values[i]) ? text_spark(share) : " ");
    }
    row_put_padded(row, STYLE_GOOD, text, -columns);
}

/* A bar of `columns`, filled up to a fraction (0 to 1) in steps of half a column. */
static void row_put_bar(live_row_t *row, double fraction, int columns)
{
    char text[PIECE_MAX] = "";
    int halves = (int)(2 * columns * fmin(fmax(fraction, 0), 1));
    for (int column = 0; column < columns; column++) {
        int left = halves - 2 * column;
        strcat(text, left >= 2 ? "━" : left == 1 ? "╸" : "─");
    }
    row_put_padded(row, STYLE_GOOD, text, columns);
}

/* --- the rows of the block -------------------------------------------------------------------- */

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
    uint64_t whole = count > 0 ? (uint64_t)llround(count) : 0;
    row_put_padded(row, style, units_count(whole).text, width);
}

static void put_us(live_row_t *row, int64_t us)
{
    row_put_padded(row, STYLE_PLAIN, text_us(us).text, DURATION_WIDTH);
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
        row_put(row, STYLE_PLAIN, ", %s left", text);
    }
}

/* A phase that ends with its time: how much of it has passed. */
static void put_time(live_row_t *row, const live_view_t *view, double planned_s)
{
    bool drain = phase_of(view)->kind == PHASE_DRAIN;
    char elapsed[32], planned[32];
    format_seconds(view->phase.seconds, elapsed, sizeof elapsed);
    format_seconds(planned_s, planned, sizeof planned);
    row_put_bar(row, view->phase.seconds / planned_s, bar_width(row));
    row_put(row, STYLE_PLAIN, "  %s of %s%s", elapsed, drain ? "at most " : "", planned);
    if (!drain) {
        put_time_left(row, planned_s - view->phase.seconds);
    }
}

/* A phase that ends with its rows. */
static void put_rows(live_row_t *row, const live_view_t *view, uint64_t planned)
{
    uint64_t acked = acked_rows(view);
    row_put_bar(row, (double)acked / (double)planned, bar_width(row));
    row_put(row, STYLE_PLAIN, "  ");
    put_count(row, STYLE_PLAIN, (double)acked, 0);
    row_put(row, STYLE_PLAIN, " of ");
    put_count(row, STYLE_PLAIN, (double)planned, 0);
    row_put(row, STYLE_PLAIN, " rows");
    if (acked > 0 && acked < planned) {
        put_time_left(row, view->phase.seconds * (double)(planned - acked) / (double)acked);
    }
}

static void print_phase(const live_view_t *view, const live_look_t *look, FILE *out)
{
    const phase_t *phase = phase_of(view);
    int64_t planned_ns = phase->kind == PHASE_DRAIN ? phase->at_most_ns : phase->duration_ns;
    uint64_t rows = phase_rows(phase);
    live_row_t row = row_begin(out, look, phase->name);
    if (planned_ns > 0) {
        put_time(&row, view, (double)planned_ns / (double)NS_PER_S);
    } else if (rows > 0 && rows != SCHEDULE_UNBOUNDED) {
        put_rows(&row, view, rows);
    } else {
        row_put(&row, STYLE_PLAIN, "%.0f s", view->phase.seconds);
    }
    if (view->last.phase + 1 < view->scenario->n_phases) {
        row_put(&row, STYLE_DIM, ", then %s", view->scenario->phases[view->last.phase + 1].name);
    }
    putc('\n', out);
}

/* What the stream is to do, behind its figures. */
static void put_plan(live_row_t *row, const stream_t *stream)
{
    if (stream->kind == STREAM_CLOSED) {
        row_put(row, STYLE_DIM, "   as fast as it goes");
    } else if (stream->kind == STREAM_OPEN && stream->burst_rows > 0) {
        row_put(row, STYLE_DIM, "   burst of %s every %g s", units_count(stream->burst_rows).text,
                (double)stream->burst_every_ns / (double)NS_PER_S);
    }
}

/* What is due and waits: worth a word from a second's work on. */
static void put_backlog(live_row_t *row, const timeline_row_t *last, int op)
{
    int64_t backlog = last->ops[op].backlog_rows;
    if (backlog != NOT_MEASURED && backlog > 0 && backlog >= last->ops[op].due_rows) {
        row_put(row, STYLE_WARN, "   backlog %s", units_count((uint64_t)backlog).text);
    }
}

static void print_operation(const live_view_t *view, int op, const live_look_t *look, FILE *out)
{
    const timeline_row_t *last = &view->last;
    char label[32];
    snprintf(label, sizeof label, "%s/s", stream_names[op]);
    live_row_t row = row_begin(out, look, label);
    if (last->ops[op].due_rows == NOT_MEASURED) {
        row_put_padded(&row, STYLE_PLAIN, "", sizeof "due " - 1 + RATE_WIDTH);
    } else {
        row_put(&row, STYLE_DIM, "due ");
        put_count(&row, STYLE_PLAIN, (double)last->ops[op].due_rows / last->interval_s, RATE_WIDTH);
    }
    row_put(&row, STYLE_DIM, "   acked ");
    put_count(&row, STYLE_PLAIN, (double)last->ops[op].acked_rows / last->interval_s, RATE_WIDTH);
    row_put(&row, STYLE_PLAIN, "   ");
    row_put_spark(&row, &view->acked_per_s[op], spark_width(&row));
    put_backlog(&row, last, op);
    put_plan(&row, &phase_of(view)->streams[op]);
    putc('\n', out);
}

static void put_quantiles(live_row_t *row, int64_t p50_us, int64_t p99_us,
                          const live_spark_t *spark)
{
    row_put(row, STYLE_DIM, "p50 ");
    put_us(row, p50_us);
    row_put(row, STYLE_DIM, "   p99 ");
    put_us(row, p99_us);
    row_put(row, STYLE_PLAIN, "   ");
    row_put_spark(row, spark, spark_width(row));
}

static void print_latency(const live_view_t *view, const live_look_t *look, FILE *out)
{
    live_quantiles_t largest = {NOT_MEASURED, NOT_MEASURED};
    int operations = 0;
    for (int op = 0; op < STREAM_COUNT; op++) {
        operations += view->last.ops[op].p50_us != NOT_MEASURED;
        live_quantiles_keep_larger(&largest, view->last.ops[op].p50_us, view->last.ops[op].p99_us);
    }
    live_row_t row = row_begin(out, look, "latency");
    put_quantiles(&row, largest.p50_us, largest.p99_us, &view->latency_us);
    row_put(&row, STYLE_DIM, "   %sfrom when due", operations > 1 ? "slowest, " : "");
    putc('\n', out);
}

/* How far the tap is behind: in events, and by the age of the oldest of them. */
static void put_behind(live_row_t *row, const timeline_row_t *last, tap_id_t tap)
{
    int64_t events = last->taps[tap].behind_rows, age_us = last->taps[tap].behind_us;
    style_t style = age_us != NOT_MEASURED && age_us >= US_PER_S ? STYLE_WARN : STYLE_PLAIN;
    row_put(row, STYLE_DIM, "   behind ");
    if (events == NOT_MEASURED) {
        row_put_padded(row, STYLE_PLAIN, "-", BEHIND_WIDTH);
    } else {
        put_count(row, style, (double)events, BEHIND_WIDTH);
    }
    if (age_us != NOT_MEASURED && age_us > 0) {
        row_put(row, style, ", %s", units_us(age_us).text);
    }
}

static void print_tap(const live_view_t *view, tap_id_t tap, const live_look_t *look, FILE *out)
{
    const timeline_row_t *last = &view->last;
    char label[32];
    snprintf(label, sizeof label, "lag %s", tap_rows[tap].name);
    live_row_t row = row_begin(out, look, label);
    if (last->taps[tap].seen_rows == NOT_MEASURED) {
        row_put(&row, STYLE_BAD, "ended");
    } else {
        put_quantiles(&row, last->taps[tap].p50_us, last->taps[tap].p99_us, &view->lag_us[tap]);
        put_behind(&row, last, tap);
    }
    putc('\n', out);
}

static void print_errors(const live_view_t *view, const live_look_t *look, FILE *out)
{
    if (view->phase.errors > 0) {
        live_row_t row = row_begin(out, look, "errors");
        put_count(&row, STYLE_BAD, (double)view->phase.errors, 0);
        putc('\n', out);
    }
}

/* Part by part, as many as fit. */
static void print_heading(const char *heading, const live_look_t *look, FILE *out)
{
    live_row_t row = {.out = out, .look = look};
    while (*heading != '\0') {
        const char *next = strstr(heading + 1, LIVE_HEADING_SEPARATOR);
        size_t len = next != NULL ? (size_t)(next - heading) : strlen(heading);
        row_put(&row, STYLE_BOLD, "%.*s", (int)len, heading);
        heading += len;
    }
    putc('\n', out);
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
