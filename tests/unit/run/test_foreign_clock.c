#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/foreign_clock.h"

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
    assert_int_equal(clock.ahead_min_us, -50);
    assert_int_equal(clock.ahead_max_us, 101);
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
    assert_int_equal(clock.ahead_min_us, 3000000 - 200);
    assert_int_equal(clock.ahead_max_us, 3000000 + 101);
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
    assert_true(clock.ahead_min_us > clock.ahead_max_us);
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
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
