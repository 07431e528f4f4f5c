/*
 * scenario_write: a scenario as it was resolved, as YAML that scenario_read reads to the same
 * scenario. One thread.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_SCENARIO_WRITE_H
#define CDCBENCH_PLAN_SCENARIO_SCENARIO_WRITE_H

#include "base/buf.h"
#include "plan/scenario/scenario_spec.h"

/* Appends the scenario in the config (config_read_scenario): every setting that has a key, and of
 * its phases what is not as it would be without being said. False when memory is out. */
bool scenario_write(const config_t *config, buf_t *out);

#endif
