/*
 * pgoutput: decodes the messages of PostgreSQL's logical replication protocol, version 1, in place.
 * Source: PostgreSQL documentation, "Logical Replication Message Formats" and "Streaming
 * Replication Protocol". One of the three hot paths. Pure functions over bytes; nothing is
 * allocated, nothing is copied: results point into the message. Every length is checked; a short or
 * odd message is an error, never a read past the end (fuzzed by tests/fuzz).
 */
#ifndef CDCBENCH_POSTGRES_PGOUTPUT_H
#define CDCBENCH_POSTGRES_PGOUTPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define PGOUTPUT_COLUMNS_MAX 1664 /* PostgreSQL's MaxTupleAttributeNumber */

typedef enum {
    PGOUTPUT_BEGIN,
    PGOUTPUT_COMMIT,
    PGOUTPUT_RELATION,
    PGOUTPUT_INSERT,
    PGOUTPUT_UPDATE,
    PGOUTPUT_DELETE,
    PGOUTPUT_TRUNCATE,
    PGOUTPUT_OTHER, /* Type, Origin, Message: passed over */
} pgoutput_kind_t;

/* A column's value in a tuple: kind 'n' NULL, 'u' unchanged TOAST, 't' text, 'b' binary. */
typedef struct {
    const char *bytes;
    uint32_t len;
    char kind;
} pgoutput_cell_t;

typedef struct {
    const char *name; /* NUL-terminated, inside the message */
    uint32_t type_oid;
    bool key; /* part of the replica identity */
} pgoutput_column_t;

/* Room for one message's columns; the caller keeps one and passes it to every call. */
typedef struct {
    pgoutput_kind_t kind;
    /* Begin: final_lsn, commit_us, xid. Commit: commit_lsn, end_lsn, commit_us. */
    uint64_t final_lsn, commit_lsn, end_lsn;
    int64_t commit_us; /* Unix µs (the wire has µs since 2000) */
    uint32_t xid;
    /* Relation, Insert, Update, Delete */
    uint32_t relation_id;
    const char *schema, *relation; /* Relation only, NUL-terminated; schema is "" for pg_catalog */
    char replica_identity;         /* Relation only: d, n, f, i */
    char old_kind;                 /* 'K', 'O', or 0: no old tuple */
    uint16_t n_columns;            /* Relation: columns; else: cells of the new tuple (0: none) */
    uint16_t n_old;                /* cells of the old tuple */
    pgoutput_column_t columns[PGOUTPUT_COLUMNS_MAX];
    pgoutput_cell_t cells[PGOUTPUT_COLUMNS_MAX];
    pgoutput_cell_t old[PGOUTPUT_COLUMNS_MAX];
} pgoutput_t;

/* Decodes one logical message (an XLogData payload). Of the arrays only the entries counted are
 * written. False with *err (ERR_RUN): type, offset, length. */
bool pgoutput_decode(const char *bytes, size_t len, pgoutput_t *out, err_t *err);

/* The envelope of the streaming protocol: what CopyData holds. */
typedef enum { WAL_DATA, WAL_KEEPALIVE } wal_frame_kind_t;

typedef struct {
    wal_frame_kind_t kind;
    uint64_t wal_start, wal_end;
    int64_t send_us;      /* the server's clock at the send, Unix µs */
    bool reply_requested; /* WAL_KEEPALIVE only */
    const char *payload;  /* WAL_DATA only */
    size_t payload_len;
} wal_frame_t;

bool wal_frame_decode(const char *bytes, size_t len, wal_frame_t *out, err_t *err);

/* Writes a standby status update, 34 bytes. now_us: Unix µs. */
#define WAL_STATUS_LEN 34
void wal_status_encode(char out[WAL_STATUS_LEN], uint64_t written, uint64_t flushed,
                       uint64_t applied, int64_t now_us, bool reply_requested);

#endif
