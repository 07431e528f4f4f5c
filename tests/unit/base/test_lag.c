#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/lag.h"

static lag_t *new_lag(void)
{
    lag_t *lag = lag_new();
    assert_non_null(lag);
    return lag;
}

/* From −2 s to 2 s, near zero most often. */
static int64_t value_at(uint64_t seed, uint64_t i)
{
    uint64_t h = hash_u64(seed, i);
    int64_t magnitude_us = (int64_t)((h >> 43) >> hash_below((uint32_t)h, 21));
    return h & 1 ? magnitude_us : -magnitude_us;
}

static void record_values(lag_t *lag, uint64_t seed, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        assert_true(lag_record(lag, value_at(seed, i), 1));
    }
}

/* The upper edge of a value's slot on the signed axis. */
static int64_t edge_of(int64_t value_us)
{
    return value_us < 0 ? -hist_slot_low_us(hist_slot(-value_us))
                        : hist_slot_high_us(hist_slot(value_us));
}

static void assert_same_distribution(const lag_t *a, const lag_t *b)
{
    assert_int_equal(lag_count(a), lag_count(b));
    assert_int_equal(lag_negative_count(a), lag_negative_count(b));
    for (int percent = 1; percent < 100; percent++) {
        assert_int_equal(lag_percentile_us(a, percent), lag_percentile_us(b, percent));
    }
}

static void an_empty_lag_is_zero_everywhere_and_has_no_halves(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    assert_int_equal(lag_count(lag), 0);
    assert_int_equal(lag_negative_count(lag), 0);
    assert_int_equal(lag_min_us(lag), 0);
    assert_int_equal(lag_max_us(lag), 0);
    assert_true(lag_mean_us(lag) == 0);
    assert_int_equal(lag_percentile_us(lag, 99), 0);
    assert_null(lag_half_from_zero(lag));
    assert_null(lag_half_below_zero(lag));
    lag_free(lag);
    lag_free(NULL);
}

static void a_half_is_there_once_a_value_of_its_sign_is(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    assert_true(lag_record(lag, 0, 1));
    assert_non_null(lag_half_from_zero(lag));
    assert_null(lag_half_below_zero(lag));
    assert_true(lag_record(lag, -5, 2));
    assert_int_equal(hist_count(lag_half_below_zero(lag)), 2);
    assert_int_equal(hist_max_us(lag_half_below_zero(lag)), 5);
    lag_free(lag);
}

static void values_of_both_signs_are_one_distribution(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    lag_record(lag, -10, 1);
    lag_record(lag, -20, 1);
    lag_record(lag, 0, 1);
    lag_record(lag, 90, 1);
    assert_int_equal(lag_count(lag), 4);
    assert_int_equal(lag_negative_count(lag), 2);
    assert_int_equal(lag_min_us(lag), -20);
    assert_int_equal(lag_max_us(lag), 90);
    assert_true(lag_mean_us(lag) == 15);
    assert_int_equal(lag_percentile_us(lag, 25), -20);
    assert_int_equal(lag_percentile_us(lag, 50), -10);
    assert_int_equal(lag_percentile_us(lag, 75), 0);
    assert_int_equal(lag_percentile_us(lag, 100), 90);
    lag_free(lag);
}

static void negative_values_alone_have_a_negative_maximum(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    lag_record(lag, -1000003, 1);
    lag_record(lag, -5000017, 1);
    assert_int_equal(lag_min_us(lag), -5000017);
    assert_int_equal(lag_max_us(lag), -1000003);
    assert_true(lag_mean_us(lag) == -3000010);
    assert_int_equal(lag_percentile_us(lag, 50), edge_of(-5000017));
    assert_int_equal(lag_percentile_us(lag, 100), -1000003);
    lag_free(lag);
}

