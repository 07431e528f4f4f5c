/*
 * envelope_schema: the part of a message before its payload, {"schema":{…},"payload":. It is the
 * same bytes in every message of a topic until the table changes, so it is kept and compared; only
 * when it differs is it read, for the one thing that the payload does not say by itself: which
 * columns are decimals in base64, and their scale. One owner, one thread.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_ENVELOPE_SCHEMA_H
#define CDCBENCH_KAFKA_FORMAT_ENVELOPE_SCHEMA_H

#include "base/buf.h"
#include "kafka/format/json_reader.h"

/* A field whose schema is org.apache.kafka.connect.data.Decimal. */
typedef struct {
    uint32_t name_at, name_len; /* in `names` */
    int64_t scale;
} schema_decimal_t;

typedef struct {
    buf_t prefix; /* the last message's bytes up to its payload; empty: none */
    buf_t names;
    schema_decimal_t *decimals; /* by field name, whatever struct it stands in: before and after
                                   have the same columns, the others no decimals */
    size_t n_decimals, cap_decimals;
} envelope_schema_t;

void envelope_schema_free(envelope_schema_t *schema);

/* Stands at the payload of a message, from its beginning: behind its schema if there is one
 * (*with_schema), else where it was. *changed: the schema is not the one of the message before, so
 * that what was derived from its decimals is no longer good. False on a problem of the JSON, memory
 * running out included. */
bool envelope_schema_enter(envelope_schema_t *schema, json_reader_t *json, bool *with_schema,
                           bool *changed);

/* Behind the payload: reads what closes the message that envelope_schema_enter stepped into. */
bool envelope_schema_leave(json_reader_t *json, bool with_schema);

/* The decimal of that name, or NULL. Good until the schema changes. */
const schema_decimal_t *envelope_schema_decimal(const envelope_schema_t *schema, const char *name,
                                                size_t len);

#endif
