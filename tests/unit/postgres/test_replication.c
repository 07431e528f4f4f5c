/* replication against a real server: what is written comes out, is decoded, confirmed; and whatever
 * happens to the connection, the slot goes with it. */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "postgres/replication.h"
#include "server.h"

#define SLOT        "cdcbench_test"
#define PUBLICATION "the \"odd\" publication's name"

static server_t server;
static pgoutput_t message;

static const char schema_sql[] =
    "DROP PUBLICATION IF EXISTS \"the \"\"odd\"\" publication's name\";"
    "DROP TABLE IF EXISTS item;"
    "CREATE TABLE item (id int PRIMARY KEY, name text, note text);"
    "ALTER TABLE item REPLICA IDENTITY FULL;"
    "CREATE PUBLICATION \"the \"\"odd\"\" publication's name\" FOR TABLE item;";

static const char slots_sql[] =
    "SELECT count(*) = 0 FROM pg_replication_slots WHERE slot_name = '" SLOT "'";

static pg_replication_t *open_slot(void)
{
    err_t err = {0};
    pg_replication_t *r = pg_replication_open(server.target, SLOT, PUBLICATION, &err);
    if (!r) {
        fail_msg("%s", err.text);
    }
    return r;
}

/* Waits for the socket, and reads it. */
static bool read_more(pg_replication_t *r, err_t *err)
{
    struct pollfd fd = {.fd = pg_replication_fd(r), .events = POLLIN};
    if (poll(&fd, 1, SERVER_PATIENCE_MS) != 1) {
        fail_msg("nothing came from the replication connection");
    }
    return pg_replication_read(r, err);
}

/* The next frame, waited for. False with *err at the end of the stream. */
static bool next_frame(pg_replication_t *r, wal_frame_t *frame, err_t *err)
{
    const char *bytes;
    size_t len;
    for (;;) {
        if (!pg_replication_next(r, &bytes, &len, err)) {
            return false;
        }
        if (bytes) {
            assert_true(wal_frame_decode(bytes, len, frame, NULL));
            return true;
        }
        if (!read_more(r, err)) {
            return false;
        }
    }
}

/* The next message that is of that kind, into `message`. */
static void await_message(pg_replication_t *r, pgoutput_kind_t kind)
{
    err_t err = {0};
    wal_frame_t frame;
    do {
        if (!next_frame(r, &frame, &err) ||
            (frame.kind == WAL_DATA &&
             !pgoutput_decode(frame.payload, frame.payload_len, &message, &err))) {
            fail_msg("%s", err.text);
        }
    } while (frame.kind != WAL_DATA || message.kind != kind);
}

static void assert_text(const pgoutput_cell_t *cell, const char *text)
{
    assert_int_equal(cell->kind, 't');
    assert_int_equal(cell->len, strlen(text));
    assert_memory_equal(cell->bytes, text, cell->len);
}

static int64_t now_us(void)
{
    clock_anchor_t anchor = clock_anchor();
    return anchor.wall_us;
}

static void what_is_written_comes_out_in_order(void **state)
{
    (void)state;
    pg_replication_t *r = open_slot();
    int64_t before_us = now_us();
    server_exec(&server, "INSERT INTO item VALUES (1, 'one', NULL)");
    server_exec(&server, "UPDATE item SET name = 'uno' WHERE id = 1");
    server_exec(&server, "DELETE FROM item WHERE id = 1");

    await_message(r, PGOUTPUT_BEGIN);
    uint64_t final_lsn = message.final_lsn;
    assert_true(message.commit_us >= before_us && message.commit_us <= now_us());
    assert_true(final_lsn >= pg_replication_start_lsn(r));
    await_message(r, PGOUTPUT_RELATION);
    uint32_t relation_id = message.relation_id;
    assert_string_equal(message.relation, "item");
    assert_string_equal(message.schema, "public");
    assert_int_equal(message.n_columns, 3);
    assert_string_equal(message.columns[1].name, "name");
    assert_int_equal(message.replica_identity, 'f');
    await_message(r, PGOUTPUT_INSERT);
    assert_int_equal(message.relation_id, relation_id);
    assert_text(&message.cells[0], "1");
    assert_text(&message.cells[1], "one");
    assert_int_equal(message.cells[2].kind, 'n');
    await_message(r, PGOUTPUT_COMMIT);
    assert_int_equal(message.commit_lsn, final_lsn);
    assert_true(message.end_lsn > message.commit_lsn);
    await_message(r, PGOUTPUT_UPDATE);
    assert_int_equal(message.old_kind, 'O');
    assert_text(&message.old[1], "one");
    assert_text(&message.cells[1], "uno");
    await_message(r, PGOUTPUT_DELETE);
    assert_text(&message.old[1], "uno");
    pg_replication_close(r);
}

