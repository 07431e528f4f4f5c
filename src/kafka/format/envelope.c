#include "kafka/format/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "kafka/format/decimal.h"
#include "kafka/format/envelope_internal.h"
#include "kafka/format/envelope_path.h"

const char *const envelope_op_names[ENVELOPE_OPS] = {
    [ENVELOPE_OTHER] = "other",         [ENVELOPE_CREATE] = "create",
    [ENVELOPE_READ] = "read",           [ENVELOPE_UPDATE] = "update",
    [ENVELOPE_DELETE] = "delete",       [ENVELOPE_TRUNCATE] = "truncate",
    [ENVELOPE_MESSAGE] = "message",     [ENVELOPE_ROW] = "row",
    [ENVELOPE_TOMBSTONE] = "tombstone",
};

/* What decimals may take of the room, beside what the message's own length allows for. */
#define ROOM_FOR_DECIMALS (16 * (size_t)DECIMAL_TEXT_MAX)

struct envelope_reader {
    char *metadata_prefix;
    envelope_schema_t key_schema, value_schema;
    json_names_t envelope_names, source_names, transaction_names;
    row_reader_t rows[ROW_KINDS];
    envelope_path_t path;
    buf_t room; /* for the strings of one message that had to be unescaped, and its decimals */
};

envelope_reader_t *envelope_reader_new(const char *metadata_prefix)
{
    envelope_reader_t *reader = calloc(1, sizeof(*reader));
    if (!reader) {
        return NULL;
    }
    reader->metadata_prefix = strdup(metadata_prefix ? metadata_prefix : "__");
    if (!reader->metadata_prefix) {
        free(reader);
        return NULL;
    }
    return reader;
}

void envelope_reader_free(envelope_reader_t *reader)
{
    if (!reader) {
        return;
    }
    envelope_schema_free(&reader->key_schema);
    envelope_schema_free(&reader->value_schema);
    json_names_free(&reader->envelope_names);
    json_names_free(&reader->source_names);
    json_names_free(&reader->transaction_names);
    for (int kind = 0; kind < ROW_KINDS; kind++) {
        row_reader_free(&reader->rows[kind]);
    }
    envelope_path_free(&reader->path);
    buf_free(&reader->room);
    free(reader->metadata_prefix);
    free(reader);
}

bool envelope_time(const envelope_time_t *time, int64_t *out_ns, int64_t *out_unit_ns)
{
    const int64_t ns_per_us = 1000, ns_per_ms = 1000000;
    int64_t count = time->ns ? time->ns : time->us ? time->us : time->ms;
    *out_unit_ns = time->ns ? 1 : time->us ? ns_per_us : ns_per_ms;
    return count != 0 && !__builtin_mul_overflow(count, *out_unit_ns, out_ns);
}

bool envelope_is_snapshot(const envelope_t *envelope)
{
    const slice_t *said = &envelope->source.snapshot;
    bool not_false = said->bytes && !(said->len == 5 && memcmp(said->bytes, "false", 5) == 0);
    return envelope->op == ENVELOPE_READ || not_false;
}

/* ---- the envelope ---------------------------------------------------------------------------- */

typedef const meta_t *meta_lookup_t(const char *name, size_t len);

/* Reads source or transaction: an object of metadata. */
static bool read_metadata(json_names_t *names, meta_lookup_t *lookup, json_reader_t *json,
                          meta_state_t *state)
{
    json_name_t *name;
    json_value_t unused;
    json_names_enter(names, json);
    while ((name = json_names_next(names, json))) {
        if (name->fresh) {
            name->meaning = lookup(name->text, name->text_len);
            name->fresh = false;
        }
        bool read =
            name->meaning ? meta_read(name->meaning, json, state) : json_value(json, &unused);
        if (!read) {
            return false;
        }
    }
    return !json->problem;
}

