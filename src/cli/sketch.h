/*
 * sketch: what a run will do and what it will take, before anything is touched: for --dry-run.
 * Every line is a comment of YAML, so that it may stand behind the scenario. One thread.
 */
#ifndef CDCBENCH_CLI_SKETCH_H
#define CDCBENCH_CLI_SKETCH_H

#include <stdio.h>

#include "plan/options/config.h"

/* The schedule: for each phase and stream how many rows in how many transactions, and how they come
 * over time. */
void sketch_schedule(FILE *out, const scenario_t *scenario);

/* The memory that it will take, part by part. */
void sketch_memory(FILE *out, const config_t *config, const scenario_t *scenario);

#endif
