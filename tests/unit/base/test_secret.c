#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/secret.h"

/* The text after redaction against what is expected, at its exact size, so that a sanitizer sees a
 * byte read or written behind it. */
static void assert_redacted(const char *text, const char *expected)
{
    size_t len = strlen(text);
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, text, len + 1);
    secret_redact(copy, len);
    assert_string_equal(copy, expected);
    free(copy);
}

static int forget(void **state)
{
    (void)state;
    secret_forget();
    return 0;
}

static void without_secrets_a_text_stays(void **state)
{
    (void)state;
    assert_redacted("nothing to hide", "nothing to hide");
    assert_redacted("", "");
}

static void every_occurrence_of_every_secret_is_overwritten_in_place(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    assert_true(secret_add("s3cret"));
    assert_redacted("hunter2", "*******");
    assert_redacted("postgres://u:s3cret@h hunter2hunter2!",
                    "postgres://u:******@h **************!");
    assert_redacted("hunter1 s3cre hunter", "hunter1 s3cre hunter");
}

static void a_secret_that_the_end_cuts_off_is_no_occurrence(void **state)
{
    (void)state;
    assert_true(secret_add("abc"));
    char text[] = "xabcab";
    secret_redact(text, 3);
    assert_string_equal(text, "xabcab");
    secret_redact(text, 4);
    assert_string_equal(text, "x***ab");
}

static void secrets_that_overlap_are_both_overwritten_whole(void **state)
{
    (void)state;
    assert_true(secret_add("abc"));
    assert_true(secret_add("bcd"));
    assert_redacted("<abcd>", "<****>");
    assert_redacted("<bcabcd>", "<bc****>");
}

static void a_secret_within_another_hides_none_of_it(void **state)
{
    (void)state;
    assert_true(secret_add("he"));
    assert_true(secret_add("hello"));
    assert_true(secret_add("ell"));
    assert_true(secret_add("hell"));
    assert_redacted("hello well he", "***** w*** **");
}

static void a_secret_that_overlaps_itself_leaves_nothing_behind(void **state)
{
    (void)state;
    assert_true(secret_add("aba"));
    assert_redacted("ababa-ab", "*****-ab");
}

static void a_secret_of_stars_or_of_one_character_is_handled(void **state)
{
    (void)state;
    assert_true(secret_add("**"));
    assert_true(secret_add("x"));
    assert_redacted("a*b**x", "a*b***");
}

static void the_empty_secret_is_ignored(void **state)
{
    (void)state;
    assert_true(secret_add(""));
    assert_true(secret_add(NULL));
    assert_redacted("text", "text");
}

static void a_secret_may_be_added_twice_and_the_caller_keeps_the_string(void **state)
{
    (void)state;
    char secret[] = "hunter2";
    assert_true(secret_add(secret));
    assert_true(secret_add(secret));
    memset(secret, 0, sizeof secret);
    assert_redacted("hunter2", "*******");
}

static void a_text_that_was_cut_may_end_within_a_secret(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    char text[] = "hunter1 hunt";
    secret_redact(text, strlen(text));
    assert_string_equal(text, "hunter1 hunt");
    secret_redact_cut(text, strlen(text));
    assert_string_equal(text, "hunter1 ****");
}

/* ---- names ---- */

static void names_of_secrets_are_known_in_any_case_and_behind_any_prefix(void **state)
{
    (void)state;
    static const char *const secret[] = {
        "password",
        "PGPASSWORD",
        "database.password",
        "DATABASE.PASSWORD",
        "ssl.key.password",
        "sslpassword",
        "sasl.password",
        "producer.override.sasl.jaas.config",
        "basic.auth.user.info",
        "schema.history.internal.consumer.ssl.truststore.password",
        "ssl.keystore.key",
        "ssl.key.pem",
        "ssl_key_pem",
        "aws.secret.access.key",
        "sasl.oauthbearer.client.secret",
        "oauth_client_secret",
        "access.token",
        "api-key",
    };
    static const char *const open[] = {
        "database.user",
        "database.hostname",
        "plugin.name",
        "key.converter",
        "slot.name",
        "topic.prefix",
        "message.key.columns",
        "ssl.keystore.location",
        "sasl.mechanisms",
        "sasl.username",
        "tombstones.on.delete",
        "passfile",
        "",
    };
    for (size_t i = 0; i < sizeof secret / sizeof *secret; i++) {
        if (!secret_is_name(secret[i])) {
            fail_msg("%s is shown", secret[i]);
        }
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (secret_is_name(open[i])) {
            fail_msg("%s is hidden", open[i]);
        }
    }
}

