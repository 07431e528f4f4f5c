/*
 * summary_table: the table of the summary: a row for each operation, and for each tap's lag with
 * its stages beneath. Numbers are aligned by what a terminal shows, not by bytes. One thread.
 */
#ifndef CDCBENCH_REPORT_SUMMARY_TABLE_H
#define CDCBENCH_REPORT_SUMMARY_TABLE_H

#include <stdio.h>

#include "run/result.h"

/* Prints the table, or nothing when no phase began. Where operations of several phases are shown,
 * each row names its phase. */
void summary_table_print(FILE *out, const result_t *result);

#endif
