/* conn: transaction blocks of several parts, COPY and pipeline in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postgres/client.h"

static const pg_statement_t block_statements[] = {
    {"add", "UPDATE account SET amount = amount + $1::int WHERE id = $2::int", 2},
    {"defer", "UPDATE deferred SET n = $1::int WHERE id = $2::int", 2},
    {"begin", "BEGIN", 0},
    {"savepoint", "SAVEPOINT here", 0},
    {"back", "ROLLBACK TO SAVEPOINT here", 0},
    {"commit", "COMMIT", 0},
    {"rollback", "ROLLBACK", 0},
};

static void open_block(client_t *client)
{
    client_open_with(client, server.target, block_statements,
                     sizeof block_statements / sizeof *block_statements);
    await(client, PG_EVENT_READY);
    assert_true(pg_conn_block(client->conn));
    assert_state(client, PG_OPEN);
}

static void inner(client_t *client, const char *statement)
{
    assert_int_equal(pg_conn_pipe_control(client->conn, statement, PG_CONTROL_INNER), PG_PUT_OK);
}

static void copy_part(client_t *client, const char *sql, const char *rows)
{
    assert_true(pg_conn_copy_begin(client->conn, sql));
    await(client, PG_EVENT_COPY_ROOM);
    assert_int_equal(copy_text(client, rows), PG_PUT_OK);
    assert_true(pg_conn_copy_end(client->conn));
    assert_false(pg_conn_may_commit(client->conn));
}

static void end_block(client_t *client, const char *statement, pg_control_t control)
{
    assert_int_equal(pg_conn_pipe_control(client->conn, statement, control), PG_PUT_OK);
    assert_true(pg_conn_pipe_end(client->conn));
}

static void a_block_of_copy_updates_and_copy_commits_as_one(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    copy_part(&client, "BEGIN; COPY account FROM STDIN", "2001\t0\ta\n2002\t0\tb\n");
    assert_int_equal(await(&client, PG_EVENT_PART).rows, 2);
    assert_state(&client, PG_OPEN);
    assert_true(pg_conn_pipe_begin(client.conn));
    add_to_account(&client, 2001);
    add_to_account(&client, 1);
    assert_true(pg_conn_pipe_end(client.conn));
    pg_event_t part = await(&client, PG_EVENT_PART);
    assert_int_equal(part.rows, 2);
    assert_int_equal(part.zero_row_index, UINT64_MAX);
    copy_part(&client, "COPY account FROM STDIN", "2003\t0\tc\n");
    await(&client, PG_EVENT_PART);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account"), 1000);
    assert_true(pg_conn_pipe_begin(client.conn));
    end_block(&client, "commit", PG_CONTROL_COMMIT);
    assert_true(pg_conn_may_commit(client.conn));
    pg_event_t done = await(&client, PG_EVENT_DONE);
    assert_int_equal(done.zero_row_index, UINT64_MAX);
    assert_state(&client, PG_IDLE);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account"), 1003);
    assert_int_equal(total(), 2);
    client_close(&client);
}

static void a_block_that_ends_with_rollback_leaves_nothing(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    inner(&client, "begin");
    add_to_account(&client, 1);
    end_block(&client, "rollback", PG_CONTROL_ROLLBACK);
    assert_false(pg_conn_may_commit(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 1);
    assert_state(&client, PG_IDLE);
    assert_int_equal(total(), 0);
    client_close(&client);
}

static void what_follows_a_savepoint_can_be_undone_alone(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    copy_part(&client, "BEGIN; SAVEPOINT here; COPY account FROM STDIN", "2001\t5\ta\n");
    await(&client, PG_EVENT_PART);
    assert_true(pg_conn_pipe_begin(client.conn));
    inner(&client, "back");
    add_to_account(&client, 7);
    add_to_account(&client, 2001);
    end_block(&client, "commit", PG_CONTROL_COMMIT);
    pg_event_t done = await(&client, PG_EVENT_DONE);
    assert_int_equal(done.rows, 1);
    assert_int_equal(done.zero_row_index, 2); /* the savepoint's end is command 0 */
    assert_int_equal(total(), 1);
    client_close(&client);
}

