#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/row_state.h"

static void a_row_nobody_set_was_never_seen(void **state)
{
    (void)state;
    row_state_t *rows = row_state_new(200000);
    assert_int_equal(row_state_rows(rows), 200000);
    assert_int_equal(row_state_get(rows, 0), ROW_STATE_NEVER);
    assert_int_equal(row_state_get(rows, 199999), ROW_STATE_NEVER);
    assert_true(row_state_set(rows, 70000, 5));
    assert_int_equal(row_state_get(rows, 69999), ROW_STATE_NEVER);
    assert_int_equal(row_state_get(rows, 70000), 5);
    assert_int_equal(row_state_get(rows, 70001), ROW_STATE_NEVER);
    row_state_free(rows);
}

static void a_chunk_is_taken_when_it_is_first_touched(void **state)
{
    (void)state;
    row_state_t *rows = row_state_new(10 * ROW_STATE_CHUNK);
    assert_false(row_state_touched(rows, 3 * ROW_STATE_CHUNK));
    assert_true(row_state_set(rows, 3 * ROW_STATE_CHUNK + 1, ROW_STATE_DELETED));
    assert_true(row_state_touched(rows, 3 * ROW_STATE_CHUNK));
    assert_false(row_state_touched(rows, 4 * ROW_STATE_CHUNK));
    assert_true(row_state_set(rows, 3 * ROW_STATE_CHUNK + 2, 0));
    row_state_free(rows);
    row_state_free(NULL);
}

static void a_range_is_set_across_chunks_and_no_further(void **state)
{
    (void)state;
    row_state_t *rows = row_state_new(3 * ROW_STATE_CHUNK);
    uint64_t first = ROW_STATE_CHUNK - 10, n = ROW_STATE_CHUNK + 20;
    assert_true(row_state_set_range(rows, first, n, 7));
    for (uint64_t row = 0; row < row_state_rows(rows); row++) {
        uint16_t expected = row >= first && row < first + n ? 7 : ROW_STATE_NEVER;
        assert_int_equal(row_state_get(rows, row), expected);
    }
    assert_true(row_state_set_range(rows, 5, 0, 1));
    assert_int_equal(row_state_get(rows, 5), ROW_STATE_NEVER);
    row_state_free(rows);
}

static void more_rows_than_any_memory_holds_are_refused(void **state)
{
    (void)state;
    assert_null(row_state_new(UINT64_MAX));
    assert_null(row_state_new(ROW_STATE_ROWS_MAX + 1));
}

enum { THREADS = 4, ROWS = 2 * ROW_STATE_CHUNK };

typedef struct {
    row_state_t *rows;
    uint64_t first;
} share_t;

static void *set_share(void *context)
{
    const share_t *share = context;
    for (uint64_t row = share->first; row < ROWS; row += THREADS)
        row_state_set(share->rows, row, (uint16_t)(row % 1000));
    return NULL;
}

static void threads_that_set_rows_of_one_chunk_lose_nothing(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        row_state_t *rows = row_state_new(ROWS);
        pthread_t threads[THREADS];
        share_t shares[THREADS];
        for (uint64_t t = 0; t < THREADS; t++) {
            shares[t] = (share_t){.rows = rows, .first = t};
            assert_int_equal(pthread_create(&threads[t], NULL, set_share, &shares[t]), 0);
        }
        for (uint64_t row = 0; row < ROWS; row += 100) {
            uint16_t value = row_state_get(rows, row);
            assert_true(value == ROW_STATE_NEVER || value == row % 1000);
        }
        for (int t = 0; t < THREADS; t++)
            assert_int_equal(pthread_join(threads[t], NULL), 0);
        for (uint64_t row = 0; row < ROWS; row++)
            assert_int_equal(row_state_get(rows, row), row % 1000);
        row_state_free(rows);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_row_nobody_set_was_never_seen),
        cmocka_unit_test(a_chunk_is_taken_when_it_is_first_touched),
        cmocka_unit_test(a_range_is_set_across_chunks_and_no_further),
        cmocka_unit_test(more_rows_than_any_memory_holds_are_refused),
        cmocka_unit_test(threads_that_set_rows_of_one_chunk_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
