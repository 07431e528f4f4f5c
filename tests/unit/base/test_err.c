#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

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
    err_redact(NULL, "secret");
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

static void a_secret_is_replaced_wherever_it_stands(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_RUN, "hunter2 at start, hunter2hunter2 twice, at end hunter2");
    err_redact(&err, "hunter2");
    assert_string_equal(err.text, "**** at start, ******** twice, at end ****");
}

static void occurrences_that_overlap_leave_nothing_behind(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_RUN, "<ababa> <aba>");
    err_redact(&err, "aba");
    assert_string_equal(err.text, "<****> <****>");
}

static void a_short_secret_may_make_the_text_longer(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_RUN, "a*b*");
    err_redact(&err, "*");
    assert_string_equal(err.text, "a****b****");

    memset(err.text, 'p', sizeof err.text - 1);
    err.text[sizeof err.text - 1] = '\0';
    err_redact(&err, "p");
    assert_int_equal(strlen(err.text), sizeof err.text - 1);
    assert_int_equal(strspn(err.text, "*"), sizeof err.text - 1);
}

static void a_secret_that_the_cut_broke_off_is_replaced_too(void **state)
{
    (void)state;
    for (size_t shown = 1; shown <= 7; shown++) {
        char text[2000];
        size_t before = sizeof((err_t *)NULL)->text - 1 - shown;
        memset(text, 'x', before);
        strcpy(text + before, "hunter2 and more");
        err_t err = {0};
        err_set(&err, ERR_RUN, "%s", text);
        assert_non_null(strchr(err.text, 'h'));
        err_redact(&err, "hunter2");
        assert_null(strchr(err.text, 'h'));
        assert_int_equal(strspn(err.text, "x"), before);
    }
}

static void a_text_that_was_not_cut_may_end_like_a_secret_begins(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_RUN, "too much");
    err_redact(&err, "hunter2");
    assert_string_equal(err.text, "too much");
}

static void an_empty_secret_is_ignored(void **state)
{
    (void)state;
    err_t err = {0};
    err_set(&err, ERR_RUN, "as it was");
    err_redact(&err, "");
    err_redact(&err, NULL);
    assert_string_equal(err.text, "as it was");
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
        cmocka_unit_test(a_secret_is_replaced_wherever_it_stands),
        cmocka_unit_test(occurrences_that_overlap_leave_nothing_behind),
        cmocka_unit_test(a_short_secret_may_make_the_text_longer),
        cmocka_unit_test(a_secret_that_the_cut_broke_off_is_replaced_too),
        cmocka_unit_test(a_text_that_was_not_cut_may_end_like_a_secret_begins),
        cmocka_unit_test(an_empty_secret_is_ignored),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
