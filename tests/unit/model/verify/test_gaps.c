#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "model/verify/gaps.h"

static void a_gap_is_there_until_it_is_removed(void **state)
{
    (void)state;
    gaps_t gaps;
    gaps_init(&gaps, 100);
    assert_int_equal(gaps_memory_bytes(&gaps), 0);
    assert_false(gaps_remove(&gaps, 1, 2));
    assert_true(gaps_add(&gaps, 1, 2));
    assert_true(gaps_add(&gaps, 1, 2)); /* a set */
    assert_int_equal(gaps.count, 1);
    assert_false(gaps_remove(&gaps, 1, 3));
    assert_false(gaps_remove(&gaps, 2, 2));
    assert_true(gaps_remove(&gaps, 1, 2));
    assert_false(gaps_remove(&gaps, 1, 2));
    gaps_free(&gaps);
}

static void no_more_gaps_are_kept_than_the_bound(void **state)
{
    (void)state;
    gaps_t gaps;
    gaps_init(&gaps, 3000);
    for (uint32_t k = 0; k < 3000; k++)
        assert_true(gaps_add(&gaps, 7, k));
    assert_false(gaps_add(&gaps, 7, 3000));
    assert_int_equal(gaps.count, 3000);
    assert_true(gaps_remove(&gaps, 7, 5));
    assert_true(gaps_add(&gaps, 7, 3000));
    gaps_free(&gaps);
}

/* Held against a plain array, through growth and through removals in the middle of runs. */
static void gaps_survive_any_order_of_adding_and_removing(void **state)
{
    (void)state;
    enum { ROWS = 64, VERSIONS = 256 };
    static bool model[ROWS][VERSIONS];
    memset(model, 0, sizeof model);
    gaps_t gaps;
    gaps_init(&gaps, ROWS * VERSIONS);
    size_t count = 0;
    for (uint64_t k = 0; k < 300000; k++) {
        uint64_t word = hash_word(99, k);
        uint64_t row = word % ROWS;
        uint32_t version = (uint32_t)(word >> 8) % VERSIONS;
        bool *open = &model[row][version];
        if (word >> 63 != 0) {
            assert_true(gaps_add(&gaps, row, version));
            count += !*open;
            *open = true;
        } else {
            assert_true(gaps_remove(&gaps, row, version) == *open);
            count -= *open;
            *open = false;
        }
        assert_int_equal(gaps.count, count);
    }
    size_t at = 0, walked = 0;
    for (const gap_t *gap; (gap = gaps_next(&gaps, &at)) != NULL; walked++)
        assert_true(model[gap->row][gap->version]);
    assert_int_equal(walked, count);
    gaps_free(&gaps);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_gap_is_there_until_it_is_removed),
        cmocka_unit_test(no_more_gaps_are_kept_than_the_bound),
        cmocka_unit_test(gaps_survive_any_order_of_adding_and_removing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