/* A member that is an object or null. */
static bool read_part(envelope_reader_t *reader, const meta_t *meta, json_reader_t *json,
                      meta_state_t *state)
{
    if (json_peek(json) != '{') {
        return meta_read(meta, json, state);
    }
    switch (meta->type) {
    case META_BEFORE:
        return row_read(&reader->rows[ROW_BEFORE], ROW_BEFORE, json, &reader->value_schema,
                        &state->out->before);
    case META_AFTER:
        return row_read(&reader->rows[ROW_AFTER], ROW_AFTER, json, &reader->value_schema,
                        &state->out->after);
    case META_SOURCE:
        state->has_source = true;
        return read_metadata(&reader->source_names, meta_of_source, json, state);
    case META_TRANSACTION:
        return read_metadata(&reader->transaction_names, meta_of_transaction, json, state);
    default:
        return meta_read(meta, json, state);
    }
}

/* Reads an object as an envelope, as long as it looks like one. Whether it was one is known at its
 * end: it has an op that is a string and a source that is an object, which no row has, since what
 * is an object in PostgreSQL is a string in a row. False: a problem. */
static bool read_envelope(envelope_reader_t *reader, json_reader_t *json, meta_state_t *state)
{
    json_names_t *names = &reader->envelope_names;
    json_name_t *name;
    json_value_t unused;
    json_names_enter(names, json);
    while ((name = json_names_next(names, json))) {
        if (name->fresh) {
            name->meaning = meta_of_envelope(name->text, name->text_len);
            name->fresh = false;
        }
        if (!name->meaning && names->next == 1) {
            return true; /* begins with a column: not an envelope */
        }
        bool read = name->meaning ? read_part(reader, name->meaning, json, state)
                                  : json_value(json, &unused);
        if (!read) {
            return false;
        }
    }
    return !json->problem;
}

/* ---- a flattened row ------------------------------------------------------------------------- */

enum { ROLE_COLUMN, ROLE_METADATA };

/* Debezium's heartbeat, {"ts_ms":…} and from 2.6 on perhaps its finer ones: no row of a table. */
static bool is_heartbeat(const envelope_row_t *row)
{
    for (uint32_t i = 0; i < row->n; i++) {
        const envelope_field_t *field = &row->fields[i];
        const meta_t *meta = meta_of_envelope(field->name.bytes, field->name.len);
        if (!meta || meta->type != META_TIME || field->kind != ENVELOPE_INTEGER) {
            return false;
        }
    }
    return row->n > 0;
}

/* What a flattened row says was done, and on which side that puts it. */
static void place_flat_row(envelope_t *out, const meta_state_t *state)
{
    if (is_heartbeat(&out->after)) {
        out->op = ENVELOPE_OTHER;
        out->after = (envelope_row_t){0};
        return;
    }
    if (state->deleted) {
        out->op = ENVELOPE_DELETE;
    } else if (!state->has_op) {
        out->op = ENVELOPE_ROW;
    }
    if (out->op == ENVELOPE_DELETE) {
        out->before = out->after;
        out->after = (envelope_row_t){0};
    }
}

static bool read_flat(envelope_reader_t *reader, json_reader_t *json, meta_state_t *state)
{
    row_reader_t *rows = &reader->rows[ROW_FLAT];
    envelope_row_t *row = &state->out->after;
    json_name_t *name;
    row_begin(rows, row);
    json_names_enter(&rows->names, json);
    while ((name = json_names_next(&rows->names, json))) {
        const meta_t *meta = NULL;
        if (name->fresh) {
            meta = meta_of_flat(reader->metadata_prefix, name->text, name->text_len);
            name->role = meta ? ROLE_METADATA : ROLE_COLUMN;
            if (meta) {
                name->meaning = meta;
                name->fresh = false;
            }
        }
        bool read = name->role == ROLE_METADATA
                        ? meta_read(name->meaning, json, state)
                        : row_column(rows, json, &reader->value_schema, name, row);
        if (!read) {
            return false;
        }
    }
    if (json->problem) {
        return false;
    }
    row_end(rows, ROW_FLAT, row);
    place_flat_row(state->out, state);
    state->out->flattened = true;
    return true;
}

/* ---- a message ------------------------------------------------------------------------------- */

static bool describe(const json_reader_t *json, const char *side, size_t len, err_t *err)
{
    return err_set(err, ERR_RUN, "reading a message's %s: byte %zu of %zu: %s", side,
                   (size_t)(json->at - json->start), len, json->problem);
}

/* Goes back to where the payload begins. */
static void start_again(json_reader_t *json, const json_reader_t *begin, envelope_t *out)
{
    *json = *begin;
    *out = (envelope_t){.key = out->key, .with_schema = out->with_schema};
}

