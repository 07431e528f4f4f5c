#include "report/terminal/live_row.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "report/text/text.h"

/* SGR, ECMA-48, 8.3.117. */
static const char *const styles[] = {
    [STYLE_PLAIN] = "",        [STYLE_DIM] = "\033[2m",   [STYLE_BOLD] = "\033[1m",
    [STYLE_GOOD] = "\033[32m", [STYLE_WARN] = "\033[33m", [STYLE_BAD] = "\033[31m",
};
#define STYLE_OFF "\033[0m"

/* Longest piece, in bytes: a bar or a sparkline, of three bytes a column. */
enum { PIECE_MAX = 256 };

live_row_t live_row_begin(FILE *out, const live_look_t *look)
{
    return (live_row_t){.out = out, .look = look};
}

void live_row_end(live_row_t *row)
{
    putc('\n', row->out);
}

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

void live_row_put_padded(live_row_t *row, style_t style, const char *text, int width)
{
    row->full = row->full || row->used + columns_of(text, width) > row->look->columns;
    if (!row->full) {
        print(row, style, text, width);
    }
}

void live_row_put(live_row_t *row, style_t style, const char *format, ...)
{
    char text[PIECE_MAX];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    live_row_put_padded(row, style, text, 0);
}

void live_row_put_label(live_row_t *row, const char *label, int width)
{
    char cut[PIECE_MAX];
    snprintf(cut, sizeof cut, "%.*s", (int)text_fit(label, (size_t)width - 1), label);
    print(row, STYLE_DIM, cut, -width);
}

static double highest_of(const live_spark_t *spark, int first)
{
    double highest = 0;
    for (int i = first; i < spark->n; i++) {
        highest = fmax(highest, spark->values[i]); /* fmax passes a NAN over */
    }
    return highest;
}

void live_row_put_spark(live_row_t *row, const live_spark_t *spark, int columns)
{
    char text[PIECE_MAX] = "";
    int shown = spark->n < columns ? spark->n : columns;
    double highest = highest_of(spark, spark->n - shown);
    for (int i = spark->n - shown; i < spark->n; i++) {
        double share = highest > 0 ? spark->values[i] / highest : 0;
        strcat(text, isfinite(spark->values[i]) ? text_spark(share) : " ");
    }
    live_row_put_padded(row, STYLE_GOOD, text, -columns);
}

void live_row_put_bar(live_row_t *row, double fraction, int columns)
{
    char text[PIECE_MAX] = "";
    int halves = (int)(2 * columns * fmin(fmax(fraction, 0), 1));
    for (int column = 0; column < columns; column++) {
        int left = halves - 2 * column;
        strcat(text, left >= 2 ? "━" : left == 1 ? "╸" : "─");
    }
    live_row_put_padded(row, STYLE_GOOD, text, columns);
}
