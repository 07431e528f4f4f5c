/* What a session sends is what the table then holds and what the writer's versions say, whatever
 * the server makes of it on the way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/load/load_world.h"
#include "server.h"

enum { LOADED = 200 };

/* The table holds the rows and amounts that the writer's versions say, and no others. */
static void assert_table_is_as_noted(void)
{
    uint64_t rows = 0, cents = 0;
    for (uint64_t row = 0; row < world.scenario.rows; row++) {
        uint16_t version = row_state_get(world.work.rows, row);
        if (version >= ROW_VERSIONS)
            continue;
        rows++;
        cents += row_amount_cents(&world.space, row, version);
    }
    assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"), rows);
    assert_int_equal(
        server_number(&server, "SELECT (100 * coalesce(sum(amount), 0))::bigint FROM transactions"),
        cents);
}

static void assert_acknowledged(op_t op, uint64_t row, uint16_t version, bool there)
{
    uint32_t connection;
    ledger_entry_t *entry = ledger_reader_find(world.reader, op, row, version, &connection);
    assert_int_equal(entry != NULL, there);
    if (entry != NULL)
        assert_true(atomic_load(&entry->acked_ns) >= entry->intended_ns);
}

/* A phase behind the load. */
static phase_t *add_changes(uint32_t stream, uint64_t rows, uint32_t rows_per_txn)
{
    phase_t *phase = add_phase();
    phase->streams[stream] =
        (stream_t){.kind = STREAM_CLOSED, .rows = rows, .rows_per_txn = rows_per_txn};
    return phase;
}

static void run_all(void)
{
    start_loaders();
    for (uint32_t p = 0; p < world.scenario.n_phases; p++)
        run_phase(p);
}

static void a_load_is_in_the_table_and_in_the_ledger(void **state)
{
    (void)state;
    add_inserts(LOADED, 10);
    run_all();
    assert_no_failure();
    assert_table_is_as_noted();
    assert_acknowledged(OP_INSERT, 0, 0, true);
    assert_acknowledged(OP_INSERT, LOADED - 10, 0, true);
    assert_acknowledged(OP_INSERT, 5, 0, false); /* no first change of a transaction */
}

static void updates_in_either_mode_and_deletes_are_as_noted(void **state)
{
    (void)state;
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 60, 6);
    add_changes(OP_UPDATE, 60, 6)->mode[OP_UPDATE] = SEND_ARRAY;
    add_changes(OP_DELETE, 20, 4);
    add_changes(OP_DELETE, 20, 4)->mode[OP_DELETE] = SEND_ARRAY;
    run_all();
    assert_no_failure();
    assert_table_is_as_noted();
    assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"), LOADED - 40);
    assert_int_equal(SUM_OF(1, OP_UPDATE, rows_acked) + SUM_OF(2, OP_UPDATE, rows_acked), 120);
    assert_true(server_number(&server, "SELECT count(modified_at) FROM transactions") > 0);
}

static void a_mixed_transaction_is_there_as_a_whole(void **state)
{
    (void)state;
    add_inserts(LOADED, 10);
    phase_t *phase = add_changes(STREAM_MIX, 100, 10);
    phase->mix = (mix_t){.inserts = 4, .own_updates = 2, .updates = 3, .deletes = 1};
    run_all();
    assert_no_failure();
    assert_table_is_as_noted();
    assert_int_equal(SUM_OF(1, STREAM_MIX, transactions), 10);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"),
                     LOADED + 10 * (4 - 1));
}

static void what_is_rolled_back_is_nowhere_and_counted_by_itself(void **state)
{
    (void)state;
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 60, 6)->rollback_share[OP_UPDATE] = 1;
    run_all();
    assert_no_failure();
    assert_table_is_as_noted();
    assert_int_equal(server_number(&server, "SELECT count(modified_at) FROM transactions"), 0);
    assert_int_equal(SUM_OF(1, OP_UPDATE, rolled_back), 10);
    assert_int_equal(SUM_OF(1, OP_UPDATE, rows_rolled_back), 60);
    assert_int_equal(SUM_OF(1, OP_UPDATE, transactions), 0);
    assert_int_equal(SUM_OF(1, OP_UPDATE, rows_sent), 60);
}

