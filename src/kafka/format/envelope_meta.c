#include <string.h>

#include "kafka/format/envelope_internal.h"

#define IN(member)    offsetof(envelope_t, member)
#define COUNT(table)  (sizeof(table) / sizeof((table)[0]))
#define LENGTH(text)  (sizeof(text) - 1)
#define SOURCE_PART   "source_"
#define TRANSACT_PART "transaction_"

static const meta_t envelope_members[] = {
    {"before", META_BEFORE, 0},
    {"after", META_AFTER, 0},
    {"source", META_SOURCE, 0},
    {"transaction", META_TRANSACTION, 0},
    {"op", META_OP, 0},
    {"ts_ms", META_TIME, IN(time.ms)},
    {"ts_us", META_TIME, IN(time.us)},
    {"ts_ns", META_TIME, IN(time.ns)},
};

static const meta_t source_members[] = {
    {"version", META_TEXT, IN(source.version)},   {"connector", META_TEXT, IN(source.connector)},
    {"name", META_TEXT, IN(source.name)},         {"db", META_TEXT, IN(source.db)},
    {"schema", META_TEXT, IN(source.schema)},     {"table", META_TEXT, IN(source.table)},
    {"snapshot", META_TEXT, IN(source.snapshot)}, {"sequence", META_SEQUENCE, 0},
    {"txId", META_NUMBER, IN(source.txid)},       {"lsn", META_NUMBER, IN(source.lsn)},
    {"ts_ms", META_TIME, IN(source.time.ms)},     {"ts_us", META_TIME, IN(source.time.us)},
    {"ts_ns", META_TIME, IN(source.time.ns)},
};

static const meta_t transaction_members[] = {
    {"id", META_TEXT, IN(transaction.id)},
    {"total_order", META_NUMBER, IN(transaction.total_order)},
    {"data_collection_order", META_NUMBER, IN(transaction.data_collection_order)},
};

static const meta_t deleted = {"__deleted", META_DELETED, 0};

/* ---- names ----------------------------------------------------------------------------------- */

static bool is(const char *text, const char *name, size_t len)
{
    return strlen(text) == len && memcmp(text, name, len) == 0;
}

static const meta_t *find(const meta_t *table, size_t n, const char *name, size_t len)
{
    for (size_t i = 0; i < n; i++) {
        if (is(table[i].name, name, len)) {
            return &table[i];
        }
    }
    return NULL;
}

const meta_t *meta_of_envelope(const char *name, size_t len)
{
    return find(envelope_members, COUNT(envelope_members), name, len);
}

const meta_t *meta_of_source(const char *name, size_t len)
{
    return find(source_members, COUNT(source_members), name, len);
}

const meta_t *meta_of_transaction(const char *name, size_t len)
{
    return find(transaction_members, COUNT(transaction_members), name, len);
}

static bool begins_with(const char *name, size_t len, const char *prefix, size_t prefix_len)
{
    return len > prefix_len && memcmp(name, prefix, prefix_len) == 0;
}

/* AbstractExtractNewRecordState.FieldReference: prefix + "source_ts_ms" for
 * add.fields=source.ts_ms; without a struct, op and ts_… are the envelope's, id and …order
 * transaction's, the rest source's. */
const meta_t *meta_of_flat(const char *prefix, const char *name, size_t len)
{
    size_t prefix_len = strlen(prefix);
    if (is(deleted.name, name, len)) {
        return &deleted;
    }
    if (prefix_len == 0 || !begins_with(name, len, prefix, prefix_len)) {
        return NULL;
    }
    name += prefix_len;
    len -= prefix_len;
    if (begins_with(name, len, SOURCE_PART, LENGTH(SOURCE_PART))) {
        return meta_of_source(name + LENGTH(SOURCE_PART), len - LENGTH(SOURCE_PART));
    }
    if (begins_with(name, len, TRANSACT_PART, LENGTH(TRANSACT_PART))) {
        return meta_of_transaction(name + LENGTH(TRANSACT_PART), len - LENGTH(TRANSACT_PART));
    }
    const meta_t *meta = meta_of_envelope(name, len);
    if (meta) {
        return meta->type == META_OP || meta->type == META_TIME ? meta : NULL;
    }
    meta = meta_of_transaction(name, len);
    return meta ? meta : meta_of_source(name, len);
}

/* ---- values ---------------------------------------------------------------------------------- */

envelope_op_t meta_op(char c)
{
    switch (c) {
    case 'c':
        return ENVELOPE_CREATE;
    case 'r':
        return ENVELOPE_READ;
    case 'u':
        return ENVELOPE_UPDATE;
    case 'd':
        return ENVELOPE_DELETE;
    case 't':
        return ENVELOPE_TRUNCATE;
    case 'm':
        return ENVELOPE_MESSAGE;
    default:
        return ENVELOPE_OTHER;
    }
}

/* One of the two LSNs: a string of digits, or null, which is 0. */
static bool sequence_item(json_reader_t *json, bool *first, uint64_t *out)
{
    json_value_t value;
    *out = 0;
    return json_item(json, first) && json_value(json, &value) &&
           (value.kind == JSON_KIND_NULL ||
            (value.kind == JSON_KIND_STRING && json_uint64(value.bytes, value.len, out)));
}

/* ["26707512","26707568"] or [null,"26725160"], once unescaped. */
static bool parse_sequence(const json_value_t *text, envelope_source_t *source)
{
    json_reader_t json;
    bool first = true;
    char no_room[1];
    json_begin(&json, text->bytes, text->len, no_room, 0);
    return json_enter(&json, '[') && sequence_item(&json, &first, &source->last_commit_lsn) &&
           sequence_item(&json, &first, &source->sequence_lsn) && !json_item(&json, &first) &&
           json_finish(&json);
}

static bool store_text(void *at, const json_value_t *value)
{
    if (value->kind != JSON_KIND_STRING && value->kind != JSON_KIND_BOOL) {
        return false;
    }
    slice_t slice = {value->bytes, value->len};
    memcpy(at, &slice, sizeof(slice));
    return true;
}

static bool store(const meta_t *meta, const json_value_t *value, meta_state_t *state)
{
    char *at = (char *)state->out + meta->offset;
    bool text = value->kind == JSON_KIND_STRING, digits = value->kind == JSON_KIND_INTEGER;
    int64_t time;
    uint64_t number;
    switch (meta->type) {
    case META_TEXT:
        return store_text(at, value);
    case META_TIME:
        return digits && json_int64(value->bytes, value->len, &time) &&
               memcpy(at, &time, sizeof(time));
    case META_NUMBER:
        return digits && json_uint64(value->bytes, value->len, &number) &&
               memcpy(at, &number, sizeof(number));
    case META_SEQUENCE:
        return text && parse_sequence(value, &state->out->source);
    case META_OP:
        state->has_op = text;
        state->out->op = meta_op(value->len == 1 ? value->bytes[0] : '\0');
        return text;
    case META_DELETED:
        state->deleted = (text || value->kind == JSON_KIND_BOOL) && json_is(value, "true");
        return state->deleted ||
               ((text || value->kind == JSON_KIND_BOOL) && json_is(value, "false"));
    default:
        return false;
    }
}

bool meta_read(const meta_t *meta, json_reader_t *json, meta_state_t *state)
{
    json_value_t value;
    if (!json_value(json, &value)) {
        return false;
    }
    if (value.kind != JSON_KIND_NULL && !store(meta, &value, state) && !state->wrong) {
        state->wrong = meta;
    }
    return true;
}
