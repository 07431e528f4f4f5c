/* sql/tables/ holds, for people, what the program makes of the built-in tables. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "model/table_sql.h"

static void assert_file_is_what_is_made(const char *name)
{
    char path[300], file_text[16384];
    buf_t sql = {0};
    snprintf(path, sizeof path, "%s/../../sql/tables/%s.sql", GOLDEN_DIR, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    file_text[fread(file_text, 1, sizeof file_text - 1, file)] = '\0';
    fclose(file);
    assert_true(table_sql_create(table_builtin(name), &sql));
    assert_string_equal(buf_text(&sql), file_text);
    buf_free(&sql);
}

static void the_files_of_sql_tables_are_what_the_program_makes(void **state)
{
    (void)state;
    assert_file_is_what_is_made("wide");
    assert_file_is_what_is_made("narrow");
    assert_file_is_what_is_made("toasted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_files_of_sql_tables_are_what_the_program_makes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
