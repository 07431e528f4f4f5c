/* conn against a real server. What must come is waited for with poll(2); where the server has to be
 * caught at a certain point, another session holds a lock there. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "postgres/conn.h"
#include "server.h"

static server_t server;

/* account: id 1 … 1000, amount 0. stall's insert waits for advisory lock 1. */
static const char schema_sql[] =
    "DROP TABLE IF EXISTS account, stall, noisy, deferred;"
    "CREATE TABLE account (id int PRIMARY KEY, amount int NOT NULL, note text);"
    "INSERT INTO account SELECT i, 0, 'n' FROM generate_series(1, 1000) i;"
    "CREATE TABLE stall (id int PRIMARY KEY, amount int, note text);"
    "CREATE TABLE noisy (id int PRIMARY KEY, amount int, note text);"
    "CREATE TABLE deferred (id int, n int UNIQUE DEFERRABLE INITIALLY DEFERRED);"
    "INSERT INTO deferred VALUES (1, 1), (2, 2);"
    "CREATE OR REPLACE FUNCTION stall() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN PERFORM pg_advisory_xact_lock_shared(1); RETURN NEW; END $$;"
    "CREATE OR REPLACE FUNCTION say() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN RAISE NOTICE 'row %', NEW.id; RETURN NEW; END $$;"
    "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$"
    " BEGIN NEW.note := 'touched'; RETURN NEW; END $$;"
    "CREATE TRIGGER stall BEFORE INSERT ON stall FOR EACH ROW EXECUTE FUNCTION stall();"
    "CREATE TRIGGER say BEFORE INSERT ON noisy FOR EACH ROW EXECUTE FUNCTION say();"
    "CREATE TRIGGER touch BEFORE UPDATE ON account FOR EACH ROW EXECUTE FUNCTION touch();";

static const pg_statement_t statements[] = {
    {"add", "UPDATE account SET amount = amount + $1::int WHERE id = $2::int", 2},
    {"defer", "UPDATE deferred SET n = $1::int WHERE id = $2::int", 2},
};

/* ---- a connection and its loop -----------------------------------------------------------------
 */

typedef struct {
    pg_conn_t *conn;
    buf_t trace; /* the states that it moved to */
    pg_state_t last;
} client_t;

static void on_state(void *ctx, pg_state_t from, pg_state_t to)
{
    client_t *client = ctx;
    assert_int_equal(from, client->last);
    client->last = to;
    assert_true(buf_printf(&client->trace, " %s", pg_state_names[to]));
}

static void client_open_with(client_t *client, const pg_target_t *target,
                             const pg_statement_t *list, int n)
{
    *client = (client_t){.last = PG_NEW};
    client->conn = pg_conn_new(&(pg_conn_opts_t){.target = target,
                                                 .statements = list,
                                                 .n_statements = n,
                                                 .on_state = on_state,
                                                 .ctx = client});
    assert_non_null(client->conn);
    assert_true(pg_conn_start(client->conn, NULL));
}

static void client_close(client_t *client)
{
    pg_conn_free(client->conn);
    buf_free(&client->trace);
}

/* One turn of a loop. */
static void turn(client_t *client)
{
    pg_conn_t *c = client->conn;
    struct pollfd fd = {.fd = pg_conn_fd(c)};
    fd.events =
        (short)((pg_conn_wants_read(c) ? POLLIN : 0) | (pg_conn_wants_write(c) ? POLLOUT : 0));
    assert_true(fd.fd >= 0);
    if (poll(&fd, 1, SERVER_PATIENCE_MS) != 1) {
        fail_msg("nothing came in state %s", pg_state_names[pg_conn_state(c)]);
    }
    pg_conn_step(c, fd.revents & (POLLIN | POLLERR | POLLHUP), fd.revents & POLLOUT);
}

/* Turns until there is an event, which must be of that kind. */
static pg_event_t await(client_t *client, pg_event_kind_t kind)
{
    pg_event_t event;
    while (!pg_conn_next(client->conn, &event)) {
        turn(client);
    }
    if (event.kind != kind) {
        fail_msg("event %d came, not %d: %s", event.kind, kind, event.text);
    }
    return event;
}

static void client_open(client_t *client)
{
    client_open_with(client, server.target, statements, 2);
    await(client, PG_EVENT_READY);
}

static void assert_state(const client_t *client, pg_state_t state)
{
    assert_string_equal(pg_state_names[pg_conn_state(client->conn)], pg_state_names[state]);
}

