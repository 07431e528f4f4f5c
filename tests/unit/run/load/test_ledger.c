#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <pthread.h>

#include "run/load/ledger.h"

/* While it is set nothing can be allocated. */
static bool memory_is_out;
void *__real_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_calloc(size_t n, size_t size)
{
    return memory_is_out ? NULL : __real_calloc(n, size);
}

static ledger_entry_t insert_of(uint64_t row)
{
    return (ledger_entry_t){.intended_ns = (int64_t)row + 1, .first_row = row, .rows = 1};
}

static void a_tap_finds_transactions_of_every_connection_in_any_interleaving(void **state)
{
    (void)state;
    ledger_t *ledger = ledger_new(3, 1, 1000000);
    ledger_reader_t *reader = ledger_reader_new(ledger);
    for (uint64_t row = 0; row < 9000; row++) {
        ledger_entry_t entry = insert_of(row);
        ledger_close(ledger_append(ledger, (uint32_t)(row % 3), &entry), 1);
    }
    for (uint64_t row = 0; row < 9000; row += 3)
        for (uint64_t k = 3; k-- > 0;) {
            uint32_t connection;
            const ledger_entry_t *found =
                ledger_reader_find(reader, OP_INSERT, row + k, 0, &connection);
            assert_non_null(found);
            assert_int_equal(found->intended_ns, row + k + 1);
            assert_int_equal(connection, (row + k) % 3);
            ledger_reader_pass(reader, connection);
        }
    ledger_reader_free(reader);
    ledger_free(ledger);
}

static void a_transaction_that_was_never_seen_does_not_hide_the_next_one(void **state)
{
    (void)state;
    uint32_t connection;
    ledger_t *ledger = ledger_new(2, 1, 1000000);
    ledger_reader_t *reader = ledger_reader_new(ledger);
    for (uint64_t row = 0; row < 100; row++) {
        ledger_entry_t entry = insert_of(row);
        ledger_close(ledger_append(ledger, 1, &entry), row < 50 ? LEDGER_VOID : 1);
    }
    assert_non_null(ledger_reader_find(reader, OP_INSERT, 99, 0, &connection));
    assert_null(ledger_reader_find(reader, OP_INSERT, 98, 0, &connection));
    ledger_reader_free(reader);
    ledger_free(ledger);
}

static void a_change_of_another_version_or_operation_is_not_found(void **state)
{
    (void)state;
    uint32_t connection;
    ledger_t *ledger = ledger_new(1, 1, 1000);
    ledger_reader_t *reader = ledger_reader_new(ledger);
    ledger_entry_t entry = {.first_row = 7, .first_version = 3, .op = OP_UPDATE, .rows = 1};
    ledger_close(ledger_append(ledger, 0, &entry), 1);
    assert_null(ledger_reader_find(reader, OP_UPDATE, 7, 2, &connection));
    assert_null(ledger_reader_find(reader, OP_DELETE, 7, 3, &connection));
    assert_non_null(ledger_reader_find(reader, OP_UPDATE, 7, 3, &connection));
    ledger_reader_free(reader);
    ledger_free(ledger);
}

static void what_every_tap_has_passed_is_freed(void **state)
{
    (void)state;
    uint32_t connection;
    ledger_t *ledger = ledger_new(1, 2, 1000000);
    ledger_reader_t *fast = ledger_reader_new(ledger), *slow = ledger_reader_new(ledger);
    for (uint64_t row = 0; row < 10240; row++) {
        ledger_entry_t entry = insert_of(row);
        ledger_close(ledger_append(ledger, 0, &entry), 1);
        assert_non_null(ledger_reader_find(fast, OP_INSERT, row, 0, &connection));
        ledger_reader_pass(fast, connection);
    }
    assert_int_equal(ledger_live(ledger), 10240);
    for (uint64_t row = 0; row < 10240; row++) {
        assert_non_null(ledger_reader_find(slow, OP_INSERT, row, 0, &connection));
        ledger_reader_pass(slow, connection);
    }
    assert_int_equal(ledger_live(ledger), 1024);
    assert_int_equal(ledger_peak(ledger), 10240);
    ledger_reader_free(fast);
    ledger_reader_free(slow);
    ledger_free(ledger);
}

