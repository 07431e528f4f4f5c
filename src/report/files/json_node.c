#include "report/files/json_node.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/lsn.h"
#include "base/secret.h"
#include "report/text/text.h"

json_t *node_object(const node_field_t *fields)
{
    json_t *object = json_object();
    for (; fields->key != NULL; fields++) {
        node_set(&object, fields->key, fields->value);
    }
    return object;
}

static void keep_if(json_t **node, bool complete)
{
    if (!complete) {
        json_decref(*node);
        *node = NULL;
    }
}

/* Jansson takes the value over even when it fails, and fails on a NULL. */
void node_add(json_t **array, json_t *value)
{
    keep_if(array, json_array_append_new(*array, value) == 0);
}

void node_set(json_t **object, const char *key, json_t *value)
{
    keep_if(object, json_object_set_new(*object, key, value) == 0);
}

json_t *node_text(const char *text)
{
    if (text == NULL) {
        return json_null();
    }
    json_t *value = json_string(text); /* NULL for what is no UTF-8 */
    if (value == NULL) {
        char *valid = text_valid(text);
        value = valid != NULL ? json_string(valid) : NULL;
        free(valid);
    }
    return value;
}

json_t *node_outside(const char *text)
{
    char *shown = text != NULL ? strdup(text) : NULL;
    if (shown == NULL) {
        return text == NULL ? json_null() : NULL;
    }
    secret_redact(shown, strlen(shown));
    json_t *value = node_text(shown);
    free(shown);
    return value;
}

json_t *node_count(uint64_t value)
{
    return json_integer((json_int_t)value);
}

json_t *node_integer(int64_t value)
{
    return value == NOT_MEASURED ? json_null() : json_integer(value);
}

/* Rounded, so that run.json says no more digits than the CSV does. */
json_t *node_real(double value, int decimals)
{
    double scale = pow(10, decimals);
    return !isfinite(value) ? json_null() : json_real(round(value * scale) / scale);
}

json_t *node_rounded(double value)
{
    return isfinite(value) ? json_integer((json_int_t)llround(value)) : json_null();
}

json_t *node_seconds(int64_t ns)
{
    return ns == NOT_MEASURED ? json_null() : node_real((double)ns / (double)NS_PER_S, 6);
}

json_t *node_lsn(uint64_t lsn)
{
    return lsn == 0 ? json_null() : json_string(lsn_text(lsn).text);
}

static json_t *cell_json(const cell_t *cell)
{
    switch (cell->kind) {
    case CELL_TEXT:
        return node_text(cell->text);
    case CELL_INTEGER:
        return json_integer(cell->integer);
    case CELL_REAL:
        return node_real(cell->real, cell->decimals);
    case CELL_ABSENT:
        break;
    }
    return json_null();
}

json_t *node_record(const csv_table_t *table, const void *record)
{
    json_t *object = json_object();
    for (size_t i = 0; i < table->n_columns; i++) {
        cell_t cell = csv_value(&table->columns[i], record);
        node_set(&object, table->columns[i].name, cell_json(&cell));
    }
    return object;
}

bool node_print(FILE *out, json_t *node, size_t json_flags)
{
    if (node == NULL) {
        return false;
    }
    /* A double holds 15 digits of any decimal: what was rounded prints as rounded. */
    json_dumpf(node, out, json_flags | JSON_REAL_PRECISION(15));
    putc('\n', out);
    json_decref(node);
    return true;
}
