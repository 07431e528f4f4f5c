/*
 * summary: the end of a run in words and tables on stdout, the answer first. One thread, after the
 * run's threads have been joined.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_SUMMARY_H
#define CDCBENCH_REPORT_TERMINAL_SUMMARY_H

#include <stdio.h>

#include "plan/options/config.h"
#include "result/result.h"

/* Prints it: verdict, faults (the first ten of each kind), tables with the stages of lag, what else
 * a reader must know, clock, and where the results are. NULL: nothing was written. */
void summary_print(FILE *out, const result_t *result, const char *where);

/* What was expected of it: a line for each, with what was measured. */
void summary_print_expectations(FILE *out, const config_t *config, const result_t *result);

/* Its parts. */

/* The verdict's lines (result/verdict.h): what was proven, or which faults there are, or why it is
 * not whole; what the transactions' ENDs say; whether the taps kept up; and an empty line. */
void summary_print_verdict(FILE *out, const result_t *result);

/* The faults kept, by tap, and the ENDs that differ; each with an empty line behind it. */
void summary_print_faults(FILE *out, const result_t *result);

/* The tables, one for each phase that began: a row for each operation's latency and for each tap's
 * lag, and beneath it the stages that it is the sum of. What the files hold beyond that (against
 * the acknowledgement, the intended time, the other tap) is not on the screen. */
void summary_print_tables(FILE *out, const result_t *result);

#endif
