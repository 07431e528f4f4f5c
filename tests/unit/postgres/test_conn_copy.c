/* conn: COPY, its back-pressure, and what becomes of it when something breaks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "postgres/client.h"

/* Rows first … first + n − 1 of some 60 bytes each. */
static void put_rows(buf_t *out, int first, int n)
{
    for (int id = first; id < first + n; id++) {
        assert_true(
            buf_printf(out, "%d\t%d\tforty bytes of text that stand for the rest\n", id, id));
    }
}

/* Puts all of it in pieces, waiting for room where there is none. */
static void copy_all(client_t *client, const buf_t *rows)
{
    for (size_t at = 0; at < rows->len; at += PG_COPY_PIECE) {
        size_t left = rows->len - at;
        size_t len = left < PG_COPY_PIECE ? left : PG_COPY_PIECE;
        pg_put_t put = pg_conn_copy_put(client->conn, rows->data + at, len);
        assert_int_not_equal(put, PG_PUT_LOST);
        if (put == PG_PUT_BLOCKED) {
            assert_state(client, PG_COPY_BLOCKED);
            await(client, PG_EVENT_COPY_ROOM);
        }
    }
}

/* Puts pieces of so many rows until the socket is full. (The server waits for a whole piece before
 * it looks at its first row.) */
static void copy_until_blocked(client_t *client, int piece_rows)
{
    buf_t rows = {0};
    int first = 1;
    pg_put_t put;
    do {
        buf_clear(&rows);
        put_rows(&rows, first, piece_rows);
        first += piece_rows;
        put = pg_conn_copy_put(client->conn, rows.data, rows.len);
        assert_true(first < 1000000);
    } while (put == PG_PUT_OK);
    assert_int_equal(put, PG_PUT_BLOCKED);
    assert_state(client, PG_COPY_BLOCKED);
    buf_free(&rows);
}

/* Waits until the client's backend waits for the lock that `holder` has. */
static void await_stall(const client_t *client)
{
    char sql[120];
    snprintf(sql, sizeof(sql),
             "SELECT wait_event = 'advisory' FROM pg_stat_activity WHERE pid = %d",
             pg_conn_backend_pid(client->conn));
    server_await(&server, sql);
}

static void a_copy_goes_through_its_states_and_counts_its_rows(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_begin(&client, "account");
    const char *rows = "2001\t1\ta\n2002\t2\tb\n";
    assert_int_equal(copy_text(&client, rows), PG_PUT_OK);
    assert_true(pg_conn_copy_end(client.conn));
    pg_event_t event = await(&client, PG_EVENT_DONE);
    assert_int_equal(event.rows, 2);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account WHERE id > 2000"), 2);
    assert_int_equal(pg_conn_bytes_sent(client.conn), strlen(rows) + 5);
    assert_string_equal(buf_text(&client.trace), " CONNECTING SETUP IDLE COPY_START COPY_SENDING "
                                                 "COPY_ENDING IDLE");
    client_close(&client);
}

