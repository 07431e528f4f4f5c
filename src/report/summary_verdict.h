/*
 * summary_verdict: the verdict of a run in words, for summary.c. What it follows from is in
 * summary.h. One thread.
 */
#ifndef CDCBENCH_REPORT_SUMMARY_VERDICT_H
#define CDCBENCH_REPORT_SUMMARY_VERDICT_H

#include <stdio.h>

#include "run/result.h"

/* The verdict's lines: what was proven, or which faults there are, or why it is not whole. */
void summary_verdict_print(FILE *out, const result_t *result);

/* Whether what this tap saw makes the run FAILED. */
bool summary_tap_failed(const result_t *result, const tap_result_t *tap);

/* How many faults of a kind count against the tap: what a tap that ended early did not see is none.
 */
uint64_t summary_fault_count(const tap_result_t *tap, fault_kind_t kind);

/* Whether Kafka may bring again what it has brought, which is no fault then; and why. */
bool summary_may_repeat(const result_t *result);
const char *summary_why_repeats(const result_t *result);

/* "1,234" */
void summary_print_count(FILE *out, uint64_t count);

#endif
