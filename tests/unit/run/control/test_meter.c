/* What was used between two readings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/control/meter.h"

static meter_reading_t reading_of(int64_t each, int debezium_walsender_pid)
{
    return (meter_reading_t){
        .total = {{each, each, each, each, each, each, each, each, each}},
        .debezium_walsender_pid = debezium_walsender_pid,
    };
}

static void every_figure_is_the_difference(void **state)
{
    (void)state;
    meter_reading_t from = reading_of(100, 7), to = reading_of(130, 7);
    usage_t used = meter_between(&from, &to);
    meter_reading_t expected = reading_of(30, 7);
    assert_memory_equal(&used, &expected.total, sizeof used);
}

static void what_one_reading_lacks_is_not_measured(void **state)
{
    (void)state;
    meter_reading_t from = reading_of(100, 0), to = reading_of(130, 0);
    from.total.of[USAGE_CONNECT_CPU_US] = NOT_MEASURED;
    to.total.of[USAGE_KAFKA_BYTES] = NOT_MEASURED;
    usage_t used = meter_between(&from, &to);
    assert_int_equal(used.of[USAGE_CONNECT_CPU_US], NOT_MEASURED);
    assert_int_equal(used.of[USAGE_KAFKA_BYTES], NOT_MEASURED);
    assert_int_equal(used.of[USAGE_WAL_BYTES], 30);
}

static void a_count_that_began_anew_is_not_measured(void **state)
{
    (void)state;
    meter_reading_t from = reading_of(100, 0), to = reading_of(130, 0);
    to.total.of[USAGE_CHECKPOINTS] = 2;
    assert_int_equal(meter_between(&from, &to).of[USAGE_CHECKPOINTS], NOT_MEASURED);
}

static void another_walsender_of_debeziums_takes_the_servers_figure_with_it(void **state)
{
    (void)state;
    meter_reading_t from = reading_of(100, 7), to = reading_of(130, 8);
    usage_t used = meter_between(&from, &to);
    assert_int_equal(used.of[USAGE_DEBEZIUM_WALSENDER_CPU_US], NOT_MEASURED);
    assert_int_equal(used.of[USAGE_SERVER_CPU_US], NOT_MEASURED);
    assert_int_equal(used.of[USAGE_WALSENDER_CPU_US], 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_figure_is_the_difference),
        cmocka_unit_test(what_one_reading_lacks_is_not_measured),
        cmocka_unit_test(a_count_that_began_anew_is_not_measured),
        cmocka_unit_test(another_walsender_of_debeziums_takes_the_servers_figure_with_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