static void a_refused_part_rolls_its_block_back_before_it_is_told(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    copy_part(&client, "BEGIN; COPY account FROM STDIN", "2001\t0\ta\n");
    await(&client, PG_EVENT_PART);
    copy_part(&client, "COPY account FROM STDIN", "2001\t0\tagain\n");
    pg_event_t event = await(&client, PG_EVENT_ERROR);
    assert_string_equal(event.sqlstate, "23505");
    assert_state(&client, PG_IDLE);
    assert_string_equal(
        buf_text(&client.trace),
        " CONNECTING SETUP IDLE OPEN COPY_START COPY_SENDING COPY_ENDING OPEN COPY_START"
        " COPY_SENDING COPY_ENDING UNDOING IDLE");
    assert_true(pg_conn_block(client.conn)); /* the session is as good as before */
    assert_true(pg_conn_pipe_begin(client.conn));
    inner(&client, "begin");
    add_to_account(&client, 1);
    end_block(&client, "commit", PG_CONTROL_COMMIT);
    await(&client, PG_EVENT_DONE);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account"), 1000);
    assert_int_equal(total(), 1);
    client_close(&client);
}

static void an_error_before_the_commit_of_a_pipeline_undoes_the_block(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    inner(&client, "begin");
    add_to_account(&client, 1);
    add(&client, "add", "none", "1");
    end_block(&client, "commit", PG_CONTROL_COMMIT);
    pg_event_t event = await(&client, PG_EVENT_ERROR);
    assert_int_equal(event.index, 2);
    assert_false(pg_conn_may_commit(client.conn));
    assert_state(&client, PG_IDLE);
    assert_int_equal(total(), 0);
    client_close(&client);
}

static void a_commit_that_fails_is_an_error_and_the_session_goes_on(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    inner(&client, "begin");
    add_to_account(&client, 1);
    add(&client, "defer", "2", "1");
    end_block(&client, "commit", PG_CONTROL_COMMIT);
    assert_string_equal(await(&client, PG_EVENT_ERROR).sqlstate, "23505");
    assert_state(&client, PG_IDLE);
    assert_true(pg_conn_pipe_begin(client.conn));
    add_to_account(&client, 1);
    assert_true(pg_conn_pipe_end(client.conn));
    await(&client, PG_EVENT_DONE);
    assert_int_equal(total(), 1);
    client_close(&client);
}

static void lost_between_the_parts_of_a_block_leaves_nothing_in_doubt(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    copy_part(&client, "BEGIN; COPY account FROM STDIN", "2001\t0\ta\n");
    await(&client, PG_EVENT_PART);
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    assert_string_equal(await(&client, PG_EVENT_LOST).sqlstate, "57P01");
    assert_state(&client, PG_FAILED);
    client_close(&client);
}

static void lost_after_the_commit_was_handed_over_is_in_doubt(void **state)
{
    (void)state;
    client_t client;
    open_block(&client);
    assert_true(pg_conn_pipe_begin(client.conn));
    inner(&client, "begin");
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    assert_int_equal(pg_conn_pipe_control(client.conn, "commit", PG_CONTROL_COMMIT), PG_PUT_OK);
    assert_true(pg_conn_pipe_end(client.conn));
    pg_event_t event = {.kind = PG_EVENT_NONE};
    while (!pg_conn_next(client.conn, &event))
        turn(&client);
    assert_int_equal(event.kind, PG_EVENT_LOST);
    assert_state(&client, PG_IN_DOUBT);
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_block_of_copy_updates_and_copy_commits_as_one),
        TEST(a_block_that_ends_with_rollback_leaves_nothing),
        TEST(what_follows_a_savepoint_can_be_undone_alone),
        TEST(a_refused_part_rolls_its_block_back_before_it_is_told),
        TEST(an_error_before_the_commit_of_a_pipeline_undoes_the_block),
        TEST(a_commit_that_fails_is_an_error_and_the_session_goes_on),
        TEST(lost_between_the_parts_of_a_block_leaves_nothing_in_doubt),
        TEST(lost_after_the_commit_was_handed_over_is_in_doubt),
    };
    return cmocka_run_group_tests_name("conn_block", tests, start, stop);
}
