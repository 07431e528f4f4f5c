/*
 * wal_reader: frames of the replication protocol in, changes into a tap: decodes pgoutput, maps the
 * server's columns to the table's by name at each Relation message, and knows how far the log has
 * been dealt with. No sockets, so tests can feed it bytes. One thread.
 */
#ifndef CDCBENCH_RUN_TAP_WAL_READER_H
#define CDCBENCH_RUN_TAP_WAL_READER_H

#include "postgres/pgoutput.h"
#include "run/tap/tap.h"

typedef struct wal_reader wal_reader_t;

/* `tables`: outlive the reader; those of the publication that are none of them are passed over.
 * `floor_lsn`: transactions committed below it are before_run. NULL when memory is out. */
wal_reader_t *wal_reader_new(tap_t *tap, const tables_t *tables, uint64_t floor_lsn);
void wal_reader_free(wal_reader_t *reader);

/* Only relations of this schema (which outlives the reader); NULL: of any. */
void wal_reader_set_schema(wal_reader_t *reader, const char *schema);

/* One CopyData. *reply is set when the server wants a status update at once. False with *err
 * (ERR_RUN) when the bytes are not what the protocol allows: nothing after them can be trusted. */
bool wal_reader_feed(wal_reader_t *reader, const char *bytes, size_t len, int64_t receipt_ns,
                     bool *reply, err_t *err);

/* Everything up to this LSN has been dealt with and may be confirmed. */
uint64_t wal_reader_done_lsn(const wal_reader_t *reader);

/* Bytes of CopyData read so far. */
uint64_t wal_reader_bytes(const wal_reader_t *reader);

#endif
