/*
 * live_row: a line of the block, put together from pieces from left to right: a piece that does not
 * fit the terminal is left out, and all behind it. For live_block.c alone. One thread.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_LIVE_ROW_H
#define CDCBENCH_REPORT_TERMINAL_LIVE_ROW_H

#include "report/terminal/live_view.h"

typedef enum { STYLE_PLAIN, STYLE_DIM, STYLE_BOLD, STYLE_GOOD, STYLE_WARN, STYLE_BAD } style_t;

typedef struct {
    FILE *out;
    const live_look_t *look;
    size_t used;
    bool full;
} live_row_t;

live_row_t live_row_begin(FILE *out, const live_look_t *look);
void live_row_end(live_row_t *row);

/* A piece: printf's, without control characters. */
void live_row_put(live_row_t *row, style_t style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The piece padded to `width` columns: on the right of them, or on the left when negative. */
void live_row_put_padded(live_row_t *row, style_t style, const char *text, int width);

/* The row's first piece, cut to fit `width` columns: it is there whatever the terminal. */
void live_row_put_label(live_row_t *row, const char *label, int width);

/* The last `columns` seconds, each against the highest of them; blank where nothing was measured.
 * What is left of the columns, on the right, stays blank. */
void live_row_put_spark(live_row_t *row, const live_spark_t *spark, int columns);

/* A bar of `columns`, filled up to a fraction (0 to 1) in steps of half a column. */
void live_row_put_bar(live_row_t *row, double fraction, int columns);

#endif