static void a_copy_of_100k_rows_waits_while_the_server_does(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    buf_t rows = {0};
    put_rows(&rows, 1, 100000);
    pg_admin_t *holder = server_connect(&server);
    server_exec_on(holder, "SELECT pg_advisory_lock(1)");
    copy_begin(&client, "stall");
    size_t sent = 0;
    while (pg_conn_copy_put(client.conn, rows.data + sent, PG_COPY_PIECE) == PG_PUT_OK) {
        sent += PG_COPY_PIECE;
        assert_true(sent + PG_COPY_PIECE < rows.len);
    }
    sent += PG_COPY_PIECE;
    assert_state(&client, PG_COPY_BLOCKED);
    assert_true(pg_conn_wants_write(client.conn));
    assert_true(pg_conn_wants_read(client.conn));
    pg_admin_free(holder);
    await(&client, PG_EVENT_COPY_ROOM);
    buf_t rest = {.data = rows.data + sent, .len = rows.len - sent};
    copy_all(&client, &rest);
    assert_true(pg_conn_copy_end(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 100000);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM stall"), 100000);
    buf_free(&rows);
    client_close(&client);
}

static void a_duplicate_key_in_mid_copy_ends_it_there(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    buf_t rows = {0};
    put_rows(&rows, 3000, 500);
    put_rows(&rows, 3000, 1); /* the server inserts after 1,000 rows or 65,535 bytes: now */
    put_rows(&rows, 3500, 999);
    copy_begin(&client, "account");
    copy_all(&client, &rows);
    pg_event_t event = await(&client, PG_EVENT_ERROR);
    assert_string_equal(event.sqlstate, "23505");
    assert_non_null(strstr(event.text, "(id)=(3000)"));
    assert_int_equal(event.index, -1);
    assert_state(&client, PG_IDLE);
    assert_int_equal(copy_text(&client, "1\t1\ta\n"), PG_PUT_BLOCKED);
    assert_true(pg_conn_copy_end(client.conn));
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account WHERE id > 2999"), 0);
    copy_begin(&client, "account");
    assert_int_equal(copy_text(&client, "3000\t1\ta\n"), PG_PUT_OK);
    assert_true(pg_conn_copy_end(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 1);
    buf_free(&rows);
    client_close(&client);
}

static void an_error_while_blocked_ends_the_copy_too(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    pg_admin_t *holder = server_connect(&server);
    server_exec_on(holder, "SELECT pg_advisory_lock(1)");
    copy_begin(&client, "stall");
    copy_until_blocked(&client, 1000);
    await_stall(&client);
    char sql[80];
    snprintf(sql, sizeof(sql), "SELECT pg_cancel_backend(%d)", pg_conn_backend_pid(client.conn));
    assert_string_equal(server_value(&server, sql), "t");
    assert_string_equal(await(&client, PG_EVENT_ERROR).sqlstate, "57014");
    pg_admin_free(holder);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM stall"), 0);
    client_close(&client);
}

/* A send that blocks makes libpq read: brings the server's error into libpq that way, after which
 * the socket has nothing to say. */
static void copy_until_the_error_is_inside_libpq(client_t *client)
{
    copy_begin(client, "account");
    assert_int_equal(copy_text(client, "one\t1\ta\n"), PG_PUT_OK);
    char sql[100];
    snprintf(sql, sizeof(sql), "SELECT state = 'idle' FROM pg_stat_activity WHERE pid = %d",
             pg_conn_backend_pid(client->conn));
    server_await(&server, sql);
    copy_until_blocked(client, 20000); /* over a megabyte: more than the socket takes at once */
}

static void an_error_that_a_blocked_flush_has_read_is_found_at_the_end(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_until_the_error_is_inside_libpq(&client);
    await(&client, PG_EVENT_COPY_ROOM);
    assert_true(pg_conn_copy_end(client.conn)); /* all is sent, and all has come */
    assert_string_equal(await(&client, PG_EVENT_ERROR).sqlstate, "22P02");
    assert_state(&client, PG_IDLE);
    client_close(&client);
}

static void and_also_when_the_copy_ends_while_it_is_blocked(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_until_the_error_is_inside_libpq(&client);
    assert_true(pg_conn_copy_end(client.conn));
    assert_string_equal(await(&client, PG_EVENT_ERROR).sqlstate, "22P02");
    assert_state(&client, PG_IDLE);
    client_close(&client);
}

static void an_error_at_the_end_of_a_copy_undoes_it(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_begin(&client, "account");
    assert_int_equal(copy_text(&client, "4000\t1\ta\n1\t1\tb\n"), PG_PUT_OK);
    assert_true(pg_conn_copy_end(client.conn));
    assert_string_equal(await(&client, PG_EVENT_ERROR).sqlstate, "23505");
    assert_state(&client, PG_IDLE);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account WHERE id = 4000"), 0);
    client_close(&client);
}

static void a_copy_that_the_server_refuses_at_once_is_an_error(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    assert_true(pg_conn_copy_begin(client.conn, "COPY nowhere FROM STDIN"));
    assert_string_equal(await(&client, PG_EVENT_ERROR).sqlstate, "42P01");
    assert_state(&client, PG_IDLE);
    client_close(&client);
}

static void notices_in_mid_copy_do_not_end_it(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_begin(&client, "noisy");
    assert_int_equal(copy_text(&client, "1\t1\ta\n"), PG_PUT_OK);
    turn(&client); /* the notice */
    assert_state(&client, PG_COPY_SENDING);
    assert_int_equal(copy_text(&client, "2\t1\ta\n"), PG_PUT_OK);
    assert_true(pg_conn_copy_end(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 2);
    client_close(&client);
}

static void a_wake_up_for_nothing_does_not_end_a_copy(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_begin(&client, "account");
    pg_conn_step(client.conn, true, true);
    assert_state(&client, PG_COPY_SENDING);
    assert_true(pg_conn_copy_end(client.conn));
    assert_int_equal(await(&client, PG_EVENT_DONE).rows, 0);
    client_close(&client);
}

static void lost_while_sending_a_copy_leaves_nothing_in_doubt(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_begin(&client, "account");
    assert_int_equal(copy_text(&client, "6000\t1\ta\n"), PG_PUT_OK);
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    pg_event_t event = await(&client, PG_EVENT_LOST);
    assert_string_equal(event.sqlstate, "57P01");
    assert_non_null(strstr(event.text, "administrator"));
    assert_state(&client, PG_FAILED);
    assert_int_equal(copy_text(&client, "6001\t1\ta\n"), PG_PUT_LOST);
    assert_false(pg_conn_copy_end(client.conn));
    assert_int_equal(server_number(&server, "SELECT count(*) FROM account WHERE id = 6000"), 0);
    client_close(&client);
}

static void lost_without_a_look_at_the_socket_is_found_by_the_next_puts(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    copy_begin(&client, "account");
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    pg_put_t put = PG_PUT_OK;
    for (int i = 0; i < 10 && put == PG_PUT_OK; i++) {
        put = copy_text(&client, "6000\t1\ta\n");
    }
    assert_int_equal(put, PG_PUT_LOST);
    assert_string_equal(await(&client, PG_EVENT_LOST).sqlstate, "57P01");
    assert_state(&client, PG_FAILED);
    client_close(&client);
}

static void lost_while_a_copy_is_blocked_leaves_nothing_in_doubt(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    pg_admin_t *holder = server_connect(&server);
    server_exec_on(holder, "SELECT pg_advisory_lock(1)");
    copy_begin(&client, "stall");
    copy_until_blocked(&client, 1000);
    await_stall(&client);
    server_terminate(&server, pg_conn_backend_pid(client.conn));
    await(&client, PG_EVENT_LOST);
    assert_state(&client, PG_FAILED);
    pg_admin_free(holder);
    client_close(&client);
}

static void lost_after_copydone_is_in_doubt_and_can_be_started_again(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    int pid = pg_conn_backend_pid(client.conn);
    pg_admin_t *holder = server_connect(&server);
    server_exec_on(holder, "SELECT pg_advisory_lock(1)");
    copy_begin(&client, "stall");
    assert_int_equal(copy_text(&client, "1\t1\ta\n"), PG_PUT_OK);
    assert_true(pg_conn_copy_end(client.conn));
    await_stall(&client);
    server_terminate(&server, pid);
    assert_string_equal(await(&client, PG_EVENT_LOST).sqlstate, "57P01");
    assert_state(&client, PG_IN_DOUBT);
    pg_admin_free(holder);
    assert_int_equal(pg_conn_backend_pid(client.conn), pid); /* for finding out */
    assert_true(pg_conn_start(client.conn, NULL));
    await(&client, PG_EVENT_READY);
    assert_int_not_equal(pg_conn_backend_pid(client.conn), pid);
    assert_true(pg_conn_query(client.conn, "SELECT count(*) FROM stall", 0, NULL));
    assert_string_equal(await(&client, PG_EVENT_VALUE).value, "0");
    client_close(&client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_copy_goes_through_its_states_and_counts_its_rows),
        TEST(a_copy_of_100k_rows_waits_while_the_server_does),
        TEST(a_duplicate_key_in_mid_copy_ends_it_there),
        TEST(an_error_while_blocked_ends_the_copy_too),
        TEST(an_error_that_a_blocked_flush_has_read_is_found_at_the_end),
        TEST(and_also_when_the_copy_ends_while_it_is_blocked),
        TEST(an_error_at_the_end_of_a_copy_undoes_it),
        TEST(a_copy_that_the_server_refuses_at_once_is_an_error),
        TEST(notices_in_mid_copy_do_not_end_it),
        TEST(a_wake_up_for_nothing_does_not_end_a_copy),
        TEST(lost_while_sending_a_copy_leaves_nothing_in_doubt),
        TEST(lost_without_a_look_at_the_socket_is_found_by_the_next_puts),
        TEST(lost_while_a_copy_is_blocked_leaves_nothing_in_doubt),
        TEST(lost_after_copydone_is_in_doubt_and_can_be_started_again),
    };
    return cmocka_run_group_tests_name("conn_copy", tests, start, stop);
}
