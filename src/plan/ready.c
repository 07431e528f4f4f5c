#include "plan/ready.h"

#include <string.h>

#include "plan/ready_text.h"

const ready_t ready_scenarios[] = {
    {"quick", scenario_quick},
};
const size_t n_ready_scenarios = sizeof ready_scenarios / sizeof *ready_scenarios;

const ready_t *ready_find(const char *name)
{
    for (size_t i = 0; i < n_ready_scenarios; i++) {
        if (strcmp(ready_scenarios[i].name, name) == 0) {
            return &ready_scenarios[i];
        }
    }
    return NULL;
}
