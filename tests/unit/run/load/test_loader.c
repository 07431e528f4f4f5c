/* Loaders do a phase's work between them, once, and say when nothing of it is left. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/load/load_world.h"
#include "server.h"

static void a_phase_is_done_once_by_all_threads_together(void **state)
{
    (void)state;
    add_inserts(1000, 10);
    start_loaders();
    run_phase(0);
    assert_no_failure();
    assert_int_equal(SUM_OF(0, OP_INSERT, rows_acked), 1000);
    assert_int_equal(SUM_OF(0, OP_INSERT, transactions), 100);
    assert_int_equal(SUM_OF(0, OP_INSERT, errors), 0);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"), 1000);
}

static void nothing_is_sent_before_a_phase_begins(void **state)
{
    (void)state;
    add_inserts(100, 10);
    start_loaders();
    wake_loaders();
    clock_sleep_until_ns(clock_now_ns() + 50 * NS_PER_MS);
    assert_int_equal(SUM_OF(0, OP_INSERT, rows_sent), 0);
    run_phase(0);
    assert_int_equal(SUM_OF(0, OP_INSERT, rows_sent), 100);
}

static void a_phase_that_follows_is_waited_for_and_counted_by_itself(void **state)
{
    (void)state;
    add_inserts(100, 10);
    add_phase()->streams[OP_UPDATE] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 50, .rows_per_txn = 5};
    start_loaders();
    run_phase(0);
    assert_int_equal(atomic_load(&world.work.done[1]), 0);
    run_phase(1);
    assert_no_failure();
    assert_int_equal(SUM_OF(0, OP_INSERT, rows_acked), 100);
    assert_int_equal(SUM_OF(0, OP_UPDATE, rows_acked), 0);
    assert_int_equal(SUM_OF(1, OP_UPDATE, rows_acked), 50);
    assert_int_equal(SUM_OF(1, OP_UPDATE, transactions), 10);
}

static void a_transaction_that_is_due_by_the_clock_is_not_sent_before(void **state)
{
    (void)state;
    enum { TXNS = 20, RATE_PER_S = 100 };
    add_phase()->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_OPEN, .rows = TXNS, .rows_per_txn = 1, .rate_per_s = RATE_PER_S};
    start_loaders();
    int64_t began_ns = clock_now_ns();
    run_phase(0);
    assert_true(clock_now_ns() - began_ns >= (TXNS - 1) * NS_PER_S / RATE_PER_S);
    assert_int_equal(SUM_OF(0, OP_INSERT, rows_acked), TXNS);
}

static void what_is_taken_is_finished_when_taking_stops(void **state)
{
    (void)state;
    add_inserts(1000000, 10);
    start_loaders();
    begin_phase(0);
    while (SUM_OF(0, OP_INSERT, transactions) == 0)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    atomic_store(&world.work.stop_taking, true);
    wake_loaders();
    await_phase(0);
    uint64_t acked = SUM_OF(0, OP_INSERT, rows_acked);
    assert_int_equal(SUM_OF(0, OP_INSERT, rows_sent), acked);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"), acked);
}

static void what_is_under_way_when_all_is_dropped_is_void_or_undetermined(void **state)
{
    (void)state;
    add_inserts(1000000, 10);
    start_loaders();
    begin_phase(0);
    while (SUM_OF(0, OP_INSERT, transactions) == 0)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    join_loaders();
    uint64_t acked = SUM_OF(0, OP_INSERT, rows_acked), undetermined = SUM(undetermined);
    assert_in_range(undetermined, 0, world.scenario.connections);
    server_await(&server, "SELECT count(*) = 1 FROM pg_stat_activity "
                          "WHERE backend_type = 'client backend'");
    uint64_t there = (uint64_t)server_number(&server, "SELECT count(*) FROM transactions");
    assert_in_range(there, acked, acked + 10 * undetermined);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_phase_is_done_once_by_all_threads_together),
        TEST(nothing_is_sent_before_a_phase_begins),
        TEST(a_phase_that_follows_is_waited_for_and_counted_by_itself),
        TEST(a_transaction_that_is_due_by_the_clock_is_not_sent_before),
        TEST(what_is_taken_is_finished_when_taking_stops),
        TEST(what_is_under_way_when_all_is_dropped_is_void_or_undetermined),
    };
    return cmocka_run_group_tests_name("loader", tests, start_server, stop_server);
}
