/*
 * envelope_internal: what the envelope reader's files share. A message is read by one pass over its
 * JSON; each object's reader looks up what a name means when the name is new, and then goes by the
 * meaning that json_names_t keeps.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_ENVELOPE_INTERNAL_H
#define CDCBENCH_KAFKA_FORMAT_ENVELOPE_INTERNAL_H

#include "kafka/format/envelope.h"
#include "kafka/format/envelope_schema.h"
#include "kafka/format/json_names.h"

/* ---- rows ------------------------------------------------------------------------------------ */

/* Where the columns of one kind of row are put. Kinds number themselves apart, so that no two rows
 * of different kinds have the same names_version. */
typedef enum { ROW_KEY, ROW_BEFORE, ROW_AFTER, ROW_FLAT, ROW_KINDS } row_kind_t;

typedef struct {
    json_names_t names;
    envelope_field_t *fields;
    /* Where each field's value ended in the message, its closing quote included: of the last row
     * that row_walk read, for row_walk's twin. */
    const char **ends;
    uint32_t cap;
} row_reader_t;

void row_reader_free(row_reader_t *rows);

/* Empties `out`, for the columns of an object that is about to be read. */
void row_begin(row_reader_t *rows, envelope_row_t *out);

/* Reads one column's value. `schema` is the one that stood before the payload. False: a problem. */
bool row_column(row_reader_t *rows, json_reader_t *json, const envelope_schema_t *schema,
                json_name_t *name, envelope_row_t *out);

/* Behind the last column: the version of the names. */
void row_end(const row_reader_t *rows, row_kind_t kind, envelope_row_t *out);

/* Reads a whole object as a row. The reader stands at its bracket. */
bool row_read(row_reader_t *rows, row_kind_t kind, json_reader_t *json,
              const envelope_schema_t *schema, envelope_row_t *out);

/* The same for a row that is expected to have the names of the last one, read or walked. False, and
 * nothing is said of why, where it has others or is not right: it is for row_read then. `twin` is a
 * row of this message that row_walk has read, from `twin_begin` on, or NULL: what the two have in
 * common is not read again (the fields then point to the twin's bytes, which are the same). */
bool row_walk(row_reader_t *rows, row_kind_t kind, json_reader_t *json,
              const envelope_schema_t *schema, const row_reader_t *twin, const char *twin_begin,
              envelope_row_t *out);

/* ---- metadata -------------------------------------------------------------------------------- */

/* What a member of the envelope, of source or of transaction is. */
typedef enum {
    META_TEXT,
    META_TIME,     /* int64_t */
    META_NUMBER,   /* uint64_t */
    META_SEQUENCE, /* ["last commit LSN","LSN"], in a string */
    META_OP,
    META_DELETED, /* of a flattened row */
    META_BEFORE,
    META_AFTER,
    META_SOURCE,
    META_TRANSACTION,
} meta_type_t;

typedef struct {
    const char *name;
    meta_type_t type;
    size_t offset; /* of the first four: where in envelope_t it goes */
} meta_t;

/* The member of that name in the envelope itself, in source, in transaction; NULL: none of use. */
const meta_t *meta_of_envelope(const char *name, size_t len);
const meta_t *meta_of_source(const char *name, size_t len);
const meta_t *meta_of_transaction(const char *name, size_t len);

/* The same for a flattened row's member; NULL: it is a column. */
const meta_t *meta_of_flat(const char *prefix, const char *name, size_t len);

/* What was read so far of one value. */
typedef struct {
    envelope_t *out;
    const meta_t *wrong; /* the first member whose value was not of its type */
    bool has_op, has_source, deleted;
} meta_state_t;

/* What stands for an operation. */
envelope_op_t meta_op(char c);

/* Reads the value of a member that is no object: one of the first six types. A value of the wrong
 * type is noted in state->wrong. False: a problem of the JSON. */
bool meta_read(const meta_t *meta, json_reader_t *json, meta_state_t *state);

#endif
