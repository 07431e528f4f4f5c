#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/secret.h"
#include "embedded.h"
#include "postgres/schema.h"

static const char *root;
static pg_cluster_t *cluster;
static pg_admin_t *admin; /* to a database of the test's own */
static char database[32];

/* The table `transactions` with these options, alone. */
#define OPTS(...)                                                                                  \
    (&(const schema_opts_t){                                                                       \
        .tables = &(const schema_table_t){.name = "transactions", __VA_ARGS__}, .n = 1})
#define EVERYTHING                                                                                 \
    OPTS(.trigger_user = true, .trigger_columns = true, .replica_identity_full = true)

static void run(pg_admin_t *on, const char *sql)
{
    err_t err = {0};
    if (!pg_admin_exec(on, sql, &err)) {
        fail_msg("%s", err.text);
    }
}

static const char *value(const char *sql)
{
    static char text[1024];
    err_t err = {0};
    if (!pg_admin_value(admin, sql, text, sizeof text, &err)) {
        fail_msg("%s", err.text);
    }
    return text;
}

static void create(const schema_opts_t *opts, bool fresh)
{
    err_t err = {0};
    if (!schema_create(admin, opts, fresh, &err)) {
        fail_msg("%s", err.text);
    }
}

static int clean(void)
{
    err_t err = {0};
    int removed = -1;
    if (!schema_clean(admin, &removed, &err)) {
        fail_msg("%s", err.text);
    }
    return removed;
}

/* All that a person could have made in this database. */
static const char all_objects[] =
    "SELECT string_agg(o, ', ' ORDER BY o) FROM ("
    "SELECT 'relation ' || relname FROM pg_class WHERE relnamespace = 'public'::regnamespace "
    "AND relkind <> 'i' UNION ALL "
    "SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace UNION "
    "ALL "
    "SELECT 'trigger ' || tgname FROM pg_trigger WHERE NOT tgisinternal UNION ALL "
    "SELECT 'publication ' || pubname FROM pg_publication) AS all_of_them (o)";

