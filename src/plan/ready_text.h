/* ready_text: the files in scenarios/, as text. Constant; any thread. */
#ifndef CDCBENCH_PLAN_READY_TEXT_H
#define CDCBENCH_PLAN_READY_TEXT_H

extern const char scenario_quick[];

#endif
