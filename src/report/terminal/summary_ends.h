/*
 * summary_ends: what the transactions' END counts say, in the summary: as part of the verdict, and
 * transaction by transaction where they differ. One thread.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_SUMMARY_ENDS_H
#define CDCBENCH_REPORT_TERMINAL_SUMMARY_ENDS_H

#include <stdio.h>

#include "result/result.h"

/* "2 of 24 transactions on kafka are not what their ENDs count" */
void summary_ends_print_failed(FILE *out, const result_t *result);

/* Behind the verdict's line: one of what was proven, where no failure said so before, and one more
 * on what is not right; nothing without ENDs. */
void summary_ends_print(FILE *out, const result_t *result);

/* The first ten counts that differ, a line each, where they are a fault. */
void summary_ends_print_faults(FILE *out, const result_t *result);

#endif