static int start(void **state)
{
    (void)state;
    root = embedded_root();
    cluster = embedded_start((const char *const[]){"max_replication_slots=3", "fsync=off", NULL});
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

static int make_database(void **state)
{
    (void)state;
    static int number;
    char sql[96];
    err_t err = {0};
    pg_admin_t *maker = embedded_connect(cluster, NULL, NULL);
    snprintf(database, sizeof database, "test_%d", ++number);
    snprintf(sql, sizeof sql, "CREATE DATABASE %s", database);
    bool made = maker && pg_admin_exec(maker, sql, &err);
    pg_admin_free(maker);
    admin = made ? embedded_connect(cluster, NULL, database) : NULL;
    return admin ? 0 : -1;
}

static int leave_database(void **state)
{
    (void)state;
    pg_admin_free(admin);
    return 0;
}

static void everything_is_made_and_listed_in_the_tables_comment(void **state)
{
    (void)state;
    create(EVERYTHING, false);
    assert_string_equal(
        value(all_objects),
        "function record_change_columns, function record_change_user, publication "
        "cdcbench_transactions, relation transactions, trigger trigger_record_change_info, trigger "
        "trigger_record_user_update");
    assert_string_equal(
        value("SELECT obj_description('transactions'::regclass)::jsonb - 'version'"),
        "{\"tool\": \"cdcbench\", \"objects\": [\"trigger trigger_record_change_info on "
        "public.transactions\", \"trigger trigger_record_user_update on public.transactions\", "
        "\"publication cdcbench_transactions\", \"table public.transactions\", \"function "
        "public.record_change_columns()\", \"function public.record_change_user()\"]}");
    assert_string_equal(value("SELECT pubname, tablename FROM pg_publication_tables"),
                        "cdcbench_transactions");
    assert_string_equal(
        value("SELECT string_agg(format('%s %s', attname, format_type(atttypid, atttypmod)), ', ' "
              "ORDER BY attnum) FROM pg_attribute WHERE attrelid = 'transactions'::regclass AND "
              "attnum > 0"),
        "transaction_id character varying(255), user_id character varying(255), timestamp "
        "timestamp "
        "without time zone, amount numeric, currency character varying(255), city character "
        "varying(255), country character varying(255), merchant_name character varying(255), "
        "payment_method character varying(255), ip_address character varying(255), voucher_code "
        "character varying(255), affiliateid character varying(255), modified_by text, modified_at "
        "timestamp without time zone, change_info jsonb");
}

static void creating_again_keeps_the_rows_and_fresh_empties_the_table(void **state)
{
    (void)state;
    create(EVERYTHING, false);
    run(admin, "INSERT INTO transactions (transaction_id) VALUES ('a')");
    create(EVERYTHING, false);
    assert_string_equal(value("SELECT count(*) FROM transactions"), "1");
    create(EVERYTHING, true);
    assert_string_equal(value("SELECT count(*) FROM transactions"), "0");
}

static void the_triggers_note_who_when_and_what_became_of_the_amount(void **state)
{
    (void)state;
    create(EVERYTHING, false);
    run(admin, "INSERT INTO transactions (transaction_id, amount) VALUES ('a', 663.05)");
    run(admin, "UPDATE transactions SET amount = 1000");
    assert_string_equal(value("SELECT modified_by FROM transactions"), "postgres");
    assert_string_equal(value("SELECT change_info - 'modified_at' FROM transactions"),
                        "{\"amount\": {\"new\": 1000, \"old\": 663.05}, \"modified_by\": "
                        "\"postgres\"}");
    assert_string_equal(
        value("SELECT modified_at = (change_info ->> 'modified_at')::timestamptz AT "
              "TIME ZONE 'UTC' FROM transactions"),
        "t");
}

static void triggers_and_replica_identity_follow_the_options_both_ways(void **state)
{
    (void)state;
    static const char triggers[] = "SELECT string_agg(tgname, ' ') FROM pg_trigger";
    static const char identity[] =
        "SELECT relreplident FROM pg_class WHERE relname = 'transactions'";
    create(OPTS(.trigger_user = false), false);
    assert_string_equal(value(triggers), "");
    assert_string_equal(value(identity), "d");
    create(OPTS(.trigger_user = true, .replica_identity_full = true), false);
    assert_string_equal(value(triggers), "trigger_record_user_update");
    assert_string_equal(value(identity), "f");
    create(OPTS(.trigger_columns = true), false);
    assert_string_equal(value(triggers), "trigger_record_change_info");
    assert_string_equal(value(identity), "d");
}

static const schema_table_t two_tables[] = {
    {.name = "transactions", .trigger_user = true, .replica_identity_full = true},
    {.name = "order",
     .create_sql = "CREATE TABLE \"order\" (id uuid PRIMARY KEY, amount numeric, modified_by text, "
                   "modified_at timestamp, change_info jsonb)",
     .trigger_columns = true},
};
static const schema_opts_t two = {.tables = two_tables, .n = 2};

static void several_tables_have_each_their_own_and_one_publication(void **state)
{
    (void)state;
    create(&two, false);
    assert_string_equal(value("SELECT string_agg(tablename, ' ' ORDER BY tablename) "
                              "FROM pg_publication_tables"),
                        "order transactions");
    assert_string_equal(value("SELECT string_agg(tgname || ' ' || tgrelid::regclass, ', ' "
                              "ORDER BY tgname) FROM pg_trigger WHERE NOT tgisinternal"),
                        "trigger_record_change_info \"order\", "
                        "trigger_record_user_update transactions");
    assert_string_equal(value("SELECT string_agg(relreplident, '' ORDER BY relname) FROM pg_class "
                              "WHERE relname IN ('order', 'transactions')"),
                        "df");
    run(admin, "INSERT INTO \"order\" VALUES (gen_random_uuid(), 1)");
    create(&two, false);
    assert_string_equal(value("SELECT count(*) FROM \"order\""), "1");
    create(&two, true);
    assert_string_equal(value("SELECT count(*) FROM \"order\""), "0");
    assert_int_equal(clean(), 7);
    assert_string_equal(value(all_objects), "");
}

static void a_table_that_is_not_asked_for_any_more_stays_until_clean(void **state)
{
    (void)state;
    create(&two, false);
    run(admin, "INSERT INTO \"order\" VALUES (gen_random_uuid(), 1)");
    create(EVERYTHING, true);
    assert_string_equal(value("SELECT count(*) FROM \"order\""), "1");
    assert_string_equal(value("SELECT string_agg(tablename, ' ') FROM pg_publication_tables"),
                        "transactions");
    assert_int_equal(clean(), 8);
    assert_string_equal(value(all_objects), "");
}

static void a_table_made_anew_by_hand_under_our_name_is_left_alone(void **state)
{
    (void)state;
    err_t err = {0};
    create(&two, false);
    run(admin, "DROP TABLE \"order\"; CREATE TABLE \"order\" (theirs int)");
    assert_false(schema_create(admin, &two, true, &err));
    assert_non_null(strstr(err.text, "table public.\"order\" is there already"));
    clean();
    assert_string_equal(value(all_objects), "relation order");
}

static void clean_removes_what_was_made_and_nothing_else(void **state)
{
    (void)state;
    run(admin, "CREATE TABLE theirs (a int); CREATE PUBLICATION other FOR TABLE theirs");
    create(EVERYTHING, false);
    assert_int_equal(clean(), 6);
    assert_string_equal(value(all_objects), "publication other, relation theirs");
    assert_int_equal(clean(), 0);
}

static void a_function_that_another_table_uses_outlives_clean(void **state)
{
    (void)state;
    create(EVERYTHING, false);
    run(admin, "CREATE TABLE theirs (a int); CREATE TRIGGER t BEFORE UPDATE ON theirs FOR EACH ROW "
               "EXECUTE FUNCTION record_change_user()");
    assert_int_equal(clean(), 5);
    assert_string_equal(value(all_objects),
                        "function record_change_user, relation theirs, trigger t");
}

/* What is not ours refuses a run and a creation by its name, and is the same after both and a
 * clean. */
static void assert_left_alone(const char *made_by_others, const char *name)
{
    char before[1024];
    err_t err = {0};
    run(admin, made_by_others);
    strcpy(before, value(all_objects));
    assert_false(schema_check(admin, EVERYTHING, false, &err));
    assert_non_null(strstr(err.text, name));
    for (int fresh = 0; fresh < 2; fresh++) {
        assert_false(schema_create(admin, EVERYTHING, fresh, &err));
        assert_int_equal(err.code, ERR_RUN);
        assert_non_null(strstr(err.text, name));
        assert_non_null(strstr(err.text, "was not made by cdcbench"));
    }
    assert_int_equal(clean(), 0);
    assert_string_equal(value(all_objects), before);
}

static void a_table_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    assert_left_alone("CREATE TABLE transactions (a int)", "DROP table public.transactions");
}

