#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/control/behind.h"

#define SECOND NS_PER_S

static void a_tap_that_has_seen_everything_is_not_behind(void **state)
{
    (void)state;
    behind_t b;
    assert_true(behind_init(&b, 5 * SECOND));
    assert_int_equal(behind_us(&b, 0), 0);
    assert_true(behind_add(&b, 6 * SECOND, 1000));
    assert_int_equal(behind_us(&b, 1000), 0);
    assert_int_equal(behind_us(&b, 1003), 0); /* seen before its writer knew */
    behind_free(&b);
}

static void it_is_the_time_since_as_much_was_acknowledged(void **state)
{
    (void)state;
    behind_t b;
    assert_true(behind_init(&b, 0));
    for (int64_t s = 1; s <= 300; s++)
        assert_true(behind_add(&b, s * SECOND, (uint64_t)s * 1000));
    assert_int_equal(behind_us(&b, 299000), US_PER_S);
    assert_int_equal(behind_us(&b, 290500), 9500 * 1000);
    assert_int_equal(behind_us(&b, 0), 300 * US_PER_S);
    behind_free(&b);
}

static void what_stands_still_grows_older(void **state)
{
    (void)state;
    behind_t b;
    assert_true(behind_init(&b, 0));
    assert_true(behind_add(&b, SECOND, 1000));
    assert_true(behind_add(&b, 2 * SECOND, 1000));
    assert_true(behind_add(&b, 9 * SECOND, 1000));
    assert_int_equal(behind_us(&b, 500), 8500 * 1000);
    assert_int_equal(behind_us(&b, 1000), 0);
    behind_free(&b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tap_that_has_seen_everything_is_not_behind),
        cmocka_unit_test(it_is_the_time_since_as_much_was_acknowledged),
        cmocka_unit_test(what_stands_still_grows_older),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