/* ---- what a value holds ---- */

/* What became known from one value, shown in another text. */
static void assert_learned(const char *value, const char *text, const char *expected)
{
    secret_forget();
    assert_true(secret_learn(value));
    size_t len = strlen(text);
    char copy[256];
    assert_true(len < sizeof copy);
    memcpy(copy, text, len + 1);
    secret_redact(copy, len);
    if (strcmp(copy, expected) != 0) {
        fail_msg("of %s: %s, expected %s", value, copy, expected);
    }
}

static void a_urls_password_is_learned_as_written_and_as_meant(void **state)
{
    (void)state;
    assert_learned("https://me:sesame@host:8083/path", "me sesame host path",
                   "me ****** host path");
    assert_learned("postgresql://me:p%40s@h1:5432,h2:5433/db?a=b@c", "p%40s p@s h1 h2 db b@c 5432",
                   "***** *** h1 h2 db b@c 5432");
    assert_learned("--connect-url=http://me:sesame@h", "sesame", "******");
    assert_learned("SASL_SSL://u:one@h:1,SASL_SSL://u:two@h:2", "one two", "*** ***");
    assert_learned("jdbc:postgresql://h/db?user=me&password=se%26same&x=y",
                   "se%26same se&same me y", "********* ******* me y");
    assert_learned("postgresql:///db?sslpassword=x1&password=y1#f", "x1 y1 f", "** ** f");
    assert_learned("see http://h:80 and https://u:hidden@h", "80 hidden h", "80 ****** h");
}

static void a_url_that_was_not_encoded_gives_its_password_whole(void **state)
{
    (void)state;
    assert_learned("http://me:se@same@host", "se@same@host", "*******@host");
    assert_learned("http://me:se/same@host:1/", "se/same host", "******* host");
    assert_learned("me:sesame@host/db", "me sesame host", "me ****** host");
    assert_learned("--dns=me:sesame@host/db", "sesame", "******");
}

static void a_url_without_a_password_has_no_secret_but_a_token(void **state)
{
    (void)state;
    assert_learned("http://host:8083/a@b", "host 8083 a@b", "host 8083 a@b");
    assert_learned("http://[::1]:8083/a@b", "::1 8083 a@b", "::1 8083 a@b");
    assert_learned("postgresql://me@host/db", "me@host", "me@host");
    assert_learned("https://ghp1x@host/", "https://ghp1x@host/ ghp1", "https://******host/ ghp1");
    assert_learned("https://ghp1x:@host/", "https://ghp1x:@host/", "https://*******host/");
}

static void a_connection_string_gives_its_passwords(void **state)
{
    (void)state;
    assert_learned("host=h password=sesame user=me", "h sesame me", "h ****** me");
    assert_learned("host=h password = 'a b' user=me", "a b me", "*** me");
    assert_learned("host=h password='it\\'s' user=me", "it's it\\'s me", "**** ***** me");
    assert_learned("host=h password=a\\ b user=me", "a b me", "*** me");
    assert_learned("host=h sslpassword='never ended", "never ended", "***********");
    assert_learned("host=h PGPASSWORD=", "host=h", "host=h");
}

static void a_setting_gives_the_whole_of_its_value(void **state)
{
    (void)state;
    assert_learned("sasl.password=se same=x", "se same=x", "*********");
    assert_learned("--kafka=sasl.password=se same", "se same", "*******");
    assert_learned("sasl.jaas.config=a.B required username=\"me\" password=\"open\";",
                   "me open; a.B", "me ****; a.B");
    assert_learned("basic.auth.user.info=me:sesame", "me:sesame sesame me", "********* ****** me");
    assert_learned("schema.registry.url=http://me:sesame@h", "sesame me", "****** me");
    assert_learned("sasl.username=me", "me", "me");
    secret_forget();
    assert_true(secret_learn_setting("database.password", "sesame"));
    assert_true(secret_learn_setting("database.user", "me"));
    assert_true(secret_learn_setting("http.proxy", "http://me:open@h"));
    assert_redacted("sesame me open", "****** me ****");
}

