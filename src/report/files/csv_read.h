/*
 * csv_read: a CSV file of a run, read back whole: RFC 4180 with a header, as csv.h writes it. Cells
 * are found by their column's name, never by position: columns are added as the tool grows, and a
 * file of an older run lacks some. One thread at a time; csv_data_free releases it.
 */
#ifndef CDCBENCH_REPORT_FILES_CSV_READ_H
#define CDCBENCH_REPORT_FILES_CSV_READ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define CSV_NO_COLUMN SIZE_MAX

typedef struct {
    size_t n_columns, n_rows; /* the header is no row */
    char **cells;             /* the names, then row by row; each is NUL-terminated */
    char *text;               /* what they point into */
} csv_data_t;

/* Takes `text` (malloc'd, len bytes and one more) over, whatever comes of it. `what` names the file
 * in errors. A last line without its end is one that is being written, or that a full disk cut: it
 * is left out. ERR_USAGE, with the line's number, when a row has not as many fields as the header,
 * a quoted field does not end, or there is no header; ERR_RUN when memory is out. */
bool csv_read_text(char *text, size_t len, const char *what, csv_data_t *out, err_t *err);

/* The same for a file, at most CSV_READ_MAX_BYTES long. ERR_USAGE when it cannot be read. */
#define CSV_READ_MAX_BYTES (INT64_C(1) << 30)
bool csv_read_file(const char *path, csv_data_t *out, err_t *err);

void csv_data_free(csv_data_t *data);

const char *csv_name(const csv_data_t *data, size_t column);
size_t csv_column(const csv_data_t *data, const char *name); /* CSV_NO_COLUMN: there is none */

/* "" for what was not measured, and for a column that is not there. */
const char *csv_cell(const csv_data_t *data, size_t row, size_t column);

/* The cell as a number; NAN when it is empty or none. */
double csv_number(const csv_data_t *data, size_t row, size_t column);

#endif
