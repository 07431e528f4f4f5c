#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plan/schedule/keys.h"

static const keys_spec_t uniform = {.kind = KEYS_UNIFORM};

static keys_t keys_of(uint64_t seed, uint32_t stream, uint64_t rows, uint32_t rows_per_txn)
{
    keys_t keys;
    keys_init(&keys, &uniform, seed, stream, rows, rows_per_txn,
              keys_need_whole(rows, rows_per_txn));
    return keys;
}

static void rows_of(const keys_t *keys, uint64_t n, uint64_t *rows, uint32_t count)
{
    keys_cursor_t cursor;
    keys_txn_begin(keys, n, &cursor);
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = keys_txn_next(&cursor);
    }
}

/* Sum of (seen − mean)² / mean over the cells: near their number for an even draw, with a standard
 * deviation of sqrt(2 × cells). */
static double chi_square(const uint32_t *seen, size_t cells, double mean)
{
    double sum = 0;
    for (size_t i = 0; i < cells; i++) {
        double off = (double)seen[i] - mean;
        sum += off * off / mean;
    }
    return sum;
}

static void a_transactions_rows_are_of_its_lane_and_distinct(void **state)
{
    (void)state;
    static const uint64_t populations[] = {1, 2, 191, 192, 193, 1000, 4096, 100000, 99991};
    static uint8_t taken[100000];
    for (size_t p = 0; p < sizeof populations / sizeof *populations; p++) {
        uint64_t population = populations[p];
        for (uint32_t count = 1; count <= 64 && count <= population; count += 7) {
            keys_t keys = keys_of(42, 4, population, count);
            uint64_t rows[64];
            for (uint64_t n = 0; n < 300; n++) {
                rows_of(&keys, n, rows, count);
                for (uint32_t i = 0; i < count; i++) {
                    assert_true(rows[i] < population);
                    assert_int_equal(rows[i] % keys.lanes, keys_txn_lane(&keys, n));
                    assert_int_equal(taken[rows[i]]++, 0);
                }
                for (uint32_t i = 0; i < count; i++) {
                    taken[rows[i]] = 0;
                }
            }
        }
    }
}

static void a_walk_comes_to_every_row_of_its_lane(void **state)
{
    (void)state;
    keys_t keys = keys_of(7, 1, 192 * 60 + 5, 1);
    for (uint64_t n = 0; n < 500; n++) {
        keys_cursor_t cursor;
        keys_txn_begin(&keys, n, &cursor);
        uint64_t lane = keys_txn_lane(&keys, n);
        uint64_t size = lane < 5 ? 61 : 60;
        bool seen[61] = {false};
        for (uint64_t i = 0; i < size; i++) {
            uint64_t row = keys_txn_next(&cursor);
            assert_int_equal(row % KEYS_LANES, lane);
            assert_false(seen[row / KEYS_LANES]);
            seen[row / KEYS_LANES] = true;
        }
    }
}

static void every_row_is_as_likely_as_any_other(void **state)
{
    (void)state;
    enum { ROWS = 5000, TXNS = 50000, PER_TXN = 10 };
    static uint32_t seen[ROWS];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        memset(seen, 0, sizeof seen);
        keys_t keys = keys_of(seed, 4, ROWS, PER_TXN);
        assert_false(keys.whole);
        for (uint64_t n = 0; n < TXNS; n++) {
            uint64_t rows[PER_TXN];
            rows_of(&keys, n, rows, PER_TXN);
            for (int i = 0; i < PER_TXN; i++) {
                seen[rows[i]]++;
            }
        }
        /* 100 a row. A transaction's rows are drawn without putting back, within lanes: the sum
         * is not quite chi-square's, but an even draw stays within ten deviations of it. */
        double chi = chi_square(seen, ROWS, (double)TXNS * (double)PER_TXN / (double)ROWS);
        assert_true(chi > 4000 && chi < 6000);
    }
}

static void lanes_and_connections_get_their_even_share(void **state)
{
    (void)state;
    enum { TXNS = 192000 };
    keys_t keys = keys_of(42, 4, 1000000, 20);
    uint32_t lanes[KEYS_LANES] = {0};
    uint32_t connections[8] = {0};
    for (uint64_t n = 0; n < TXNS; n++) {
        uint32_t lane = keys_txn_lane(&keys, n);
        assert_true(lane < KEYS_LANES);
        lanes[lane]++;
        connections[keys_txn_connection(&keys, n, 8)]++;
    }
    double chi = chi_square(lanes, KEYS_LANES, (double)TXNS / KEYS_LANES);
    assert_true(chi > 100 && chi < 290); /* 192 ± five deviations */
    for (int c = 0; c < 8; c++) {
        assert_in_range(connections[c], TXNS / 8 * 98 / 100, TXNS / 8 * 102 / 100);
    }
}

