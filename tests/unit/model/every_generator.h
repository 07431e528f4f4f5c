/*
 * every_generator: a table as a user might describe it, with a column of every generator: the one
 * that tests/golden/tables_reference.py calls "everything".
 */
#ifndef CDCBENCH_TESTS_EVERY_GENERATOR_H
#define CDCBENCH_TESTS_EVERY_GENERATOR_H

#include "model/table_builder.h"

static const char *const every_generator_columns[][9] = {
    {"price", "generator", "amount", "type", "numeric(8, 2)"},
    {"id", "generator", "key", "type", "varchar(36)"},
    {"number", "generator", "row_number"},
    {"reference", "generator", "uuid", "type", "text"},
    {"level", "generator", "integer", "type", "smallint", "min", "-5", "max", "5"},
    {"cost", "generator", "decimal"},
    {"balance", "generator", "decimal", "scale", "3", "min", "-1.5", "max", "2.25"},
    {"note", "generator", "text", "length", "1..30"},
    {"blob", "generator", "random_text", "length", "0..100", "storage", "external"},
    {"login", "generator", "user"},
    {"city", "generator", "city"},
    {"country", "generator", "country"},
    {"merchant", "generator", "merchant"},
    {"first_name", "generator", "first_name"},
    {"surname", "generator", "surname"},
    {"state", "generator", "choice"},
    {"at", "generator", "timestamp", "from", "2023-01-01", "to", "2024-12-31 23:59:59"},
    {"flag", "generator", "boolean"},
    {"address", "generator", "ipv4", "type", "varchar(15)"},
    {"detail", "generator", "json", "type", "json"},
    {"hash", "generator", "bytes", "length", "0..40", "nulls", "50%"},
};

static const char *const every_generator_choices[] = {
    "plain", "", "a\\b", "tab\there", "line\nbreak\r", "\\N", "\b\f\v", "größe 100 €"};

/* The caller's; free with table_free. */
static inline table_t *every_generator_table(void)
{
    err_t err = {0};
    table_builder_t *builder = table_builder_new("everything", false, &err);
    for (size_t c = 0; c < sizeof every_generator_columns / sizeof *every_generator_columns; c++) {
        const char *const *column = every_generator_columns[c];
        assert_true(table_builder_column(builder, column[0], &err));
        for (size_t s = 1; s < 9 && column[s] != NULL; s += 2)
            assert_true(table_builder_set(builder, column[s], column[s + 1], &err));
        if (strcmp(column[0], "state") == 0)
            for (size_t i = 0; i < sizeof every_generator_choices / sizeof(char *); i++)
                assert_true(table_builder_choice(builder, every_generator_choices[i], &err));
    }
    table_t *table = table_builder_end(builder, &err);
    assert_string_equal(err.text, "");
    assert_non_null(table);
    return table;
}

#endif