static void a_full_ledger_refuses_and_counts_and_goes_on_when_there_is_room(void **state)
{
    (void)state;
    uint32_t connection;
    ledger_t *ledger = ledger_new(1, 1, 2048);
    ledger_reader_t *reader = ledger_reader_new(ledger);
    uint64_t kept = 0;
    for (uint64_t row = 0; row < 5000; row++) {
        ledger_entry_t entry = insert_of(row);
        ledger_entry_t *slot = ledger_append(ledger, 0, &entry);
        ledger_close(slot, 1);
        kept += slot != NULL;
    }
    assert_int_equal(kept, 3072);
    assert_int_equal(ledger_dropped(ledger), 5000 - 3072);
    assert_false(ledger_no_memory(ledger));
    for (uint64_t row = 0; row < kept; row++) {
        assert_non_null(ledger_reader_find(reader, OP_INSERT, row, 0, &connection));
        ledger_reader_pass(reader, connection);
    }
    ledger_entry_t entry = insert_of(9999);
    ledger_close(ledger_append(ledger, 0, &entry), 1);
    assert_non_null(ledger_reader_find(reader, OP_INSERT, 9999, 0, &connection));
    ledger_reader_free(reader);
    ledger_free(ledger);
}

static void memory_that_is_out_is_told_from_a_full_ledger(void **state)
{
    (void)state;
    ledger_t *ledger = ledger_new(1, 1, 1000000);
    ledger_reader_t *reader = ledger_reader_new(ledger);
    ledger_entry_t entry = insert_of(0);
    for (uint64_t row = 0; row < 1024; row++)
        ledger_close(ledger_append(ledger, 0, &entry), 1);
    memory_is_out = true;
    ledger_entry_t *none = ledger_append(ledger, 0, &entry);
    memory_is_out = false;
    assert_null(none);
    assert_true(ledger_no_memory(ledger));
    assert_int_equal(ledger_dropped(ledger), 0);
    assert_int_equal(ledger_live(ledger), 1024);
    ledger_reader_free(reader);
    ledger_free(ledger);
}

static void without_taps_nothing_is_kept(void **state)
{
    (void)state;
    ledger_t *ledger = ledger_new(4, 0, 1000);
    ledger_entry_t entry = insert_of(1);
    assert_null(ledger_append(ledger, 0, &entry));
    assert_int_equal(ledger_live(ledger), 0);
    assert_int_equal(ledger_dropped(ledger), 0);
    ledger_free(ledger);
}

enum { SHARED_ROWS = 200000 };

static void *append_all(void *arg)
{
    ledger_t *ledger = arg;
    for (uint64_t row = 0; row < SHARED_ROWS; row++) {
        ledger_entry_t entry = insert_of(row);
        ledger_close(ledger_append(ledger, 0, &entry), (int64_t)row + 1);
    }
    return NULL;
}

static void a_tap_reads_while_a_connection_writes(void **state)
{
    (void)state;
    ledger_t *ledger = ledger_new(1, 1, 10000000);
    ledger_reader_t *reader = ledger_reader_new(ledger);
    pthread_t writer;
    uint64_t found = 0;
    assert_int_equal(pthread_create(&writer, NULL, append_all, ledger), 0);
    while (found < SHARED_ROWS) {
        uint32_t connection;
        const ledger_entry_t *entry = ledger_reader_find(reader, OP_INSERT, found, 0, &connection);
        if (entry == NULL)
            continue;
        assert_int_equal(entry->intended_ns, found + 1);
        ledger_reader_pass(reader, connection);
        found++;
    }
    pthread_join(writer, NULL);
    ledger_reader_free(reader);
    ledger_free(ledger);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tap_finds_transactions_of_every_connection_in_any_interleaving),
        cmocka_unit_test(a_transaction_that_was_never_seen_does_not_hide_the_next_one),
        cmocka_unit_test(a_change_of_another_version_or_operation_is_not_found),
        cmocka_unit_test(what_every_tap_has_passed_is_freed),
        cmocka_unit_test(a_full_ledger_refuses_and_counts_and_goes_on_when_there_is_room),
        cmocka_unit_test(memory_that_is_out_is_told_from_a_full_ledger),
        cmocka_unit_test(without_taps_nothing_is_kept),
        cmocka_unit_test(a_tap_reads_while_a_connection_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
