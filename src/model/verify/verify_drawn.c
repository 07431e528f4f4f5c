/*
 * The columns of every table but `transactions`: each value is drawn again and compared by what its
 * SQL type looks like in an event: pgoutput's text, or what Debezium's JSON makes of it
 * (Debezium documentation, "PostgreSQL connector: Data type mappings").
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "model/change.h"
#include "model/encode/encode.h"
#include "model/timestamp.h"
#include "model/verify/verify_side.h"

static bool same_text(const field_t *field, const char *expected, size_t len)
{
    return field->kind == FIELD_TEXT && field->len == len &&
           memcmp(field->bytes, expected, len) == 0;
}

static bool same_integer(const field_t *field, const char *expected, size_t len)
{
    return (field->kind == FIELD_TEXT || field->kind == FIELD_INTEGER) && field->len == len &&
           memcmp(field->bytes, expected, len) == 0;
}

/* A JSON number keeps the value and not the scale. */
static bool same_numeric(const field_t *field, const char *expected, size_t len)
{
    if (field->kind == FIELD_NUMBER || field->kind == FIELD_INTEGER)
        return json_form_same_number(field->bytes, field->len, expected, len);
    return same_text(field, expected, len);
}

static bool same_timestamp(const field_t *field, const char *expected, size_t len)
{
    int64_t us;
    char text[24];
    if (field->kind != FIELD_INTEGER)
        return same_text(field, expected, len);
    int n =
        timestamp_parse(expected, len, ' ', &us) ? snprintf(text, sizeof text, "%" PRId64, us) : 0;
    return n > 0 && field->len == (uint32_t)n && memcmp(field->bytes, text, (size_t)n) == 0;
}

static bool same_boolean(const field_t *field, const char *expected, size_t len)
{
    const char *word = expected[0] == 't' ? "true" : "false";
    return same_text(field, expected, len) || same_text(field, word, strlen(word));
}

/* expected: \x0a1b. Debezium: base64 (binary.handling.mode=bytes, base64-url-safe), or the digits
 * alone (hex). */
static bool same_bytes(const field_t *field, const char *expected, size_t len)
{
    const char *digits = expected + 2;
    size_t n = len - 2;
    return same_text(field, expected, len) || same_text(field, digits, n) ||
           (field->kind == FIELD_TEXT && json_form_is_base64(field->bytes, field->len, digits, n));
}

static bool same(const column_t *column, const field_t *field, const char *expected, size_t len)
{
    switch (column->form) {
    case SQL_TEXT:
    case SQL_JSON:
        return same_text(field, expected, len);
    case SQL_INTEGER:
        return same_integer(field, expected, len);
    case SQL_NUMERIC:
        return same_numeric(field, expected, len);
    case SQL_TIMESTAMP:
        return same_timestamp(field, expected, len);
    case SQL_BOOLEAN:
        return same_boolean(field, expected, len);
    case SQL_BYTES:
        return same_bytes(field, expected, len);
    }
    return false;
}

static void expect_drawn(const side_t *side, uint64_t row_hash, int number)
{
    const verifier_t *v = side->event->v;
    const column_t *column = &side->use->table->columns[number];
    const field_t *field = &side->fields[number];
    size_t len = table_value(v->opts.space, side->use->table, side->event->row, row_hash,
                             (size_t)number, v->value);
    if (len == GENERATED_NULL) {
        if (field->kind != FIELD_NULL)
            verify_mismatch_in(side, number, "NULL", 4);
        return;
    }
    bool unsent = field->kind == FIELD_UNCHANGED && side->may_be_unsent && column->may_toast &&
                  len > TOAST_POINTER_BYTES;
    if (!unsent && !same(column, field, v->value, len))
        verify_mismatch_in(side, number, v->value, len);
}

void verify_drawn(const side_t *side)
{
    const table_t *table = side->use->table;
    uint64_t row_hash = table_row_hash(side->event->v->opts.space, side->event->row);
    for (int c = 0; c < (int)table->n_loaded; c++) {
        if (table->columns[c].role == ROLE_AMOUNT)
            verify_amount(side, c);
        else
            expect_drawn(side, row_hash, c);
    }
}
