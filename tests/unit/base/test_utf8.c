#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/utf8.h"

static void what_is_no_utf8_is_told_apart(void **state)
{
    (void)state;
    assert_int_equal(utf8_char_len("\xF0\x9F\x98\x80"), 4);
    assert_int_equal(utf8_char_len("\xC0\xAF"), 0);         /* overlong */
    assert_int_equal(utf8_char_len("\xE0\x80\xAF"), 0);     /* overlong */
    assert_int_equal(utf8_char_len("\xED\xA0\x80"), 0);     /* a surrogate */
    assert_int_equal(utf8_char_len("\xF4\x90\x80\x80"), 0); /* beyond U+10FFFF */
    assert_int_equal(utf8_char_len("\xE2\x86"), 0);         /* cut */
    assert_int_equal(utf8_char_len("\x80"), 0);             /* a continuation alone */
    assert_int_equal(utf8_char_len(""), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_utf8_is_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
