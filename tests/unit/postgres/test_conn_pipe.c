/* conn: pipeline segments, and what becomes of them when something breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postgres/client.h"

static void a_segment_of_200k_updates_with_triggers_gets_through(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    enum { UPDATES = 200000, ROWS = 20000 };
    server_exec(&server, "INSERT INTO account SELECT i, 0 FROM generate_series(10001, 30000) i");
    int blocked = 0;
    assert_true(pg_conn_pipe_begin(client.conn));
    for (int i = 0; i < UPDATES; i++) {
        pg_put_t put = add_to_account(&client, 10001 + i % ROWS);
        assert_int_not_equal(put, PG_PUT_LOST);
        blocked += put == PG_PUT_BLOCKED;
        while (!pg_conn_pipe_room(client.conn)) {
            turn(&client);
            assert_state(&client, PG_PIPE_FILLING);
        }
    }
    assert_true(pg_conn_pipe_end(client.conn));
    pg_event_t event = await(&client, PG_EVENT_DONE);
    assert_int_equal(event.rows, UPDATES);
    assert_int_equal(event.zero_row_index, UINT64_MAX);
    assert_true(blocked > 0);
    assert_int_equal(total(), UPDATES);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account WHERE note = 'touched'"),
                     ROWS);
    client_close(&client);
}

static void parameters_may_be_binary(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    uint64_t sent = pg_conn_bytes_sent(client.conn);
    const char *const values[] = {"\0\0\1\0", "\0\0\0\2"}; /* 256 to account 2 */
    const int lengths[] = {4, 4};
    assert_true(pg_conn_pipe_begin(client.conn));
    assert_int_equal(pg_conn_pipe_add_binary(client.conn, "add", 2, values, lengths), PG_PUT_OK);
    assert_true(pg_conn_pipe_end(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 1);
    assert_int_equal(server_number(&server, "SELECT amount FROM account WHERE id = 2"), 256);
    /* Bind 15 + "add" + two formats and two values of 4 bytes with lengths, Describe, Execute, Sync
     */
    assert_int_equal(pg_conn_bytes_sent(client.conn) - sent, 15 + 3 + 2 * (2 + 8) + 7 + 10 + 5);
    client_close(&client);
}

static void an_update_that_changes_no_row_is_named(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    const int ids[] = {1, 2, 999999, 3, 888888};
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(add_to_account(&client, ids[i]), PG_PUT_OK);
    }
    assert_true(pg_conn_pipe_end(client.conn));
    pg_event_t event = await(&client, PG_EVENT_DONE);
    assert_int_equal(event.rows, 3);
    assert_int_equal(event.zero_row_index, 2);
    assert_string_equal(buf_text(&client.trace),
                        " CONNECTING SETUP IDLE PIPE_FILLING PIPE_DRAINING IDLE");
    client_close(&client);
}

static void an_error_in_mid_segment_names_the_command_and_undoes_all(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    for (int i = 0; i < 10; i++) {
        add(&client, "add", i == 3 || i == 5 ? "three" : "1", "1");
    }
    assert_true(pg_conn_pipe_end(client.conn));
    pg_event_t event = await(&client, PG_EVENT_ERROR);
    assert_string_equal(event.sqlstate, "22P02");
    assert_int_equal(event.index, 3);
    assert_non_null(strstr(event.text, "three"));
    assert_state(&client, PG_IDLE);
    assert_int_equal(total(), 0);
    client_close(&client);
}

