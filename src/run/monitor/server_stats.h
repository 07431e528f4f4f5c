/*
 * server_stats: what a server's own views say of where lag comes from: its replication slots, its
 * checkpoints, how far its log has come. One thread, over an admin connection.
 */
#ifndef CDCBENCH_RUN_MONITOR_SERVER_STATS_H
#define CDCBENCH_RUN_MONITOR_SERVER_STATS_H

#include "postgres/admin.h"
#include "result/result.h"

typedef struct {
    slot_row_t slot;
    int active_pid; /* the walsender's that has it; 0: none */
} slot_stats_t;

/* A slot of this name, and the log's end in *insert_lsn. False, and all NOT_MEASURED, when the
 * server does not answer; a slot that is not there is NOT_MEASURED too. */
bool server_stats_slot(pg_admin_t *admin, const char *slot, slot_stats_t *out,
                       uint64_t *insert_lsn);

/* Cumulative since the server's statistics were reset. Sources: pg_stat_bgwriter up to 16,
 * pg_stat_checkpointer from 17 on. False, and all NOT_MEASURED, when the server does not answer. */
bool server_stats_checkpoints(pg_admin_t *admin, checkpoint_row_t *out);

#endif
