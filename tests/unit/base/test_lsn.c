#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/lsn.h"

static void a_position_is_read_back_as_it_is_written(void **state)
{
    (void)state;
    static const struct {
        uint64_t lsn;
        const char *text;
    } cases[] = {{0, "0/0"},
                 {16, "0/10"},
                 {UINT64_C(0x16B374D848), "16/B374D848"},
                 {UINT64_MAX, "FFFFFFFF/FFFFFFFF"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint64_t lsn = 7;
        assert_string_equal(lsn_text(cases[i].lsn).text, cases[i].text);
        assert_true(lsn_parse(cases[i].text, &lsn));
        assert_true(lsn == cases[i].lsn);
    }
}

static void what_is_no_position_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "16", "16/", "/10", "16/B374D848 ", "16/123456789",
                                        "x/1"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        uint64_t lsn = 7;
        assert_false(lsn_parse(texts[i], &lsn));
        assert_int_equal(lsn, 7);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_position_is_read_back_as_it_is_written),
        cmocka_unit_test(what_is_no_position_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
