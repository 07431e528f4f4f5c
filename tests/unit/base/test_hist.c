#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/hist.h"

static hist_t *new_hist(void)
{
    hist_t *h = hist_new();
    assert_non_null(h);
    return h;
}

/* Values as lags are: of every order of magnitude, 1 µs to 12 days, the small ones most often. */
static int64_t value_at(uint64_t seed, uint64_t i)
{
    uint64_t h = hash_u64(seed, i);
    return (int64_t)((h >> 24) >> hash_below((uint32_t)h, 40));
}

static void record_values(hist_t *h, uint64_t seed, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        hist_record(h, value_at(seed, i), 1);
    }
}

static void assert_same_counts(const hist_t *a, const hist_t *b)
{
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        assert_int_equal(hist_slot_count(a, slot), hist_slot_count(b, slot));
    }
    assert_int_equal(hist_count(a), hist_count(b));
    assert_int_equal(hist_overflow(a), hist_overflow(b));
}

static uint64_t sum_of_slots(const hist_t *h)
{
    uint64_t sum = 0;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        sum += hist_slot_count(h, slot);
    }
    return sum;
}

/* The indices that HdrHistogram's countsArrayIndex gives for 3 digits and unit 1. */
static void slots_are_where_hdrhistogram_has_them(void **state)
{
    (void)state;
    assert_int_equal(hist_slot(0), 0);
    assert_int_equal(hist_slot(1), 1);
    assert_int_equal(hist_slot(2047), 2047);
    assert_int_equal(hist_slot(2048), 2048);
    assert_int_equal(hist_slot(2049), 2048);
    assert_int_equal(hist_slot(2050), 2049);
    assert_int_equal(hist_slot(4095), 3071);
    assert_int_equal(hist_slot(4096), 3072);
    assert_int_equal(hist_slot(4099), 3072);
    assert_int_equal(hist_slot(4100), 3073);
    assert_int_equal(hist_slot(HIST_MAX_US), HIST_SLOTS - 1);
}

static void slots_follow_one_another_without_a_gap_up_to_the_maximum(void **state)
{
    (void)state;
    int64_t next_us = 0;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        assert_int_equal(hist_slot_low_us(slot), next_us);
        next_us = hist_slot_high_us(slot) + 1;
    }
    assert_int_equal(next_us, HIST_MAX_US + 1);
}

static void every_value_of_a_slot_leads_back_to_it(void **state)
{
    (void)state;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        int64_t low_us = hist_slot_low_us(slot);
        int64_t high_us = hist_slot_high_us(slot);
        assert_int_equal(hist_slot(low_us), slot);
        assert_int_equal(hist_slot(low_us + (high_us - low_us) / 2), slot);
        assert_int_equal(hist_slot(high_us), slot);
    }
}

static void a_slot_is_at_most_one_1024th_of_its_values_wide(void **state)
{
    (void)state;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        int64_t low_us = hist_slot_low_us(slot);
        int64_t width_us = hist_slot_high_us(slot) - low_us + 1;
        assert_true(low_us < 2048 ? width_us == 1 : width_us * 1024 <= low_us);
    }
}

static void an_empty_histogram_is_zero_everywhere(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    assert_int_equal(hist_count(h), 0);
    assert_int_equal(hist_overflow(h), 0);
    assert_int_equal(hist_min_us(h), 0);
    assert_int_equal(hist_max_us(h), 0);
    assert_true(hist_mean_us(h) == 0);
    assert_int_equal(hist_percentile_us(h, 50), 0);
    hist_record(h, 5, 0);
    assert_int_equal(hist_count(h), 0);
    assert_int_equal(hist_max_us(h), 0);
    hist_free(h);
    hist_free(NULL);
}

static void min_max_and_mean_are_exact(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_record(h, 1000003, 1);
    hist_record(h, 5000017, 3);
    assert_int_equal(hist_count(h), 4);
    assert_int_equal(hist_min_us(h), 1000003);
    assert_int_equal(hist_max_us(h), 5000017);
    assert_true(hist_mean_us(h) == (1000003 + 3 * 5000017) / 4.0);
    hist_free(h);
}

