#include "report/analysis/bootstrap.h"

#include <math.h>

#include "report/cmocka_first.h"

#define N 400

/* Numbers from 0 to 1 in no order. */
static void noise(double *values, size_t n, unsigned seed)
{
    unsigned state = seed * 2654435761u + 1;
    for (size_t i = 0; i < n; i++) {
        state = state * 1664525u + 1013904223u;
        values[i] = (double)(state >> 8) / (double)(1u << 24);
    }
}

static bootstrap_t compared(const double *a, const double *b, size_t n, bootstrap_how_t how)
{
    bootstrap_t figures;
    assert_true(bootstrap_medians((sample_t){a, n}, (sample_t){b, n}, how, &figures));
    return figures;
}

static void a_difference_larger_than_the_noise_lies_in_an_interval_without_zero(void **state)
{
    (void)state;
    double a[N], b[N];
    noise(a, N, 1);
    noise(b, N, 2);
    for (size_t i = 0; i < N; i++) {
        b[i] += 0.5;
    }
    for (int how = BOOTSTRAP_EACH; how <= BOOTSTRAP_BLOCKS; how++) {
        bootstrap_t figures = compared(a, b, N, (bootstrap_how_t)how);
        assert_true(figures.low > 0 && figures.low <= figures.difference);
        assert_true(figures.high >= figures.difference && figures.high < 1);
        assert_true(fabs(figures.difference - 0.5) < 0.1);
    }
}

/* Of a hundred pairs of samples that do not differ, about five are to look as if they did. */
static void what_does_not_differ_rarely_seems_to(void **state)
{
    (void)state;
    int wrong = 0;
    for (unsigned i = 0; i < 100; i++) {
        double a[60], b[60];
        noise(a, 60, 1000 + i);
        noise(b, 60, 5000 + i);
        bootstrap_t figures = compared(a, b, 60, BOOTSTRAP_EACH);
        wrong += figures.low > 0 || figures.high < 0;
    }
    assert_in_range(wrong, 0, 12);
}

/* A drift that both share is in every value, but in no difference of a pair. */
static void pairs_cancel_what_both_have(void **state)
{
    (void)state;
    double a[10], b[10];
    for (size_t i = 0; i < 10; i++) {
        a[i] = 100.0 * (double)i;
        b[i] = a[i] + 1 + 0.01 * (double)i;
    }
    bootstrap_t pairs = compared(a, b, 10, BOOTSTRAP_PAIRS);
    bootstrap_t each = compared(a, b, 10, BOOTSTRAP_EACH);
    assert_true(pairs.low > 0.9 && pairs.high < 1.2);
    assert_true(each.low < 0 && each.high > 0);
}

/* Values that cling to their neighbours are worth less than as many that do not. */
static void blocks_know_that_neighbours_are_alike(void **state)
{
    (void)state;
    double a[N], b[N];
    for (size_t i = 0; i < N; i++) {
        a[i] = sin((double)i / 40);
        b[i] = sin((double)i / 40 + 1) + 0.05;
    }
    bootstrap_t blocks = compared(a, b, N, BOOTSTRAP_BLOCKS);
    bootstrap_t each = compared(a, b, N, BOOTSTRAP_EACH);
    assert_true(blocks.high - blocks.low > 1.5 * (each.high - each.low));
}

static void the_same_samples_give_the_same_interval(void **state)
{
    (void)state;
    double a[N], b[N];
    noise(a, N, 3);
    noise(b, N, 4);
    bootstrap_t first = compared(a, b, N, BOOTSTRAP_BLOCKS);
    bootstrap_t second = compared(a, b, N, BOOTSTRAP_BLOCKS);
    assert_true(first.low == second.low && first.high == second.high);
}

static void one_value_a_side_is_its_own_median(void **state)
{
    (void)state;
    double a[] = {3}, b[] = {5};
    bootstrap_t figures = compared(a, b, 1, BOOTSTRAP_EACH);
    assert_true(figures.a == 3 && figures.b == 5 && figures.low == 2 && figures.high == 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_difference_larger_than_the_noise_lies_in_an_interval_without_zero),
        cmocka_unit_test(what_does_not_differ_rarely_seems_to),
        cmocka_unit_test(pairs_cancel_what_both_have),
        cmocka_unit_test(blocks_know_that_neighbours_are_alike),
        cmocka_unit_test(the_same_samples_give_the_same_interval),
        cmocka_unit_test(one_value_a_side_is_its_own_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
