#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/change.h"
#include "model/table.h"

static void columns_are_found_by_their_whole_name(void **state)
{
    (void)state;
    const table_t *table = &table_transactions;
    for (size_t c = 0; c < table->n_columns; c++) {
        const char *name = table->columns[c].name;
        assert_int_equal(table_column(table, name, strlen(name)), c);
    }
    assert_int_equal(table_column(table, "city", 3), -1);
    assert_int_equal(table_column(table, "affiliateId", 11), -1);
    assert_int_equal(table_column(table, "", 0), -1);
}

static void the_copy_list_names_the_loaded_columns_in_order(void **state)
{
    (void)state;
    const table_t *table = &table_transactions;
    char list[512] = "";
    for (size_t c = 0; c < table->n_loaded; c++) {
        size_t len = strlen(list);
        snprintf(list + len, sizeof list - len, "%s%s", c > 0 ? ", " : "", table->columns[c].name);
    }
    assert_string_equal(table->copy_list, list);
    assert_int_equal(table->n_loaded, TX_LOADED);
    assert_in_range(table->n_columns, table->n_loaded, TABLE_COLUMNS_MAX);
}

static void operations_have_names(void **state)
{
    (void)state;
    assert_string_equal(op_names[OP_INSERT], "insert");
    assert_string_equal(op_names[OP_UPDATE], "update");
    assert_string_equal(op_names[OP_DELETE], "delete");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_their_whole_name),
        cmocka_unit_test(the_copy_list_names_the_loaded_columns_in_order),
        cmocka_unit_test(operations_have_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
