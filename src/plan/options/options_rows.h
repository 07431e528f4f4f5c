/*
 * options_rows: the table of options (options.h) in parts, a file each, and what their rows are
 * written with. Nobody outside the table includes it. Constant.
 */
#ifndef CDCBENCH_PLAN_OPTIONS_OPTIONS_ROWS_H
#define CDCBENCH_PLAN_OPTIONS_OPTIONS_ROWS_H

#include <stddef.h>

#include "plan/options/options.h"

#define INTO(field)  .offset = offsetof(config_t, field)
#define GIVEN(field) .given = offsetof(config_t, field)

#define ON_A_SERVER (COMMAND_RUN | COMMAND_INIT | COMMAND_CLEAN)
#define ON_RESULTS  (COMMAND_REPORT | COMMAND_COMPARE | COMMAND_SIZE)
#define EVERY_COMMAND                                                                              \
    (ON_A_SERVER | COMMAND_SERVER | ON_RESULTS | COMMAND_GEN | COMMAND_WATCH | COMMAND_PRODUCE)
#define MS               UINT64_C(1000000)
#define TEN_YEARS        (uint64_t) SCHEDULE_SPAN_MAX_NS
#define ROWS_PER_TXN_MAX 100000000

typedef struct {
    const option_t *rows;
    size_t n;
} option_rows_t;

/* In the order of the table. */
extern const option_rows_t options_where, options_work, options_run, options_size, options_output;

#endif
