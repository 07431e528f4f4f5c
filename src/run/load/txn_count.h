/*
 * txn_count: what a writer counts of a transaction that it sends and that is acknowledged, the same
 * whoever writes (session, produce). Called by the writer's thread, which owns the stats.
 */
#ifndef CDCBENCH_RUN_LOAD_TXN_COUNT_H
#define CDCBENCH_RUN_LOAD_TXN_COUNT_H

#include "run/load/stats.h"
#include "run/load/txn.h"

/* It is sent for the first time: the tool's own lateness, from when it could have sent (when it was
 * due, or idle_since_ns if that was later) to now. Nothing for closed streams and warm-up phases.
 */
void txn_count_lateness(stats_t *stats, const scenario_t *scenario, const task_t *task,
                        int64_t idle_since_ns, int64_t now_ns);

/* It is sent, for the first time or again: when its stream's first one was. */
void txn_count_sent(stats_t *stats, const task_t *task, int64_t now_ns);

/* It was acknowledged: latency, service time, rows (of `rows` changes that were made) and bytes.
 * A warm-up phase's times are not recorded. */
void txn_count_acknowledged(work_t *work, stats_t *stats, const task_t *task, int64_t sent_ns,
                            uint64_t rows, uint64_t bytes, int64_t now_ns);

/* Notes the rows that it has inserted, with the versions that its own updates have made; older rows
 * were noted when they were sent. Without memory the load ends (work_fail). */
void txn_note_inserts(work_t *work, const txn_t *txn);

#endif
