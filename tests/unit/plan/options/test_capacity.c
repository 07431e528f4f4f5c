/* Factors and lists of quantities, as `cdcbench size` is given them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "plan/options/capacity.h"

static void a_factor_is_read_whole_or_not_at_all(void **state)
{
    double value = 0;
    (void)state;
    assert_true(capacity_parse_factor("3x", &value, NULL));
    assert_true(value == 3);
    assert_true(capacity_parse_factor("1.5", &value, NULL));
    assert_true(value == 1.5);
    assert_false(capacity_parse_factor("0.5x", &value, NULL));
    /* Cut at 31 characters it would be 1. */
    assert_false(capacity_parse_factor("00000000000000000000000000000012x", &value, NULL));
}

static void a_quantity_is_read_whole_or_not_at_all(void **state)
{
    double nic = 0;
    bool given = false;
    (void)state;
    const capacity_t known[] = {{"nic", &nic, &given}};
    assert_true(capacity_parse("nic=10Gbit", known, 1, NULL));
    assert_true(given && nic == 1.25e9);
    assert_false(
        capacity_parse("nic=000000000000000000000000000000000000000000000000000000000000000"
                       "00000000000000000000000000000000000000000000000000000000000000012",
                       known, 1, NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_factor_is_read_whole_or_not_at_all),
        cmocka_unit_test(a_quantity_is_read_whole_or_not_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
