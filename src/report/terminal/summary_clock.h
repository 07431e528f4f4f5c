/*
 * summary_clock: what the summary says of the clocks that the lag was measured by. One thread.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_SUMMARY_CLOCK_H
#define CDCBENCH_REPORT_TERMINAL_SUMMARY_CLOCK_H

#include <stdio.h>

#include "result/result.h"

/* Lines of warning; nothing when every clock can be believed. */
void summary_clock_warn(FILE *out, const result_t *result);

/* "clock offset to the server +12 µs ± 31 µs", without a line end. */
void summary_clock_print(FILE *out, const result_t *result);

#endif
