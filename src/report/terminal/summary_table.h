/*
 * summary_table: the tables of the summary, one a phase: a row for each operation's latency and for
 * each tap's lag, and beneath it the stages that it is the sum of. What the files hold beyond that
 * (against the acknowledgement, the intended time, the other tap) is not on the screen. Numbers are
 * aligned by what a terminal shows, not by bytes. One thread.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_SUMMARY_TABLE_H
#define CDCBENCH_REPORT_TERMINAL_SUMMARY_TABLE_H

#include <stdio.h>

#include "result/result.h"

/* Prints nothing of phases that did not begin. */
void summary_table_print(FILE *out, const result_t *result);

#endif
