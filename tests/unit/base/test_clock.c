#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "base/clock.h"

static void now_never_steps_back(void **state)
{
    (void)state;
    int64_t last_ns = clock_now_ns();
    for (int i = 0; i < 10000; i++) {
        int64_t now_ns = clock_now_ns();
        assert_true(now_ns >= last_ns);
        last_ns = now_ns;
    }
}

static void a_stamp_becomes_wall_clock_time_by_its_distance_from_the_anchor(void **state)
{
    (void)state;
    const clock_anchor_t anchor = {.mono_ns = 5000, .wall_us = 1000000};
    assert_int_equal(clock_unix_us(&anchor, 5000), 1000000);
    assert_int_equal(clock_unix_us(&anchor, 5999), 1000000);
    assert_int_equal(clock_unix_us(&anchor, 6000), 1000001);
    assert_int_equal(clock_unix_us(&anchor, 5000 + NS_PER_S), 2000000);
}

static void a_stamp_before_the_anchor_is_rounded_down_too(void **state)
{
    (void)state;
    const clock_anchor_t anchor = {.mono_ns = 5000, .wall_us = 1000000};
    assert_int_equal(clock_unix_us(&anchor, 4999), 999999);
    assert_int_equal(clock_unix_us(&anchor, 4000), 999999);
    assert_int_equal(clock_unix_us(&anchor, 3999), 999998);
}

static void an_anchor_pairs_the_two_clocks(void **state)
{
    (void)state;
    int64_t before_ns = clock_now_ns();
    time_t wall_before = time(NULL);
    clock_anchor_t anchor = clock_anchor();
    time_t wall_after = time(NULL);
    int64_t after_ns = clock_now_ns();
    assert_true(anchor.mono_ns > before_ns - NS_PER_US && anchor.mono_ns <= after_ns);
    assert_true(anchor.wall_us / US_PER_S >= (int64_t)wall_before - 1);
    assert_true(anchor.wall_us / US_PER_S <= (int64_t)wall_after + 1);
}

static void times_are_written_in_utc_with_six_decimals(void **state)
{
    (void)state;
    char text[28];
    clock_iso8601(INT64_C(1795356192123456), text, sizeof text);
    assert_string_equal(text, "2026-11-22T14:03:12.123456Z");
    clock_iso8601(0, text, sizeof text);
    assert_string_equal(text, "1970-01-01T00:00:00.000000Z");
    clock_iso8601(INT64_C(951782400000001), text, sizeof text);
    assert_string_equal(text, "2000-02-29T00:00:00.000001Z");
}

static void the_epoch_of_postgresql_is_the_year_2000(void **state)
{
    (void)state;
    char text[28];
    clock_iso8601(PG_EPOCH_UNIX_US, text, sizeof text);
    assert_string_equal(text, "2000-01-01T00:00:00.000000Z");
}

static void a_time_before_1970_borrows_from_the_second_before(void **state)
{
    (void)state;
    char text[28];
    clock_iso8601(-1, text, sizeof text);
    assert_string_equal(text, "1969-12-31T23:59:59.999999Z");
}

static void the_compact_form_has_nothing_that_a_folder_cannot_be_named_with(void **state)
{
    (void)state;
    char text[17];
    clock_compact(INT64_C(1795356192999999), text, sizeof text);
    assert_string_equal(text, "20261122T140312Z");
}

static void sleeping_ends_at_its_time_or_later(void **state)
{
    (void)state;
    int64_t at_ns = clock_now_ns() + 2 * NS_PER_MS;
    clock_sleep_until_ns(at_ns);
    assert_true(clock_now_ns() >= at_ns);
}

static void sleeping_until_the_past_returns(void **state)
{
    (void)state;
    clock_sleep_until_ns(clock_now_ns() - 1);
    clock_sleep_until_ns(0);
    clock_sleep_until_ns(INT64_MIN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(now_never_steps_back),
        cmocka_unit_test(a_stamp_becomes_wall_clock_time_by_its_distance_from_the_anchor),
        cmocka_unit_test(a_stamp_before_the_anchor_is_rounded_down_too),
        cmocka_unit_test(an_anchor_pairs_the_two_clocks),
        cmocka_unit_test(times_are_written_in_utc_with_six_decimals),
        cmocka_unit_test(the_epoch_of_postgresql_is_the_year_2000),
        cmocka_unit_test(a_time_before_1970_borrows_from_the_second_before),
        cmocka_unit_test(the_compact_form_has_nothing_that_a_folder_cannot_be_named_with),
        cmocka_unit_test(sleeping_ends_at_its_time_or_later),
        cmocka_unit_test(sleeping_until_the_past_returns),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
