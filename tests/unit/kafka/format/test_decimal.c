#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kafka/format/decimal.h"

static void assert_decimal(const char *base64, int64_t scale, const char *expected)
{
    char text[DECIMAL_TEXT_MAX + 1];
    size_t len = decimal_text(base64, strlen(base64), scale, text);
    text[len] = '\0';
    assert_string_equal(text, expected);
}

/* As BigDecimal.toPlainString writes them. */
static void a_decimal_keeps_its_scale(void **state)
{
    (void)state;
    assert_decimal("AQMB", 2, "663.05");
    assert_decimal("AYag", 2, "1000.00");
    assert_decimal("A+g=", 0, "1000");
    assert_decimal("Ag==", 3, "0.002");
    assert_decimal("DA==", 1, "1.2");
    assert_decimal("DA==", 2, "0.12");
}

static void zero_has_as_many_decimals_as_its_scale(void **state)
{
    (void)state;
    assert_decimal("AA==", 0, "0");
    assert_decimal("AA==", 2, "0.00");
    assert_decimal("AAAA", 1, "0.0");
    assert_decimal("AA==", -3, "0");
}

static void a_negative_decimal_is_read_from_twos_complement(void **state)
{
    (void)state;
    assert_decimal("/w==", 0, "-1");
    assert_decimal("/w==", 2, "-0.01");
    assert_decimal("gA==", 0, "-128");
    assert_decimal("/vz/", 2, "-663.05");
    assert_decimal("////////////", 0, "-1");
    assert_decimal("gAAAAAAAAAA=", 0, "-9223372036854775808");
    assert_decimal("gAAAAA==", 0, "-2147483648");
    assert_decimal("/wAAAAA=", 0, "-4294967296");
}

static void a_negative_scale_adds_zeros(void **state)
{
    (void)state;
    assert_decimal("DA==", -2, "1200");
    assert_decimal("9A==", -1, "-120");
}

static void numbers_beyond_64_bits_are_read(void **state)
{
    (void)state;
    assert_decimal("AP//////////", 0, "18446744073709551615");
    assert_decimal("AQAAAAAAAAAA", 2, "184467440737095516.16");
    assert_decimal("O5rKAA==", 0, "1000000000");
    assert_decimal("DeC2s6dkAAA=", 0, "1000000000000000000");
    /* 10^30 */
    assert_decimal("DJ8snNBGdO3qQAAAAA==", 0, "1000000000000000000000000000000");
    assert_decimal("82DTYy+5ixIVwAAAAA==", 30, "-1.000000000000000000000000000000");
}

static void the_largest_number_and_scale_fit(void **state)
{
    (void)state;
    char base64[DECIMAL_BYTES_MAX * 2], text[DECIMAL_TEXT_MAX];
    /* 555 characters without padding stand for 416 bytes and a bit: 0x80 00 … */
    size_t len = (size_t)(DECIMAL_BYTES_MAX + 2) / 3 * 4;
    memset(base64, 'A', len);
    base64[0] = 'g';
    base64[len - 1] = '=';
    size_t whole = decimal_text(base64, len, 0, text);
    assert_true(whole > 1000);
    assert_memory_equal(text, "-", 1);
    assert_int_equal(decimal_text(base64, len, -DECIMAL_SCALE_MAX, text),
                     whole + DECIMAL_SCALE_MAX);
    assert_true(whole + DECIMAL_SCALE_MAX <= DECIMAL_TEXT_MAX);
    assert_int_equal(decimal_text(base64, len, DECIMAL_SCALE_MAX, text), whole + 1);
    assert_int_equal(decimal_text("AQ==", 4, DECIMAL_SCALE_MAX, text), DECIMAL_SCALE_MAX + 2);
}

static void what_is_no_decimal_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",      "A",       "AA",      "AAA",  "AAAAA",
                                        "====",  "A===",    "=AAA",    "AA=A", "A*==",
                                        "A\n==", "AQMB AQ", "AA==AAAA"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_decimal(texts[i], 0, "");
    assert_decimal("AQ==", DECIMAL_SCALE_MAX + 1, "");
    assert_decimal("AQ==", -DECIMAL_SCALE_MAX - 1, "");
    assert_decimal("AQ==", INT64_MIN, "");
    char base64[DECIMAL_BYTES_MAX * 2], text[DECIMAL_TEXT_MAX];
    memset(base64, 'A', sizeof base64);
    assert_int_equal(decimal_text(base64, sizeof base64, 0, text), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_decimal_keeps_its_scale),
        cmocka_unit_test(zero_has_as_many_decimals_as_its_scale),
        cmocka_unit_test(a_negative_decimal_is_read_from_twos_complement),
        cmocka_unit_test(a_negative_scale_adds_zeros),
        cmocka_unit_test(numbers_beyond_64_bits_are_read),
        cmocka_unit_test(the_largest_number_and_scale_fit),
        cmocka_unit_test(what_is_no_decimal_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
