/* Which names of tables are looked for at all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postgres/watched.h"

static void a_name_as_in_sql_is_taken(void **state)
{
    static const char *const names[] = {"orders",        "shop.orders",        "shop.\"Orders\"",
                                        "\"a.b\".\"c\"", "\"say \"\"so\"\"\"", "bestände.größe",
                                        "a-b.c$d"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        assert_true(watched_check_name(names[i], NULL));
}

static void what_is_no_name_is_refused_and_named(void **state)
{
    static const char *const names[] = {"",
                                        ".",
                                        "a.",
                                        ".b",
                                        "a..b",
                                        "a.b.c",
                                        "a b",
                                        "\"\"",
                                        "\"a",
                                        "a.\"b",
                                        "\"a\"b",
                                        "a\"b\"",
                                        "a. b",
                                        "\"a\".",
                                        "\"a\"\"",
                                        "a.\"\"",
                                        "\"a\"\"\"\".b",
                                        "a.b ",
                                        "a.\xED\xA0\x80",
                                        "\xC3.b"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        err_t err = {0};
        assert_false(watched_check_name(names[i], &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_non_null(strstr(err.text, names[i]));
        assert_non_null(strstr(err.text, "SCHEMA.TABLE"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_as_in_sql_is_taken),
        cmocka_unit_test(what_is_no_name_is_refused_and_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
