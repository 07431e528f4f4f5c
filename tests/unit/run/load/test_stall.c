/* stall: when nothing was acknowledged although something was due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/load/work.h"

static stalls_t stalls;

static int reset(void **state)
{
    (void)state;
    stalls_init(&stalls);
    return 0;
}

static int done(void **state)
{
    (void)state;
    stalls_free(&stalls);
    return 0;
}

static void acknowledgements_that_follow_closely_are_no_stall(void **state)
{
    (void)state;
    for (int64_t at = NS_PER_S; at < 10 * NS_PER_S; at += STALL_MIN_NS - 1)
        stalls_acknowledged(&stalls, 0, NS_PER_S, at);
    assert_int_equal(stalls.n, 0);
}

static void a_pause_in_which_nothing_was_due_is_no_stall(void **state)
{
    (void)state;
    stalls_acknowledged(&stalls, 0, NS_PER_S, NS_PER_S + 1);
    stalls_acknowledged(&stalls, 0, 9 * NS_PER_S, 9 * NS_PER_S + STALL_MIN_NS - 1);
    assert_int_equal(stalls.n, 0);
}

static void a_gap_counts_from_the_last_acknowledgement_to_the_next(void **state)
{
    (void)state;
    stalls_acknowledged(&stalls, 1, 1 * NS_PER_S, 2 * NS_PER_S); /* and this is one itself */
    stalls_acknowledged(&stalls, 1, 1 * NS_PER_S, 4 * NS_PER_S);
    stalls_acknowledged(&stalls, 1, 1 * NS_PER_S, 4 * NS_PER_S + 1); /* the backlog follows */
    assert_int_equal(stalls.n, 2);
    assert_int_equal(stalls.items[1].from_ns, 2 * NS_PER_S);
    assert_int_equal(stalls.items[1].to_ns, 4 * NS_PER_S);
    assert_int_equal(stalls.items[1].phase, 1);
}

static void a_gap_after_a_pause_counts_from_when_it_was_due(void **state)
{
    (void)state;
    stalls_acknowledged(&stalls, 0, NS_PER_S, NS_PER_S);
    stalls_acknowledged(&stalls, 0, 5 * NS_PER_S, 7 * NS_PER_S);
    assert_int_equal(stalls.n, 1);
    assert_int_equal(stalls.items[0].from_ns, 5 * NS_PER_S);
}

static void beyond_those_kept_stalls_are_counted(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= STALLS_MAX + 5; i++)
        stalls_acknowledged(&stalls, 0, NS_PER_S, i * 2 * NS_PER_S);
    assert_int_equal(stalls.n, STALLS_MAX + 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(acknowledgements_that_follow_closely_are_no_stall, reset,
                                        done),
        cmocka_unit_test_setup_teardown(a_pause_in_which_nothing_was_due_is_no_stall, reset, done),
        cmocka_unit_test_setup_teardown(a_gap_counts_from_the_last_acknowledgement_to_the_next,
                                        reset, done),
        cmocka_unit_test_setup_teardown(a_gap_after_a_pause_counts_from_when_it_was_due, reset,
                                        done),
        cmocka_unit_test_setup_teardown(beyond_those_kept_stalls_are_counted, reset, done),
    };
    return cmocka_run_group_tests_name("stall", tests, NULL, NULL);
}
