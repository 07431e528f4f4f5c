#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/units.h"

static uint64_t count_of(const char *text)
{
    uint64_t value = 0;
    err_t err = {0};
    if (!units_parse_count(text, &value, &err)) {
        fail_msg("%s", err.text);
    }
    return value;
}

static uint64_t bytes_of(const char *text)
{
    uint64_t value = 0;
    err_t err = {0};
    if (!units_parse_bytes(text, &value, &err)) {
        fail_msg("%s", err.text);
    }
    return value;
}

static int64_t ns_of(const char *text)
{
    int64_t value = 0;
    err_t err = {0};
    if (!units_parse_duration(text, &value, &err)) {
        fail_msg("%s", err.text);
    }
    return value;
}

static double rate_of(const char *text)
{
    double value = 0;
    err_t err = {0};
    if (!units_parse_rate(text, &value, &err)) {
        fail_msg("%s", err.text);
    }
    return value;
}

static void assert_names_what_was_read(const err_t *err, const char *text)
{
    char quoted[128];
    snprintf(quoted, sizeof quoted, "\"%s\" ", text);
    assert_int_equal(err->code, ERR_USAGE);
    assert_memory_equal(err->text, quoted, strlen(quoted));
    assert_non_null(strstr(err->text, "; allowed is "));
}

static void counts_are_read_with_powers_of_1000(void **state)
{
    (void)state;
    assert_int_equal(count_of("0"), 0);
    assert_int_equal(count_of("200000"), 200000);
    assert_int_equal(count_of("007"), 7);
    assert_int_equal(count_of("200k"), 200000);
    assert_int_equal(count_of("200K"), 200000);
    assert_int_equal(count_of("1M"), 1000000);
    assert_int_equal(count_of("2G"), UINT64_C(2000000000));
    assert_int_equal(count_of("2B"), UINT64_C(2000000000));
}

static void decimals_of_a_count_are_exact(void **state)
{
    (void)state;
    assert_int_equal(count_of("1.5M"), 1500000);
    assert_int_equal(count_of("0.001k"), 1);
    assert_int_equal(count_of("1.0"), 1);
    assert_int_equal(count_of("1.100000000000000000k"), 1100);
    assert_int_equal(count_of("18446744073.709551615G"), UINT64_MAX);
}

static void the_largest_count_is_read_and_the_next_is_refused(void **state)
{
    (void)state;
    uint64_t value = 7;
    err_t err = {0};
    assert_int_equal(count_of("18446744073709551615"), UINT64_MAX);
    assert_false(units_parse_count("18446744073709551616", &value, &err));
    assert_names_what_was_read(&err, "18446744073709551616");
    assert_false(units_parse_count("18446744073709552k", &value, &err));
    assert_string_equal(err.text, "\"18446744073709552k\" is too large; allowed is at most "
                                  "18,446,744,073,709,551,615");
    assert_int_equal(value, 7);
}

/* Refused by all four readers. */
static const char *const never_allowed[] = {
    "",
    "-5",
    "+5",
    " 5",
    "5 ",
    "5 k",
    "1e3",
    "nan",
    "inf",
    "0x10",
    "k",
    ".5",
    "5.",
    ".",
    "5.k",
    "1,5",
    "1..5",
    "1.2.",
    "5kk",
    "5q",
    "1_000",
    "½",
    "5k5",
    "--5",
    "1.0000000000000000001",
    "99999999999999999999999999",
};

static void malformed_numbers_are_refused_by_every_reader(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof never_allowed / sizeof never_allowed[0]; i++) {
        const char *text = never_allowed[i];
        uint64_t count = 7;
        int64_t ns = 7;
        double rate = 7;
        err_t err[4] = {{0}};
        assert_false(units_parse_count(text, &count, &err[0]));
        assert_false(units_parse_bytes(text, &count, &err[1]));
        assert_false(units_parse_duration(text, &ns, &err[2]));
        assert_false(units_parse_rate(text, &rate, &err[3]));
        for (int reader = 0; reader < 4; reader++) {
            assert_names_what_was_read(&err[reader], text);
        }
        assert_true(count == 7 && ns == 7 && rate == 7);
    }
}

