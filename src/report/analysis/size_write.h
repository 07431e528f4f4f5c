/*
 * size_write: a sizing as text, sizing.csv and sizing.json: the inputs with their origins, what
 * follows from them, and what other choices would cost. One thread.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_SIZE_WRITE_H
#define CDCBENCH_REPORT_ANALYSIS_SIZE_WRITE_H

#include <stdio.h>

#include "report/analysis/size_run.h"
#include "report/files/csv.h"
#include "report/files/folder.h"

#define SIZE_CSV_FILE  "sizing.csv"
#define SIZE_JSON_FILE "sizing.json"

/* One row of sizing.csv. */
typedef struct {
    const char *choice;   /* "this run", or what would be otherwise */
    const char *kind;     /* "input" or "result" */
    const char *quantity; /* a size_quantity_t's name */
    const char *unit;
    double value; /* NAN: absent */
    const char *origin, *basis;
} size_row_t;
extern const csv_table_t table_sizing;

/* The sizing of the run with its inputs as they stand, the answer first. */
void size_print(FILE *out, const size_run_t *run);
void size_print_json(FILE *out, const size_run_t *run);

/* sizing.csv and sizing.json into the run's folder. False with ERR_RUN, naming the file. */
bool size_write_files(folder_t *folder, const size_run_t *run, err_t *err);

#endif
