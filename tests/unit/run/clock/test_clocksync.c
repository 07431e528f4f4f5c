#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/clock/clocksync.h"

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
    reading(&sync, 100 * NS_PER_MS, 10, 900, 500);
    reading(&sync, 200 * NS_PER_MS, 15, 15, 500);
    reading(&sync, 300 * NS_PER_MS, 2000, 10, 500);
    assert_true(clocksync_get(&sync, &offset, &uncertainty));
    assert_in_range(offset, 490, 510);
    assert_true(uncertainty < 30);
}

/* As a server under load answers: mostly late, and now and then at once. */
static int64_t trip_us(uint32_t *draw)
{
    *draw = *draw * 1664525u + 1013904223u;
    return *draw % 16 == 0 ? 20 + (*draw >> 8) % 20 : 100 + (*draw >> 8) % 2000;
}

static void drift_is_followed_and_told(void **state)
{
    (void)state;
    clocksync_t sync;
    int64_t offset = 0, uncertainty = 0;
    uint32_t draw = 1;
    clocksync_init(&sync, ANCHOR);
    /* The server's clock gains 10 µs a second, for ten minutes. */
    for (int64_t i = 0; i < 6000; i++) {
        reading(&sync, i * NS_PER_S / 10, trip_us(&draw), trip_us(&draw), i);
        assert_true(clocksync_get(&sync, &offset, &uncertainty));
        assert_true(offset - uncertainty <= i && i <= offset + uncertainty);
    }
    assert_true(uncertainty < 100);
    assert_true(sync.drift_low_ppm <= 10 && 10 <= sync.drift_high_ppm);
    assert_true(sync.drift_high_ppm - sync.drift_low_ppm < 20);
    assert_int_equal(sync.breaks, 0);
}

static void readings_that_are_wide_alone_are_narrow_together(void **state)
{
    (void)state;
    clocksync_t sync;
    int64_t offset = 0, uncertainty = 0;
    clocksync_init(&sync, ANCHOR);
    /* Each bounds the offset to 500 µs on one side only. */
    for (int64_t s = 0; s < 20; s++)
        reading(&sync, s * NS_PER_S, s % 2 ? 5 : 995, s % 2 ? 995 : 5, 0);
    assert_true(clocksync_get(&sync, &offset, &uncertainty));
    assert_true(offset - uncertainty <= 0 && 0 <= offset + uncertainty);
    assert_true(uncertainty < 30);
}

static void a_clock_that_is_set_is_believed_at_once_and_counted(void **state)
{
    (void)state;
    clocksync_t sync;
    int64_t offset = 0, uncertainty = 0;
    clocksync_init(&sync, ANCHOR);
    for (int64_t s = 0; s < 10; s++)
        reading(&sync, s * NS_PER_S, 20, 20, 100);
    reading(&sync, 10 * NS_PER_S, 30, 30, 3000100);
    assert_true(clocksync_get(&sync, &offset, &uncertainty));
    assert_int_equal(sync.breaks, 1);
    assert_in_range(offset, 3000100 - uncertainty, 3000100 + uncertainty);
    assert_true(uncertainty < 40);
}

static void a_reading_too_old_to_hold_is_forgotten(void **state)
{
    (void)state;
    clocksync_t sync;
    int64_t offset = 0, uncertainty = 0;
    clocksync_init(&sync, ANCHOR);
    reading(&sync, 0, 1, 1, 0);
    for (int64_t s = 1; s <= 2 * CLOCKSYNC_SECONDS; s++)
        reading(&sync, s * NS_PER_S, 400, 400, 0);
    assert_true(clocksync_get(&sync, &offset, &uncertainty));
    assert_true(uncertainty > 300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(there_is_no_offset_before_the_first_reading),
        cmocka_unit_test(the_true_offset_is_always_within_the_uncertainty),
        cmocka_unit_test(the_smallest_round_trip_wins),
        cmocka_unit_test(drift_is_followed_and_told),
        cmocka_unit_test(readings_that_are_wide_alone_are_narrow_together),
        cmocka_unit_test(a_clock_that_is_set_is_believed_at_once_and_counted),
        cmocka_unit_test(a_reading_too_old_to_hold_is_forgotten),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
