#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/change.h"
#include "model/every_generator.h"
#include "model/table_sql.h"

/* A column of a table that has a key and an amount already: what is said of it when it is refused,
 * or "" when it is taken. */
static const char *said_of(const char *name, const char *const *settings)
{
    static err_t err;
    err = (err_t){0};
    table_builder_t *builder = table_builder_new("t", false, &err);
    bool good = table_builder_column(builder, "id", &err) &&
                table_builder_set(builder, "generator", "key", &err) &&
                table_builder_column(builder, "price", &err) &&
                table_builder_set(builder, "generator", "amount", &err) &&
                table_builder_column(builder, name, &err);
    for (; good && *settings != NULL; settings += 2)
        good = strcmp(settings[0], "of") == 0
                   ? table_builder_choice(builder, settings[1], &err)
                   : table_builder_set(builder, settings[0], settings[1], &err);
    if (good)
        table_free(table_builder_end(builder, &err));
    else
        table_builder_free(builder);
    return err.text;
}

#define SAID_OF(name, ...) said_of(name, (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static void mistakes_are_told_with_what_is_allowed(void **state)
{
    (void)state;
    assert_says(SAID_OF("Big"), "column name: read \"Big\", expected a name of lower-case");
    assert_says(SAID_OF("a;drop"), "column name: read");
    assert_says(SAID_OF("id"), "two columns are called id");
    assert_says(SAID_OF("x", "colour", "red"), "read \"colour\", expected type, generator");
    assert_says(SAID_OF("x"), "table t: column x: generator: read \"\", expected key, amount");
    assert_says(SAID_OF("x", "generator", "key"), "it has 2 and 1");
    assert_says(SAID_OF("x", "generator", "integer", "type", "text"), "an integer's values need");
    assert_says(SAID_OF("x", "generator", "integer", "type", "smallint"),
                "type smallint holds -32768 to 32767, not 0 to 1000000");
    assert_says(SAID_OF("x", "generator", "integer", "min", "2.5"), "min: read \"2.5\"");
    assert_says(SAID_OF("x", "generator", "integer", "min", "9", "max", "3"), "least value lies");
    assert_says(SAID_OF("x", "generator", "integer", "length", "9"),
                "length: the generator integer has no such setting");
    assert_says(SAID_OF("x", "generator", "decimal", "type", "numeric(10, 3)"),
                "values have a scale of 2 and up to 6 digits");
    assert_says(SAID_OF("x", "generator", "decimal", "scale", "0"), "expected 1 to 9");
    assert_says(SAID_OF("x", "generator", "text", "type", "varchar(50)"), "values can be 60 long");
    assert_says(SAID_OF("x", "generator", "text", "length", "1GB"), "at most 65536");
    assert_says(SAID_OF("x", "generator", "text", "type", "money"),
                "type: read \"money\", expected");
    assert_says(SAID_OF("x", "generator", "text", "type", "varchar(9);--"), "type: read");
    assert_says(SAID_OF("x", "generator", "choice"), "needs texts to choose from");
    assert_says(SAID_OF("x", "generator", "timestamp", "from", "yesterday"), "YYYY-MM-DD");
    assert_says(SAID_OF("x", "generator", "city", "nulls", "a lot"), "expected 0% to 100%");
    assert_says(SAID_OF("x", "generator", "integer", "storage", "external"),
                "never put out of line");
}

static void what_is_left_out_has_a_default(void **state)
{
    (void)state;
    assert_string_equal(SAID_OF("x", "generator", "integer"), "");
    assert_string_equal(SAID_OF("x", "generator", "text"), "");
    assert_string_equal(SAID_OF("x", "generator", "choice", "of", "a", "type", "varchar(1)"), "");
    assert_string_equal(SAID_OF("order", "generator", "bytes", "nulls", "0.5%"), "");
}

static void triggers_need_a_column_called_amount(void **state)
{
    (void)state;
    err_t err = {0};
    table_builder_t *builder = table_builder_new("t", true, &err);
    assert_true(table_builder_column(builder, "id", &err));
    assert_true(table_builder_set(builder, "generator", "key", &err));
    assert_true(table_builder_column(builder, "price", &err));
    assert_true(table_builder_set(builder, "generator", "amount", &err));
    assert_null(table_builder_end(builder, &err));
    assert_says(err.text, "the triggers record a column called amount");
}

static void the_built_in_tables_are_as_documented(void **state)
{
    (void)state;
    const table_t *wide = table_builtin("wide");
    assert_int_equal(wide->n_columns, 100);
    assert_int_equal(wide->n_loaded, 97);
    assert_true(wide->has_trigger_columns);
    assert_int_equal(table_builtin("narrow")->n_columns, 2);
    assert_ptr_equal(table_builtin("transactions"), &table_transactions);
    assert_null(table_builtin("nothing"));
    const table_t *toasted = table_builtin("toasted");
    assert_true(toasted->columns[table_column(toasted, "document", 8)].may_toast);
    assert_true(toasted->columns[table_column(toasted, "attachment", 10)].external);
    assert_false(toasted->columns[toasted->amount].may_toast);
}

static void its_sql_quotes_every_name(void **state)
{
    (void)state;
    buf_t sql = {0};
    const table_t *narrow = table_builtin("narrow");
    assert_true(table_sql_create(narrow, &sql) && table_sql_copy(narrow, &sql) &&
                table_sql_update(narrow, &sql) && table_sql_delete(narrow, &sql) &&
                table_sql_amount(narrow, &sql));
    assert_string_equal(buf_text(&sql),
                        "CREATE TABLE \"narrow\" (\n    \"id\" uuid PRIMARY KEY,\n    \"amount\" "
                        "numeric\n);\nCOPY \"narrow\" (\"id\", \"amount\") FROM STDIN"
                        "UPDATE \"narrow\" SET \"amount\" = $2 WHERE \"id\" = $1"
                        "DELETE FROM \"narrow\" WHERE \"id\" = $1"
                        "SELECT \"amount\"::text FROM \"narrow\" WHERE \"id\" = $1");
    buf_free(&sql);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mistakes_are_told_with_what_is_allowed),
        cmocka_unit_test(what_is_left_out_has_a_default),
        cmocka_unit_test(triggers_need_a_column_called_amount),
        cmocka_unit_test(the_built_in_tables_are_as_documented),
        cmocka_unit_test(its_sql_quotes_every_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