/* Reads the payload of a value, which is an object: along the beaten path, if it leads so far; as
 * an envelope; as a flattened row. */
static bool read_change(envelope_reader_t *reader, json_reader_t *json, envelope_t *out,
                        const meta_t **wrong)
{
    meta_state_t state = {.out = out};
    json_reader_t begin = *json;
    if (envelope_path_walk(&reader->path, reader->rows, &reader->value_schema, json, out)) {
        return true;
    }
    start_again(json, &begin, out);
    if (!read_envelope(reader, json, &state)) {
        return false;
    }
    if (state.has_op && state.has_source) {
        if (!state.wrong) {
            envelope_path_learn(&reader->path, begin.at, json);
        }
    } else {
        start_again(json, &begin, out);
        state = (meta_state_t){.out = out};
        if (!read_flat(reader, json, &state)) {
            return false;
        }
    }
    *wrong = state.wrong;
    return true;
}

static bool read_null(json_reader_t *json)
{
    json_value_t value;
    if (json_value(json, &value) && value.kind != JSON_KIND_NULL) {
        json_fail(json, "neither an object nor null");
    }
    return !json->problem;
}

static bool read_value(envelope_reader_t *reader, json_reader_t *json, envelope_t *out,
                       const meta_t **wrong)
{
    bool changed;
    if (!envelope_schema_enter(&reader->value_schema, json, &out->with_schema, &changed)) {
        return false;
    }
    if (changed) {
        json_names_forget(&reader->rows[ROW_BEFORE].names);
        json_names_forget(&reader->rows[ROW_AFTER].names);
        json_names_forget(&reader->rows[ROW_FLAT].names);
    }
    if (json_peek(json) == '{') {
        if (!read_change(reader, json, out, wrong)) {
            return false;
        }
    } else if (read_null(json)) {
        out->op = ENVELOPE_TOMBSTONE;
    } else {
        return false;
    }
    return envelope_schema_leave(json, out->with_schema);
}

static bool read_key(envelope_reader_t *reader, json_reader_t *json, envelope_t *out)
{
    bool changed, with_schema;
    if (!envelope_schema_enter(&reader->key_schema, json, &with_schema, &changed)) {
        return false;
    }
    if (changed) {
        json_names_forget(&reader->rows[ROW_KEY].names);
    }
    if (json_peek(json) == '{') {
        row_reader_t *rows = &reader->rows[ROW_KEY];
        json_reader_t begin = *json;
        if (!row_walk(rows, ROW_KEY, json, &reader->key_schema, NULL, NULL, &out->key)) {
            *json = begin;
            if (!row_read(rows, ROW_KEY, json, &reader->key_schema, &out->key)) {
                return false;
            }
        }
    } else if (!read_null(json)) {
        return false;
    }
    return envelope_schema_leave(json, with_schema);
}

bool envelope_read(envelope_reader_t *reader, const char *key, size_t key_len, const char *value,
                   size_t value_len, envelope_t *out, err_t *err)
{
    json_reader_t json;
    const meta_t *wrong = NULL;
    *out = (envelope_t){0};
    buf_clear(&reader->room);
    size_t room_bytes = 2 * (key_len + value_len) + ROOM_FOR_DECIMALS;
    char *room = buf_room(&reader->room, room_bytes);
    if (!room) {
        return err_set(err, ERR_RUN, "reading a message of %zu bytes: out of memory", value_len);
    }
    if (key_len > 0) {
        json_begin(&json, key, key_len, room, room_bytes);
        if (!read_key(reader, &json, out)) {
            return describe(&json, "key", key_len, err);
        }
        room_bytes -= (size_t)(json.room - room);
        room = json.room;
    }
    if (value_len == 0) {
        out->op = ENVELOPE_TOMBSTONE;
        return true;
    }
    json_begin(&json, value, value_len, room, room_bytes);
    if (!read_value(reader, &json, out, &wrong)) {
        return describe(&json, "value", value_len, err);
    }
    if (wrong) {
        return err_set(err, ERR_RUN,
                       "reading a message's value: its %s is not what Debezium writes there",
                       wrong->name);
    }
    return true;
}
