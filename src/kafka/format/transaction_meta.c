#include "kafka/format/transaction_meta.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/buf.h"
#include "kafka/format/envelope_schema.h"
#include "kafka/format/json_reader.h"

struct transaction_reader {
    envelope_schema_t schema;
    transaction_collection_t *collections;
    size_t cap;
    buf_t room;
};

transaction_reader_t *transaction_reader_new(void)
{
    return calloc(1, sizeof(transaction_reader_t));
}

void transaction_reader_free(transaction_reader_t *reader)
{
    if (reader) {
        envelope_schema_free(&reader->schema);
        buf_free(&reader->room);
        free(reader->collections);
        free(reader);
    }
}

/* ---- members --------------------------------------------------------------------------------- */

static const char wrong_type[] = "a value that is not of its member's type";

/* A string, or null, which leaves *out as it is. */
static bool read_text(json_reader_t *json, slice_t *out)
{
    json_value_t value;
    if (!json_value(json, &value)) {
        return false;
    }
    if (value.kind == JSON_KIND_STRING) {
        *out = (slice_t){value.bytes, value.len};
    }
    return value.kind == JSON_KIND_STRING || value.kind == JSON_KIND_NULL ||
           json_fail(json, wrong_type);
}

/* A count or a time, or null. Neither is ever negative. */
static bool read_number(json_reader_t *json, uint64_t *out)
{
    json_value_t value;
    return json_value(json, &value) &&
           (value.kind == JSON_KIND_NULL ||
            (value.kind == JSON_KIND_INTEGER && json_uint64(value.bytes, value.len, out)) ||
            json_fail(json, wrong_type));
}

static bool read_time(json_reader_t *json, int64_t *out)
{
    uint64_t time = 0;
    if (!read_number(json, &time) || time > INT64_MAX) {
        return json_fail(json, wrong_type);
    }
    *out = (int64_t)time;
    return true;
}

static bool skip(json_reader_t *json)
{
    json_value_t unused;
    return json_value(json, &unused);
}

/* {"data_collection":"public.transactions","event_count":2} */
static bool read_collection(json_reader_t *json, transaction_collection_t *out)
{
    bool first = true;
    json_value_t name;
    *out = (transaction_collection_t){0};
    if (!json_enter(json, '{')) {
        return json_fail(json, wrong_type);
    }
    while (json_member(json, &first, &name)) {
        bool read = json_is(&name, "data_collection") ? read_text(json, &out->name)
                    : json_is(&name, "event_count")   ? read_number(json, &out->event_count)
                                                      : skip(json);
        if (!read) {
            return false;
        }
    }
    return !json->problem;
}

static bool read_collections(transaction_reader_t *reader, json_reader_t *json,
                             transaction_meta_t *out)
{
    bool first = true;
    if (!json_enter(json, '[')) {
        return json_peek(json) == 'n' ? skip(json) : json_fail(json, wrong_type);
    }
    out->n_collections = 0;
    while (json_item(json, &first)) {
        transaction_collection_t *room =
            array_room(reader->collections, out->n_collections, &reader->cap, sizeof(*room));
        if (!room) {
            return json_fail(json, "out of memory");
        }
        reader->collections = room;
        if (!read_collection(json, &room[out->n_collections++])) {
            return false;
        }
    }
    out->collections = reader->collections;
    return !json->problem;
}

static bool read_status(json_reader_t *json, transaction_status_t *out)
{
    json_value_t value;
    if (!json_value(json, &value)) {
        return false;
    }
    if (value.kind == JSON_KIND_STRING) {
        *out = json_is(&value, "BEGIN") ? TRANSACTION_BEGIN
               : json_is(&value, "END") ? TRANSACTION_END
                                        : TRANSACTION_OTHER;
    }
    return value.kind == JSON_KIND_STRING || json_fail(json, wrong_type);
}

static bool read_member(transaction_reader_t *reader, json_reader_t *json, const json_value_t *name,
                        transaction_meta_t *out)
{
    if (json_is(name, "status")) {
        return read_status(json, &out->status);
    }
    if (json_is(name, "id")) {
        return read_text(json, &out->id);
    }
    if (json_is(name, "event_count")) {
        return read_number(json, &out->event_count);
    }
    if (json_is(name, "data_collections")) {
        return read_collections(reader, json, out);
    }
    if (json_is(name, "ts_ms")) {
        return read_time(json, &out->time.ms);
    }
    if (json_is(name, "ts_us")) {
        return read_time(json, &out->time.us);
    }
    if (json_is(name, "ts_ns")) {
        return read_time(json, &out->time.ns);
    }
    return skip(json);
}

/* ---- a message ------------------------------------------------------------------------------- */

static bool read_payload(transaction_reader_t *reader, json_reader_t *json, transaction_meta_t *out)
{
    bool first = true;
    json_value_t name;
    if (!json_enter(json, '{')) {
        return json_peek(json) == 'n' ? skip(json) : json_fail(json, "neither an object nor null");
    }
    while (json_member(json, &first, &name)) {
        if (!read_member(reader, json, &name, out)) {
            return false;
        }
    }
    return !json->problem;
}

bool transaction_meta_read(transaction_reader_t *reader, const char *value, size_t len,
                           transaction_meta_t *out, err_t *err)
{
    json_reader_t json;
    bool with_schema, changed;
    *out = (transaction_meta_t){0};
    if (len == 0) {
        return true;
    }
    buf_clear(&reader->room);
    char *room = buf_room(&reader->room, len + JSON_ROOM_SLACK);
    if (!room) {
        return err_set(err, ERR_RUN, "reading a transaction's message of %zu bytes: out of memory",
                       len);
    }
    json_begin(&json, value, len, room, len + JSON_ROOM_SLACK);
    if (!envelope_schema_enter(&reader->schema, &json, &with_schema, &changed) ||
        !read_payload(reader, &json, out) || !envelope_schema_leave(&json, with_schema)) {
        return err_set(err, ERR_RUN, "reading a transaction's message: byte %zu of %zu: %s",
                       (size_t)(json.at - json.start), len, json.problem);
    }
    return true;
}

bool transaction_id_read(const slice_t *id, uint64_t *txid, uint64_t *lsn)
{
    const char *colon = id->len > 0 ? memchr(id->bytes, ':', id->len) : NULL;
    uint32_t len = colon ? (uint32_t)(colon - id->bytes) : id->len;
    *txid = *lsn = 0;
    return len > 0 && json_uint64(id->bytes, len, txid) && *txid != 0 &&
           (!colon || json_uint64(colon + 1, id->len - len - 1, lsn));
}
