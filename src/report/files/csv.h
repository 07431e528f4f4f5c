/*
 * csv: a CSV file as a table of columns, each with its name, unit, meaning, and the function that
 * reads its value out of a record. What is written, what run.json repeats and what docs/results.md
 * says all come from the one table. RFC 4180 with \n line ends; an absent value is empty. Pure; one
 * thread a FILE; write errors stay in the FILE for whoever closes it.
 */
#ifndef CDCBENCH_REPORT_FILES_CSV_H
#define CDCBENCH_REPORT_FILES_CSV_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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

cell_t cell_text(const char *text);
cell_t cell_integer(int64_t value); /* NOT_MEASURED is absent */
cell_t cell_count(uint64_t value);
cell_t cell_real(double value, int decimals); /* not finite is absent */

typedef struct csv_column csv_column_t;
struct csv_column {
    const char *name, *unit, *meaning;
    cell_t (*get)(const csv_column_t *column, const void *record);
    /* What `get` needs to know of this column: the place of its figure in the record, and which
     * percentile of it. Each file's getters say how they take them. */
    size_t offset;
    double percent;
};

typedef struct {
    const char *file; /* "summary.csv" */
    const char *rows; /* what a row of it is, for the documentation: one sentence */
    const csv_column_t *columns;
    size_t n_columns;
} csv_table_t;

void csv_write_header(FILE *out, const csv_table_t *table);
void csv_write_record(FILE *out, const csv_table_t *table, const void *record);

/* The table of columns as Markdown: a heading, a sentence, a row for each column. */
void csv_describe(FILE *out, const csv_table_t *table);

#endif
