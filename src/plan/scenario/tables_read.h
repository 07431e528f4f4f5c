/*
 * tables_read: the key `tables` of a scenario: names of built-in tables, and tables that the user
 * describes column by column (docs/tables.md). One thread.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_TABLES_READ_H
#define CDCBENCH_PLAN_SCENARIO_TABLES_READ_H

#include "plan/scenario/scenario_spec.h"

/* Reads the list into the spec. False with *err (ERR_USAGE), the place of the mistake in *place. */
bool tables_read(const yaml_node_t *list, scenario_spec_t *spec, yaml_place_t *place, err_t *err);

#endif
