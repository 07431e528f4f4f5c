/*
 * scenario_read: the scenario that a run follows: a file, or one of those that are built in, with
 * the command line's options and --set over it. Every mistake is ERR_USAGE and says where: file,
 * line and column, or the option; which key; what was read; what is allowed. One thread.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_SCENARIO_READ_H
#define CDCBENCH_PLAN_SCENARIO_SCENARIO_READ_H

#include "plan/options/options.h"
#include "plan/scenario/scenario_spec.h"

/* Reads a scenario's text into the config: config->scenario.spec, and those settings that are
 * options' keys and were not given on the command line. `source` is its name in messages. */
bool scenario_read(const char *source, const char *text, size_t len, config_t *config, err_t *err);

/* One --set, "phases.mixed.insert.rate=20k", over what is in the config. */
bool scenario_set(const char *assignment, config_t *config, err_t *err);

/* The same for an option that stands for a key below `phases`, with its value in the config. */
bool scenario_set_option(const option_t *option, config_t *config, err_t *err);

#endif
