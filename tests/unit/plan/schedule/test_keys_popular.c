/* How often rows are drawn, against probabilities that are summed up here one by one. Seeds are
 * fixed: what passes once passes always. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan/schedule/keys.h"

enum { ROWS = 20011, TXNS = 400000 };

static keys_t keys_of(keys_spec_t spec, uint64_t rows, uint32_t rows_per_txn)
{
    keys_t keys;
    keys_init(&keys, &spec, 42, 4, rows, rows_per_txn, keys_need_whole(rows, rows_per_txn));
    return keys;
}

/* The rank of every row; each row has one. */
static uint64_t *ranks_of(const keys_t *keys)
{
    uint64_t *ranks = malloc(keys->rows * sizeof *ranks);
    assert_non_null(ranks);
    memset(ranks, 0xff, keys->rows * sizeof *ranks);
    for (uint64_t rank = 0; rank < keys->rows; rank++) {
        uint64_t row = keys_row_of_rank(keys, rank);
        assert_true(row < keys->rows);
        assert_true(ranks[row] == UINT64_MAX);
        ranks[row] = rank;
    }
    return ranks;
}

/* How often each rank is drawn in TXNS transactions. */
static double *draw(const keys_t *keys)
{
    uint64_t *ranks = ranks_of(keys);
    double *seen = calloc(keys->rows, sizeof *seen);
    assert_non_null(seen);
    for (uint64_t n = 0; n < TXNS; n++) {
        keys_cursor_t cursor;
        keys_txn_begin(keys, n, &cursor);
        for (uint32_t i = 0; i < keys->rows_per_txn; i++) {
            seen[ranks[keys_txn_next(&cursor)]]++;
        }
    }
    free(ranks);
    return seen;
}

/* Chi-square of what was seen against weights, ranks put together until 20 are expected: below the
 * mean and four deviations of it. */
static void assert_fits(double *seen, const double *weights, uint64_t rows, double draws)
{
    double total = 0, chi = 0, expected = 0, found = 0;
    int cells = 0;
    for (uint64_t i = 0; i < rows; i++) {
        total += weights[i];
    }
    for (uint64_t i = 0; i < rows; i++) {
        expected += draws * weights[i] / total;
        found += seen[i];
        if (expected >= 20) {
            chi += (found - expected) * (found - expected) / expected;
            expected = found = 0;
            cells++;
        }
    }
    if (chi > cells + 4 * sqrt(2.0 * cells)) {
        fail_msg("chi-square is %.0f over %d cells", chi, cells);
    }
    free(seen);
}

static double *zipf_weights(double theta, uint64_t rows)
{
    double *weights = malloc(rows * sizeof *weights);
    assert_non_null(weights);
    for (uint64_t i = 0; i < rows; i++) {
        weights[i] = pow((double)(i + 1), -theta);
    }
    return weights;
}

static void zipf_draws_each_rank_with_its_probability(void **state)
{
    (void)state;
    static const double thetas[] = {0, 0.3, 0.99, 1, 1.5, 5};
    for (size_t i = 0; i < sizeof thetas / sizeof *thetas; i++) {
        keys_t keys = keys_of((keys_spec_t){.kind = KEYS_ZIPF, .theta = thetas[i]}, ROWS, 1);
        double *weights = zipf_weights(thetas[i], ROWS);
        assert_fits(draw(&keys), weights, ROWS, TXNS);
        free(weights);
    }
}

static void latest_draws_the_newest_rows_most(void **state)
{
    (void)state;
    keys_t keys = keys_of((keys_spec_t){.kind = KEYS_LATEST, .theta = 0.99}, ROWS, 1);
    for (uint64_t rank = 0; rank < ROWS; rank++) {
        assert_int_equal(keys_row_of_rank(&keys, rank), ROWS - 1 - rank);
    }
    double *weights = zipf_weights(0.99, ROWS);
    assert_fits(draw(&keys), weights, ROWS, TXNS);
    free(weights);
}