static void zero_is_a_value(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_record(h, 0, 1);
    hist_record(h, 10, 1);
    assert_int_equal(hist_min_us(h), 0);
    assert_int_equal(hist_percentile_us(h, 50), 0);
    hist_free(h);
}

static void a_value_above_the_maximum_is_counted_and_kept_exact(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_record(h, HIST_MAX_US, 1);
    assert_int_equal(hist_overflow(h), 0);
    hist_record(h, HIST_MAX_US + 1, 2);
    hist_record(h, INT64_C(1700000000000000), 1);
    assert_int_equal(hist_overflow(h), 3);
    assert_int_equal(hist_count(h), 4);
    assert_int_equal(sum_of_slots(h), 1);
    assert_int_equal(hist_max_us(h), INT64_C(1700000000000000));
    assert_int_equal(hist_percentile_us(h, 25), HIST_MAX_US);
    assert_int_equal(hist_percentile_us(h, 50), INT64_C(1700000000000000));
    hist_free(h);
}

static void the_sum_outlasts_many_values_of_fifty_years(void **state)
{
    (void)state;
    const int64_t fifty_years_us = INT64_C(1577880000000000);
    hist_t *h = new_hist();
    hist_record(h, fifty_years_us, 1000000);
    assert_true(hist_mean_us(h) == (double)fifty_years_us);
    hist_free(h);
}

