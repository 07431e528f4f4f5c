/*
 * scenario_keys: the tables of the keys that stand below `phases` in a scenario, in the style of
 * the table of options: they drive the reader, --set, the scenario that --dry-run prints, and the
 * manual. Keys above are options (option_t.key). Constant; any thread.
 *
 * Offsets are into the structure of scenario_spec.h that the table is for.
 */
#ifndef CDCBENCH_PLAN_SCENARIO_SCENARIO_KEYS_H
#define CDCBENCH_PLAN_SCENARIO_SCENARIO_KEYS_H

#include "plan/options/options.h"

extern const key_table_t phase_keys;  /* phase_spec_t */
extern const key_table_t stream_keys; /* stream_spec_t; a row says which streams have it */

/* The row of that name, among those that `streams` (bits, 0: all) have; NULL when there is none. */
const option_t *key_table_find(const key_table_t *table, unsigned streams, const char *name,
                               size_t len);

/* ERR_USAGE: there is no such key; which are allowed, and which is near. */
bool key_table_unknown(const key_table_t *table, unsigned streams, const char *name, size_t len,
                       err_t *err);

/* All keys as tables in Markdown, the end of docs/scenarios.md: "cdcbench keys". */
void scenario_keys_describe(FILE *out);

#endif
