/*
 * lag_merge: the lag of several operations or phases as one distribution. One thread, after the
 * run's threads have been joined.
 */
#ifndef CDCBENCH_RESULT_LAG_MERGE_H
#define CDCBENCH_RESULT_LAG_MERGE_H

#include "result/result.h"

/* In place of a phase's or an operation's number: all of them. */
#define LAG_MERGE_ALL (-1)

/* The lag of a stage on a tap over a phase and an operation, or over all. *out is the caller's to
 * free; NULL when nothing was recorded. False when memory is out. */
bool lag_merge(const result_t *result, tap_id_t tap, int phase, int op, stage_t stage, lag_t **out);

/* The same of transactions, by their first or last event. */
bool lag_merge_scope(const result_t *result, tap_id_t tap, lag_scope_t scope, int phase, int op,
                     stage_t stage, lag_t **out);

#endif
