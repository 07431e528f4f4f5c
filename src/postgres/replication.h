/*
 * replication: a connection in replication mode with a temporary logical slot: frames out, status
 * updates in. Blocking while it is opened; then non-blocking: the owner polls the fd. One thread
 * (it may be opened by one and handed to another). The slot is TEMPORARY: the server drops it
 * whatever happens to us.
 */
#ifndef CDCBENCH_POSTGRES_REPLICATION_H
#define CDCBENCH_POSTGRES_REPLICATION_H

#include "postgres/pgoutput.h"
#include "postgres/target.h"

typedef struct pg_replication pg_replication_t;

/* Connects, creates the slot and starts streaming (pgoutput, protocol 1). `slot` begins with
 * SCHEMA_SLOT_PREFIX; both names are quoted as they need be. A slot waits for every transaction
 * older than itself: for a minute at most, here. NULL with *err (ERR_RUN). */
pg_replication_t *pg_replication_open(const pg_target_t *target, const char *slot,
                                      const char *publication, err_t *err);

/* The same over a slot that is there already, and stays: what was written since it was made, or
 * last confirmed, is streamed. Its beginning is not known here: pg_replication_start_lsn is 0. */
pg_replication_t *pg_replication_open_existing(const pg_target_t *target, const char *slot,
                                               const char *publication, err_t *err);

/* Ends streaming and drops the connection, and with it the slot that was made with it. NULL is
 * allowed. */
void pg_replication_close(pg_replication_t *r);

/* Where the slot begins: changes committed at or after this LSN are streamed, none before. */
uint64_t pg_replication_start_lsn(const pg_replication_t *r);
int pg_replication_fd(const pg_replication_t *r);

/* Whether pg_replication_next may itself read from the socket (TLS, GSS): a receipt time is then
 * good for one frame only. */
bool pg_replication_encrypted(const pg_replication_t *r);
const char *pg_replication_slot(const pg_replication_t *r);
int pg_replication_backend_pid(const pg_replication_t *r); /* the walsender's */

/* Takes what the socket has: one read. Call it when the fd is readable, then pg_replication_next
 * until none is left. False with *err when the connection is lost; a read that loses it brings no
 * frames, and the fd is closed then: stop polling. */
bool pg_replication_read(pg_replication_t *r, err_t *err);

/* The next CopyData already read: bytes good until the next call. *bytes NULL: none left for now.
 * False with *err when the stream ended or failed, with the server's words (its FATAL, for
 * example). */
bool pg_replication_next(pg_replication_t *r, const char **bytes, size_t *len, err_t *err);

/* Confirms: everything up to `flushed` is dealt with; the slot moves there. Answers a keep-alive as
 * well. False with *err when the connection is lost. */
bool pg_replication_confirm(pg_replication_t *r, uint64_t flushed, int64_t now_unix_us, err_t *err);

/* True while a part of a status update still waits for the socket to become writable. */
bool pg_replication_wants_write(const pg_replication_t *r);

/* Sends on, once it is writable. False with *err when the connection is lost. */
bool pg_replication_flush(pg_replication_t *r, err_t *err);

#endif
