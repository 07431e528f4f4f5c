#include "report/text/text.h"

#include <stdlib.h>
#include <string.h>

#include "report/cmocka_first.h"

static void a_character_counts_as_one_column_whatever_its_bytes(void **state)
{
    (void)state;
    assert_int_equal(text_width("ms"), 2);
    assert_int_equal(text_width("80 µs"), 5);
    assert_int_equal(text_width("commit → send"), 13);
    assert_int_equal(text_width(""), 0);
}

static void text_is_cut_between_characters(void **state)
{
    (void)state;
    assert_int_equal(text_fit("a→b", 0), 0);
    assert_int_equal(text_fit("a→b", 1), 1);
    assert_int_equal(text_fit("a→b", 2), 4);
    assert_int_equal(text_fit("a→b", 9), 5);
}

typedef void print_t(FILE *out, const char *text);

static char *printed(print_t *print, const char *text)
{
    char *out = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&out, &len);
    assert_non_null(memory);
    print(memory, text);
    assert_int_equal(fclose(memory), 0);
    return out;
}

static void print_right(FILE *out, const char *text)
{
    text_print_padded(out, text, 6);
}

static void print_left(FILE *out, const char *text)
{
    text_print_padded(out, text, -6);
}

static void assert_printed(print_t *print, const char *text, const char *expected)
{
    char *out = printed(print, text);
    assert_string_equal(out, expected);
    free(out);
}

static void padding_is_by_columns_and_never_cuts(void **state)
{
    (void)state;
    assert_printed(print_right, "8 µs", "  8 µs");
    assert_printed(print_right, "8 ms", "  8 ms");
    assert_printed(print_left, "8 µs", "8 µs  ");
    assert_printed(print_left, "1,003 ms", "1,003 ms");
}

static void text_from_outside_cannot_steer_the_terminal(void **state)
{
    (void)state;
    assert_printed(text_print_visible, "São Paulo", "São Paulo");
    assert_printed(text_print_visible, "\033[2Jx", "\\x1b[2Jx");
    assert_printed(text_print_visible, "a\nb\x7F", "a\\x0ab\\x7f");
    assert_printed(text_print_visible, "\xC2\x9B", "\\xc2\\x9b"); /* CSI as one C1 character */
    assert_printed(text_print_visible, "\xFFz\\", "\\xffz\\\\");
}

static void bytes_that_are_no_utf8_become_replacement_characters(void **state)
{
    (void)state;
    char *valid = text_valid("a\xFF→\xE2\x86");
    assert_string_equal(valid, "a\xEF\xBF\xBD→\xEF\xBF\xBD\xEF\xBF\xBD");
    free(valid);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_character_counts_as_one_column_whatever_its_bytes),
        cmocka_unit_test(text_is_cut_between_characters),
        cmocka_unit_test(padding_is_by_columns_and_never_cuts),
        cmocka_unit_test(text_from_outside_cannot_steer_the_terminal),
        cmocka_unit_test(bytes_that_are_no_utf8_become_replacement_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
