/* backlog: its bound, and for how long it was passed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/load/backlog.h"

static void look(backlog_watch_t *watch, const backlog_bound_t *bound, uint64_t rows,
                 int64_t age_ns, int64_t now_ns, bool expected)
{
    backlog_t backlog = {.rows = rows, .age_ns = age_ns};
    assert_int_equal(backlog_look(watch, bound, &backlog, now_ns), expected);
}

static void without_a_bound_nothing_is_passed_but_the_peak_is_known(void **state)
{
    (void)state;
    backlog_watch_t watch = {0};
    const backlog_bound_t none = {0};
    look(&watch, &none, 1000, 5 * NS_PER_S, 1 * NS_PER_S, false);
    look(&watch, &none, 10, NS_PER_S, 2 * NS_PER_S, false);
    assert_int_equal(watch.peak_rows, 1000);
    assert_int_equal(watch.peak_age_ns, 5 * NS_PER_S);
    assert_int_equal(watch.first_ns, 0);
    assert_int_equal(watch.over_ns, 0);
}

static void each_time_it_is_passed_is_told_once_and_all_of_it_is_summed(void **state)
{
    (void)state;
    backlog_watch_t watch = {0};
    const backlog_bound_t bound = {.max_rows = 100};
    look(&watch, &bound, 100, 0, 1 * NS_PER_S, false); /* at the bound is within it */
    look(&watch, &bound, 101, 0, 2 * NS_PER_S, true);
    look(&watch, &bound, 500, 0, 3 * NS_PER_S, false);
    look(&watch, &bound, 100, 0, 4 * NS_PER_S, false);
    look(&watch, &bound, 101, 0, 6 * NS_PER_S, true);
    look(&watch, &bound, 0, 0, 7 * NS_PER_S, false);
    assert_int_equal(watch.first_ns, 2 * NS_PER_S);
    assert_int_equal(watch.over_ns, 3 * NS_PER_S);
    assert_int_equal(watch.peak_rows, 500);
}

static void age_is_a_bound_of_its_own(void **state)
{
    (void)state;
    backlog_watch_t watch = {0};
    const backlog_bound_t bound = {.max_rows = 100, .max_age_ns = NS_PER_S};
    look(&watch, &bound, 1, NS_PER_S + 1, 1, true);
}

static void what_is_due_is_read_from_the_schedule(void **state)
{
    (void)state;
    static scenario_t scenario;
    scenario.n_phases = 1;
    scenario.phases[0].duration_ns = 10 * NS_PER_S;
    scenario.phases[0].streams[OP_INSERT] =
        (stream_t){.kind = STREAM_OPEN, .rows_per_txn = 10, .rate_per_s = 1000};
    scenario.phases[0].streams[OP_UPDATE] =
        (stream_t){.kind = STREAM_CLOSED, .rows_per_txn = 1, .rows = 5};
    work_t work = {.scenario = &scenario};
    atomic_store(&work.start_ns[0], NS_PER_S);
    backlog_t backlog = backlog_read(&work, NULL, 0, 0, 3 * NS_PER_S); /* two seconds of it */
    assert_in_range(backlog.rows, 2000, 2010);
    assert_int_equal(backlog.age_ns, 2 * NS_PER_S);
    backlog = backlog_read(&work, NULL, 0, 0, 60 * NS_PER_S); /* no more comes */
    assert_int_equal(backlog.rows, 10000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_bound_nothing_is_passed_but_the_peak_is_known),
        cmocka_unit_test(each_time_it_is_passed_is_told_once_and_all_of_it_is_summed),
        cmocka_unit_test(age_is_a_bound_of_its_own),
        cmocka_unit_test(what_is_due_is_read_from_the_schedule),
    };
    return cmocka_run_group_tests_name("backlog", tests, NULL, NULL);
}
