/*
 * options_rows: what the rows of a table of options or keys are written with (options.h). A row
 * names its value's place, in the structure ROWS_OF, by its kind: a member of another type does not
 * compile. Only tables include it. Constant.
 */
#ifndef CDCBENCH_PLAN_OPTIONS_OPTIONS_ROWS_H
#define CDCBENCH_PLAN_OPTIONS_OPTIONS_ROWS_H

#include <stddef.h>

#include "plan/options/options.h"

/* NOLINTNEXTLINE(bugprone-macro-parentheses): a type stands in none */
#define PLACE(field, type) _Generic(&((ROWS_OF *)0)->field, type * : offsetof(ROWS_OF, field))

/* Behind the place: the least and the most that its value may be. */
#define VALUE(kind_, field, type) .kind = (kind_), .offset = PLACE(field, type)
#define WITHIN(least, most)       .minimum = (least), .maximum = (most)
#define TEXT(what, field, least, most)                                                             \
    VALUE(OPTION_TEXT, field, char *), .argument = (what), WITHIN(least, most)
#define LIST(field)               VALUE(OPTION_LIST, field, text_list_t), .argument = "KEY=VALUE"
#define LINES(what, field)        VALUE(OPTION_LINES, field, text_list_t), .argument = (what)
#define FLAG(field)               VALUE(OPTION_FLAG, field, bool)
#define COUNT(field, least, most) COUNT_OF("N", field, least, most)
#define COUNT_OF(what, field, least, most)                                                         \
    VALUE(OPTION_COUNT, field, uint64_t), .argument = (what), WITHIN(least, most)
#define DURATION(field, least, most)                                                               \
    VALUE(OPTION_DURATION, field, int64_t), .argument = "TIME", WITHIN(least, most)
#define RATE(field) VALUE(OPTION_RATE, field, rate_t), .argument = "RATE"
/* An enumeration is stored as the unsigned int that it is. */
#define CHOICE(what, field, words)                                                                 \
    VALUE(OPTION_CHOICE, field, unsigned), .argument = (what), .choices = (words)
#define EITHER(what, field, words)                                                                 \
    VALUE(OPTION_EITHER, field, bool), .argument = (what), .choices = (words)
#define SHARE(field, least, most)                                                                  \
    VALUE(OPTION_SHARE, field, double), .argument = "SHARE", WITHIN(least, most)
#define SHARES(field, most)                                                                        \
    VALUE(OPTION_SHARES, field, share_list_t), .argument = "[SHARE, ...]", WITHIN(0, most)
#define NUMBER(field, most)                                                                        \
    VALUE(OPTION_NUMBER, field, double), .argument = "NUMBER", WITHIN(0, most)
#define GIVEN(field) .given = PLACE(field, bool)

#define IN(group_, commands_) .group = (group_), .commands = (commands_)

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
extern const option_rows_t options_run, options_report;

#endif
