/*
 * wal_tap: the tap on the write-ahead log: a thread that reads a replication connection into a
 * wal_reader and confirms as it goes. Started and stopped by the controller; the rest from any
 * thread.
 */
#ifndef CDCBENCH_RUN_TAP_WAL_TAP_H
#define CDCBENCH_RUN_TAP_WAL_TAP_H

#include "postgres/replication.h"
#include "run/tap/tap.h"

typedef struct wal_tap wal_tap_t;

/* Takes the open connection over (and frees it at the end), and starts the thread. NULL with *err.
 */
wal_tap_t *wal_tap_start(pg_replication_t *replication, const tap_opts_t *opts, err_t *err);

/* Ends the thread after what has been received is dealt with, drops the slot. */
void wal_tap_stop(wal_tap_t *tap);
void wal_tap_free(wal_tap_t *tap); /* after wal_tap_stop */

tap_t *
wal_tap_core(wal_tap_t *tap); /* any thread; where it stands and whether it failed: run/tap/tap.h */

#endif
