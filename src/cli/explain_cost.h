/*
 * explain_cost: run --explain-cost: the same small load under several conditions, a run each, and
 * what a change costs under each of them. Main thread.
 */
#ifndef CDCBENCH_CLI_EXPLAIN_COST_H
#define CDCBENCH_CLI_EXPLAIN_COST_H

#include <stdio.h>

#include "cli/job.h"

/* Whether it can be done with what else was asked for; nothing is touched. ERR_USAGE says what is
 * in its way. */
bool explain_cost_check(const config_t *config, const scenario_t *scenario, err_t *err);

/* For --dry-run: how often the scenario is run, and with what, as a comment in YAML. */
void explain_cost_sketch(FILE *out, const config_t *config);

/* Does it, in a job that is open: prints the table, writes cost.csv, and a folder for each
 * condition beside it. Database, Connect and Kafka are left as they were found. Returns what the
 * process ends with. */
int explain_cost(job_t *job);

#endif
