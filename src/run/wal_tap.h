/*
 * wal_tap: the tap on the write-ahead log: a thread that reads a replication connection into a
 * wal_reader and confirms as it goes. Started and stopped by the controller; the rest from any thread.
 */
#ifndef CDCBENCH_RUN_WAL_TAP_H
#define CDCBENCH_RUN_WAL_TAP_H

#include "postgres/replication.h"
#include "run/tap.h"

typedef struct wal_tap wal_tap_t;

/* Takes the open connection over (and frees it at the end), and starts the thread. NULL with *err. */
wal_tap_t *wal_tap_start(pg_replication_t *replication, const tap_opts_t *opts, err_t *err);

/* Ends the thread after what has been received is dealt with, drops the slot. */
void wal_tap_stop(wal_tap_t *tap);
void wal_tap_free(wal_tap_t *tap); /* after wal_tap_stop */

tap_t *wal_tap_core(wal_tap_t *tap);
uint64_t wal_tap_done_lsn(const wal_tap_t *tap); /* everything up to here has been dealt with */
uint64_t wal_tap_bytes(const wal_tap_t *tap);

/* True when it has ended by itself: the connection was lost or the stream made no sense. Then `error`
 * says why and up to which LSN it is complete. */
bool wal_tap_failed(const wal_tap_t *tap);
const char *wal_tap_error(const wal_tap_t *tap); /* "" while it has not failed */

#endif