static int compare_values(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a;
    int64_t y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* Against the sorted values themselves, with ranks in whole numbers. */
static void percentiles_are_the_nearest_rank_within_a_slot(void **state)
{
    (void)state;
    enum { VALUES = 20000 };
    static const unsigned per_mille_tenths[] = {1,    100,  2500, 5000, 9000,
                                                9500, 9900, 9990, 9999, 10000};
    int64_t *values = malloc(VALUES * sizeof *values);
    assert_non_null(values);
    hist_t *h = new_hist();
    for (uint64_t i = 0; i < VALUES; i++) {
        values[i] = value_at(1, i);
        hist_record(h, values[i], 1);
    }
    qsort(values, VALUES, sizeof *values, compare_values);
    for (size_t i = 0; i < sizeof per_mille_tenths / sizeof per_mille_tenths[0]; i++) {
        size_t rank = ((size_t)VALUES * per_mille_tenths[i] + 9999) / 10000;
        int64_t exact_us = values[rank - 1];
        int64_t edge_us = hist_slot_high_us(hist_slot(exact_us));
        int64_t max_us = values[VALUES - 1];
        assert_int_equal(hist_percentile_us(h, per_mille_tenths[i] / 100.0),
                         edge_us < max_us ? edge_us : max_us);
    }
    hist_free(h);
    free(values);
}

/* 99.9, 99.99 and their like have no exact double: the rank must not slip to the next whole one. */
static void ranks_are_exact_for_percentages_that_are_no_doubles(void **state)
{
    (void)state;
    for (uint64_t tenths = 1; tenths <= 1000; tenths++) {
        for (uint64_t count = 1; count <= 3000; count++) {
            assert_true(hist_rank(count, (double)tenths / 10) == (count * tenths + 999) / 1000);
        }
    }
    assert_int_equal(hist_rank(10000, 99.99), 9999);
    assert_int_equal(hist_rank(UINT64_C(1000000000000), 99.9), UINT64_C(999000000000));
    assert_int_equal(hist_rank(UINT64_C(1000000000000), 100), UINT64_C(1000000000000));
    assert_int_equal(hist_rank(1, 0.0001), 1);
}

static void a_percentile_is_never_above_the_maximum(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_record(h, 1000001, 1);
    assert_true(hist_slot_high_us(hist_slot(1000001)) > 1000001);
    assert_int_equal(hist_percentile_us(h, 50), 1000001);
    assert_int_equal(hist_percentile_us(h, 100), 1000001);
    hist_free(h);
}

static void resetting_forgets_everything(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_t *fresh = new_hist();
    record_values(h, 1, 1000);
    hist_record(h, HIST_MAX_US + 1, 1);
    hist_reset(h);
    assert_same_counts(h, fresh);
    assert_true(hist_mean_us(h) == 0);
    hist_record(h, 70, 1);
    assert_int_equal(hist_min_us(h), 70);
    assert_int_equal(hist_max_us(h), 70);
    hist_free(h);
    hist_free(fresh);
}

static void a_copy_is_equal_in_everything(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_t *copy = new_hist();
    record_values(h, 1, 5000);
    hist_record(h, HIST_MAX_US + 1, 2);
    record_values(copy, 9, 100);
    hist_copy(copy, h);
    assert_same_counts(copy, h);
    assert_int_equal(hist_min_us(copy), hist_min_us(h));
    assert_int_equal(hist_max_us(copy), hist_max_us(h));
    assert_true(hist_mean_us(copy) == hist_mean_us(h));
    hist_free(h);
    hist_free(copy);
}

static void adding_is_the_same_as_recording_into_one(void **state)
{
    (void)state;
    hist_t *a = new_hist();
    hist_t *b = new_hist();
    hist_t *both = new_hist();
    record_values(a, 1, 5000);
    record_values(b, 2, 300);
    hist_record(b, HIST_MAX_US + 7, 1);
    record_values(both, 1, 5000);
    record_values(both, 2, 300);
    hist_record(both, HIST_MAX_US + 7, 1);
    hist_add(a, b);
    assert_same_counts(a, both);
    assert_int_equal(hist_min_us(a), hist_min_us(both));
    assert_int_equal(hist_max_us(a), HIST_MAX_US + 7);
    assert_true(hist_mean_us(a) == hist_mean_us(both));
    hist_free(a);
    hist_free(b);
    hist_free(both);
}

static void adding_an_empty_histogram_changes_nothing(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_t *empty = new_hist();
    hist_record(h, 50, 1);
    hist_add(h, empty);
    assert_int_equal(hist_count(h), 1);
    assert_int_equal(hist_min_us(h), 50);
    assert_int_equal(hist_max_us(h), 50);
    hist_free(h);
    hist_free(empty);
}

static void a_difference_holds_what_was_recorded_since(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_t *before = new_hist();
    hist_t *since = new_hist();
    hist_t *diff = new_hist();
    record_values(h, 1, 5000);
    hist_copy(before, h);
    record_values(h, 2, 700);
    hist_record(h, HIST_MAX_US + 1, 3);
    record_values(since, 2, 700);
    hist_record(since, HIST_MAX_US + 1, 3);
    record_values(diff, 3, 10);
    hist_diff(diff, h, before);
    assert_same_counts(diff, since);
    assert_true(hist_mean_us(diff) == hist_mean_us(since));
    hist_add(before, diff);
    assert_same_counts(before, h);
    hist_free(h);
    hist_free(before);
    hist_free(since);
    hist_free(diff);
}

static void the_extremes_of_a_difference_are_edges_within_those_of_the_whole(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_t *before = new_hist();
    hist_t *diff = new_hist();
    hist_record(h, 10, 1);
    hist_record(h, 9000001, 1);
    hist_copy(before, h);
    hist_diff(diff, h, before);
    assert_int_equal(hist_count(diff), 0);
    assert_int_equal(hist_min_us(diff), 0);
    assert_int_equal(hist_max_us(diff), 0);

    hist_record(h, 100001, 1);
    hist_record(h, 200001, 1);
    hist_diff(diff, h, before);
    assert_int_equal(hist_min_us(diff), hist_slot_low_us(hist_slot(100001)));
    assert_int_equal(hist_max_us(diff), hist_slot_high_us(hist_slot(200001)));

    hist_record(h, 9000001, 1);
    hist_diff(diff, h, before);
    assert_int_equal(hist_max_us(diff), 9000001);
    hist_free(h);
    hist_free(before);
    hist_free(diff);
}

static void a_difference_of_overflow_alone_has_its_extremes_there(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_t *before = new_hist();
    hist_t *diff = new_hist();
    hist_record(h, 10, 1);
    hist_copy(before, h);
    hist_record(h, HIST_MAX_US + 500, 1);
    hist_diff(diff, h, before);
    assert_int_equal(hist_count(diff), 1);
    assert_int_equal(hist_min_us(diff), HIST_MAX_US + 1);
    assert_int_equal(hist_max_us(diff), HIST_MAX_US + 500);
    hist_free(h);
    hist_free(before);
    hist_free(diff);
}

enum { RECORDED = 300000 };

static void *record_all(void *h)
{
    record_values(h, 5, RECORDED);
    return NULL;
}

static void assert_agrees_with_itself(const hist_t *copy)
{
    size_t lowest = HIST_SLOTS;
    size_t highest = 0;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        if (hist_slot_count(copy, slot) > 0) {
            lowest = lowest < slot ? lowest : slot;
            highest = slot;
        }
    }
    assert_int_equal(hist_count(copy), sum_of_slots(copy));
    if (lowest < HIST_SLOTS) {
        assert_true(hist_min_us(copy) <= hist_slot_high_us(lowest));
        assert_true(hist_max_us(copy) >= hist_slot_low_us(highest));
        assert_true(hist_percentile_us(copy, 100) <= hist_max_us(copy));
    }
}