static void a_segment_that_the_server_refused_ends_before_its_owner_ends_it(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    add(&client, "add", "none", "1");
    for (int i = 0; i < 200; i++) { /* enough for a flush */
        assert_int_equal(add_to_account(&client, 1), PG_PUT_OK);
    }
    while (pg_conn_state(client.conn) == PG_PIPE_FILLING) {
        turn(&client);
    }
    assert_false(pg_conn_pipe_room(client.conn));
    assert_int_equal(add_to_account(&client, 1), PG_PUT_BLOCKED);
    assert_true(pg_conn_pipe_end(client.conn));
    pg_event_t event = await(&client, PG_EVENT_ERROR);
    assert_int_equal(event.index, 0);
    assert_state(&client, PG_IDLE);
    assert_true(pg_conn_pipe_begin(client.conn));
    assert_int_equal(add_to_account(&client, 1), PG_PUT_OK);
    assert_true(pg_conn_pipe_end(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 1);
    assert_int_equal(total(), 1);
    client_close(&client);
}

static void an_error_at_commit_is_an_error_of_no_command(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    add_to_account(&client, 1);
    add(&client, "defer", "2", "1"); /* n = 2 is taken, which is looked at only at the end */
    assert_true(pg_conn_pipe_end(client.conn));
    pg_event_t event = await(&client, PG_EVENT_ERROR);
    assert_string_equal(event.sqlstate, "23505");
    assert_int_equal(event.index, -1);
    assert_state(&client, PG_IDLE);
    assert_int_equal(total(), 0);
    client_close(&client);
}

static void an_empty_segment_is_done(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    assert_true(pg_conn_pipe_end(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 0);
    client_close(&client);
}

static void the_bytes_counted_are_those_that_a_command_takes_on_the_wire(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    add(&client, "add", "1", "10");
    assert_true(pg_conn_pipe_end(client.conn));
    await(&client, PG_EVENT_DONE);
    /* Bind 1+4 +1 +4 +2 +2 +(4+1) +(4+2) +4 = 29, Describe 7, Execute 10, Sync 5 */
    assert_int_equal(pg_conn_bytes_sent(client.conn), 29 + 7 + 10 + 5);
    client_close(&client);
}

static void lost_while_filling_a_segment_leaves_nothing_in_doubt(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    assert_int_equal(add_to_account(&client, 1), PG_PUT_OK);
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    assert_string_equal(await(&client, PG_EVENT_LOST).sqlstate, "57P01");
    assert_state(&client, PG_FAILED);
    assert_int_equal(add_to_account(&client, 1), PG_PUT_LOST);
    assert_false(pg_conn_pipe_end(client.conn));
    client_close(&client);
}

static void lost_after_sync_is_in_doubt(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    pg_admin_t *holder = server_connect(&server);
    server_exec_on(holder, "BEGIN; UPDATE account SET amount = 7 WHERE id = 2");
    assert_true(pg_conn_pipe_begin(client.conn));
    assert_int_equal(add_to_account(&client, 1), PG_PUT_OK);
    assert_int_equal(add_to_account(&client, 2), PG_PUT_OK);
    assert_true(pg_conn_pipe_end(client.conn));
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    assert_string_equal(await(&client, PG_EVENT_LOST).sqlstate, "57P01");
    assert_state(&client, PG_IN_DOUBT);
    pg_admin_free(holder);
    assert_int_equal(total(), 0);
    client_close(&client);
}

/* The acknowledgement and the end of the connection are both in the socket when it is read. */
static void an_acknowledgement_that_comes_with_the_end_counts(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    assert_int_equal(add_to_account(&client, 1), PG_PUT_OK);
    assert_true(pg_conn_pipe_end(client.conn));
    server_await(&server, "SELECT sum(amount) = 1 FROM account");
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 1);
    await(&client, PG_EVENT_LOST);
    assert_state(&client, PG_FAILED);
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_segment_of_200k_updates_with_triggers_gets_through),
        TEST(parameters_may_be_binary),
        TEST(an_update_that_changes_no_row_is_named),
        TEST(an_error_in_mid_segment_names_the_command_and_undoes_all),
        TEST(a_segment_that_the_server_refused_ends_before_its_owner_ends_it),
        TEST(an_error_at_commit_is_an_error_of_no_command),
        TEST(an_empty_segment_is_done),
        TEST(the_bytes_counted_are_those_that_a_command_takes_on_the_wire),
        TEST(lost_while_filling_a_segment_leaves_nothing_in_doubt),
        TEST(lost_after_sync_is_in_doubt),
        TEST(an_acknowledgement_that_comes_with_the_end_counts),
    };
    return cmocka_run_group_tests_name("conn_pipe", tests, start, stop);
}
