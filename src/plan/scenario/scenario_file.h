/*
 * scenario_file: from what was asked for to what is run: the scenario that a config names, a file
 * or one of those that are built in, read, overlaid with the options that stand for its keys and
 * with
 * --set, resolved; and written again. Every mistake is ERR_USAGE and says where: file, line and
 * column, or the option; which key; what was read; what is allowed. One thread.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_SCENARIO_FILE_H
#define CDCBENCH_PLAN_SCENARIO_SCENARIO_FILE_H

#include "plan/options/options.h"

/* The scenarios that are built in: the files of scenarios/. */
typedef struct {
    const char *name;
    const char *text; /* YAML; its first line is "# name: what it is for." */
} ready_t;

extern const ready_t ready_scenarios[]; /* quick, the default, is the first */
extern const size_t n_ready_scenarios;

/* The scenario of --explain-cost, where --rows sizes updates and deletes as well. */
#define COST_SCENARIO "explain-cost"

/* Reads the scenario that `word` names (a file's path or a built-in one's name; NULL: quick, or
 * COST_SCENARIO where it is explained), puts the options that stand for its keys over it, then
 * --set. Its settings that are options' keys come into the config, but where the command line gave
 * them. Once. */
bool config_read_scenario(config_t *config, const char *word, err_t *err);

/* Reads a scenario's text into the config, with nothing over it: its spec, and those settings that
 * are options' keys and were not given on the command line. `source` is its name in messages. */
bool scenario_read(const char *source, const char *text, size_t len, config_t *config, err_t *err);

/* One --set, "phases.mixed.insert.rate=20k", over what is in the config. */
bool scenario_set(const char *assignment, config_t *config, err_t *err);

/* The same for an option that stands for a key below `phases`, with its value in the config. */
bool scenario_set_option(const option_t *option, config_t *config, err_t *err);

/* The run's tables: those of --table, else the scenario's, else transactions; what a scenario
 * describes is borrowed from the config. ERR_USAGE names the table. */
bool config_tables(const config_t *config, tables_t *out, err_t *err);

/* The scenario as read, resolved; it borrows the recordings that it replays from the config. Drains
 * are left out where there is no tap to wait for, and so are phases whose streams are all off. */
bool config_scenario(const config_t *config, scenario_t *out, err_t *err);

/* Appends the scenario in the config as YAML that scenario_read reads to the same: every setting
 * that has a key, and of its phases what is not as it would be without being said. False when
 * memory is out. */
bool scenario_write(const config_t *config, buf_t *out);

/* All keys as tables in Markdown, the end of docs/scenarios.md: "cdcbench keys". */
void scenario_keys_describe(FILE *out);

#endif