static void copy_begin(client_t *client, const char *table)
{
    char sql[80];
    snprintf(sql, sizeof(sql), "COPY %s FROM STDIN", table);
    assert_true(pg_conn_copy_begin(client->conn, sql));
    await(client, PG_EVENT_COPY_ROOM);
    assert_state(client, PG_COPY_SENDING);
}

static pg_put_t copy_text(client_t *client, const char *rows)
{
    return pg_conn_copy_put(client->conn, rows, strlen(rows));
}

/* Rows first … first + n − 1 of some 60 bytes each. */
static void put_rows(buf_t *out, int first, int n)
{
    for (int id = first; id < first + n; id++) {
        assert_true(
            buf_printf(out, "%d\t%d\tforty bytes of text that stand for the rest\n", id, id));
    }
}

/* Puts all of it in pieces, waiting for room where there is none; how often it had to. */
static int copy_all(client_t *client, const buf_t *rows)
{
    int waits = 0;
    for (size_t at = 0; at < rows->len; at += PG_COPY_PIECE) {
        size_t left = rows->len - at;
        size_t len = left < PG_COPY_PIECE ? left : PG_COPY_PIECE;
        pg_put_t put = pg_conn_copy_put(client->conn, rows->data + at, len);
        assert_int_not_equal(put, PG_PUT_LOST);
        if (put == PG_PUT_BLOCKED) {
            assert_state(client, PG_COPY_BLOCKED);
            await(client, PG_EVENT_COPY_ROOM);
            waits++;
        }
    }
    return waits;
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

static pg_put_t add(client_t *client, const char *statement, const char *first, const char *second)
{
    const char *const values[] = {first, second};
    const int lengths[] = {(int)strlen(first), (int)strlen(second)};
    return pg_conn_pipe_add(client->conn, statement, 2, values, lengths);
}

static pg_put_t add_to_account(client_t *client, int id)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", id);
    return add(client, "add", "1", text);
}

static long total(void)
{
    return server_number(&server, "SELECT sum(amount) FROM account");
}

/* ---- connecting --------------------------------------------------------------------------------
 */

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

/* ---- COPY --------------------------------------------------------------------------------------
 */

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

/* ---- pipelines ---------------------------------------------------------------------------------
 */

static void a_segment_of_200k_updates_with_triggers_gets_through(void **state)
{
    (void)state;
    client_t client;
    client_open(&client);
    enum { UPDATES = 200000 };
    int blocked = 0;
    assert_true(pg_conn_pipe_begin(client.conn));
    for (int i = 0; i < UPDATES; i++) {
        pg_put_t put = add_to_account(&client, i % 1000 + 1);
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
                     1000);
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

/* ---- queries -----------------------------------------------------------------------------------
 */

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

/* ---- lost connections --------------------------------------------------------------------------
 */

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

/* ---- main --------------------------------------------------------------------------------------
 */

static int start(void **state)
{
    (void)state;
    return server_start(&server);
}

static int stop(void **state)
{
    (void)state;
    return server_stop(&server);
}

static int fresh_tables(void **state)
{
    (void)state;
    server_exec(&server, schema_sql);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_tables)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ready_names_the_backend_and_the_user),
        TEST(a_server_that_is_not_there_is_lost_and_its_password_not_told),
        TEST(a_statement_that_cannot_be_prepared_ends_the_attempt),
        TEST(a_closed_connection_can_be_started_again),
        TEST(an_idle_connection_that_is_ended_says_so),
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
        TEST(a_segment_of_200k_updates_with_triggers_gets_through),
        TEST(an_update_that_changes_no_row_is_named),
        TEST(an_error_in_mid_segment_names_the_command_and_undoes_all),
        TEST(a_segment_that_the_server_refused_ends_before_its_owner_ends_it),
        TEST(an_error_at_commit_is_an_error_of_no_command),
        TEST(an_empty_segment_is_done),
        TEST(the_bytes_counted_are_those_that_a_command_takes_on_the_wire),
        TEST(one_connection_takes_turns_at_copy_pipeline_and_query),
        TEST(a_query_without_a_value_answers_null_and_a_bad_one_an_error),
        TEST(lost_while_sending_a_copy_leaves_nothing_in_doubt),
        TEST(lost_without_a_look_at_the_socket_is_found_by_the_next_puts),
        TEST(lost_while_a_copy_is_blocked_leaves_nothing_in_doubt),
        TEST(lost_after_copydone_is_in_doubt_and_can_be_started_again),
        TEST(lost_while_filling_a_segment_leaves_nothing_in_doubt),
        TEST(lost_after_sync_is_in_doubt),
        TEST(an_acknowledgement_that_comes_with_the_end_counts),
    };
    return cmocka_run_group_tests_name("conn", tests, start, stop);
}