/* The server holds its COMMIT back until the controller has said that all is to be dropped. */
static void what_is_acknowledged_when_all_is_to_be_dropped_still_counts(void **state)
{
    (void)state;
    world.work.threads = world.scenario.connections = 1;
    add_inserts(10, 10);
    server_exec(&server, "CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ "
                         "BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$; "
                         "CREATE TRIGGER act BEFORE INSERT ON transactions FOR EACH ROW "
                         "EXECUTE FUNCTION act(); SELECT pg_advisory_lock(1)");
    start_loaders();
    begin_phase(0);
    server_await(&server, "SELECT count(*) = 1 FROM pg_locks WHERE NOT granted");
    atomic_store(&world.work.quit, true); /* and its thread has not been woken yet */
    server_exec(&server, "SELECT pg_advisory_unlock(1)");
    int64_t until_ns = clock_now_ns() + 2 * NS_PER_S;
    while (SUM_OF(0, OP_INSERT, transactions) == 0 && clock_now_ns() < until_ns)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    join_loaders();
    assert_int_equal(SUM_OF(0, OP_INSERT, rows_acked), 10);
    assert_int_equal(SUM(undetermined), 0);
    assert_table_is_as_noted();
    assert_acknowledged(OP_INSERT, 0, 0, true);
}

/* The server does that to updates, the first time or every time. */
static void make_trigger(const char *what, bool once)
{
    char sql[512];
    snprintf(sql, sizeof sql,
             "CREATE SEQUENCE times; CREATE FUNCTION act() RETURNS trigger LANGUAGE plpgsql AS $$ "
             "BEGIN IF nextval('times') = 1 OR %s THEN %s; END IF; RETURN NEW; END $$; "
             "CREATE TRIGGER act BEFORE UPDATE ON transactions FOR EACH ROW EXECUTE FUNCTION act()",
             once ? "false" : "true", what);
    server_exec(&server, sql);
}

static int drop_trigger(void **state)
{
    server_exec(&server, "DROP FUNCTION IF EXISTS act CASCADE; DROP SEQUENCE IF EXISTS times");
    return world_drop(state);
}

static void what_the_server_refuses_is_undone_and_ends_the_load(void **state)
{
    (void)state;
    err_t why = {0};
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 60, 6);
    make_trigger("RAISE EXCEPTION 'not today'", false);
    run_all();
    assert_true(work_failed(&world.work, &why));
    assert_non_null(strstr(why.text, "the server refused update transaction"));
    assert_non_null(strstr(why.text, "not today (SQLSTATE P0001)"));
    assert_table_is_as_noted();
    assert_int_equal(SUM_OF(1, OP_UPDATE, transactions), 0);
    assert_true(SUM_OF(1, OP_UPDATE, errors) >= 1);
}

static void a_conflict_is_sent_again(void **state)
{
    (void)state;
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 60, 6);
    make_trigger("RAISE EXCEPTION 'again' USING ERRCODE = '40001'", true);
    run_all();
    assert_no_failure();
    assert_table_is_as_noted();
    assert_int_equal(SUM_OF(1, OP_UPDATE, retries), 1);
    assert_int_equal(SUM_OF(1, OP_UPDATE, transactions), 10);
}

static void a_conflict_that_does_not_end_is_given_up(void **state)
{
    (void)state;
    err_t why = {0};
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 6, 6);
    make_trigger("RAISE EXCEPTION 'again' USING ERRCODE = '40001'", false);
    run_all();
    assert_true(work_failed(&world.work, &why));
    assert_non_null(strstr(why.text, "SQLSTATE 40001"));
    assert_int_equal(SUM_OF(1, OP_UPDATE, retries), 9);
    assert_table_is_as_noted();
}

