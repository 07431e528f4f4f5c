#include "report/analysis/columns.h"

#include "report/golden.h"

static void every_column_is_described(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    columns_describe(out);
    assert_int_equal(fclose(out), 0);
    golden_assert("columns.md", text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_is_described),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
