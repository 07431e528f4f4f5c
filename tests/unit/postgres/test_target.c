#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "postgres/target.h"

/* The value that libpq would take: the last of that keyword; NULL when there is none. */
static const char *value_of(const pg_target_t *target, bool replication, const char *keyword)
{
    const char *const *keywords = pg_target_keywords(target, replication);
    const char *const *values = pg_target_values(target, replication);
    const char *found = NULL;
    for (int i = 0; keywords[i]; i++) {
        if (strcmp(keywords[i], keyword) == 0) {
            found = values[i];
        }
    }
    return found;
}

static pg_target_t *target_of(const char *dsn)
{
    err_t err = {0};
    pg_target_t *target = pg_target_new(dsn, &err);
    if (!target) {
        fail_msg("%s", err.text);
    }
    return target;
}

static int forget_environment(void **state)
{
    (void)state;
    static const char *const names[] = {"PGHOST",   "PGHOSTADDR", "PGPORT",    "PGDATABASE",
                                        "PGUSER",   "PGPASSWORD", "PGSERVICE", "PGCONNECT_TIMEOUT",
                                        "PGOPTIONS"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        unsetenv(names[i]);
    }
    secret_forget();
    return 0;
}

static void a_uri_is_shown_by_its_parts_and_without_its_password(void **state)
{
    (void)state;
    pg_target_t *target = target_of("postgresql://eve:s3cr3t@db.example:6543/shop");
    assert_string_equal(pg_target_display(target),
                        "host=db.example port=6543 dbname=shop user=eve");
    assert_string_equal(pg_target_get(target, "password"), "s3cr3t");
    pg_target_free(target);
}

static void the_keyword_form_says_the_same_as_a_uri(void **state)
{
    (void)state;
    pg_target_t *target =
        target_of("host=db.example port=6543 dbname=shop user=eve password='a b'");
    assert_string_equal(pg_target_display(target),
                        "host=db.example port=6543 dbname=shop user=eve");
    assert_string_equal(value_of(target, false, "password"), "a b");
    pg_target_free(target);
}

static void without_a_dsn_the_environment_speaks(void **state)
{
    (void)state;
    setenv("PGHOST", "envhost", 1);
    setenv("PGUSER", "envuser", 1);
    pg_target_t *target = target_of(NULL);
    assert_string_equal(pg_target_display(target),
                        "host=envhost port=5432 dbname=envuser user=envuser");
    assert_null(value_of(target, false, "host")); /* left to libpq */
    pg_target_free(target);
}

static void the_dsn_wins_over_the_environment(void **state)
{
    (void)state;
    setenv("PGHOST", "envhost", 1);
    setenv("PGUSER", "envuser", 1);
    pg_target_t *target = target_of("host=dsnhost");
    assert_string_equal(pg_target_display(target),
                        "host=dsnhost port=5432 dbname=envuser user=envuser");
    pg_target_free(target);
}

static void a_host_that_nobody_names_is_the_local_socket(void **state)
{
    (void)state;
    pg_target_t *target = target_of("user=eve");
    assert_string_equal(pg_target_display(target), "host=[local] port=5432 dbname=eve user=eve");
    pg_target_free(target);
}

static void passwords_become_secrets_in_every_form_they_were_given_in(void **state)
{
    (void)state;
    setenv("PGPASSWORD", "fromenv", 1);
    pg_target_free(target_of("postgresql://eve:p%40ss@db/shop"));
    pg_target_free(target_of("host=db"));
    char text[] = "p@ss p%40ss fromenv eve";
    secret_redact(text, strlen(text));
    assert_string_equal(text, "**** ****** ******* eve");
}

static void what_libpq_cannot_parse_is_a_usage_error_that_quotes_it(void **state)
{
    (void)state;
    err_t err = {0};
    assert_null(pg_target_new("hots=db", &err));
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "\"hots\""));
    assert_null(strchr(err.text, '\n'));
}

static void no_parse_error_holds_a_password(void **state)
{
    (void)state;
    static const char *const dsns[] = {
        "eve:s3cr3t@db/shop",
        "host=db password=a s3cr3t",
        "postgresql://eve:s3cr3t%zz@db/shop",
        "postgresql://eve:x@[::1:5432/shop?password=s3cr3t",
        "postgresql://eve:\"s3cr3t\"@[db",
        "postgresql://eve@db/shop?nosuch=1&password=s3cr3t%zz",
    };
    for (size_t i = 0; i < sizeof dsns / sizeof dsns[0]; i++) {
        err_t err = {0};
        assert_null(pg_target_new(dsns[i], &err));
        assert_int_equal(err.code, ERR_USAGE);
        assert_null(strstr(err.text, "s3cr3t"));
    }
}

static void sessions_are_fixed_whatever_the_dsn_says(void **state)
{
    (void)state;
    pg_target_t *target = target_of(
        "client_encoding=LATIN1 application_name=x options='-c TimeZone=Asia/Tokyo -c jit=off'");
    assert_string_equal(value_of(target, false, "application_name"), "cdcbench");
    assert_string_equal(value_of(target, false, "client_encoding"), "UTF8");
    assert_string_equal(value_of(target, false, "options"),
                        "-c TimeZone=Asia/Tokyo -c jit=off -c TimeZone=UTC -c DateStyle=ISO,YMD -c "
                        "IntervalStyle=postgres");
    pg_target_free(target);
}

static void time_limits_are_ours_unless_dsn_or_environment_set_them(void **state)
{
    (void)state;
    pg_target_t *target = target_of("host=db keepalives_idle=99");
    assert_string_equal(value_of(target, true, "connect_timeout"), "10");
    assert_string_equal(value_of(target, true, "keepalives_idle"), "99");
    assert_string_equal(value_of(target, true, "tcp_user_timeout"), "60000");
    pg_target_free(target);

    setenv("PGCONNECT_TIMEOUT", "3", 1);
    target = target_of("host=db");
    assert_null(value_of(target, false, "connect_timeout"));
    pg_target_free(target);
}

static void only_the_replication_form_asks_for_replication(void **state)
{
    (void)state;
    pg_target_t *target = target_of("host=db replication=true");
    assert_null(value_of(target, false, "replication"));
    assert_string_equal(value_of(target, true, "replication"), "database");
    pg_target_free(target);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, forget_environment, forget_environment)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_uri_is_shown_by_its_parts_and_without_its_password),
        TEST(the_keyword_form_says_the_same_as_a_uri),
        TEST(without_a_dsn_the_environment_speaks),
        TEST(the_dsn_wins_over_the_environment),
        TEST(a_host_that_nobody_names_is_the_local_socket),
        TEST(passwords_become_secrets_in_every_form_they_were_given_in),
        TEST(what_libpq_cannot_parse_is_a_usage_error_that_quotes_it),
        TEST(no_parse_error_holds_a_password),
        TEST(sessions_are_fixed_whatever_the_dsn_says),
        TEST(time_limits_are_ours_unless_dsn_or_environment_set_them),
        TEST(only_the_replication_form_asks_for_replication),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