/* Its end was sent, so what became of it is asked; it is not there, and sent again. */
static void a_connection_that_is_lost_within_a_transaction_costs_no_change(void **state)
{
    (void)state;
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 60, 6);
    make_trigger("PERFORM pg_terminate_backend(pg_backend_pid())", true);
    run_all();
    assert_no_failure();
    assert_table_is_as_noted();
    assert_int_equal(SUM(reconnects), 1);
    assert_int_equal(SUM(in_doubt), 1);
    assert_int_equal(SUM(in_doubt_committed), 0);
    assert_int_equal(SUM(undetermined), 0);
    assert_int_equal(SUM_OF(1, OP_UPDATE, retries), 1);
    assert_int_equal(SUM_OF(1, OP_UPDATE, rows_acked), 60);
}

static void connections_lost_between_two_phases_are_made_again(void **state)
{
    (void)state;
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 60, 6);
    start_loaders();
    run_phase(0);
    server_exec(&server, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE "
                         "datname = current_database() AND pid <> pg_backend_pid()");
    run_phase(1);
    assert_no_failure();
    assert_table_is_as_noted();
    assert_int_equal(SUM_OF(1, OP_UPDATE, rows_acked), 60);
    assert_int_equal(SUM(in_doubt), 0);
}

static void a_server_that_does_not_come_back_in_time_ends_the_load(void **state)
{
    (void)state;
    err_t why = {0};
    pg_admin_t *elsewhere = embedded_connect(server.cluster, NULL, "postgres");
    assert_non_null(elsewhere);
    world.work.reconnect_timeout_ns = 200 * NS_PER_MS;
    add_inserts(LOADED, 10);
    add_changes(OP_UPDATE, 60, 6);
    start_loaders();
    run_phase(0);
    server_exec_on(elsewhere, "ALTER DATABASE financial_db ALLOW_CONNECTIONS false");
    server_exec(&server, "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE "
                         "datname = current_database() AND pid <> pg_backend_pid()");
    begin_phase(1);
    int64_t until_ns = clock_now_ns() + SERVER_PATIENCE_MS * NS_PER_MS;
    while (!work_failed(&world.work, &why) && clock_now_ns() < until_ns)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    join_loaders();
    server_exec_on(elsewhere, "ALTER DATABASE financial_db ALLOW_CONNECTIONS true");
    pg_admin_free(elsewhere);
    assert_non_null(strstr(why.text, "could not be made again within 0 s (--reconnect-timeout)"));
    assert_table_is_as_noted();
}

int main(void)
{
#define TEST_WITH_TRIGGER(name) cmocka_unit_test_setup_teardown(name, world_make, drop_trigger)
    const struct CMUnitTest tests[] = {
        TEST(a_load_is_in_the_table_and_in_the_ledger),
        TEST(updates_in_either_mode_and_deletes_are_as_noted),
        TEST(a_mixed_transaction_is_there_as_a_whole),
        TEST(what_is_rolled_back_is_nowhere_and_counted_by_itself),
        TEST_WITH_TRIGGER(what_is_acknowledged_when_all_is_to_be_dropped_still_counts),
        TEST_WITH_TRIGGER(what_the_server_refuses_is_undone_and_ends_the_load),
        TEST_WITH_TRIGGER(a_conflict_is_sent_again),
        TEST_WITH_TRIGGER(a_conflict_that_does_not_end_is_given_up),
        TEST_WITH_TRIGGER(a_connection_that_is_lost_within_a_transaction_costs_no_change),
        TEST(connections_lost_between_two_phases_are_made_again),
        TEST(a_server_that_does_not_come_back_in_time_ends_the_load),
    };
    return cmocka_run_group_tests_name("session", tests, start_server, stop_server);
}