static void a_hotspot_draws_its_hot_rows_with_its_probability(void **state)
{
    (void)state;
    static const struct {
        double share, probability;
        uint64_t hot;
    } cases[] = {
        {0.1, 0.9, 2001}, {0.00005, 0.5, 1}, {0, 0.5, 1}, {0.5, 0.1, 10006}, {1, 0.3, ROWS}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        keys_t keys = keys_of((keys_spec_t){.kind = KEYS_HOTSPOT,
                                            .share = cases[i].share,
                                            .probability = cases[i].probability},
                              ROWS, 1);
        assert_int_equal(keys.hot, cases[i].hot);
        double *weights = malloc(ROWS * sizeof *weights);
        assert_non_null(weights);
        for (uint64_t rank = 0; rank < ROWS; rank++) {
            weights[rank] = rank < cases[i].hot
                                ? cases[i].probability / (double)cases[i].hot
                                : (1 - cases[i].probability) / (double)(ROWS - cases[i].hot);
        }
        assert_fits(draw(&keys), weights, ROWS, TXNS);
        free(weights);
    }
}

/* Where no row is wanted more than once a transaction, each gets its share. */
static void larger_transactions_draw_by_the_same_probabilities(void **state)
{
    (void)state;
    keys_t keys = keys_of((keys_spec_t){.kind = KEYS_ZIPF, .theta = 0.3}, ROWS, 4);
    double *weights = zipf_weights(0.3, ROWS);
    assert_fits(draw(&keys), weights, ROWS, 4.0 * TXNS);
    free(weights);
    keys = keys_of((keys_spec_t){.kind = KEYS_HOTSPOT, .share = 0.2, .probability = 0.5}, ROWS, 5);
    double *seen = draw(&keys), hot = 0;
    for (uint64_t rank = 0; rank < keys.hot; rank++) {
        hot += seen[rank];
    }
    free(seen);
    assert_true(fabs(hot / (5.0 * TXNS) - 0.5) < 0.002);
}

static const keys_spec_t specs[] = {
    {.kind = KEYS_UNIFORM},
    {.kind = KEYS_ZIPF, .theta = 0.99},
    {.kind = KEYS_ZIPF, .theta = 5},
    {.kind = KEYS_LATEST, .theta = 1},
    {.kind = KEYS_HOTSPOT, .share = 0.01, .probability = 0.95},
    {.kind = KEYS_HOTSPOT, .share = 0.9, .probability = 0},
    {.kind = KEYS_HOTSPOT, .share = 0.5, .probability = 1},
    {.kind = KEYS_SEQUENTIAL},
};

/* Whatever the popularity: of one lane, none twice, and asked for more, all of the lane. */
static void a_transaction_comes_to_every_row_of_its_lane_once(void **state)
{
    (void)state;
    static const uint64_t populations[] = {1, 5, 192, 1000, 20011};
    static const uint32_t counts[] = {1, 2, 20, 50, 1000};
    static uint8_t taken[20011];
    for (size_t s = 0; s < sizeof specs / sizeof *specs; s++) {
        for (size_t p = 0; p < 5; p++) {
            for (size_t c = 0; c < 5 && counts[c] <= populations[p]; c++) {
                keys_t keys = keys_of(specs[s], populations[p], counts[c]);
                for (uint64_t n = 0; n < 50; n++) {
                    keys_cursor_t cursor;
                    uint64_t lane = keys_txn_lane(&keys, n);
                    uint64_t size = keys.rows / keys.lanes + (lane < keys.rows % keys.lanes);
                    memset(taken, 0, sizeof taken);
                    keys_txn_begin(&keys, n, &cursor);
                    for (uint64_t i = 0; i < size; i++) {
                        uint64_t row = keys_txn_next(&cursor);
                        assert_true(row < keys.rows);
                        assert_int_equal(row % keys.lanes, lane);
                        assert_int_equal(taken[row]++, 0);
                    }
                }
            }
        }
    }
}

