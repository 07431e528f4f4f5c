/* connector_config: which of four sources a setting comes from, and what is wrong with a file. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/secret.h"
#include "kafka/connect/connector_config.h"

static char file[] = "/tmp/cdcbench-connector-XXXXXX";
static connector_config_t config;
static err_t err;

static const connector_needs_t needs = {
    .hostname = "127.0.0.1",
    .port = "55432",
    .user = "bench",
    .password = "sesame",
    .dbname = "bench_db",
    .publication = "cdcbench_transactions",
    .slot = "cdcbench_kafka",
    .tables = "public.transactions",
};

static int make_file(void **state)
{
    (void)state;
    return close(mkstemp(file));
}

static int remove_file(void **state)
{
    (void)state;
    secret_forget();
    return unlink(file);
}

static void write_file(const char *text)
{
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fputs(text, out);
    assert_int_equal(fclose(out), 0);
}

static bool make(const connector_needs_t *needed, const char *from, const char *override)
{
    err = (err_t){0};
    return connector_config_make(&config, needed, from, &override, override ? 1 : 0, &err);
}

static void assert_setting(const char *key, const char *value)
{
    const char *found = connector_config_get(&config, key);
    if (!value) {
        assert_null(found);
    } else if (!found || strcmp(found, value) != 0) {
        fail_msg("%s is %s, expected %s (%s)", key, found ? found : "not set", value, err.text);
    }
}

/* The documented connector, key for key. */
static void without_more_it_is_the_documented_connector(void **state)
{
    (void)state;
    assert_true(make(&(connector_needs_t){0}, NULL, NULL));
    assert_string_equal(config.name, "postgres-fin-connector");
    assert_setting("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
    assert_setting("database.hostname", "postgres");
    assert_setting("database.port", "5432");
    assert_setting("database.user", "postgres");
    assert_setting("database.password", "postgres");
    assert_setting("database.dbname", "financial_db");
    assert_setting("plugin.name", "pgoutput");
    assert_setting("decimal.handling.mode", "string");
    assert_setting("topic.prefix", "cdc");
    assert_setting("name", NULL); /* it stands in the path */
    connector_config_end(&config);
}

static void a_run_adds_its_server_publication_slot_and_table(void **state)
{
    (void)state;
    assert_true(make(&needs, NULL, NULL));
    assert_setting("database.hostname", "127.0.0.1");
    assert_setting("database.port", "55432");
    assert_setting("database.user", "bench");
    assert_setting("database.password", "sesame");
    assert_setting("database.dbname", "bench_db");
    assert_setting("publication.name", "cdcbench_transactions");
    assert_setting("publication.autocreate.mode", "disabled");
    assert_setting("slot.name", "cdcbench_kafka");
    assert_setting("table.include.list", "public.transactions");
    assert_setting("snapshot.mode", "no_data");
    assert_setting("tombstones.on.delete", NULL);
    assert_setting("topic.prefix", "cdc");
    connector_config_end(&config);
}

static void a_file_goes_before_the_run_and_an_override_before_the_file(void **state)
{
    (void)state;
    write_file("{\"poll.interval.ms\": \"50\", \"snapshot.mode\": \"initial\", \"x\": \"file\"}");
    assert_true(make(&needs, file, "poll.interval.ms=10"));
    assert_setting("poll.interval.ms", "10");
    assert_setting("snapshot.mode", "initial");
    assert_setting("x", "file");
    assert_setting("slot.name", "cdcbench_kafka");
    connector_config_end(&config);
}

static void the_last_of_several_overrides_counts(void **state)
{
    (void)state;
    const char *const overrides[] = {"a=1", "a=2", "b=", "c=x=y"};
    assert_true(connector_config_make(&config, &needs, NULL, overrides, 4, &err));
    assert_setting("a", "2");
    assert_setting("b", "");
    assert_setting("c", "x=y");
    connector_config_end(&config);
}

static void a_file_may_be_as_connect_takes_it_with_name_and_config(void **state)
{
    (void)state;
    write_file("{\"name\": \"mine\", \"config\": {\"topic.prefix\": \"other\"}}");
    assert_true(make(&needs, file, NULL));
    assert_string_equal(config.name, "mine");
    assert_setting("topic.prefix", "other");
    assert_setting("config", NULL);
    connector_config_end(&config);
}

static void the_name_may_be_overridden(void **state)
{
    (void)state;
    write_file("{\"name\": \"mine\"}");
    assert_true(make(&needs, file, "name=theirs"));
    assert_string_equal(config.name, "theirs");
    connector_config_end(&config);
    assert_false(make(&needs, NULL, "name="));
    assert_int_equal(err.code, ERR_USAGE);
    connector_config_end(&config);
}

static void scalars_become_strings_and_null_takes_a_setting_out(void **state)
{
    (void)state;
    write_file("{\"max.batch.size\": 8192, \"provide.transaction.metadata\": true, "
               "\"ratio\": 0.5, \"snapshot.mode\": null, \"never.set\": null}");
    assert_true(make(&needs, file, NULL));
    assert_setting("max.batch.size", "8192");
    assert_setting("provide.transaction.metadata", "true");
    assert_setting("ratio", "0.5");
    assert_setting("snapshot.mode", NULL);
    connector_config_end(&config);
}

static void assert_transaction_topic(const char *settings, const char *expected)
{
    write_file(settings);
    assert_true(make(&needs, file, NULL));
    char *topic = connector_config_transaction_topic(&config);
    assert_int_equal(connector_config_has_transactions(&config), expected != NULL);
    if (expected)
        assert_string_equal(topic, expected);
    else
        assert_null(topic);
    free(topic);
    connector_config_end(&config);
}

static void transactions_have_a_topic_where_their_metadata_is_asked_for(void **state)
{
    (void)state;
    assert_transaction_topic("{}", NULL);
    assert_transaction_topic("{\"provide.transaction.metadata\": false}", NULL);
    assert_transaction_topic("{\"provide.transaction.metadata\": \"TRUE\", "
                             "\"topic.prefix\": \"mine\"}",
                             "mine.transaction");
    assert_transaction_topic("{\"provide.transaction.metadata\": true, "
                             "\"topic.prefix\": \"mine\", \"topic.transaction\": \"ends\"}",
                             "mine.ends");
}

static void assert_refused(const char *text, const char *expected)
{
    write_file(text);
    assert_false(make(&needs, file, NULL));
    connector_config_end(&config);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, file));
    if (!strstr(err.text, expected)) {
        fail_msg("\"%s\" is not in: %s", expected, err.text);
    }
}

