/*
 * files: run.json and the CSV files of a run. One table of columns a file (tables.h: name, unit,
 * meaning, how it is read) drives what is written and docs/results.md alike. CSV is RFC 4180 with
 * \n line ends as spreadsheets and pandas read it; an absent value is empty, never 0. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_FILES_H
#define CDCBENCH_REPORT_FILES_FILES_H

#include "report/files/folder.h"
#include "report/files/run_json.h"
#include "result/result.h"

/* summary.csv, lag.csv, lag_transactions.csv, verify.csv, run.json. Tries them all; false with the
 * first error (ERR_RUN, naming the file). After the run's threads have been joined. */
bool files_write(folder_t *folder, const manifest_t *manifest, const result_t *result, err_t *err);

/* timeline.csv, which grows as the run goes: makes the file and its header. NULL with ERR_RUN,
 * naming the file. The caller owns it, and closes or discards it (folder.h). */
growing_t *files_timeline_open(folder_t *folder, err_t *err);

/* Appends a second's line, whole or not at all (growing_append). */
bool files_timeline_append(growing_t *timeline, const scenario_t *scenario,
                           const timeline_row_t *row, err_t *err);

#endif
