/*
 * summary_load: what the load met, for the summary: warm-up phases, drains and how fast they went,
 * times in which the server acknowledged nothing, a backlog past its bound, transactions rolled
 * back. A line each, and none where there is nothing to say. Pure.
 */
#ifndef CDCBENCH_REPORT_SUMMARY_LOAD_H
#define CDCBENCH_REPORT_SUMMARY_LOAD_H

#include <stdio.h>

#include "run/result.h"

void summary_load_print(FILE *out, const result_t *result);

/* Events per second of a drain on a tap; NAN where it had none to wait for. */
double summary_drain_per_s(const phase_result_t *phase, tap_id_t tap);

#endif