static void what_was_committed_before_the_slot_does_not_come(void **state)
{
    (void)state;
    server_exec(&server, "INSERT INTO item VALUES (1, 'before', NULL)");
    pg_replication_t *r = open_slot();
    server_exec(&server, "INSERT INTO item VALUES (2, 'after', NULL)");
    await_message(r, PGOUTPUT_INSERT);
    assert_text(&message.cells[1], "after");
    pg_replication_close(r);
}

static void a_large_transaction_comes_whole(void **state)
{
    (void)state;
    pg_replication_t *r = open_slot();
    server_exec(&server, "INSERT INTO item SELECT i, repeat('x', 200), repeat('y', i % 5000)"
                         " FROM generate_series(1, 20000) i");
    char expected[16];
    for (int i = 1; i <= 20000; i++) {
        await_message(r, PGOUTPUT_INSERT);
        snprintf(expected, sizeof(expected), "%d", i);
        assert_text(&message.cells[0], expected);
        assert_int_equal(message.cells[2].len, i % 5000);
    }
    await_message(r, PGOUTPUT_COMMIT);
    pg_replication_close(r);
}

static void a_confirmation_moves_the_slot(void **state)
{
    (void)state;
    pg_replication_t *r = open_slot();
    server_exec(&server, "INSERT INTO item VALUES (1, 'one', NULL)");
    await_message(r, PGOUTPUT_COMMIT);
    char sql[200];
    snprintf(sql, sizeof(sql),
             "SELECT confirmed_flush_lsn - '0/0' = %llu FROM pg_replication_slots"
             " WHERE slot_name = '" SLOT "'",
             (unsigned long long)message.end_lsn);
    assert_string_equal(server_value(&server, sql), "f");
    err_t err = {0};
    assert_true(pg_replication_confirm(r, message.end_lsn, now_us(), &err));
    assert_false(pg_replication_wants_write(r));
    server_await(&server, sql);
    pg_replication_close(r);
}

static void the_slot_begins_where_it_says_and_is_temporary(void **state)
{
    (void)state;
    pg_replication_t *r = open_slot();
    assert_string_equal(pg_replication_slot(r), SLOT);
    char sql[300];
    snprintf(sql, sizeof(sql),
             "SELECT temporary AND active_pid = %d AND plugin = 'pgoutput'"
             " AND confirmed_flush_lsn - '0/0' = %llu"
             " FROM pg_replication_slots WHERE slot_name = '" SLOT "'",
             pg_replication_backend_pid(r), (unsigned long long)pg_replication_start_lsn(r));
    assert_string_equal(server_value(&server, sql), "t");
    pg_replication_close(r);
}

