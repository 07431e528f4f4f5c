#include <stdlib.h>
#include <string.h>

#include "kafka/format/decimal.h"
#include "kafka/format/envelope_internal.h"
#include "kafka/format/json_scan.h"

static const envelope_kind_t kinds[] = {
    [JSON_KIND_NULL] = ENVELOPE_NULL,       [JSON_KIND_STRING] = ENVELOPE_STRING,
    [JSON_KIND_INTEGER] = ENVELOPE_INTEGER, [JSON_KIND_NUMBER] = ENVELOPE_NUMBER,
    [JSON_KIND_BOOL] = ENVELOPE_BOOL,       [JSON_KIND_OBJECT] = ENVELOPE_RAW,
    [JSON_KIND_ARRAY] = ENVELOPE_RAW,
};

void row_reader_free(row_reader_t *rows)
{
    json_names_free(&rows->names);
    free(rows->fields);
    free(rows->ends);
    *rows = (row_reader_t){0};
}

/* ---- decimals -------------------------------------------------------------------------------- */

/* Replaces base64 by the decimal it stands for. False, with nothing changed, when it is none or
 * when no room is left for it. */
static bool put_decimal(json_reader_t *json, const json_value_t *base64, int64_t scale,
                        envelope_field_t *field)
{
    if (json->room_end - json->room < DECIMAL_TEXT_MAX) {
        return false;
    }
    size_t len = decimal_text(base64->bytes, base64->len, scale, json->room);
    if (len == 0) {
        return false;
    }
    field->value = (slice_t){json->room, (uint32_t)len};
    field->kind = ENVELOPE_DECIMAL;
    json->room += len;
    return true;
}

/* io.debezium.data.VariableScaleDecimal, {"scale":2,"value":"base64"}: told by its shape, since
 * there may be no schema. An object of any other shape stays as it is. */
static void put_variable_scale(json_reader_t *json, const json_value_t *object,
                               envelope_field_t *field)
{
    json_reader_t inner;
    json_value_t name, value, scale = {0}, base64 = {0};
    bool first = true;
    int64_t scale_digits;
    json_begin(&inner, object->bytes, object->len, json->room,
               (size_t)(json->room_end - json->room));
    json_enter(&inner, '{');
    while (json_member(&inner, &first, &name)) {
        if (!json_value(&inner, &value)) {
            return;
        }
        if (value.kind == JSON_KIND_INTEGER && json_is(&name, "scale")) {
            scale = value;
        } else if (value.kind == JSON_KIND_STRING && json_is(&name, "value")) {
            base64 = value;
        } else {
            return;
        }
    }
    if (!inner.problem && scale.bytes && base64.bytes &&
        json_int64(scale.bytes, scale.len, &scale_digits)) {
        put_decimal(json, &base64, scale_digits, field);
    }
}

/* ---- columns --------------------------------------------------------------------------------- */

static bool grow(row_reader_t *rows)
{
    uint32_t cap = rows->cap ? rows->cap * 2 : 32;
    envelope_field_t *fields = realloc(rows->fields, cap * sizeof(*fields));
    rows->fields = fields ? fields : rows->fields;
    const char **ends = realloc(rows->ends, cap * sizeof(*ends));
    rows->ends = ends ? ends : rows->ends;
    if (!fields || !ends) {
        return false;
    }
    rows->cap = cap;
    return true;
}

void row_begin(row_reader_t *rows, envelope_row_t *out)
{
    *out = (envelope_row_t){.present = true, .fields = rows->fields};
}

bool row_column(row_reader_t *rows, json_reader_t *json, const envelope_schema_t *schema,
                json_name_t *name, envelope_row_t *out)
{
    json_value_t value;
    if (name->fresh) {
        name->meaning = envelope_schema_decimal(schema, name->text, name->text_len);
        name->plain = !name->meaning;
        name->fresh = false;
    }
    if (!json_value(json, &value)) {
        return false;
    }
    if (out->n == rows->cap && !grow(rows)) {
        return json_fail(json, "out of memory");
    }
    envelope_field_t *field = &rows->fields[out->n++];
    field->name = (slice_t){name->text, name->text_len};
    field->value = (slice_t){value.bytes, value.len};
    field->kind = kinds[value.kind];
    if (value.kind == JSON_KIND_OBJECT) {
        put_variable_scale(json, &value, field);
    } else if (value.kind == JSON_KIND_STRING && name->meaning) {
        const schema_decimal_t *decimal = name->meaning;
        if (!put_decimal(json, &value, decimal->scale, field)) {
            return json_fail(json, "a decimal that is none, or too long");
        }
    }
    return true;
}

