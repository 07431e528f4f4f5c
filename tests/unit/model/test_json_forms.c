#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/change.h"

static bool same(const char *a, const char *b)
{
    return json_form_same_number(a, strlen(a), b, strlen(b));
}

static void numbers_are_compared_by_value(void **state)
{
    (void)state;
    assert_true(same("663.5", "663.50"));
    assert_true(same("1.2345678E7", "12345678.0000"));
    assert_true(same("-5E-3", "-0.005"));
    assert_true(same("0.0", "0.000"));
    assert_true(same("0", "-0.00"));
    assert_true(same("123456789012345", "123456789012345.00"));
    assert_false(same("663.5", "663.51"));
    assert_false(same("-663.5", "663.5"));
    assert_false(same("10", "1"));
    assert_false(same("0", "1"));
}

static void what_is_no_number_equals_none(void **state)
{
    (void)state;
    const char *const none[] = {"",   "-", ".",   "1.",  "1e", "1E+",    "1.2.3",
                                "1 ", "x", "1-2", "NaN", "E5", "1E99999"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++) {
        assert_false(same(none[i], none[i]));
        assert_false(same("1", none[i]));
    }
}

static bool is_base64(const char *text, const char *hex)
{
    return json_form_is_base64(text, strlen(text), hex, strlen(hex));
}

static void base64_is_of_these_bytes_alone(void **state)
{
    (void)state;
    assert_true(is_base64("", ""));
    assert_true(is_base64("AA==", "00"));
    assert_true(is_base64("+/8=", "fbff"));
    assert_true(is_base64("-_8=", "fbff"));
    assert_true(is_base64("Zm9vYmFy", "666f6f626172"));
    assert_false(is_base64("Zm9vYmFy", "666f6f626173"));
    assert_false(is_base64("Zm9vYmF=", "666f6f626172"));
    assert_false(is_base64("AA=", "00"));
    assert_false(is_base64("AB==", "00"));
    assert_false(is_base64("", "00"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_compared_by_value),
        cmocka_unit_test(what_is_no_number_equals_none),
        cmocka_unit_test(base64_is_of_these_bytes_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
