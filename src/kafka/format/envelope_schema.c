#include "kafka/format/envelope_schema.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"

static void forget(envelope_schema_t *schema)
{
    buf_clear(&schema->prefix);
    buf_clear(&schema->names);
    schema->n_decimals = 0;
}

void envelope_schema_free(envelope_schema_t *schema)
{
    buf_free(&schema->prefix);
    buf_free(&schema->names);
    free(schema->decimals);
    *schema = (envelope_schema_t){0};
}

const schema_decimal_t *envelope_schema_decimal(const envelope_schema_t *schema, const char *name,
                                                size_t len)
{
    for (size_t i = 0; i < schema->n_decimals; i++) {
        const schema_decimal_t *decimal = &schema->decimals[i];
        if (decimal->name_len == len &&
            memcmp(schema->names.data + decimal->name_at, name, len) == 0) {
            return decimal;
        }
    }
    return NULL;
}

/* ---- reading a schema ------------------------------------------------------------------------ */

static bool add_decimal(envelope_schema_t *schema, const json_value_t *name, int64_t scale)
{
    if (envelope_schema_decimal(schema, name->bytes, name->len)) {
        return true;
    }
    schema_decimal_t *room =
        array_room(schema->decimals, schema->n_decimals, &schema->cap_decimals, sizeof(*room));
    if (!room) {
        return false;
    }
    schema->decimals = room;
    schema_decimal_t decimal = {(uint32_t)schema->names.len, name->len, scale};
    if (!buf_put(&schema->names, name->bytes, name->len)) {
        return false;
    }
    schema->decimals[schema->n_decimals++] = decimal;
    return true;
}

/* What makes a schema object the schema of a decimal field:
 *   {"type":"bytes","name":"org.apache.kafka.connect.data.Decimal",
 *    "parameters":{"scale":"2",…},"field":"amount"} */
typedef struct {
    json_value_t name, field, scale;
} field_schema_t;

static bool find_scale(json_reader_t *json, json_value_t *scale)
{
    bool first = true;
    json_value_t name, value;
    while (json_member(json, &first, &name)) {
        if (!json_value(json, &value)) {
            return false;
        }
        if (json_is(&name, "scale")) {
            *scale = value;
        }
    }
    return !json->problem;
}

static bool walk(envelope_schema_t *schema, json_reader_t *json, unsigned depth);

static bool walk_member(envelope_schema_t *schema, json_reader_t *json, const json_value_t *name,
                        field_schema_t *field, unsigned depth)
{
    char begins = json_peek(json);
    if (begins == '{' && json_is(name, "parameters")) {
        return json_enter(json, '{') && find_scale(json, &field->scale);
    }
    if (begins == '{' || begins == '[') {
        return walk(schema, json, depth);
    }
    json_value_t value;
    if (!json_value(json, &value)) {
        return false;
    }
    if (value.kind == JSON_KIND_STRING && json_is(name, "name")) {
        field->name = value;
    } else if (value.kind == JSON_KIND_STRING && json_is(name, "field")) {
        field->field = value;
    }
    return true;
}

static bool walk_object(envelope_schema_t *schema, json_reader_t *json, unsigned depth)
{
    bool first = true;
    json_value_t name;
    field_schema_t field = {0};
    while (json_member(json, &first, &name)) {
        if (!walk_member(schema, json, &name, &field, depth)) {
            return false;
        }
    }
    int64_t scale;
    if (!json->problem && field.name.bytes && field.field.bytes && field.scale.bytes &&
        json_is(&field.name, "org.apache.kafka.connect.data.Decimal") &&
        json_int64(field.scale.bytes, field.scale.len, &scale)) {
        return add_decimal(schema, &field.field, scale);
    }
    return !json->problem;
}

/* Notes every decimal in an object or an array, and in those inside of it. */
static bool walk(envelope_schema_t *schema, json_reader_t *json, unsigned depth)
{
    if (depth == JSON_DEPTH_MAX) {
        return false;
    }
    if (json_enter(json, '{')) {
        return walk_object(schema, json, depth + 1);
    }
    bool first = true;
    json_value_t value;
    if (!json_enter(json, '[')) {
        return json_value(json, &value);
    }
    while (json_item(json, &first)) {
        if (!walk(schema, json, depth + 1)) {
            return false;
        }
    }
    return !json->problem;
}

/* The schema's decimals; none when it cannot be read, which is no fault of the payload's. */
static void learn_decimals(envelope_schema_t *schema, const json_reader_t *at_schema,
                           const json_value_t *bytes)
{
    json_reader_t json;
    json_begin(&json, bytes->bytes, bytes->len, at_schema->room,
               (size_t)(at_schema->room_end - at_schema->room));
    if (!walk(schema, &json, 0)) {
        schema->n_decimals = 0;
    }
}

/* ---- before and behind the payload ----------------------------------------------------------- */

/* Reads {"schema":…,"payload": with the schema an object or null. False when the message does not
 * begin so, which is no problem: then it is its own payload. */
static bool read_prefix(json_reader_t *json, json_value_t *schema)
{
    if (json->end - json->at > 2 && json->at[0] == '{' && json->at[1] == '"' &&
        json->at[2] != 's' && json->at[2] != '\\') {
        return false; /* most messages without a schema: another name, whatever it is */
    }
    bool first = true;
    json_value_t name;
    if (!json_enter(json, '{') || !json_member(json, &first, &name) || !json_is(&name, "schema")) {
        return false;
    }
    char begins = json_peek(json);
    return (begins == '{' || begins == 'n') && json_value(json, schema) &&
           json_member(json, &first, &name) && json_is(&name, "payload");
}

bool envelope_schema_enter(envelope_schema_t *schema, json_reader_t *json, bool *with_schema,
                           bool *changed)
{
    size_t known = schema->prefix.len;
    *changed = false;
    *with_schema = true;
    if (known > 0 && (size_t)(json->end - json->at) >= known &&
        memcmp(json->at, schema->prefix.data, known) == 0) {
        json->at += known;
        return !json->problem;
    }
    json_reader_t ahead = *json;
    json_value_t bytes;
    *with_schema = read_prefix(&ahead, &bytes);
    *changed = *with_schema || known > 0;
    if (*changed) {
        forget(schema);
    }
    if (!*with_schema) {
        return !json->problem;
    }
    if (bytes.kind == JSON_KIND_OBJECT) {
        learn_decimals(schema, &ahead, &bytes);
    }
    if (!buf_put(&schema->prefix, json->at, (size_t)(ahead.at - json->at))) {
        buf_clear(&schema->prefix); /* the next message's is then read again */
    }
    json->at = ahead.at;
    return true;
}

bool envelope_schema_leave(json_reader_t *json, bool with_schema)
{
    bool first = false;
    json_value_t name;
    if (with_schema && json_member(json, &first, &name) && !json->problem) {
        json_fail(json, "something follows the payload");
    }
    return json_finish(json);
}
