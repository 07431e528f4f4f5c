#include "plan/scenario/ready.h"

#include <string.h>

#include "plan/scenario/ready_text.h"

const ready_t ready_scenarios[] = {
    {"quick", scenario_quick},
    {"steady", scenario_steady},
    {"nightly-batch", scenario_nightly_batch},
    {"flash-sale", scenario_flash_sale},
    {"giant-transaction", scenario_giant_transaction},
    {"hot-row", scenario_hot_row},
    {"trickle", scenario_trickle},
    {"delete-heavy", scenario_delete_heavy},
    {"soak", scenario_soak},
    {"explain-cost", scenario_explain_cost},
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
