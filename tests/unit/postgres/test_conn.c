/* conn: connecting, queries, and turns at all it can do. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postgres/client.h"

static void ready_names_the_backend_and_the_user(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    char sql[200];
    snprintf(sql, sizeof(sql),
             "SELECT count(*) FROM pg_stat_activity WHERE pid = %d AND backend_start = '%s' "
             "AND usename = '%s'",
             pg_conn_backend_pid(client.conn), pg_conn_backend_start(client.conn),
             pg_conn_user(client.conn));
    assert_int_equal(server_number(&server, sql), 1);
    assert_string_equal(buf_text(&client.trace), " CONNECTING SETUP IDLE");
    client_close(&client);
}

static void a_server_that_is_not_there_is_lost_and_its_password_not_told(void **state)
{
    (void)state;
    pg_target_t *target = pg_target_new("postgresql://u:hunter22@127.0.0.1:1/db", NULL);
    assert_non_null(target);
    client_t client;
    client_open_with(&client, target, NULL, 0);
    pg_event_t event = await(&client, PG_EVENT_LOST);
    assert_state(&client, PG_FAILED);
    assert_non_null(strstr(event.text, "127.0.0.1"));
    assert_null(strstr(event.text, "hunter22"));
    assert_null(strchr(event.text, '\n'));
    assert_int_equal(pg_conn_fd(client.conn), -1);
    client_close(&client);
    pg_target_free(target);
}

static void a_statement_that_cannot_be_prepared_ends_the_attempt(void **state)
{
    (void)state;
    static const pg_statement_t bad[] = {{"bad", "UPDATE nowhere SET x = 1", 0}};
    client_t client;
    client_open_with(&client, server.target, bad, 1);
    pg_event_t event = await(&client, PG_EVENT_LOST);
    assert_string_equal(event.sqlstate, "42P01");
    assert_non_null(strstr(event.text, "nowhere"));
    assert_string_equal(buf_text(&client.trace), " CONNECTING SETUP FAILED");
    client_close(&client);
}

static void a_closed_connection_can_be_started_again(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    int pid = pg_conn_backend_pid(client.conn);
    pg_conn_close(client.conn);
    assert_int_equal(pg_conn_fd(client.conn), -1);
    assert_true(pg_conn_start(client.conn, NULL));
    await(&client, PG_EVENT_READY);
    assert_int_not_equal(pg_conn_backend_pid(client.conn), pid);
    assert_string_equal(buf_text(&client.trace),
                        " CONNECTING SETUP IDLE CLOSING CLOSED CONNECTING SETUP IDLE");
    client_close(&client);
}

static void an_idle_connection_that_is_ended_says_so(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    pg_event_t event = await(&client, PG_EVENT_LOST);
    assert_string_equal(event.sqlstate, "57P01");
    assert_state(&client, PG_FAILED);
    assert_int_equal(pg_conn_fd(client.conn), -1);
    assert_false(pg_conn_copy_begin(client.conn, "COPY account FROM STDIN"));
    client_close(&client);
}

static void a_query_without_a_value_answers_null_and_a_bad_one_an_error(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_query(client.conn, "SELECT NULL", 0, NULL));
    assert_null(await(&client, PG_EVENT_VALUE).value);
    assert_true(pg_conn_query(client.conn, "SELECT id FROM account WHERE id < 0", 0, NULL));
    assert_null(await(&client, PG_EVENT_VALUE).value);
    assert_true(pg_conn_query(client.conn, "SELECT 1 / 0", 0, NULL));
    assert_string_equal(await(&client, PG_EVENT_ERROR).sqlstate, "22012");
    assert_true(pg_conn_query(client.conn, "SELECT 'more'", 0, NULL));
    assert_string_equal(await(&client, PG_EVENT_VALUE).value, "more");
    client_close(&client);
}

static void one_connection_takes_turns_at_copy_pipeline_and_query(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    for (int i = 0; i < 3; i++) {
        char row[32];
        snprintf(row, sizeof(row), "%d\t0\ta\n", 5000 + i);
        copy_begin(&client, "account");
        assert_int_equal(copy_text(&client, row), PG_PUT_OK);
        assert_true(pg_conn_copy_end(client.conn));
        assert_int_equal(await(&client, PG_EVENT_DONE).rows, 1);
        assert_true(pg_conn_pipe_begin(client.conn));
        assert_int_equal(add_to_account(&client, 5000 + i), PG_PUT_OK);
        assert_true(pg_conn_pipe_end(client.conn));
        assert_int_equal(await(&client, PG_EVENT_DONE).rows, 1);
        const char *const id[] = {"5000"};
        assert_true(
            pg_conn_query(client.conn, "SELECT amount FROM account WHERE id = $1::int", 1, id));
        assert_string_equal(await(&client, PG_EVENT_VALUE).value, "1");
    }
    client_close(&client);
}

static void statements_are_planned_once_whatever_their_parameters(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    assert_int_equal(add_to_account(&client, 1), PG_PUT_OK);
    assert_true(pg_conn_pipe_end(client.conn));
    await(&client, PG_EVENT_DONE);
    assert_true(pg_conn_query(client.conn,
                              "SELECT custom_plans FROM pg_prepared_statements "
                              "WHERE generic_plans = 1",
                              0, NULL));
    assert_string_equal(await(&client, PG_EVENT_VALUE).value, "0");
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ready_names_the_backend_and_the_user),
        TEST(a_server_that_is_not_there_is_lost_and_its_password_not_told),
        TEST(a_statement_that_cannot_be_prepared_ends_the_attempt),
        TEST(a_closed_connection_can_be_started_again),
        TEST(an_idle_connection_that_is_ended_says_so),
        TEST(a_query_without_a_value_answers_null_and_a_bad_one_an_error),
        TEST(one_connection_takes_turns_at_copy_pipeline_and_query),
        TEST(statements_are_planned_once_whatever_their_parameters),
    };
    return cmocka_run_group_tests_name("conn", tests, start, stop);
}
