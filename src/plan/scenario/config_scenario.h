/*
 * config_scenario: from what was asked for to what is run: the scenario that a config names, read,
 * overlaid with the options that stand for its keys, and resolved. One thread.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_CONFIG_SCENARIO_H
#define CDCBENCH_PLAN_SCENARIO_CONFIG_SCENARIO_H

#include "plan/options/config.h"

/* The scenario of --explain-cost, where --rows sizes updates and deletes as well. */
#define COST_SCENARIO "explain-cost"

/* Reads the scenario that `word` names (a file's path or a built-in one's name; NULL: quick, or
 * COST_SCENARIO where it is explained), puts the options that stand for its keys over it, then
 * --set. Its settings that are options' keys come into the config, but where the command line gave
 * them. Once. ERR_USAGE says where the mistake is. */
bool config_read_scenario(config_t *config, const char *word, err_t *err);

/* The run's tables: those of --table, else the scenario's, else transactions; what a scenario
 * describes is borrowed from the config. ERR_USAGE names the table. */
bool config_tables(const config_t *config, tables_t *out, err_t *err);

/* The scenario as read, resolved; it borrows the recordings that it replays from the config. After
 * config_read_scenario. Drains are left out where there is no tap to wait for, and so are phases
 * whose streams are all off. ERR_USAGE names the option, or place and key. */
bool config_scenario(const config_t *config, scenario_t *out, err_t *err);

#endif