static void a_count_that_is_not_whole_is_refused(void **state)
{
    (void)state;
    uint64_t value = 0;
    err_t err = {0};
    assert_false(units_parse_count("1.5", &value, &err));
    assert_names_what_was_read(&err, "1.5");
    assert_false(units_parse_count("1.2345k", &value, &err));
    assert_string_equal(err.text,
                        "\"1.2345k\" has more decimals than its unit; allowed is a whole number, "
                        "as in 200000, 200k, 1.5M or 2G (k, M, G: powers of 1000)");
}

static void a_null_error_is_allowed(void **state)
{
    (void)state;
    uint64_t value = 0;
    assert_false(units_parse_count("x", &value, NULL));
}

static void rates_are_read_with_and_without_per_second(void **state)
{
    (void)state;
    assert_true(rate_of("0.5") == 0.5);
    assert_true(rate_of("0.1") == 0.1);
    assert_true(rate_of("10k") == 10000);
    assert_true(rate_of("10k/s") == 10000);
    assert_true(rate_of("7/s") == 7);
    assert_true(rate_of("1.5M/s") == 1.5e6);
    assert_true(rate_of("18446744073709551615G") > 0 && rate_of("18446744073709551615G") < DBL_MAX);
}

static void a_rate_of_zero_is_refused(void **state)
{
    (void)state;
    double rate = 7;
    err_t err = {0};
    assert_false(units_parse_rate("0", &rate, &err));
    assert_string_equal(err.text, "\"0\" is not a rate; allowed is a number a second above zero, "
                                  "as in 0.5, 10k or 10k/s (k, M, G: powers of 1000)");
    assert_false(units_parse_rate("0.000k/s", &rate, &err));
    assert_false(units_parse_rate("10/m", &rate, &err));
    assert_true(rate == 7);
}

static void durations_are_read_in_every_unit_and_seconds_without_one(void **state)
{
    (void)state;
    assert_int_equal(ns_of("90us"), 90 * NS_PER_US);
    assert_int_equal(ns_of("90µs"), 90 * NS_PER_US);
    assert_int_equal(ns_of("250ms"), 250 * NS_PER_MS);
    assert_int_equal(ns_of("10s"), 10 * NS_PER_S);
    assert_int_equal(ns_of("10"), 10 * NS_PER_S);
    assert_int_equal(ns_of("0"), 0);
    assert_int_equal(ns_of("0.25"), 250 * NS_PER_MS);
    assert_int_equal(ns_of("2m"), 120 * NS_PER_S);
    assert_int_equal(ns_of("1.5h"), 5400 * NS_PER_S);
    assert_int_equal(ns_of("7d"), 7 * 86400 * NS_PER_S);
}

static void a_duration_is_bounded_on_both_sides(void **state)
{
    (void)state;
    int64_t ns = 7;
    err_t err = {0};
    assert_int_equal(ns_of("9223372036.854775807"), INT64_MAX);
    assert_false(units_parse_duration("9223372036.854775808", &ns, &err));
    assert_string_equal(err.text,
                        "\"9223372036.854775808\" is too large; allowed is at most 292 years");
    assert_false(units_parse_duration("18446744073709551615d", &ns, &err));
    assert_false(units_parse_duration("0.0000000001", &ns, &err));
    assert_false(units_parse_duration("1M", &ns, &err));
    assert_false(units_parse_duration("1min", &ns, &err));
    assert_int_equal(ns, 7);
}

static void sizes_with_an_i_are_powers_of_1024_and_others_of_1000(void **state)
{
    (void)state;
    assert_int_equal(bytes_of("65536"), 65536);
    assert_int_equal(bytes_of("12B"), 12);
    assert_int_equal(bytes_of("64KiB"), 65536);
    assert_int_equal(bytes_of("64kB"), 64000);
    assert_int_equal(bytes_of("64MiB"), 64 * UINT64_C(1048576));
    assert_int_equal(bytes_of("1MB"), 1000000);
    assert_int_equal(bytes_of("1.5GiB"), UINT64_C(1610612736));
    assert_int_equal(bytes_of("3GB"), UINT64_C(3000000000));
    assert_int_equal(bytes_of("2TB"), UINT64_C(2000000000000));
    assert_int_equal(bytes_of("2TiB"), UINT64_C(2199023255552));
}