static int compare_values(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void percentiles_are_the_nearest_rank_over_both_halves(void **state)
{
    (void)state;
    enum { VALUES = 10000 };
    int64_t *values = malloc(VALUES * sizeof *values);
    assert_non_null(values);
    lag_t *lag = new_lag();
    for (uint64_t i = 0; i < VALUES; i++) {
        values[i] = value_at(1, i);
        lag_record(lag, values[i], 1);
    }
    qsort(values, VALUES, sizeof *values, compare_values);
    assert_int_equal(lag_min_us(lag), values[0]);
    assert_int_equal(lag_max_us(lag), values[VALUES - 1]);
    for (size_t rank = 10; rank < VALUES; rank += 10) {
        assert_int_equal(lag_percentile_us(lag, (double)rank / 100), edge_of(values[rank - 1]));
    }
    lag_free(lag);
    free(values);
}

static void values_beyond_the_histogram_are_counted_on_either_side(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    lag_record(lag, INT64_MIN, 1);
    lag_record(lag, 0, 1);
    lag_record(lag, INT64_MAX, 1);
    assert_int_equal(lag_count(lag), 3);
    assert_int_equal(lag_min_us(lag), -INT64_MAX);
    assert_int_equal(lag_max_us(lag), INT64_MAX);
    assert_int_equal(hist_overflow(lag_half_from_zero(lag)), 1);
    assert_int_equal(hist_overflow(lag_half_below_zero(lag)), 1);
    assert_int_equal(lag_percentile_us(lag, 1), -(HIST_MAX_US + 1));
    assert_int_equal(lag_percentile_us(lag, 50), 0);
    assert_int_equal(lag_percentile_us(lag, 100), INT64_MAX);
    lag_free(lag);
}

static void adding_is_the_same_as_recording_into_one(void **state)
{
    (void)state;
    lag_t *a = new_lag();
    lag_t *b = new_lag();
    lag_t *both = new_lag();
    lag_record(a, 40, 3);
    record_values(b, 2, 2000);
    lag_record(both, 40, 3);
    record_values(both, 2, 2000);
    assert_true(lag_add(a, b));
    assert_same_distribution(a, both);
    assert_int_equal(lag_min_us(a), lag_min_us(both));
    assert_int_equal(lag_max_us(a), lag_max_us(both));
    lag_free(a);
    lag_free(b);
    lag_free(both);
}

static void a_copy_replaces_what_was_there(void **state)
{
    (void)state;
    lag_t *in = new_lag();
    lag_t *out = new_lag();
    record_values(out, 1, 100);
    lag_record(in, -7, 2);
    assert_true(lag_copy(out, in));
    assert_int_equal(lag_count(out), 2);
    assert_int_equal(lag_min_us(out), -7);
    assert_int_equal(lag_max_us(out), -7);
    lag_free(in);
    lag_free(out);
}

static void a_difference_holds_what_was_recorded_since(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    lag_t *before = new_lag();
    lag_t *since = new_lag();
    lag_t *diff = new_lag();
    record_values(lag, 1, 500);
    assert_true(lag_copy(before, lag));
    record_values(lag, 2, 800);
    record_values(since, 2, 800);
    record_values(diff, 3, 10);
    assert_true(lag_diff(diff, lag, before));
    assert_same_distribution(diff, since);
    lag_free(lag);
    lag_free(before);
    lag_free(since);
    lag_free(diff);
}

static void a_half_that_is_new_since_the_copy_is_all_difference(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    lag_t *before = new_lag();
    lag_t *diff = new_lag();
    lag_record(lag, 30, 1);
    lag_copy(before, lag);
    lag_record(lag, -1000003, 4);
    assert_true(lag_diff(diff, lag, before));
    assert_int_equal(lag_count(diff), 4);
    assert_int_equal(lag_negative_count(diff), 4);
    assert_int_equal(lag_min_us(diff), -1000003);
    assert_int_equal(lag_max_us(diff), -1000003);
    lag_free(lag);
    lag_free(before);
    lag_free(diff);
}

enum { RECORDED = 200000 };

static void *record_all(void *lag)
{
    record_values(lag, 5, RECORDED);
    return NULL;
}

/* The halves are made while the reader looks. Run under ThreadSanitizer too. */
static void copies_taken_while_a_thread_records_arrive_at_the_whole(void **state)
{
    (void)state;
    lag_t *lag = new_lag();
    lag_t *copy = new_lag();
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, record_all, lag), 0);
    uint64_t last_count = 0;
    while (last_count < RECORDED) {
        assert_true(lag_copy(copy, lag));
        assert_true(lag_count(copy) >= last_count);
        last_count = lag_count(copy);
        if (last_count > 0) {
            assert_true(lag_percentile_us(copy, 50) <= lag_max_us(copy));
            assert_true(lag_percentile_us(copy, 50) >= lag_min_us(copy));
        }
    }
    pthread_join(writer, NULL);
    assert_true(lag_copy(copy, lag));
    assert_same_distribution(copy, lag);
    lag_free(lag);
    lag_free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_lag_is_zero_everywhere_and_has_no_halves),
        cmocka_unit_test(a_half_is_there_once_a_value_of_its_sign_is),
        cmocka_unit_test(values_of_both_signs_are_one_distribution),
        cmocka_unit_test(negative_values_alone_have_a_negative_maximum),
        cmocka_unit_test(percentiles_are_the_nearest_rank_over_both_halves),
        cmocka_unit_test(values_beyond_the_histogram_are_counted_on_either_side),
        cmocka_unit_test(adding_is_the_same_as_recording_into_one),
        cmocka_unit_test(a_copy_replaces_what_was_there),
        cmocka_unit_test(a_difference_holds_what_was_recorded_since),
        cmocka_unit_test(a_half_that_is_new_since_the_copy_is_all_difference),
        cmocka_unit_test(copies_taken_while_a_thread_records_arrive_at_the_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
