#include "run/monitor/server_stats.h"

#include <stdlib.h>

#define SLOT_QUESTION                                                                              \
    "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text, "                           \
    "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), restart_lsn)::bigint, "                          \
    "pg_wal_lsn_diff(pg_current_wal_insert_lsn(), confirmed_flush_lsn)::bigint, "                  \
    "spill_bytes, stream_bytes, spill_txns, active_pid "                                           \
    "FROM (SELECT 1) one LEFT JOIN pg_replication_slots s ON s.slot_name = $1 "                    \
    "LEFT JOIN pg_stat_replication_slots t ON t.slot_name = $1"

#define CHECKPOINTS_TO_16                                                                          \
    "SELECT checkpoints_timed, checkpoints_req, "                                                  \
    "buffers_checkpoint * current_setting('block_size')::bigint FROM pg_stat_bgwriter"
#define CHECKPOINTS_FROM_17                                                                        \
    "SELECT num_timed, num_requested, "                                                            \
    "buffers_written * current_setting('block_size')::bigint FROM pg_stat_checkpointer"

static const slot_row_t no_slot = {NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED,
                                   NOT_MEASURED};

static int64_t cell(const pg_rows_t *rows, int column)
{
    const char *text = pg_rows_cell(rows, 0, column);
    return text == NULL ? NOT_MEASURED : strtoll(text, NULL, 10);
}

bool server_stats_slot(pg_admin_t *admin, const char *slot, slot_stats_t *out, uint64_t *insert_lsn)
{
    err_t err = {0};
    const char *params[] = {slot};
    *out = (slot_stats_t){.slot = no_slot};
    pg_rows_t *rows = admin == NULL ? NULL : pg_admin_query(admin, SLOT_QUESTION, 1, params, &err);
    if (rows == NULL)
        return false;
    *insert_lsn = strtoull(pg_rows_cell(rows, 0, 0), NULL, 10);
    out->slot =
        (slot_row_t){cell(rows, 1), cell(rows, 2), cell(rows, 3), cell(rows, 4), cell(rows, 5)};
    out->active_pid = pg_rows_cell(rows, 0, 6) == NULL ? 0 : (int)cell(rows, 6);
    pg_rows_free(rows);
    return true;
}

bool server_stats_checkpoints(pg_admin_t *admin, checkpoint_row_t *out)
{
    err_t err = {0};
    *out = (checkpoint_row_t){NOT_MEASURED, NOT_MEASURED, NOT_MEASURED};
    const char *question =
        pg_admin_version(admin) >= 170000 ? CHECKPOINTS_FROM_17 : CHECKPOINTS_TO_16;
    pg_rows_t *rows = admin == NULL ? NULL : pg_admin_query(admin, question, 0, NULL, &err);
    if (rows == NULL)
        return false;
    *out = (checkpoint_row_t){cell(rows, 0), cell(rows, 1), cell(rows, 2)};
    pg_rows_free(rows);
    return true;
}
