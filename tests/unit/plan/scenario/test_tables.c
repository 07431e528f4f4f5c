/* Which tables a run has: --table, and the key `tables` of a scenario. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "plan/scenario/scenario_file.h"

static config_t config;

/* Reads a scenario that begins with this text; what is said of it, or "". */
static const char *said_of(const char *text)
{
    static err_t err;
    char all[2048];
    err = (err_t){0};
    snprintf(all, sizeof all, "%s\nphases:\n  - {name: load, insert: {rows: 10}}\n", text);
    config_free(&config);
    assert_true(config_defaults(&config));
    scenario_read("s.yaml", all, strlen(all), &config, &err);
    return err.text;
}

static void assert_says(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", text, part);
}

static tables_t tables_read_from(const char *text)
{
    tables_t tables;
    err_t err = {0};
    assert_string_equal(said_of(text), "");
    if (!config_tables(&config, &tables, &err))
        fail_msg("%s", err.text);
    return tables;
}

#define ORDERS                                                                                     \
    "{name: orders, triggers: user, replica_identity: default, columns: ["                         \
    "{name: id, generator: key}, {name: amount, generator: amount}, "                              \
    "{name: state, generator: choice, of: [\"a\\tb\", c], nulls: 10%}]}"

static void without_a_word_it_is_transactions(void **state)
{
    (void)state;
    tables_t tables = tables_read_from("name: a");
    assert_int_equal(tables.n, 1);
    assert_ptr_equal(tables.use[0].table, &table_transactions);
    assert_int_equal(tables.use[0].triggers, TRIGGERS_BOTH);
    assert_true(tables.use[0].replica_identity_full);
}

static void a_scenario_lists_tables_and_describes_some(void **state)
{
    (void)state;
    tables_t tables = tables_read_from("table: {triggers: columns}\n"
                                       "tables: [wide, {name: narrow}, " ORDERS "]");
    assert_int_equal(tables.n, 3);
    assert_ptr_equal(tables.use[0].table, table_builtin("wide"));
    assert_int_equal(tables.use[0].triggers, TRIGGERS_COLUMNS);
    assert_int_equal(tables.use[1].triggers, TRIGGERS_NONE);
    const table_use_t *orders = &tables.use[2];
    assert_string_equal(orders->table->name, "orders");
    assert_int_equal(orders->triggers, TRIGGERS_USER);
    assert_false(orders->replica_identity_full);
    assert_int_equal(orders->table->n_columns, 6);
    const column_t *column = &orders->table->columns[2];
    assert_string_equal(column->generator.choices[0].text, "a\tb");
    assert_string_equal(column->generator.choices[0].copy_text, "a\\tb");
    assert_int_equal(column->generator.null_share, 6554);
}

static void mistakes_name_their_place_and_what_is_allowed(void **state)
{
    (void)state;
    assert_says(said_of("tables: wide"), "s.yaml:1:9: tables: a list of tables is expected");
    assert_says(said_of("tables: [{triggers: both}]"), "s.yaml:1:11: tables: a table is expected");
    assert_says(said_of("tables: [{name: a, colour: red}]"), "no key 'colour' here (allowed: name");
    assert_says(said_of("tables: [{name: a, triggers: some}]"),
                "triggers: cannot read 'some': expected none, user, columns or both");
    assert_says(said_of("tables: [{name: wide, columns: []}]"), "wide is a built-in table");
    assert_says(said_of("tables:\n  - name: t\n    columns:\n      - {name: id, generator: key}\n"
                        "      - {name: x, generator: integer, min: nine}"),
                "s.yaml:5:10: tables: column x: min: read \"nine\"");
    assert_says(said_of("tables: [{name: t, columns: [{name: id, generator: key}]}]"),
                "one column with the generator key and one with the generator amount");
    assert_says(said_of("tables: [{name: t, columns: [{name: x, of: c}]}]"),
                "of: a list of texts is expected");
}

static void tables_that_are_nowhere_are_refused(void **state)
{
    (void)state;
    tables_t tables;
    err_t err = {0};
    assert_string_equal(said_of("tables: [orders]"), "");
    assert_false(config_tables(&config, &tables, &err));
    assert_says(err.text, "s.yaml: tables: there is no table orders: the built-in ones are "
                          "transactions, wide, narrow, toasted");
    assert_string_equal(said_of("tables: [wide, wide]"), "");
    assert_false(config_tables(&config, &tables, &err));
    assert_says(err.text, "table wide is named twice");
    assert_string_equal(said_of("tables: [{name: narrow, triggers: user}]"), "");
    assert_false(config_tables(&config, &tables, &err));
    assert_says(err.text, "table narrow has no columns that triggers could write to");
}

static void the_option_chooses_among_them(void **state)
{
    (void)state;
    tables_read_from("tables: [wide, " ORDERS "]");
    char first[] = "orders", second[] = "toasted";
    char *names[] = {first, second};
    config.table.names = (text_list_t){.items = names, .n = 2};
    tables_t tables;
    err_t err = {0};
    assert_true(config_tables(&config, &tables, &err));
    assert_int_equal(tables.n, 2);
    assert_int_equal(tables.use[0].triggers, TRIGGERS_USER);
    assert_ptr_equal(tables.use[1].table, table_builtin("toasted"));
    config.table.names = (text_list_t){0};
}

static int clean(void **state)
{
    (void)state;
    config_free(&config);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_word_it_is_transactions),
        cmocka_unit_test(a_scenario_lists_tables_and_describes_some),
        cmocka_unit_test(mistakes_name_their_place_and_what_is_allowed),
        cmocka_unit_test(tables_that_are_nowhere_are_refused),
        cmocka_unit_test(the_option_chooses_among_them),
    };
    return cmocka_run_group_tests(tests, NULL, clean);
}
