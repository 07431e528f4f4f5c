#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/clocksync.h"

static const clock_anchor_t ANCHOR = {.mono_ns = 0, .wall_us = 1700000000000000};

/* A reading of a server whose clock is `offset_us` ahead; the server answers after `out` of the
 * round trip. */
static void reading(clocksync_t *sync, int64_t at_ns, int64_t out_us, int64_t back_us,
                    int64_t offset_us)
{
    int64_t server_us = ANCHOR.wall_us + at_ns / NS_PER_US + out_us + offset_us;
    clocksync_add(sync, at_ns, at_ns + (out_us + back_us) * NS_PER_US, server_us);
}

static void there_is_no_offset_before_the_first_reading(void **state)
{
    (void)state;
    clocksync_t sync;
    int64_t offset, uncertainty;
    clocksync_init(&sync, ANCHOR);
    assert_false(clocksync_get(&sync, &offset, &uncertainty));
}

static void the_true_offset_is_always_within_the_uncertainty(void **state)
{
    (void)state;
    clocksync_t sync;
    clocksync_init(&sync, ANCHOR);
    uint32_t draw = 12345;
    for (int i = 0; i < 1000; i++) {
        draw = draw * 1664525u + 1013904223u;
        int64_t out = 20 + draw % 3000, back = 20 + (draw >> 12) % 3000;
        reading(&sync, i * NS_PER_S, out, back, -3000000);
        int64_t offset, uncertainty;
        assert_true(clocksync_get(&sync, &offset, &uncertainty));
        assert_in_range(offset + 3000000 + uncertainty, 0, 2 * uncertainty);
    }
}

static void the_smallest_round_trip_wins(void **state)
{
    (void)state;
    clocksync_t sync;
    int64_t offset, uncertainty;
    clocksync_init(&sync, ANCHOR);
    reading(&sync, 1 * NS_PER_S, 10, 900, 500);
    reading(&sync, 2 * NS_PER_S, 15, 15, 500);
    reading(&sync, 3 * NS_PER_S, 2000, 10, 500);
    assert_true(clocksync_get(&sync, &offset, &uncertainty));
    assert_in_range(offset, 499, 501);
    assert_true(uncertainty < 60);
}

static void drift_is_followed_once_old_readings_are_worse_than_new_ones(void **state)
{
    (void)state;
    clocksync_t sync;
    int64_t offset = 0, uncertainty = 0;
    clocksync_init(&sync, ANCHOR);
    reading(&sync, 0, 10, 10, 0);
    /* The server's clock gains 10 µs a second. */
    for (int64_t s = 1; s <= 60; s++)
        reading(&sync, s * NS_PER_S, 40, 40, s * 10);
    assert_true(clocksync_get(&sync, &offset, &uncertainty));
    assert_true(offset + uncertainty >= 600);
    assert_true(offset > 400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_offset_before_the_first_reading),
        cmocka_unit_test(the_true_offset_is_always_within_the_uncertainty),
        cmocka_unit_test(the_smallest_round_trip_wins),
        cmocka_unit_test(drift_is_followed_once_old_readings_are_worse_than_new_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