static void a_file_that_is_not_json_is_named_with_line_and_column(void **state)
{
    (void)state;
    assert_refused("{\n  \"a\": \"b\"\n  \"c\": 1\n}", ":3:");
    assert_refused("{\n\"a\": 1,\n\"a\": 2}", ":3:");
    assert_refused("", ":1:");
}

static void a_file_of_another_shape_is_named_with_the_key(void **state)
{
    (void)state;
    assert_refused("[1]", "expected a JSON object");
    assert_refused("{\"a\": {\"b\": 1}}", "a: read an object, expected a string");
    assert_refused("{\"a\": []}", "a: read an array, expected a string");
    assert_refused("{\"name\": \"n\", \"tasks\": 1, \"config\": {}}",
                   "tasks: stands beside \"config\"");
}

static void a_file_that_is_not_there_is_named(void **state)
{
    (void)state;
    assert_false(make(&needs, "/no/such/file.json", NULL));
    connector_config_end(&config);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "/no/such/file.json"));
}

static void an_override_without_key_or_equals_is_refused(void **state)
{
    (void)state;
    assert_false(make(&needs, NULL, "poll.interval.ms"));
    connector_config_end(&config);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, "read \"poll.interval.ms\", expected KEY=VALUE"));
    assert_false(make(&needs, NULL, "=hidden"));
    connector_config_end(&config);
    assert_null(strstr(err.text, "hidden"));
}

static void the_topic_follows_prefix_and_table(void **state)
{
    (void)state;
    assert_true(make(&needs, NULL, NULL));
    char *topic = connector_config_topic(&config, 0);
    assert_string_equal(topic, "cdc.public.transactions");
    free(topic);
    connector_config_end(&config);

    assert_true(make(&needs, NULL, "table.include.list=a.b,c.d"));
    topic = connector_config_topic(&config, 0);
    assert_string_equal(topic, "cdc.a.b");
    free(topic);
    connector_config_end(&config);

    assert_true(make(&(connector_needs_t){0}, NULL, NULL));
    assert_null(connector_config_topic(&config, 0));
    connector_config_end(&config);
}

static void the_redacted_copy_hides_passwords_and_nothing_else(void **state)
{
    (void)state;
    assert_true(make(&needs, NULL, "producer.override.sasl.jaas.config=x password=\"open\";"));
    json_t *copy = connector_config_redacted(&config);
    json_t *shown = json_object_get(copy, "config");
    assert_string_equal(json_string_value(json_object_get(copy, "name")), CONNECTOR_NAME);
    assert_string_equal(json_string_value(json_object_get(shown, "database.password")), "****");
    assert_string_equal(json_string_value(json_object_get(shown, "database.user")), "bench");
    char *text = json_dumps(copy, 0);
    assert_null(strstr(text, "sesame"));
    assert_null(strstr(text, "open"));
    free(text);
    json_decref(copy);
    assert_setting("database.password", "sesame"); /* the configuration itself keeps it */
    connector_config_end(&config);
}

static void passwords_become_secrets_but_the_documented_one_does_not(void **state)
{
    (void)state;
    secret_forget();
    assert_true(make(&(connector_needs_t){0}, NULL, "x.secret=open"));
    char text[] = "postgres open";
    secret_redact(text, strlen(text));
    assert_string_equal(text, "postgres ****");
    connector_config_end(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_more_it_is_the_documented_connector),
        cmocka_unit_test(a_run_adds_its_server_publication_slot_and_table),
        cmocka_unit_test(a_file_goes_before_the_run_and_an_override_before_the_file),
        cmocka_unit_test(the_last_of_several_overrides_counts),
        cmocka_unit_test(a_file_may_be_as_connect_takes_it_with_name_and_config),
        cmocka_unit_test(the_name_may_be_overridden),
        cmocka_unit_test(scalars_become_strings_and_null_takes_a_setting_out),
        cmocka_unit_test(transactions_have_a_topic_where_their_metadata_is_asked_for),
        cmocka_unit_test(a_file_that_is_not_json_is_named_with_line_and_column),
        cmocka_unit_test(a_file_of_another_shape_is_named_with_the_key),
        cmocka_unit_test(a_file_that_is_not_there_is_named),
        cmocka_unit_test(an_override_without_key_or_equals_is_refused),
        cmocka_unit_test(the_topic_follows_prefix_and_table),
        cmocka_unit_test(the_redacted_copy_hides_passwords_and_nothing_else),
        cmocka_unit_test(passwords_become_secrets_but_the_documented_one_does_not),
    };
    return cmocka_run_group_tests(tests, make_file, remove_file);
}
