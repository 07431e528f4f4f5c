/* What is read of the taps in a phase, and what is made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/control/pace_watch.h"

/* A tap is what the test says of it. */
static uint64_t seen;
static bool failed;

uint64_t __wrap_tap_seen(const tap_t *tap);
uint64_t __wrap_tap_seen(const tap_t *tap)
{
    (void)tap;
    return seen;
}

bool __wrap_tap_failed(const tap_t *tap);
bool __wrap_tap_failed(const tap_t *tap)
{
    (void)tap;
    return failed;
}

static phase_t phase_with_rate(int64_t duration_ns)
{
    phase_t phase = {.duration_ns = duration_ns};
    phase.streams[OP_INSERT] =
        (stream_t){.kind = STREAM_OPEN, .rate_per_s = 1000, .rows_per_txn = 1};
    return phase;
}

/* Looks every 50 ms at a tap that sees a share of 1,000 a second; fails at `fails_at_s`. */
static pace_t watched(const phase_t *phase, double seconds, double share, double fails_at_s)
{
    static int something;
    tap_t *taps[TAP_COUNT] = {[TAP_WAL] = (tap_t *)(void *)&something};
    pace_watch_t watch = {0};
    pace_t out[TAP_COUNT];
    const int64_t poll_ns[TAP_COUNT] = {0}, start_ns = 7 * NS_PER_S;
    failed = false;
    pace_watch_begin(&watch, phase, start_ns);
    for (int64_t ns = 0; ns <= (int64_t)(seconds * (double)NS_PER_S); ns += 50 * NS_PER_MS) {
        double second = (double)ns / (double)NS_PER_S;
        failed = second >= fails_at_s;
        seen = (uint64_t)(1000 * share * second);
        pace_watch_look(&watch, taps, (uint64_t)(1000 * second), start_ns + ns);
    }
    pace_watch_judge(&watch, phase, 1, poll_ns, out);
    assert_int_equal(out[TAP_KAFKA].verdict, PACE_UNKNOWN); /* it is off */
    pace_watch_free(&watch);
    return out[TAP_WAL];
}

static void a_tap_that_sees_all_keeps_up_and_one_that_sees_half_does_not(void **state)
{
    (void)state;
    phase_t phase = phase_with_rate(20 * NS_PER_S);
    assert_int_equal(watched(&phase, 20, 1, 99).verdict, PACE_KEPT_UP);
    assert_int_equal(watched(&phase, 20, 0.5, 99).verdict, PACE_FELL_BEHIND);
}

static void nothing_is_claimed_of_a_tap_that_ended_early(void **state)
{
    (void)state;
    phase_t phase = phase_with_rate(20 * NS_PER_S);
    assert_int_equal(watched(&phase, 20, 1, 15).verdict, PACE_UNKNOWN);
}

static void a_phase_without_a_rate_is_not_judged(void **state)
{
    (void)state;
    phase_t phase = phase_with_rate(20 * NS_PER_S);
    phase.streams[OP_INSERT].kind = STREAM_CLOSED;
    assert_int_equal(watched(&phase, 20, 0.5, 99).verdict, PACE_UNKNOWN);
}

static void a_phase_of_unknown_length_is_judged_short_or_long(void **state)
{
    (void)state;
    phase_t phase = phase_with_rate(0);
    assert_int_equal(watched(&phase, 8, 1, 99).verdict, PACE_KEPT_UP);
    assert_int_equal(watched(&phase, 60, 0.5, 99).verdict, PACE_FELL_BEHIND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tap_that_sees_all_keeps_up_and_one_that_sees_half_does_not),
        cmocka_unit_test(nothing_is_claimed_of_a_tap_that_ended_early),
        cmocka_unit_test(a_phase_without_a_rate_is_not_judged),
        cmocka_unit_test(a_phase_of_unknown_length_is_judged_short_or_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
