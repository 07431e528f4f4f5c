#include "report/files/run_json_parts.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "report/text/text.h"

json_t *run_json_object(const run_json_field_t *fields)
{
    json_t *object = json_object();
    bool complete = object != NULL;
    for (; fields->key != NULL; fields++) {
        /* Takes the value over even when it fails, and fails on a NULL. */
        complete = json_object_set_new(object, fields->key, fields->value) == 0 && complete;
    }
    return run_json_whole(object, complete);
}

bool run_json_append(json_t *array, json_t *value)
{
    return json_array_append_new(array, value) == 0;
}

json_t *run_json_whole(json_t *json, bool complete)
{
    if (!complete) {
        json_decref(json);
        return NULL;
    }
    return json;
}

json_t *run_json_text(const char *text)
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

json_t *run_json_outside(const char *text)
{
    char *shown = text != NULL ? strdup(text) : NULL;
    if (shown == NULL) {
        return text == NULL ? json_null() : NULL;
    }
    secret_redact(shown, strlen(shown));
    json_t *value = run_json_text(shown);
    free(shown);
    return value;
}

json_t *run_json_integer(int64_t value)
{
    return value == NOT_MEASURED ? json_null() : json_integer(value);
}

/* Rounded, so that run.json says no more digits than the CSV does. */
json_t *run_json_real(double value, int decimals)
{
    double scale = pow(10, decimals);
    return !isfinite(value) ? json_null() : json_real(round(value * scale) / scale);
}

json_t *run_json_seconds(int64_t ns)
{
    return ns == NOT_MEASURED ? json_null() : run_json_real((double)ns / (double)NS_PER_S, 6);
}

json_t *run_json_lsn(uint64_t lsn)
{
    return lsn == 0 ? json_null()
                    : json_sprintf("%" PRIX32 "/%" PRIX32, (uint32_t)(lsn >> 32), (uint32_t)lsn);
}

static json_t *cell_json(const cell_t *cell)
{
    switch (cell->kind) {
    case CELL_TEXT:
        return run_json_text(cell->text);
    case CELL_INTEGER:
        return json_integer(cell->integer);
    case CELL_REAL:
        return run_json_real(cell->real, cell->decimals);
    case CELL_ABSENT:
        break;
    }
    return json_null();
}

json_t *run_json_record(const csv_table_t *table, const void *record)
{
    json_t *object = json_object();
    bool complete = object != NULL;
    for (size_t i = 0; complete && i < table->n_columns; i++) {
        const csv_column_t *column = &table->columns[i];
        cell_t cell = column->get(column, record);
        complete = json_object_set_new(object, column->name, cell_json(&cell)) == 0;
    }
    return run_json_whole(object, complete);
}
