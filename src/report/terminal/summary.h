/*
 * summary: the end of a run in words and a table on stdout, the answer first. One thread, after the
 * run's threads have been joined.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_SUMMARY_H
#define CDCBENCH_REPORT_TERMINAL_SUMMARY_H

#include <stdio.h>

#include "result/result.h"

/* Prints it: verdict, faults (the first ten of each kind), table with the stages of lag, what else
 * a reader must know, clock, and where the results are. NULL: nothing was written. */
void summary_print(FILE *out, const result_t *result, const char *where);

#endif