static void what_everybody_knows_is_no_secret(void **state)
{
    (void)state;
    assert_learned("postgresql://postgres:postgres@postgres/db", "postgres", "postgres");
    assert_learned("database.password=postgres", "postgres", "postgres");
    assert_learned("token.enabled=true", "true", "true");
}

static void what_has_no_secret_teaches_none(void **state)
{
    (void)state;
    static const char *const values[] = {
        "",
        "=",
        ":",
        "@",
        "://",
        "://@",
        "http://@",
        "http://:@",
        "a=b",
        "lag_p99 < 2s",
        "password",
        "password=",
        "phases.mixed.insert.rate=20k",
        "CN=x@y",
        "12:30",
        "%",
        "a:@b",
    };
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        static const char text[] = "lag password 20k x@y 12:30 a b @ = % http :@";
        assert_learned(values[i], text, text);
    }
}

/* ---- JSON ---- */

static void json_is_shown_without_secrets_at_any_depth(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    json_t *given = json_loads("{\"name\":\"c\",\"config\":{\"database.password\":\"p\",\"n\":1},"
                               "\"list\":[{\"my.secret\":{\"deep\":true}},\"a hunter2\"],"
                               "\"password\":null}",
                               0, NULL);
    json_t *expected = json_loads("{\"name\":\"c\",\"config\":{\"database.password\":\"****\","
                                  "\"n\":1},\"list\":[{\"my.secret\":\"****\"},\"a *******\"],"
                                  "\"password\":null}",
                                  0, NULL);
    json_t *copy = secret_redact_json(given);
    assert_true(json_equal(copy, expected));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(given, "config"), "database.password")),
        "p");
    json_decref(copy);
    json_decref(expected);
    json_decref(given);
}

static void a_secret_of_half_a_character_leaves_json_that_can_be_read(void **state)
{
    (void)state;
    assert_true(secret_add("\xc3"));
    json_t *given = json_string("\xc3\xa4");
    json_t *copy = secret_redact_json(given);
    assert_string_equal(json_string_value(copy), "****");
    json_decref(copy);
    json_decref(given);
}

static void what_is_forgotten_is_no_longer_hidden(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    secret_forget();
    assert_redacted("hunter2", "hunter2");
    secret_forget();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(without_secrets_a_text_stays, forget),
        cmocka_unit_test_teardown(every_occurrence_of_every_secret_is_overwritten_in_place, forget),
        cmocka_unit_test_teardown(a_secret_that_the_end_cuts_off_is_no_occurrence, forget),
        cmocka_unit_test_teardown(secrets_that_overlap_are_both_overwritten_whole, forget),
        cmocka_unit_test_teardown(a_secret_within_another_hides_none_of_it, forget),
        cmocka_unit_test_teardown(a_secret_that_overlaps_itself_leaves_nothing_behind, forget),
        cmocka_unit_test_teardown(a_secret_of_stars_or_of_one_character_is_handled, forget),
        cmocka_unit_test_teardown(the_empty_secret_is_ignored, forget),
        cmocka_unit_test_teardown(a_secret_may_be_added_twice_and_the_caller_keeps_the_string,
                                  forget),
        cmocka_unit_test_teardown(a_text_that_was_cut_may_end_within_a_secret, forget),
        cmocka_unit_test(names_of_secrets_are_known_in_any_case_and_behind_any_prefix),
        cmocka_unit_test_teardown(a_urls_password_is_learned_as_written_and_as_meant, forget),
        cmocka_unit_test_teardown(a_url_that_was_not_encoded_gives_its_password_whole, forget),
        cmocka_unit_test_teardown(a_url_without_a_password_has_no_secret_but_a_token, forget),
        cmocka_unit_test_teardown(a_connection_string_gives_its_passwords, forget),
        cmocka_unit_test_teardown(a_setting_gives_the_whole_of_its_value, forget),
        cmocka_unit_test_teardown(what_everybody_knows_is_no_secret, forget),
        cmocka_unit_test_teardown(what_has_no_secret_teaches_none, forget),
        cmocka_unit_test_teardown(json_is_shown_without_secrets_at_any_depth, forget),
        cmocka_unit_test_teardown(a_secret_of_half_a_character_leaves_json_that_can_be_read,
                                  forget),
        cmocka_unit_test_teardown(what_is_forgotten_is_no_longer_hidden, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
