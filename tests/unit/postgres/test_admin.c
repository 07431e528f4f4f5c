#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/secret.h"
#include "embedded.h"

static const char *root;
static pg_cluster_t *cluster;
static pg_admin_t *admin;

static int start(void **state)
{
    (void)state;
    root = embedded_root();
    cluster = embedded_start(NULL);
    return cluster ? 0 : -1;
}

static int stop(void **state)
{
    (void)state;
    err_t err = {0};
    bool stopped = pg_cluster_stop(cluster, &err);
    secret_forget();
    return stopped && rmdir(root) == 0 ? 0 : -1;
}

static int connect_admin(void **state)
{
    (void)state;
    admin = embedded_connect(cluster, NULL, NULL);
    return admin ? 0 : -1;
}

static int disconnect_admin(void **state)
{
    (void)state;
    pg_admin_free(admin);
    return 0;
}

static void an_error_names_the_statement_the_server_and_the_sqlstate(void **state)
{
    (void)state;
    err_t err = {0};
    assert_false(pg_admin_exec(admin, "-- a comment\nSELECT nosuch\nFROM pg_class", &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "SELECT nosuch on host="));
    assert_non_null(strstr(err.text, "ERROR 42703: column \"nosuch\" does not exist"));
    assert_true(pg_admin_alive(admin));
    assert_true(pg_admin_exec(admin, "SELECT 1", &err));
}

static void the_first_error_of_several_statements_counts_and_undoes_them_all(void **state)
{
    (void)state;
    err_t err = {0};
    char count[8];
    assert_false(pg_admin_exec(admin, "CREATE TABLE a (b int); SELECT 1 / 0; SELECT nosuch", &err));
    assert_non_null(strstr(err.text, "22012"));
    assert_true(pg_admin_value(admin, "SELECT to_regclass('a')", count, sizeof count, &err));
    assert_string_equal(count, "");
}

static void no_error_text_holds_a_secret(void **state)
{
    (void)state;
    err_t err = {0};
    assert_true(secret_add("hunter2"));
    assert_false(pg_admin_exec(admin, "SELECT 'hunter2'::int", &err));
    assert_non_null(strstr(err.text, "22P02"));
    assert_null(strstr(err.text, "hunter2"));
}

static void parameters_and_null_come_and_go_as_text(void **state)
{
    (void)state;
    err_t err = {0};
    pg_rows_t *rows = pg_admin_query(
        admin, "SELECT $1::text || '!' AS a, $2::int AS b FROM generate_series(1, 2)", 2,
        (const char *const[]){"it's", NULL}, &err);
    assert_non_null(rows);
    assert_int_equal(pg_rows_count(rows), 2);
    assert_string_equal(pg_rows_cell(rows, 1, 0), "it's!");
    assert_null(pg_rows_named(rows, 0, "b"));
    pg_rows_free(rows);
}

static void quoting_makes_any_text_safe(void **state)
{
    (void)state;
    char *identifier = pg_admin_quote_identifier(admin, "a\"b");
    char *literal = pg_admin_quote_literal(admin, "a'b");
    assert_string_equal(identifier, "\"a\"\"b\"");
    assert_string_equal(literal, "'a''b'");
    free(identifier);
    free(literal);
}

static void sessions_have_utc_and_iso_dates(void **state)
{
    (void)state;
    err_t err = {0};
    char text[64];
    assert_true(pg_admin_value(admin, "SELECT timestamptz 'epoch'", text, sizeof text, &err));
    assert_string_equal(text, "1970-01-01 00:00:00+00");
}

static void the_servers_clock_is_read_between_send_and_receipt(void **state)
{
    (void)state;
    err_t err = {0};
    pg_clock_sample_t sample;
    clock_anchor_t anchor = clock_anchor();
    assert_true(pg_admin_clock(admin, &sample, &err));
    assert_true(sample.sent_ns < sample.received_ns);
    /* One machine, one clock; the anchor's two readings are less than 10 ms apart. */
    assert_true(sample.server_unix_us > clock_unix_us(&anchor, sample.sent_ns) - 10000);
    assert_true(sample.server_unix_us < clock_unix_us(&anchor, sample.received_ns) + 10000);
}

static void a_copy_is_refused_and_ends_the_connection(void **state)
{
    (void)state;
    err_t err = {0};
    assert_false(pg_admin_exec(admin, "COPY pg_class TO STDOUT", &err));
    assert_false(pg_admin_alive(admin));
}

static void a_connection_that_the_server_ends_is_no_longer_alive(void **state)
{
    (void)state;
    err_t err = {0};
    assert_false(pg_admin_exec(admin, "SELECT pg_terminate_backend(pg_backend_pid())", &err));
    assert_non_null(strstr(err.text, "57P01"));
    assert_false(pg_admin_exec(admin, "SELECT 1", &err));
    assert_false(pg_admin_alive(admin));
}

static void a_stopped_server_does_not_hold_a_caller_for_ever(void **state)
{
    (void)state;
    err_t err = {0};
    char pid[16];
    assert_true(pg_admin_value(admin, "SELECT pg_backend_pid()", pid, sizeof pid, &err));
    kill(atoi(pid), SIGSTOP);
    assert_int_equal(pg_admin_set_patience(admin, 200), PG_ADMIN_PATIENCE_MS);
    bool answered = pg_admin_exec(admin, "SELECT 1", &err);
    kill(atoi(pid), SIGCONT);
    assert_false(answered);
    assert_non_null(strstr(err.text, "no answer within 0.2 s"));
    assert_false(pg_admin_alive(admin));
    assert_false(pg_admin_exec(admin, "SELECT 1", &err));
    assert_non_null(strstr(err.text, "given up"));
}

static void a_refused_connection_says_where_and_why(void **state)
{
    (void)state;
    err_t err = {0};
    pg_target_t *target = pg_target_new("host=/nonexistent user=eve password=s3cr3t", &err);
    assert_null(pg_admin_connect(target, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "host=/nonexistent"));
    assert_non_null(strstr(err.text, "No such file or directory"));
    assert_null(strstr(err.text, "s3cr3t"));
    assert_null(strchr(err.text, '\n'));
    pg_target_free(target);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, connect_admin, disconnect_admin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_error_names_the_statement_the_server_and_the_sqlstate),
        TEST(the_first_error_of_several_statements_counts_and_undoes_them_all),
        TEST(no_error_text_holds_a_secret),
        TEST(parameters_and_null_come_and_go_as_text),
        TEST(quoting_makes_any_text_safe),
        TEST(sessions_have_utc_and_iso_dates),
        TEST(the_servers_clock_is_read_between_send_and_receipt),
        TEST(a_copy_is_refused_and_ends_the_connection),
        TEST(a_connection_that_the_server_ends_is_no_longer_alive),
        TEST(a_stopped_server_does_not_hold_a_caller_for_ever),
        TEST(a_refused_connection_says_where_and_why),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
