/*
 * compare_runs: which runs are compared, and by what labels; for compare*.c alone.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_COMPARE_RUNS_H
#define CDCBENCH_REPORT_ANALYSIS_COMPARE_RUNS_H

#include "report/analysis/compare.h"

/* Fills runs and labels, the repeats of a label in the order of their start. */
bool compare_runs_read(char *const *words, size_t n_words, compare_t *out, err_t *err);

#endif
