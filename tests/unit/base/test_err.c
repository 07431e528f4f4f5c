#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/secret.h"

static void setting_keeps_code_and_text_and_returns_false(void **state)
{
    (void)state;
    err_t err = {0};
    assert_false(err_set(&err, ERR_RUN, "connect to %s:%d: refused", "db", 5432));
    assert_int_equal(err.code, ERR_RUN);
    assert_string_equal(err.text, "connect to db:5432: refused");
}

static void wrapping_puts_context_in_front_and_keeps_the_code(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_USAGE, "\"x\" is not a rate");
    assert_false(err_wrap(&err, "phase %d", 2));
    assert_false(err_wrap(&err, "quick.yaml"));
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, "quick.yaml: phase 2: \"x\" is not a rate");
}

static void wrapping_an_empty_text_leaves_no_colon_behind(void **state)
{
    (void)state;
    err_t err = {0};
    err_wrap(&err, "reading");
    assert_string_equal(err.text, "reading");
}

static void a_null_error_is_accepted_everywhere(void **state)
{
    (void)state;
    assert_false(err_set(NULL, ERR_RUN, "nobody listens"));
    assert_false(err_wrap(NULL, "nobody"));
}

static void an_error_may_be_set_from_its_own_text(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_RUN, "inner");
    err_set(&err, ERR_VERIFY, "outer (%s)", err.text);
    assert_string_equal(err.text, "outer (inner)");
}

static void newlines_at_the_end_are_dropped(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_RUN, "%s", "FATAL:  no such database\r\n\n");
    assert_string_equal(err.text, "FATAL:  no such database");
    err_set(&err, ERR_RUN, "%s", "ERROR\nDETAIL: kept apart\n");
    assert_string_equal(err.text, "ERROR\nDETAIL: kept apart");
}

static void a_long_text_is_cut_at_the_size_of_the_buffer(void **state)
{
    (void)state;
    char longer[5000];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    err_t err = {0};
    err_set(&err, ERR_RUN, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    err_wrap(&err, "context");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_memory_equal(err.text, "context: xxx", 12);
    err_wrap(&err, "%s", longer);
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
}

static void a_text_is_cut_between_characters(void **state)
{
    (void)state;
    char text[1100];
    for (size_t before = 1020; before < 1024; before++) {
        memset(text, 'x', before);
        strcpy(text + before, "€€"); /* three bytes each */
        err_t err = {0};
        err_set(&err, ERR_RUN, "%s", text);
        assert_int_equal(strlen(err.text), before == 1020 ? 1023 : before);
    }
}

static int forget(void **state)
{
    (void)state;
    secret_forget();
    return 0;
}

static void a_secret_is_overwritten_in_text_and_context(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    err_t err = {0};
    err_set(&err, ERR_RUN, "hunter2 at start, hunter2hunter2 twice, at end %s", "hunter2");
    assert_string_equal(err.text, "******* at start, ************** twice, at end *******");
    err_set(&err, ERR_RUN, "inner");
    err_wrap(&err, "of %s", "hunter2");
    assert_string_equal(err.text, "of *******: inner");
}

static void a_secret_that_the_cut_broke_off_is_overwritten_too(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    for (size_t shown = 1; shown <= 7; shown++) {
        char text[5000];
        err_t err = {0};
        size_t room = sizeof err.text - 1, before = room - shown;
        memset(text, 'x', sizeof text - 1);
        memcpy(text + before, "hunter2", 7);
        text[sizeof text - 1] = '\0';
        err_set(&err, ERR_RUN, "%s", text);
        assert_null(strchr(err.text, 'h'));
        assert_int_equal(strspn(err.text, "x"), before);
        err_set(&err, ERR_RUN, "inner");
        err_wrap(&err, "%s", text);
        assert_null(strchr(err.text, 'h'));
        assert_int_equal(strspn(err.text, "x"), before);
    }
}

static void a_secret_longer_than_the_text_leaves_nothing_behind(void **state)
{
    (void)state;
    char secret[3000] = "", text[4000];
    memset(secret, 'k', sizeof secret - 1);
    assert_true(secret_add(secret));
    err_t err = {0};
    snprintf(text, sizeof text, "key %s", secret);
    err_set(&err, ERR_RUN, "%s", text);
    assert_null(strchr(err.text + 4, 'k'));
}

static void a_text_that_was_not_cut_may_end_like_a_secret_begins(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    err_t err = {0};
    err_set(&err, ERR_RUN, "too much");
    assert_string_equal(err.text, "too much");
}

static void assert_line(const char *words, size_t size, const char *expected)
{
    char out[64];
    err_line(out, size, words);
    assert_string_equal(out, expected);
}

static void the_words_of_others_become_one_line_of_ours(void **state)
{
    (void)state;
    assert_line("ERROR:  no\n\tDETAIL: \r\n of it\n\n", 64, "ERROR: no DETAIL: of it");
    assert_line(" \n", 64, "");
    assert_line("abc def", 6, "abc d");
    assert_line("abc def", 5, "abc");
}

static void a_line_has_no_secret_whole_in_lines_or_cut(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    assert_true(secret_add("BEGIN\nKEY  1"));
    assert_line("is hunter2\nno", 64, "is ******* no");
    assert_line("is hunter2\nno", 6, "is **");
    assert_line("<BEGIN\nKEY  1>", 64, "<************>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_keeps_code_and_text_and_returns_false),
        cmocka_unit_test(wrapping_puts_context_in_front_and_keeps_the_code),
        cmocka_unit_test(wrapping_an_empty_text_leaves_no_colon_behind),
        cmocka_unit_test(a_null_error_is_accepted_everywhere),
        cmocka_unit_test(an_error_may_be_set_from_its_own_text),
        cmocka_unit_test(newlines_at_the_end_are_dropped),
        cmocka_unit_test(a_long_text_is_cut_at_the_size_of_the_buffer),
        cmocka_unit_test(a_text_is_cut_between_characters),
        cmocka_unit_test_teardown(a_secret_is_overwritten_in_text_and_context, forget),
        cmocka_unit_test_teardown(a_secret_that_the_cut_broke_off_is_overwritten_too, forget),
        cmocka_unit_test_teardown(a_secret_longer_than_the_text_leaves_nothing_behind, forget),
        cmocka_unit_test_teardown(a_text_that_was_not_cut_may_end_like_a_secret_begins, forget),
        cmocka_unit_test(the_words_of_others_become_one_line_of_ours),
        cmocka_unit_test_teardown(a_line_has_no_secret_whole_in_lines_or_cut, forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
