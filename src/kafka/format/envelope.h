/*
 * envelope: reads one message of a Debezium topic, as the PostgreSQL connector and Kafka Connect's
 * JsonConverter write it: with its schema and without, as an envelope (before, after, source, op)
 * and flattened by ExtractNewRecordState, and tombstones. One of the three hot paths: what every
 * message of a topic repeats, its schema and its names, is compared with the last message's and not
 * read again.
 * Sources: Debezium's documentation, "PostgreSQL connector: Data change events" and "New Record
 * State Extraction"; AbstractExtractNewRecordState.java for the names of a flattened row's
 * metadata.
 *
 * A reader is for one topic (more than one is only slow) and one thread. The results point into the
 * message and into the reader, and live until the reader reads again or is freed, or the message is
 * freed. Nothing is allocated unless the schema, a name, or the size of the largest message
 * changes.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_ENVELOPE_H
#define CDCBENCH_KAFKA_FORMAT_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define ENVELOPE_COLUMNS_MAX 1664 /* of a row; PostgreSQL's MaxTupleAttributeNumber */

/* Bytes of a message, not NUL-terminated. NULL and 0: null, or not there. */
typedef struct {
    const char *bytes;
    uint32_t len;
} slice_t;

typedef enum {
    ENVELOPE_OTHER,     /* no change of a row: a heartbeat, an operation that is not known */
    ENVELOPE_CREATE,    /* c */
    ENVELOPE_READ,      /* r, by a snapshot */
    ENVELOPE_UPDATE,    /* u */
    ENVELOPE_DELETE,    /* d; flattened: __op d, or __deleted "true" */
    ENVELOPE_TRUNCATE,  /* t */
    ENVELOPE_MESSAGE,   /* m, of pg_logical_emit_message */
    ENVELOPE_ROW,       /* a flattened row that does not say what was done to it */
    ENVELOPE_TOMBSTONE, /* a null value: what follows a delete */
    ENVELOPE_OPS
} envelope_op_t;

extern const char *const envelope_op_names[ENVELOPE_OPS];

typedef enum {
    ENVELOPE_NULL,
    ENVELOPE_STRING,  /* its content, unescaped */
    ENVELOPE_INTEGER, /* digits, perhaps behind a minus sign: integers, times (MicroTimestamp) */
    ENVELOPE_NUMBER,  /* any other number as it was written: 663.05, 1.0E10 */
    ENVELOPE_BOOL,    /* true or false */
    ENVELOPE_DECIMAL, /* a decimal that came in base64, as text: 663.05 (decimal.h) */
    ENVELOPE_RAW,     /* an object or an array as it was written, its inside not looked at */
} envelope_kind_t;

typedef struct {
    slice_t name;
    slice_t value;
    envelope_kind_t kind;
} envelope_field_t;

/* The columns of a row, in the order of the message. */
typedef struct {
    bool present; /* false: null, or not there; n is then 0 */
    uint32_t n;
    /* Two rows of one reader with the same version have the same names in the same order: what was
     * found out about the i-th name holds for the i-th name. It rises when the names change. */
    uint64_t names_version;
    const envelope_field_t *fields;
} envelope_row_t;

/* One moment in up to three resolutions (connectors before 2.6 write ts_ms alone). Unix time; 0:
 * not there. */
typedef struct {
    int64_t ms, us, ns;
} envelope_time_t;

/* The moment in ns, from the finest there is, and what that one's unit is in ns: 1, 1,000 or
 * 1,000,000. False when there is none. */
bool envelope_time(const envelope_time_t *time, int64_t *out_ns, int64_t *out_unit_ns);

/* Where a change comes from. The numbers are 0 where the message has null or nothing: PostgreSQL
 * gives no LSN and no transaction that number. */
typedef struct {
    slice_t version, connector, name, db, schema, table;
    slice_t snapshot; /* false, true, first, last, incremental, … */
    uint64_t lsn;
    uint64_t txid;
    /* `sequence`: the LSN of the last commit before this change, and this change's. */
    uint64_t last_commit_lsn, sequence_lsn;
    envelope_time_t time; /* the commit, by the server's clock */
} envelope_source_t;

/* With provide.transaction.metadata only. */
typedef struct {
    slice_t id; /* "txId:LSN"; NULL when there is none */
    uint64_t total_order, data_collection_order;
} envelope_transaction_t;

typedef struct {
    envelope_op_t op;
    bool flattened, with_schema; /* the value's form */
    envelope_row_t key;          /* not present: the message has none */
    envelope_row_t before;       /* a flattened delete's row is here */
    envelope_row_t after;
    envelope_source_t source;
    envelope_transaction_t transaction;
    envelope_time_t time; /* when Debezium handled the change, by Connect's clock */
} envelope_t;

/* True when the change was read by a snapshot, whatever its op. */
bool envelope_is_snapshot(const envelope_t *envelope);

typedef struct envelope_reader envelope_reader_t;

/* `metadata_prefix`: ExtractNewRecordState's add.fields.prefix, copied; NULL is its default, "__".
 * With an empty one metadata cannot be told from columns and stands among them, but for __deleted,
 * which is always so called. NULL when memory is out. */
envelope_reader_t *envelope_reader_new(const char *metadata_prefix);
void envelope_reader_free(envelope_reader_t *reader);

/* Reads a message. A length of 0 is null (then the pointer may be NULL). False with *err (ERR_RUN):
 * key or value, where in it, what is wrong; *out is then not to be used, the reader is. A schema is
 * passed over by its brackets, so that one that is not valid JSON inside does no harm; it stands
 * before the payload, as JsonConverter writes it. Without a schema nothing says that a string is an
 * org.apache.kafka.connect.data.Decimal: it stays an ENVELOPE_STRING, and its reader, who knows the
 * column's scale, has decimal_text. */
bool envelope_read(envelope_reader_t *reader, const char *key, size_t key_len, const char *value,
                   size_t value_len, envelope_t *out, err_t *err);

#endif