void row_end(const row_reader_t *rows, row_kind_t kind, envelope_row_t *out)
{
    out->names_version = rows->names.version * ROW_KINDS + (uint64_t)kind;
    out->fields = rows->fields;
}

bool row_read(row_reader_t *rows, row_kind_t kind, json_reader_t *json,
              const envelope_schema_t *schema, envelope_row_t *out)
{
    json_name_t *name;
    row_begin(rows, out);
    json_names_enter(&rows->names, json);
    while ((name = json_names_next(&rows->names, json))) {
        if (!row_column(rows, json, schema, name, out)) {
            return false;
        }
    }
    row_end(rows, kind, out);
    return !json->problem;
}

/* ---- a row whose names are known ------------------------------------------------------------- */

/* The value at `at`, if it is one that most are: a string without escapes, an integer, null. Where
 * it ends; NULL for any other, right or wrong. At least four bytes are there. */
static inline const char *plain_value(const char *at, const char *end, envelope_field_t *field)
{
    const char *stop;
    if (*at == '"') {
        stop = json_find_special(at + 1, end);
        field->value = (slice_t){at + 1, (uint32_t)(stop - at - 1)};
        field->kind = ENVELOPE_STRING;
        return stop < end && *stop == '"' ? stop + 1 : NULL;
    }
    if (*at == 'n') {
        field->value = (slice_t){NULL, 0};
        field->kind = ENVELOPE_NULL;
        return memcmp(at, "null", 4) == 0 ? at + 4 : NULL;
    }
    stop = json_skip_digits(at, end);
    field->value = (slice_t){at, (uint32_t)(stop - at)};
    field->kind = ENVELOPE_INTEGER;
    bool whole = stop > at && stop < end && *at != '0' && *stop != '.' && (*stop | 0x20) != 'e';
    return whole ? stop : NULL;
}

/* Reads the next column: its name, with what stands around it, must be the one expected. */
static inline bool walk_column(row_reader_t *rows, json_reader_t *json,
                               const envelope_schema_t *schema, envelope_row_t *out)
{
    json_name_t *name = &rows->names.list[out->n];
    const char *at = json->at;
    if ((size_t)(json->end - at) < name->written_len + 4 ||
        !bytes_same(at, name->written, name->written_len)) {
        return false;
    }
    at += name->written_len;
    if (name->plain) {
        envelope_field_t *field = &rows->fields[out->n];
        const char *behind = plain_value(at, json->end, field);
        if (behind) {
            field->name = (slice_t){name->text, name->text_len};
            rows->ends[out->n++] = json->at = behind;
            return true;
        }
    }
    json->at = at;
    if (!row_column(rows, json, schema, name, out)) {
        return false;
    }
    rows->ends[out->n - 1] = json->at;
    return true;
}

/* Takes the fields that are byte for byte the twin's, from the next one on. `twin_at` is where the
 * twin has what the reader stands at. A value counts when the byte behind it is the same too: a
 * number's end is told by it. */
static void take_common(row_reader_t *rows, json_reader_t *json, const row_reader_t *twin,
                        const char *twin_at, envelope_row_t *out)
{
    const char *last = twin->ends[rows->names.n - 1];
    size_t left = (size_t)(json->end - json->at), most = (size_t)(last - twin_at) + 1;
    size_t common = json_same_run(twin_at, json->at, most < left ? most : left);
    uint32_t n = out->n;
    while (n < rows->names.n && twin->ends[n] < twin_at + common) {
        rows->fields[n] = twin->fields[n];
        rows->ends[n] = json->at + (twin->ends[n] - twin_at);
        n++;
    }
    if (n > out->n) {
        json->at = rows->ends[n - 1];
        out->n = n;
    }
}

bool row_walk(row_reader_t *rows, row_kind_t kind, json_reader_t *json,
              const envelope_schema_t *schema, const row_reader_t *twin, const char *twin_begin,
              envelope_row_t *out)
{
    const json_names_t *names = &rows->names;
    if (names->n == 0 || names->n > rows->cap) {
        return false;
    }
    row_begin(rows, out);
    json->at++; /* the bracket, which is a part of no name */
    const char *twin_at = twin ? twin_begin + 1 : NULL;
    while (out->n < names->n) {
        if (twin) {
            take_common(rows, json, twin, twin_at, out);
            if (out->n == names->n) {
                break;
            }
            twin_at = twin->ends[out->n];
        }
        if (!walk_column(rows, json, schema, out)) {
            return false;
        }
    }
    row_end(rows, kind, out);
    if (json->at == json->end || *json->at != '}') {
        return false;
    }
    json->at++;
    return true;
}
