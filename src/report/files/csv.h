/*
 * csv: a CSV file as a table of typed columns: each has its name, unit and meaning, where its value
 * lies in a record, and the type that it has there. What is written, what run.json repeats, what is
 * made of a file that is read back, and what docs/results.md says all come from the one table. RFC
 * 4180 with \n line ends; an absent value is empty. One thread a FILE, and a csv_data_t.
 */
#ifndef CDCBENCH_REPORT_FILES_CSV_H
#define CDCBENCH_REPORT_FILES_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/err.h"

typedef enum {
    CELL_ABSENT, /* not measured: empty in CSV, null in JSON */
    CELL_TEXT,
    CELL_INTEGER,
    CELL_REAL,
} cell_kind_t;

/* One value; its text is borrowed from the record. */
typedef struct {
    cell_kind_t kind;
    int decimals; /* CELL_REAL: how many are printed */
    union {
        const char *text;
        int64_t integer;
        double real;
    };
} cell_t;

#define CELL_NONE ((cell_t){.kind = CELL_ABSENT})

cell_t cell_text(const char *text); /* NULL is absent */
cell_t cell_integer(int64_t value); /* NOT_MEASURED is absent */
cell_t cell_count(uint64_t value);
cell_t cell_real(double value, int decimals); /* not finite is absent */

/* What lies there in a record, as a cell. `detail` is the column's. */
typedef cell_t csv_type_t(const void *at, double detail);
csv_type_t csv_text;              /* the text's first character */
csv_type_t csv_count;             /* uint64_t */
csv_type_t csv_integer;           /* int64_t, or NOT_MEASURED */
csv_type_t csv_count_of_interval; /* int64_t likewise: of what happened in the row's interval, and
                                     so a rate, over its length */
csv_type_t csv_real;              /* double; detail: how many decimals */

typedef struct {
    const char *name, *unit, *meaning;
    csv_type_t *type;
    size_t in;     /* where the record has the pointer to what holds the value (NULL there: it is
                      absent); CSV_RECORD: the record itself does */
    size_t offset; /* and where in that the value lies */
    double detail; /* decimals, which percentile, …: as the type says */
} csv_column_t;
#define CSV_RECORD SIZE_MAX

/* A column of a value in what the record points to, and one of a text that it points to itself. */
#define CSV_COLUMN(name, unit, meaning, type, in, offset, detail)                                  \
    {                                                                                              \
        name, unit, meaning, type, in, offset, detail                                              \
    }
#define CSV_TEXT(record, field, meaning)                                                           \
    CSV_COLUMN(#field, "", meaning, csv_text, offsetof(record, field), 0, 0)

typedef struct {
    const char *file; /* "summary.csv" */
    const char *rows; /* what a row of it is, for the documentation: one sentence */
    const csv_column_t *columns;
    size_t n_columns;
} csv_table_t;

/* The column's value in a record. */
cell_t csv_value(const csv_column_t *column, const void *record);

/* The column of that name; NULL: a table of another version has it. */
const csv_column_t *csv_find_column(const csv_table_t *table, const char *name);

/* Write errors stay in the FILE for whoever closes it. */
void csv_write_header(FILE *out, const csv_table_t *table);
void csv_write_record(FILE *out, const csv_table_t *table, const void *record);

/* The table of columns as Markdown: a heading, a sentence, a row for each column. */
void csv_describe(FILE *out, const csv_table_t *table);

/* A file read back whole. Cells are found by their column's name, never by position: columns are
 * added as the tool grows, and a file of an older run lacks some. csv_data_free releases it. */
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

/* The same for a file in a folder, at most CSV_READ_MAX_BYTES long. ERR_USAGE when it cannot be
 * read. */
#define CSV_READ_MAX_BYTES (INT64_C(1) << 30)
bool csv_read_file(const char *folder, const char *name, csv_data_t *out, err_t *err);

void csv_data_free(csv_data_t *data);

const char *csv_name(const csv_data_t *data, size_t column);
size_t csv_column(const csv_data_t *data, const char *name); /* CSV_NO_COLUMN: there is none */

/* "" for what was not measured, and for a column that is not there. */
const char *csv_cell(const csv_data_t *data, size_t row, size_t column);

/* The cell as a number; NAN when it is empty or none. */
double csv_number(const csv_data_t *data, size_t row, size_t column);

#endif