static void sequential_goes_row_after_row(void **state)
{
    (void)state;
    keys_t keys = keys_of((keys_spec_t){.kind = KEYS_SEQUENTIAL}, 1920, 1);
    for (uint64_t n = 0; n < 5000; n++) {
        keys_cursor_t cursor;
        keys_txn_begin(&keys, n, &cursor);
        assert_int_equal(keys_txn_next(&cursor), n % 1920);
    }
    keys = keys_of((keys_spec_t){.kind = KEYS_SEQUENTIAL}, 1920, 5);
    keys_cursor_t cursor;
    keys_txn_begin(&keys, 192 + 3, &cursor); /* the second of lane 3 */
    for (uint64_t i = 0; i < 5; i++) {
        assert_int_equal(keys_txn_next(&cursor), 3 + 192 * (5 + i));
    }
}

static void deletes_take_no_row_twice(void **state)
{
    (void)state;
    static uint8_t taken[20011];
    static const keys_kind_t kinds[] = {KEYS_UNIFORM, KEYS_SEQUENTIAL};
    static const uint32_t counts[] = {1, 7, 50};
    for (int k = 0; k < 2; k++) {
        for (int c = 0; c < 3; c++) {
            keys_spec_t spec = {.kind = kinds[k]};
            uint64_t passed = 0, most = 20011 / KEYS_LANES / counts[c] * KEYS_LANES;
            memset(taken, 0, sizeof taken);
            for (uint64_t phase = 0; phase < 2; phase++) { /* the second goes on behind the first */
                keys_t keys;
                keys_init_once(&keys, &spec, 42, 20011, counts[c], false, passed);
                uint64_t txns = phase == 0 ? most / 3 / KEYS_LANES * KEYS_LANES
                                           : most - most / 3 / KEYS_LANES * KEYS_LANES;
                for (uint64_t n = 0; n < txns; n++) {
                    keys_cursor_t cursor;
                    keys_txn_begin(&keys, n, &cursor);
                    for (uint32_t i = 0; i < counts[c]; i++) {
                        assert_int_equal(taken[keys_txn_next(&cursor)]++, 0);
                    }
                }
                passed += keys_once_per_lane(&keys, txns);
            }
            assert_int_equal(passed, 20011 / KEYS_LANES / counts[c] * counts[c]);
        }
    }
}

/* Billions of rows cost no more than thousands, and nothing is lost at the far end. */
static void a_draw_from_many_rows_is_as_good(void **state)
{
    (void)state;
    const uint64_t rows = UINT64_C(5000000000);
    keys_t keys = keys_of((keys_spec_t){.kind = KEYS_ZIPF, .theta = 0.99}, rows, 1);
    double half = 0, sum = 0;
    for (uint64_t n = 0; n < 200000; n++) {
        keys_cursor_t cursor;
        keys_txn_begin(&keys, n, &cursor);
        uint64_t row = keys_txn_next(&cursor);
        assert_true(row < rows);
        half += row < rows / 2;
        sum++;
    }
    /* Popular rows lie anywhere: half of what is drawn is in half of the table, but for the few
     * that are very popular. */
    assert_true(fabs(half / sum - 0.5) < 0.1);
    assert_true(zipf_sum(&keys.zipf, rows) > zipf_sum(&keys.zipf, rows - 1));
    assert_int_equal(zipf_rank(&keys.zipf, 0), 0);
    assert_true(zipf_rank(&keys.zipf, 1 - 0x1p-53) > rows / 10 * 9);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zipf_draws_each_rank_with_its_probability),
        cmocka_unit_test(latest_draws_the_newest_rows_most),
        cmocka_unit_test(a_hotspot_draws_its_hot_rows_with_its_probability),
        cmocka_unit_test(larger_transactions_draw_by_the_same_probabilities),
        cmocka_unit_test(a_transaction_comes_to_every_row_of_its_lane_once),
        cmocka_unit_test(sequential_goes_row_after_row),
        cmocka_unit_test(deletes_take_no_row_twice),
        cmocka_unit_test(a_draw_from_many_rows_is_as_good),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
