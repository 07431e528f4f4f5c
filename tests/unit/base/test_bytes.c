/* Bytes looked at a word at a time say what memcmp and strtoull say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/bytes.h"

static void one_byte_that_differs_is_found_wherever_it_stands(void **state)
{
    (void)state;
    for (size_t len = 0; len <= 70; len++) {
        /* Exactly as long as they are: the sanitizer guards their ends. */
        char *a = malloc(len + 1), *b = malloc(len + 1);
        assert_true(a != NULL && b != NULL);
        memset(a + 1, 'x', len);
        memset(b + 1, 'x', len);
        assert_true(bytes_same(a + 1, b + 1, len));
        for (size_t at = 1; at <= len; at++) {
            b[at] ^= (char)(1 << at % 8);
            assert_false(bytes_same(a + 1, b + 1, len));
            b[at] = 'x';
        }
        free(a);
        free(b);
    }
}

static void digits_are_the_number_that_they_write(void **state)
{
    (void)state;
    uint64_t number = UINT64_C(9876543210123456789), found;
    for (; number > 0; number /= 10) {
        char text[64];
        int len = snprintf(text, sizeof text, "%020llu", (unsigned long long)number);
        for (int from = 1; from < len; from++) {
            assert_true(bytes_number(text + from, (size_t)(len - from), &found));
            assert_true(found == strtoull(text + from, NULL, 10));
        }
    }
}

static void what_is_no_digit_makes_no_number(void **state)
{
    (void)state;
    uint64_t found;
    char text[] = "1234567890123456789";
    assert_false(bytes_number(text, 0, &found));
    assert_false(bytes_number("12345678901234567890", 20, &found));
    for (size_t at = 0; at + 1 < sizeof text; at++)
        for (int c = 0; c < 256; c++) {
            char was = text[at];
            text[at] = (char)c;
            assert_true(bytes_number(text, sizeof text - 1, &found) == (c >= '0' && c <= '9'));
            text[at] = was;
        }
}

/* Wherever it stands in a text, and whatever follows it. */
static void a_number_ends_where_its_digits_end(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 22; len++)
        for (size_t behind = 0; behind < 30; behind++) {
            char *text = malloc(len + behind);
            uint64_t found;
            assert_non_null(text);
            memset(text, '7', len);
            memset(text + len, ',', behind);
            const char *end = bytes_read_number(text, text + len + behind, &found);
            if (len > 19)
                assert_null(end);
            else
                assert_ptr_equal(end, text + len);
            uint64_t expected = 0;
            for (size_t i = 0; end != NULL && i < len; i++)
                expected = expected * 10 + 7;
            assert_true(end == NULL || found == expected);
            text[0] = 'x';
            assert_null(bytes_read_number(text, text + len + behind, &found));
            free(text);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_byte_that_differs_is_found_wherever_it_stands),
        cmocka_unit_test(digits_are_the_number_that_they_write),
        cmocka_unit_test(what_is_no_digit_makes_no_number),
        cmocka_unit_test(a_number_ends_where_its_digits_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
