/*
 * summary_load: what the load met, for the summary: warm-up phases, drains and how fast they went,
 * times in which the server acknowledged nothing, a backlog past its bound, transactions rolled
 * back. A line each, and none where there is nothing to say. Pure.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_SUMMARY_LOAD_H
#define CDCBENCH_REPORT_TERMINAL_SUMMARY_LOAD_H

#include <stdio.h>

#include "result/result.h"

void summary_load_print(FILE *out, const result_t *result);

#endif