/* Run under ThreadSanitizer too, which is what would find a plain access. */
static void copies_taken_while_a_thread_records_agree_and_add_up(void **state)
{
    (void)state;
    hist_t *h = new_hist();
    hist_t *before = new_hist();
    hist_t *now = new_hist();
    hist_t *diff = new_hist();
    hist_t *total = new_hist();
    pthread_t writer;
    assert_int_equal(pthread_create(&writer, NULL, record_all, h), 0);
    while (hist_count(now) < RECORDED) {
        hist_copy(now, h);
        assert_agrees_with_itself(now);
        hist_diff(diff, now, before);
        assert_int_equal(hist_count(diff), hist_count(now) - hist_count(before));
        hist_add(total, diff);
        hist_copy(before, now);
    }
    pthread_join(writer, NULL);
    assert_same_counts(total, h);
    hist_copy(now, h);
    assert_int_equal(hist_min_us(now), hist_min_us(h));
    assert_int_equal(hist_max_us(now), hist_max_us(h));
    hist_free(h);
    hist_free(before);
    hist_free(now);
    hist_free(diff);
    hist_free(total);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(slots_are_where_hdrhistogram_has_them),
        cmocka_unit_test(slots_follow_one_another_without_a_gap_up_to_the_maximum),
        cmocka_unit_test(every_value_of_a_slot_leads_back_to_it),
        cmocka_unit_test(a_slot_is_at_most_one_1024th_of_its_values_wide),
        cmocka_unit_test(an_empty_histogram_is_zero_everywhere),
        cmocka_unit_test(min_max_and_mean_are_exact),
        cmocka_unit_test(zero_is_a_value),
        cmocka_unit_test(a_value_above_the_maximum_is_counted_and_kept_exact),
        cmocka_unit_test(the_sum_outlasts_many_values_of_fifty_years),
        cmocka_unit_test(percentiles_are_the_nearest_rank_within_a_slot),
        cmocka_unit_test(ranks_are_exact_for_percentages_that_are_no_doubles),
        cmocka_unit_test(a_percentile_is_never_above_the_maximum),
        cmocka_unit_test(resetting_forgets_everything),
        cmocka_unit_test(a_copy_is_equal_in_everything),
        cmocka_unit_test(adding_is_the_same_as_recording_into_one),
        cmocka_unit_test(adding_an_empty_histogram_changes_nothing),
        cmocka_unit_test(a_difference_holds_what_was_recorded_since),
        cmocka_unit_test(the_extremes_of_a_difference_are_edges_within_those_of_the_whole),
        cmocka_unit_test(a_difference_of_overflow_alone_has_its_extremes_there),
        cmocka_unit_test(copies_taken_while_a_thread_records_agree_and_add_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