static void no_two_connections_share_a_row(void **state)
{
    (void)state;
    enum { ROWS = 2000, PER_TXN = 5 };
    static const uint32_t counts[] = {1, 3, 4, 7, 192, 1024};
    for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
        keys_t keys = keys_of(42, 4, ROWS, PER_TXN);
        uint32_t owner[ROWS];
        memset(owner, 0xff, sizeof owner);
        for (uint64_t n = 0; n < 20000; n++) {
            uint32_t connection = keys_txn_connection(&keys, n, counts[c]);
            assert_true(connection < counts[c]);
            uint64_t rows[PER_TXN];
            rows_of(&keys, n, rows, PER_TXN);
            for (int i = 0; i < PER_TXN; i++) {
                assert_true(owner[rows[i]] == UINT32_MAX || owner[rows[i]] == connection);
                owner[rows[i]] = connection;
            }
        }
    }
}

static void the_same_seed_and_stream_give_the_same_rows_and_others_give_others(void **state)
{
    (void)state;
    keys_t keys = keys_of(42, 4, 100000, 20);
    keys_t again = keys_of(42, 4, 100000, 20);
    keys_t other_seed = keys_of(43, 4, 100000, 20);
    keys_t other_stream = keys_of(42, 5, 100000, 20);
    int same_by_chance = 0;
    for (uint64_t n = 0; n < 1000; n++) {
        uint64_t a[20], b[20], c[20], d[20];
        rows_of(&keys, n, a, 20);
        rows_of(&again, n, b, 20);
        rows_of(&other_seed, n, c, 20);
        rows_of(&other_stream, n, d, 20);
        assert_memory_equal(a, b, sizeof a);
        same_by_chance += a[0] == c[0];
        same_by_chance += a[0] == d[0];
    }
    assert_in_range(same_by_chance, 0, 3);
}

static void the_rows_of_a_seed_are_frozen(void **state)
{
    (void)state;
    keys_t keys = keys_of(42, 4, 100000, 20);
    uint64_t rows[4];
    rows_of(&keys, 0, rows, 4);
    static const uint64_t expected[4] = {86177, 76769, 67361, 57953};
    assert_memory_equal(rows, expected, sizeof rows);
}

static void a_transaction_beyond_half_a_lane_is_drawn_from_all_rows_on_one_connection(void **state)
{
    (void)state;
    assert_false(keys_of(1, 4, 19200, 50).whole);
    keys_t keys = keys_of(1, 4, 19200, 51);
    assert_true(keys.whole);
    static uint32_t seen[KEYS_LANES];
    for (uint64_t n = 0; n < 1000; n++) {
        assert_int_equal(keys_txn_lane(&keys, n), 0);
        assert_int_equal(keys_txn_connection(&keys, n, 4), 0);
        uint64_t rows[51];
        rows_of(&keys, n, rows, 51);
        for (int i = 0; i < 51; i++) {
            seen[rows[i] % KEYS_LANES]++;
        }
    }
    for (uint32_t lane = 0; lane < KEYS_LANES; lane++) {
        assert_in_range(seen[lane], 150, 400); /* 266 on average */
    }
}

static void few_rows_make_fewer_lanes(void **state)
{
    (void)state;
    keys_t keys = keys_of(1, 4, 5, 1);
    assert_int_equal(keys.lanes, 5);
    assert_false(keys.whole);
    keys = keys_of(1, 4, 5, 5);
    assert_true(keys.whole);
    uint64_t rows[5];
    rows_of(&keys, 0, rows, 5);
    assert_int_equal(rows[0] + rows[1] + rows[2] + rows[3] + rows[4], 0 + 1 + 2 + 3 + 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transactions_rows_are_of_its_lane_and_distinct),
        cmocka_unit_test(a_walk_comes_to_every_row_of_its_lane),
        cmocka_unit_test(every_row_is_as_likely_as_any_other),
        cmocka_unit_test(lanes_and_connections_get_their_even_share),
        cmocka_unit_test(no_two_connections_share_a_row),
        cmocka_unit_test(the_same_seed_and_stream_give_the_same_rows_and_others_give_others),
        cmocka_unit_test(the_rows_of_a_seed_are_frozen),
        cmocka_unit_test(a_transaction_beyond_half_a_lane_is_drawn_from_all_rows_on_one_connection),
        cmocka_unit_test(few_rows_make_fewer_lanes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
