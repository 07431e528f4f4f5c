/*
 * envelope: a change of a row of `transactions` as the Kafka record that Debezium's
 * connector for PostgreSQL writes through Connect's JsonConverter, key and value, byte for byte.
 * Compared with recorded messages (tests/envelopes: Debezium 3.6.0.Final); docs/connector.md has
 * the settings they were made with (decimal.handling.mode=string).
 *
 *   {"before":null,"after":{"transaction_id":"…",…},"source":{…,"lsn":…},"transaction":null,
 *    "op":"c","ts_ms":…,"ts_us":…,"ts_ns":…}
 *   with schemas: {"schema":{…},"payload":{…}}, the schema the same bytes in every message.
 *
 * An encoder is made once and then only read: any thread. Nothing is allocated for a message.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENVELOPE_H
#define CDCBENCH_MODEL_ENCODE_ENVELOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/change.h"
#include "model/row.h"

/* What is the same in every message. Texts are copied. */
typedef struct {
    const char *server;         /* topic.prefix, the source's name: "cdc" */
    const char *database;       /* "financial_db" */
    const char *version;        /* the connector's: "3.6.0.Final" */
    const char *user;           /* whom the triggers write down: current_user */
    bool schemas;               /* schemas.enable */
    bool replica_identity_full; /* else DEFAULT: no old row but its key */
} envelope_form_t;

#define ENVELOPE_VERSION "3.6.0.Final" /* whose messages were recorded */

typedef struct envelope_encoder envelope_encoder_t;

/* NULL when memory is out. */
envelope_encoder_t *envelope_encoder_new(const envelope_form_t *form);
void envelope_encoder_free(envelope_encoder_t *encoder); /* NULL is allowed */

/* What updates made of a row: an amount, and what the triggers noted of the last update. */
#define ENVELOPE_NEVER_UPDATED INT64_MIN
typedef struct {
    uint32_t cents;
    uint32_t old_cents; /* before the last update; the same: that update left the amount alone */
    int64_t modified_at_us; /* Unix µs, the last update's transaction; ENVELOPE_NEVER_UPDATED */
} envelope_state_t;

/* Version `version` of a row (modulo ROW_VERSIONS), made by an update at that time; with
 * ENVELOPE_NEVER_UPDATED, the row as inserted. */
envelope_state_t envelope_state(const row_space_t *space, uint64_t row, uint32_t version,
                                int64_t modified_at_us);

typedef struct {
    op_t op;
    const row_text_t *row; /* every loaded column but timestamp and amount is taken from here */
    int64_t timestamp_us;  /* that column: row_timestamp_us */
    envelope_state_t before, after; /* before: not read for an insert; after: not for a delete */
    int64_t commit_us;              /* Unix µs, not below 0: source.ts_* */
    int64_t event_ns; /* Unix ns, not below 0: when the connector made the message: ts_* */
    uint32_t txn_id;
    uint64_t lsn;
    uint64_t last_commit_lsn; /* sequence[0]; 0: null, the connector's first transaction */
} envelope_event_t;

/* The size that `out` must have below: more than any message needs, since slots are copied whole.
 */
size_t envelope_key_max(const envelope_encoder_t *encoder);
size_t envelope_value_max(const envelope_encoder_t *encoder);

/* Writes a record's key, or value; returns the bytes (no NUL). A delete's tombstone has the same
 * key and no value. */
size_t envelope_key_write(const envelope_encoder_t *encoder, const row_text_t *row, char *out);
size_t envelope_value_write(const envelope_encoder_t *encoder, const envelope_event_t *event,
                            char *out);

/* ---- rows as they are inserted, each as a message and a newline. Times and positions, which no
 * row has, are made up, a function of the row too: row i is transaction 1000 + i (mod 2^32),
 * committed i (mod 2^40) µs after 2024-01-01 00:00:00 UTC, at LSN 2^24 + 256 × i (mod 2^64); its
 * message was made a millisecond later. */

/* Room that a row needs. */
size_t envelope_rows_max(const envelope_encoder_t *encoder);

/* Writes rows first … first + n − 1; returns the bytes written. */
size_t envelope_rows_write(const envelope_encoder_t *encoder, const row_space_t *space,
                           uint64_t first, size_t n, char *out);

#endif