static void a_comment_that_is_not_ours_makes_no_table_ours(void **state)
{
    (void)state;
    assert_left_alone("CREATE TABLE transactions (a int); COMMENT ON TABLE transactions IS "
                      "'{\"tool\": \"pgbench\", \"objects\": [\"table public.transactions\"]}'",
                      "DROP table public.transactions");
}

static void a_view_of_that_name_is_left_alone(void **state)
{
    (void)state;
    assert_left_alone("CREATE VIEW transactions AS SELECT 1 AS a", "DROP view public.transactions");
}

static void a_function_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    assert_left_alone("CREATE FUNCTION record_change_user() RETURNS trigger LANGUAGE plpgsql AS "
                      "'BEGIN RETURN OLD; END'",
                      "DROP function public.record_change_user()");
}

static void a_publication_of_somebody_else_is_left_alone(void **state)
{
    (void)state;
    assert_left_alone("CREATE PUBLICATION cdcbench_transactions",
                      "DROP publication cdcbench_transactions");
}

static void a_creation_that_fails_half_way_leaves_nothing(void **state)
{
    (void)state;
    err_t err = {0};
    run(admin, "CREATE ROLE no_publisher LOGIN PASSWORD 'np'; GRANT ALL ON SCHEMA public TO "
               "no_publisher");
    run(admin, "CREATE TABLE theirs (a int)");
    run(admin, "SET ROLE no_publisher");
    assert_false(schema_create(admin, EVERYTHING, false, &err));
    assert_non_null(strstr(err.text, "ERROR 42501"));
    run(admin, "RESET ROLE");
    assert_string_equal(value(all_objects), "relation theirs");
}