static void a_size_without_its_b_is_refused_as_ambiguous(void **state)
{
    (void)state;
    uint64_t value = 7;
    err_t err = {0};
    assert_false(units_parse_bytes("64k", &value, &err));
    assert_false(units_parse_bytes("64M", &value, &err));
    assert_false(units_parse_bytes("0.5", &value, &err));
    assert_false(units_parse_bytes("16777216TiB", &value, &err));
    assert_string_equal(err.text, "\"16777216TiB\" is too large; allowed is at most "
                                  "18,446,744,073,709,551,615 bytes");
    assert_int_equal(value, 7);
}

static void counts_are_written_in_groups_of_three(void **state)
{
    (void)state;
    static const struct {
        uint64_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {7, "7"},
        {999, "999"},
        {1000, "1,000"},
        {12345, "12,345"},
        {999999, "999,999"},
        {1234567, "1,234,567"},
        {UINT64_MAX, "18,446,744,073,709,551,615"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(units_count(cases[i].value).text, cases[i].text);
    }
}

static void durations_are_written_with_as_many_digits_as_matter(void **state)
{
    (void)state;
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "0 µs"},
        {812, "812 µs"},
        {999, "999 µs"},
        {1000, "1.0 ms"},
        {1940, "1.9 ms"},
        {1950, "2.0 ms"},
        {9949, "9.9 ms"},
        {9950, "10 ms"},
        {31499, "31 ms"},
        {31500, "32 ms"},
        {999500, "1,000 ms"},
        {1003000, "1,003 ms"},
        {9999499, "9,999 ms"},
        {9999500, "10.0 s"},
        {12340000, "12.3 s"},
        {99949999, "99.9 s"},
        {99950000, "100 s"},
        {3600000000, "3,600 s"},
        {-1, "-1 µs"},
        {-1900, "-1.9 ms"},
        {-1950, "-2.0 ms"},
        {-12340000, "-12.3 s"},
        {INT64_MAX, "9,223,372,036,855 s"},
        {INT64_MIN, "-9,223,372,036,855 s"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(units_us(cases[i].us).text, cases[i].text);
    }
}

static void sizes_are_written_in_powers_of_1000(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } cases[] = {
        {0, "0 B"},
        {999, "999 B"},
        {1000, "1.0 kB"},
        {9949, "9.9 kB"},
        {9950, "10 kB"},
        {64000, "64 kB"},
        {999499, "999 kB"},
        {999500, "1.0 MB"},
        {1234567, "1.2 MB"},
        {UINT64_C(2000000000000), "2.0 TB"},
        {UINT64_MAX, "18 EB"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_string_equal(units_bytes(cases[i].bytes).text, cases[i].text);
    }
}

static void several_writers_stand_in_one_expression(void **state)
{
    (void)state;
    char text[160];
    snprintf(text, sizeof text, "%s rows, %s in %s: %s a second", units_count(1234567).text,
             units_bytes(64000).text, units_us(1900).text, units_count(9).text);
    assert_string_equal(text, "1,234,567 rows, 64 kB in 1.9 ms: 9 a second");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(counts_are_read_with_powers_of_1000),
        cmocka_unit_test(decimals_of_a_count_are_exact),
        cmocka_unit_test(the_largest_count_is_read_and_the_next_is_refused),
        cmocka_unit_test(malformed_numbers_are_refused_by_every_reader),
        cmocka_unit_test(a_count_that_is_not_whole_is_refused),
        cmocka_unit_test(a_null_error_is_allowed),
        cmocka_unit_test(rates_are_read_with_and_without_per_second),
        cmocka_unit_test(a_rate_of_zero_is_refused),
        cmocka_unit_test(durations_are_read_in_every_unit_and_seconds_without_one),
        cmocka_unit_test(a_duration_is_bounded_on_both_sides),
        cmocka_unit_test(sizes_with_an_i_are_powers_of_1024_and_others_of_1000),
        cmocka_unit_test(a_size_without_its_b_is_refused_as_ambiguous),
        cmocka_unit_test(counts_are_written_in_groups_of_three),
        cmocka_unit_test(durations_are_written_with_as_many_digits_as_matter),
        cmocka_unit_test(sizes_are_written_in_powers_of_1000),
        cmocka_unit_test(several_writers_stand_in_one_expression),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
