/*
 * summary_verdict: the verdict of a run in words, for summary.c. What it follows from is in
 * verdict.h. One thread.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_SUMMARY_VERDICT_H
#define CDCBENCH_REPORT_TERMINAL_SUMMARY_VERDICT_H

#include <stdio.h>

#include "result/result.h"

/* The verdict's lines: what was proven, or which faults there are, or why it is not whole. */
void summary_verdict_print(FILE *out, const result_t *result);

/* Why Kafka may bring again what it has brought (verdict_may_repeat). */
const char *summary_why_repeats(const result_t *result);

/* "1,234" */
void summary_print_count(FILE *out, uint64_t count);

#endif