static void an_existing_slot_is_streamed_and_stays(void **state)
{
    (void)state;
    server_value(&server, "SELECT pg_create_logical_replication_slot('cdcbench_base', 'pgoutput')");
    server_exec(&server, "INSERT INTO item VALUES (1, 'written before', NULL)");
    for (int again = 0; again < 2; again++) { /* nothing was confirmed: it comes again */
        err_t err = {0};
        server_await(&server, "SELECT NOT active FROM pg_replication_slots");
        pg_replication_t *r =
            pg_replication_open_existing(server.target, "cdcbench_base", PUBLICATION, &err);
        if (!r) {
            fail_msg("%s", err.text);
        }
        await_message(r, PGOUTPUT_INSERT);
        assert_text(&message.cells[1], "written before");
        pg_replication_close(r);
    }
    server_await(&server, "SELECT NOT active FROM pg_replication_slots");
    server_value(&server, "SELECT pg_drop_replication_slot('cdcbench_base')");
}

static void the_slot_is_gone_after_close(void **state)
{
    (void)state;
    pg_replication_t *r = open_slot();
    assert_string_equal(server_value(&server, slots_sql), "f");
    pg_replication_close(r);
    server_await(&server, slots_sql);
}

static void a_walsender_that_is_ended_says_so_and_leaves_no_slot(void **state)
{
    (void)state;
    pg_replication_t *r = open_slot();
    server_exec(&server, "INSERT INTO item VALUES (1, 'one', NULL)");
    await_message(r, PGOUTPUT_COMMIT);
    server_terminate(&server, pg_replication_backend_pid(r));
    err_t err = {0};
    wal_frame_t frame;
    while (next_frame(r, &frame, &err)) {
    }
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, SLOT));
    assert_non_null(strstr(err.text, "administrator"));
    assert_string_equal(server_value(&server, slots_sql), "t");
    pg_replication_close(r);
}

static void a_publication_that_is_not_there_is_named(void **state)
{
    (void)state;
    err_t err = {0};
    wal_frame_t frame;
    pg_replication_t *r = pg_replication_open(server.target, SLOT, "nowhere", &err);
    if (r) { /* the server looks for it at the first change */
        server_exec(&server, "INSERT INTO item VALUES (1, 'one', NULL)");
        while (next_frame(r, &frame, &err)) {
        }
        pg_replication_close(r);
    }
    assert_non_null(strstr(err.text, "nowhere"));
}

static void a_slot_of_that_name_is_in_the_way(void **state)
{
    (void)state;
    pg_replication_t *first = open_slot();
    err_t err = {0};
    assert_null(pg_replication_open(server.target, SLOT, PUBLICATION, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "already exists"));
    pg_replication_close(first);
}

static void a_server_that_is_not_there_is_an_error_without_its_password(void **state)
{
    (void)state;
    pg_target_t *target = pg_target_new("postgresql://u:hunter22@127.0.0.1:1/db", NULL);
    err_t err = {0};
    assert_null(pg_replication_open(target, SLOT, PUBLICATION, &err));
    assert_non_null(strstr(err.text, "127.0.0.1"));
    assert_null(strstr(err.text, "hunter22"));
    pg_target_free(target);
}

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

/* The walsender of the test before may still be on its way out. */
static int fresh_table(void **state)
{
    (void)state;
    server_await(&server, slots_sql);
    server_exec(&server, schema_sql);
    return 0;
}

#define TEST(name) cmocka_unit_test_setup(name, fresh_table)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(what_is_written_comes_out_in_order),
        TEST(what_was_committed_before_the_slot_does_not_come),
        TEST(a_large_transaction_comes_whole),
        TEST(a_confirmation_moves_the_slot),
        TEST(the_slot_begins_where_it_says_and_is_temporary),
        TEST(an_existing_slot_is_streamed_and_stays),
        TEST(the_slot_is_gone_after_close),
        TEST(a_walsender_that_is_ended_says_so_and_leaves_no_slot),
        TEST(a_publication_that_is_not_there_is_named),
        TEST(a_slot_of_that_name_is_in_the_way),
        TEST(a_server_that_is_not_there_is_an_error_without_its_password),
    };
    return cmocka_run_group_tests_name("replication", tests, start, stop);
}
