/* options_internal: what reading and writing an option's value share. */
#ifndef CDCBENCH_PLAN_OPTIONS_OPTIONS_INTERNAL_H
#define CDCBENCH_PLAN_OPTIONS_OPTIONS_INTERNAL_H

#include "plan/options/options.h"

/* The index-th word of "a|b|c", its length in *len; NULL past the last. */
const char *options_choice(const char *choices, int index, int *len);

/* In the largest of s, ms and µs that it is a whole number of. */
void options_write_duration(buf_t *buf, int64_t ns);

#endif
