/* ready_text: the files in scenarios/, as text. Constant; any thread. */
#ifndef CDCBENCH_PLAN_SCENARIO_READY_TEXT_H
#define CDCBENCH_PLAN_SCENARIO_READY_TEXT_H

extern const char scenario_quick[];
extern const char scenario_steady[];
extern const char scenario_nightly_batch[];
extern const char scenario_flash_sale[];
extern const char scenario_giant_transaction[];
extern const char scenario_hot_row[];
extern const char scenario_trickle[];
extern const char scenario_delete_heavy[];
extern const char scenario_soak[];
extern const char scenario_explain_cost[];

#endif
