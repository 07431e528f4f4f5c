#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "result/foreign_clock.h"

static void nothing_is_said_of_a_clock_without_a_stamp(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    assert_true(foreign_clock_holds(&clock));
    assert_int_equal(clock.stamps, 0);
}

static void the_tightest_events_bound_a_right_clock_on_both_sides(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    foreign_clock_add(&clock, 1000, 1, 900, 9000);
    foreign_clock_add(&clock, 2000, 1, 1000, 2050);
    assert_int_equal(clock.whole.min_us, -50);
    assert_int_equal(clock.whole.max_us, 101);
    assert_true(foreign_clock_holds(&clock));
}

static void a_stamp_cut_to_a_millisecond_may_have_been_taken_later(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    /* Committed at 5,700 µs; stamped at 5,900, of which the millisecond is left. */
    foreign_clock_add(&clock, 5000, 1000, 5700, 6500);
    assert_true(foreign_clock_holds(&clock));
    foreign_clock_add(&clock, 5000, 1, 5700, 6500);
    assert_false(foreign_clock_holds(&clock));
}

static void a_clock_ahead_or_behind_is_found_with_its_bounds(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    foreign_clock_add(&clock, 3000000 + 500, 1, 400, 700); /* 3 s ahead */
    assert_false(foreign_clock_holds(&clock));
    assert_int_equal(clock.whole.min_us, 3000000 - 200);
    assert_int_equal(clock.whole.max_us, 3000000 + 101);
    foreign_clock_init(&clock, true);
    foreign_clock_add(&clock, -3000000 + 500, 1, 400, 700);
    assert_false(foreign_clock_holds(&clock));
}

static void a_clock_that_was_set_has_bounds_that_cross(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    foreign_clock_add(&clock, 500, 1, 400, 700);
    foreign_clock_add(&clock, 20500, 1, 10400, 10700);
    assert_true(clock.whole.min_us > clock.whole.max_us);
    assert_false(foreign_clock_holds(&clock));
}

#define SECOND INT64_C(1000000)

/* An event a second whose stamp lies 300 µs behind its commit and 200 before its receipt. */
static void add_at(foreign_clock_t *clock, int64_t second, int64_t ahead_us)
{
    int64_t commit_us = second * SECOND;
    foreign_clock_add(clock, commit_us + 300 + ahead_us, 1, commit_us, commit_us + 500);
}

static void assert_ahead(const clock_ahead_t *ahead, int64_t min_us, int64_t max_us)
{
    assert_int_equal(ahead->min_us, min_us);
    assert_int_equal(ahead->max_us, max_us);
}

static void a_clock_that_drifts_is_bounded_in_each_minute(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    for (int second = 0; second < 600; second++)
        add_at(&clock, second, second); /* 1 ppm */
    assert_false(foreign_clock_holds(&clock));
    assert_true(clock.whole.min_us > clock.whole.max_us);
    assert_int_equal(clock.minutes, 10);
    assert_ahead(&clock.first, 59 - 200, 0 + 301);
    assert_ahead(&clock.last, 599 - 200, 540 + 301);
    assert_ahead(&clock.worst, 599 - 200, 540 + 301);
}

static void a_clock_that_drifts_within_what_is_known_of_it_holds(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    for (int second = 0; second < 180; second++)
        add_at(&clock, second, second);
    assert_true(foreign_clock_holds(&clock));
}

static void the_worst_minute_is_the_one_farthest_from_0(void **state)
{
    (void)state;
    foreign_clock_t clock;
    foreign_clock_init(&clock, false);
    static const int64_t ahead_us[] = {0, 5000, -9000, 0};
    for (int minute = 0; minute < 4; minute++)
        for (int second = 0; second < 60; second++)
            add_at(&clock, minute * 60 + second, ahead_us[minute]);
    assert_int_equal(clock.minutes, 4);
    assert_ahead(&clock.first, -200, 301);
    assert_ahead(&clock.last, -200, 301);
    assert_ahead(&clock.worst, -9200, -8699);
    assert_false(foreign_clock_holds(&clock));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_said_of_a_clock_without_a_stamp),
        cmocka_unit_test(the_tightest_events_bound_a_right_clock_on_both_sides),
        cmocka_unit_test(a_stamp_cut_to_a_millisecond_may_have_been_taken_later),
        cmocka_unit_test(a_clock_ahead_or_behind_is_found_with_its_bounds),
        cmocka_unit_test(a_clock_that_was_set_has_bounds_that_cross),
        cmocka_unit_test(a_clock_that_drifts_is_bounded_in_each_minute),
        cmocka_unit_test(a_clock_that_drifts_within_what_is_known_of_it_holds),
        cmocka_unit_test(the_worst_minute_is_the_one_farthest_from_0),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