static void clean_drops_idle_slots_of_ours_in_this_database_alone(void **state)
{
    (void)state;
    pg_admin_t *elsewhere = embedded_connect(cluster, NULL, NULL);
    run(elsewhere, "SELECT pg_create_logical_replication_slot('cdcbench_there', 'pgoutput')");
    run(admin, "SELECT pg_create_logical_replication_slot('cdcbench_a', 'pgoutput')");
    run(admin, "SELECT pg_create_logical_replication_slot('cdcbenchmark', 'pgoutput')");
    assert_int_equal(clean(), 1);
    assert_string_equal(
        value("SELECT string_agg(slot_name, ' ' ORDER BY slot_name) FROM pg_replication_slots"),
        "cdcbench_there cdcbenchmark");
    run(admin, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
    pg_admin_free(elsewhere);
}

static void a_superuser_on_a_prepared_server_passes_the_check(void **state)
{
    (void)state;
    err_t err = {0};
    assert_true(schema_check(admin, EVERYTHING, true, &err));
    create(EVERYTHING, false);
    assert_true(schema_check(admin, EVERYTHING, true, &err));
    assert_string_equal(err.text, "");
}

/* Checks as that role: passes, or with `mend` fails with a message that has it. */
static void check_as(const char *role, bool need_wal_tap, const char *mend)
{
    err_t err = {0};
    char sql[96];
    snprintf(sql, sizeof sql, "SET ROLE %s", role);
    run(admin, sql);
    bool passed = schema_check(admin, EVERYTHING, need_wal_tap, &err);
    run(admin, "RESET ROLE");
    if (mend) {
        assert_false(passed);
        assert_int_equal(err.code, ERR_RUN);
        assert_non_null(strstr(err.text, mend));
    } else if (!passed) {
        fail_msg("%s", err.text);
    }
}

static void a_role_is_told_which_right_it_lacks_one_after_the_other(void **state)
{
    (void)state;
    char grant[96];
    snprintf(grant, sizeof grant, "GRANT CREATE ON DATABASE %s TO poor", database);
    run(admin, "CREATE ROLE poor; REVOKE CREATE ON SCHEMA public FROM PUBLIC");
    check_as("poor", true, "GRANT CREATE ON SCHEMA public TO poor");
    run(admin, "GRANT CREATE ON SCHEMA public TO poor");
    check_as("poor", true, grant);
    run(admin, grant);
    check_as("poor", true, "ALTER ROLE poor REPLICATION");
    check_as("poor", false, NULL);
    run(admin, "ALTER ROLE poor REPLICATION");
    check_as("poor", true, NULL);
    create(EVERYTHING, false);
    check_as("poor", true, "was made by role postgres");
    run(admin, "GRANT postgres TO poor");
    check_as("poor", true, NULL);
}

static void a_search_path_without_a_schema_is_named(void **state)
{
    (void)state;
    err_t err = {0};
    run(admin, "SET search_path = nosuch");
    assert_false(schema_check(admin, EVERYTHING, false, &err));
    assert_non_null(strstr(err.text, "search_path (nosuch)"));
}

static void slots_that_are_all_in_use_are_named_with_the_setting(void **state)
{
    (void)state;
    err_t err = {0};
    run(admin, "SELECT pg_create_physical_replication_slot('p' || i) FROM generate_series(1, 3) i");
    bool passed = schema_check(admin, EVERYTHING, true, &err);
    bool passed_without_tap = schema_check(admin, EVERYTHING, false, NULL);
    run(admin, "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots");
    assert_false(passed);
    assert_true(passed_without_tap);
    assert_non_null(strstr(err.text, "3 of max_replication_slots = 3 are in use"));
    assert_non_null(strstr(err.text, "ALTER SYSTEM SET max_replication_slots = 13"));
}

static void a_server_without_logical_wal_is_told_the_setting(void **state)
{
    (void)state;
    err_t err = {0};
    pg_cluster_t *other = embedded_start((const char *const[]){"wal_level=replica", NULL});
    assert_non_null(other);
    pg_admin_t *there = embedded_connect(other, NULL, NULL);
    bool passed = schema_check(there, EVERYTHING, true, &err);
    bool passed_without_tap = schema_check(there, EVERYTHING, false, NULL);
    pg_admin_free(there);
    assert_true(pg_cluster_stop(other, NULL));
    assert_false(passed);
    assert_true(passed_without_tap);
    assert_non_null(strstr(err.text, "wal_level is replica"));
    assert_non_null(strstr(err.text, "ALTER SYSTEM SET wal_level = 'logical'"));
}

static void settings_come_in_a_fixed_order_with_null_for_unknown_ones(void **state)
{
    (void)state;
    err_t err = {0};
    pg_rows_t *settings = schema_settings(admin, &err);
    assert_non_null(settings);
    assert_string_equal(pg_rows_cell(settings, 0, 0), "server_version");
    assert_string_equal(pg_rows_cell(settings, 1, 0), "wal_level");
    assert_string_equal(pg_rows_cell(settings, 1, 1), "logical");
    assert_string_equal(pg_rows_cell(settings, 2, 0), "fsync");
    assert_string_equal(pg_rows_cell(settings, 2, 1), "off");
    pg_rows_free(settings);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_database, leave_database)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(everything_is_made_and_listed_in_the_tables_comment),
        TEST(creating_again_keeps_the_rows_and_fresh_empties_the_table),
        TEST(the_triggers_note_who_when_and_what_became_of_the_amount),
        TEST(triggers_and_replica_identity_follow_the_options_both_ways),
        TEST(several_tables_have_each_their_own_and_one_publication),
        TEST(a_table_that_is_not_asked_for_any_more_stays_until_clean),
        TEST(a_table_made_anew_by_hand_under_our_name_is_left_alone),
        TEST(clean_removes_what_was_made_and_nothing_else),
        TEST(a_function_that_another_table_uses_outlives_clean),
        TEST(a_table_of_somebody_else_is_left_alone),
        TEST(a_comment_that_is_not_ours_makes_no_table_ours),
        TEST(a_view_of_that_name_is_left_alone),
        TEST(a_function_of_somebody_else_is_left_alone),
        TEST(a_publication_of_somebody_else_is_left_alone),
        TEST(a_creation_that_fails_half_way_leaves_nothing),
        TEST(clean_drops_idle_slots_of_ours_in_this_database_alone),
        TEST(a_superuser_on_a_prepared_server_passes_the_check),
        TEST(a_role_is_told_which_right_it_lacks_one_after_the_other),
        TEST(a_search_path_without_a_schema_is_named),
        TEST(slots_that_are_all_in_use_are_named_with_the_setting),
        TEST(a_server_without_logical_wal_is_told_the_setting),
        TEST(settings_come_in_a_fixed_order_with_null_for_unknown_ones),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
