/*
 * client: a connection under test and the loop that drives it, over the server of the test program.
 * What must come is waited for with poll(2); where the server has to be caught at a certain point,
 * another session holds a lock there.
 */
#ifndef CDCBENCH_TESTS_POSTGRES_CLIENT_H
#define CDCBENCH_TESTS_POSTGRES_CLIENT_H

#include <poll.h>
#include <string.h>

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

typedef struct {
    pg_conn_t *conn;
    buf_t trace; /* the states that it moved to */
    pg_state_t last;
} client_t;

static inline void on_state(void *ctx, pg_state_t from, pg_state_t to)
{
    client_t *client = ctx;
    assert_int_equal(from, client->last);
    client->last = to;
    assert_true(buf_printf(&client->trace, " %s", pg_state_names[to]));
}

static inline void client_open_with(client_t *client, const pg_target_t *target,
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

static inline void client_close(client_t *client)
{
    pg_conn_free(client->conn);
    buf_free(&client->trace);
}

/* One turn of a loop. */
static inline void turn(client_t *client)
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
static inline pg_event_t await(client_t *client, pg_event_kind_t kind)
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

static inline void client_open(client_t *client)
{
    client_open_with(client, server.target, statements, 2);
    await(client, PG_EVENT_READY);
}

static inline void assert_state(const client_t *client, pg_state_t state)
{
    assert_string_equal(pg_state_names[pg_conn_state(client->conn)], pg_state_names[state]);
}

static inline void copy_begin(client_t *client, const char *table)
{
    char sql[80];
    snprintf(sql, sizeof(sql), "COPY %s FROM STDIN", table);
    assert_true(pg_conn_copy_begin(client->conn, sql));
    await(client, PG_EVENT_COPY_ROOM);
    assert_state(client, PG_COPY_SENDING);
}

static inline pg_put_t copy_text(client_t *client, const char *rows)
{
    return pg_conn_copy_put(client->conn, rows, strlen(rows));
}

static inline pg_put_t add(client_t *client, const char *statement, const char *first,
                           const char *second)
{
    const char *const values[] = {first, second};
    const int lengths[] = {(int)strlen(first), (int)strlen(second)};
    return pg_conn_pipe_add(client->conn, statement, 2, values, lengths);
}

static inline pg_put_t add_to_account(client_t *client, int id)
{
    char text[16];
    snprintf(text, sizeof(text), "%d", id);
    return add(client, "add", "1", text);
}

static inline long total(void)
{
    return server_number(&server, "SELECT sum(amount) FROM account");
}

static inline int start(void **state)
{
    (void)state;
    return server_start(&server);
}

static inline int stop(void **state)
{
    (void)state;
    return server_stop(&server);
}

static inline int fresh_tables(void **state)
{
    (void)state;
    server_exec(&server, schema_sql);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_tables)

#endif
