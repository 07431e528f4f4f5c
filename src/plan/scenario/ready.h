/* ready: the scenarios that are built in: the files of scenarios/. Constant; any thread. */
#ifndef CDCBENCH_PLAN_SCENARIO_READY_H
#define CDCBENCH_PLAN_SCENARIO_READY_H

#include <stddef.h>

typedef struct {
    const char *name;
    const char *text; /* YAML; its first line is "# name: what it is for." */
} ready_t;

extern const ready_t ready_scenarios[]; /* quick, the default, is the first */
extern const size_t n_ready_scenarios;

const ready_t *ready_find(const char *name); /* NULL: there is none */

#endif
