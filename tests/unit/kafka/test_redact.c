/* redact: which names hide their values, wherever they stand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"
#include "kafka/connect/redact.h"
#include "kafka/kafka_target.h"

static void names_of_secrets_are_known_in_any_case_and_behind_any_prefix(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "password",
        "database.password",
        "DATABASE.PASSWORD",
        "ssl.key.password",
        "sasl.password",
        "producer.override.sasl.jaas.config",
        "basic.auth.user.info",
        "schema.history.internal.consumer.ssl.truststore.password",
        "ssl.keystore.key",
        "aws.secret.access.key",
        "sasl.oauthbearer.client.secret",
        "access.token",
    };
    static const char *const open[] = {
        "database.user",         "database.hostname",   "plugin.name",
        "key.converter",         "message.key.columns", "slot.name",
        "ssl.keystore.location", "topic.prefix",        "tombstones.on.delete",
    };
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
        if (!redact_is_secret(secret[i])) {
            fail_msg("%s is shown", secret[i]);
        }
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (redact_is_secret(open[i])) {
            fail_msg("%s is hidden", open[i]);
        }
    }
}

static void secrets_are_hidden_at_any_depth_and_the_rest_is_kept(void **state)
{
    (void)state;
    json_t *given = json_loads("{\"name\":\"c\",\"config\":{\"database.password\":\"p\",\"n\":1},"
                               "\"list\":[{\"my.secret\":{\"deep\":true}}],\"password\":null}",
                               0, NULL);
    json_t *expected = json_loads("{\"name\":\"c\",\"config\":{\"database.password\":\"****\","
                                  "\"n\":1},\"list\":[{\"my.secret\":\"****\"}],\"password\":null}",
                                  0, NULL);
    json_t *copy = redact_json(given);
    assert_true(json_equal(copy, expected));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(given, "config"), "database.password")),
        "p");
    json_decref(copy);
    json_decref(expected);
    json_decref(given);
}

static void passwords_among_properties_become_secrets(void **state)
{
    (void)state;
    const char *const properties[] = {"sasl.password=sesame", "client.id=visible", "broken"};
    assert_true(
        kafka_target_add_secrets(&(kafka_target_t){.properties = properties, .n_properties = 3}));
    char text[] = "sesame visible broken";
    secret_redact(text, strlen(text));
    assert_string_equal(text, "****** visible broken");
    secret_forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_secrets_are_known_in_any_case_and_behind_any_prefix),
        cmocka_unit_test(secrets_are_hidden_at_any_depth_and_the_rest_is_kept),
        cmocka_unit_test(passwords_among_properties_become_secrets),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
