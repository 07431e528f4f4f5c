/*
 * columns: every column of every CSV file, as documents have it. One thread.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_COLUMNS_H
#define CDCBENCH_REPORT_ANALYSIS_COLUMNS_H

#include <stdio.h>

/* As Markdown tables: the body of docs/results.md, which a test holds equal. */
void columns_describe(FILE *out);

#endif
