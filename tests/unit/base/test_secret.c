#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

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
        cmocka_unit_test_teardown(what_is_forgotten_is_no_longer_hidden, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
