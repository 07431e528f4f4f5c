/*
 * files: run.json and the CSV files of a run. One table of columns a file (tables.h: name, unit,
 * meaning, how it is read) drives what is written and docs/results.md alike. CSV is RFC 4180 with
 * \n line ends as spreadsheets and pandas read it; an absent value is empty, never 0. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_FILES_H
#define CDCBENCH_REPORT_FILES_FILES_H

#include "report/files/folder.h"
#include "report/files/manifest.h"
#include "result/result.h"

/* summary.csv, lag.csv, lag_transactions.csv, verify.csv, run.json. Tries them all; false with the
 * first error (ERR_RUN, naming the file). After the run's threads have been joined. */
bool files_write(folder_t *folder, const manifest_t *manifest, const result_t *result, err_t *err);

/* timeline.csv, appended to as the run goes: open, a line a second, close. */
typedef struct timeline_file timeline_file_t;

/* Makes the file and its header. NULL with ERR_RUN, naming the file. The caller owns it. */
timeline_file_t *timeline_file_open(folder_t *folder, err_t *err);

/* Writes one line, whole: when it fails (ERR_RUN), what there is of it is taken back, and the next
 * may be tried. */
bool timeline_file_append(timeline_file_t *file, const scenario_t *scenario,
                          const timeline_row_t *row, err_t *err);

/* Flushes to the disk, closes and frees. NULL is allowed. */

/* Closes and removes it: the run did not begin. NULL is allowed. */
void timeline_file_discard(timeline_file_t *file);
bool timeline_file_close(timeline_file_t *file, err_t *err);

#endif
