#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"

static void an_empty_buffer_reads_as_an_empty_text(void **state)
{
    (void)state;
    buf_t buf = {0};
    assert_string_equal(buf_text(&buf), "");
    assert_true(buf_put(&buf, NULL, 0));
    assert_true(buf_puts(&buf, ""));
    assert_string_equal(buf_text(&buf), "");
    assert_int_equal(buf.len, 0);
    buf_free(&buf);
}

static void what_is_appended_stands_in_order_nul_bytes_included(void **state)
{
    (void)state;
    buf_t buf = {0};
    assert_true(buf_puts(&buf, "one"));
    assert_true(buf_put(&buf, "\0two", 4));
    assert_true(buf_printf(&buf, "%d", 3));
    assert_int_equal(buf.len, 8);
    assert_memory_equal(buf.data, "one\0two3", 8);
    buf_free(&buf);
}

static void the_nul_of_a_text_is_not_counted_and_is_overwritten(void **state)
{
    (void)state;
    buf_t buf = {0};
    buf_puts(&buf, "ab");
    assert_string_equal(buf_text(&buf), "ab");
    assert_int_equal(buf.len, 2);
    buf_puts(&buf, "cd");
    assert_string_equal(buf_text(&buf), "abcd");
    buf_free(&buf);
}

static void a_full_buffer_has_a_place_for_the_nul(void **state)
{
    (void)state;
    buf_t buf = {0};
    buf_puts(&buf, "x");
    size_t cap = buf.cap;
    while (buf.len < cap) {
        buf_put(&buf, "x", 1);
    }
    assert_int_equal(buf.cap, cap);
    assert_int_equal(strlen(buf_text(&buf)), cap);
    assert_int_equal(buf.cap, cap);
    buf_free(&buf);
}

static void room_is_there_before_it_is_used(void **state)
{
    (void)state;
    buf_t buf = {0};
    buf_puts(&buf, "head");
    char *room = buf_room(&buf, 100000);
    assert_non_null(room);
    assert_true(buf.cap >= 100004);
    assert_int_equal(buf.len, 4);
    memset(room, 'y', 100000);
    buf.len += 100000;
    assert_memory_equal(buf.data, "heady", 5);
    assert_non_null(buf_room(&buf, 0));
    buf_free(&buf);
}

static void growth_doubles(void **state)
{
    (void)state;
    buf_t buf = {0};
    size_t moves = 0;
    size_t cap = 0;
    for (int i = 0; i < 1000000; i++) {
        assert_true(buf_put(&buf, "z", 1));
        moves += buf.cap != cap;
        cap = buf.cap;
    }
    assert_in_range(moves, 1, 20);
    buf_free(&buf);
}

static void a_size_that_cannot_be_is_refused_and_changes_nothing(void **state)
{
    (void)state;
    buf_t buf = {0};
    buf_puts(&buf, "kept");
    size_t cap = buf.cap;
    assert_null(buf_room(&buf, SIZE_MAX));
    assert_null(buf_room(&buf, SIZE_MAX - 4));
    assert_null(buf_room(&buf, SIZE_MAX / 2));
    assert_int_equal(buf.cap, cap);
    assert_string_equal(buf_text(&buf), "kept");
    buf_free(&buf);
}

static void printing_grows_the_buffer_at_every_length(void **state)
{
    (void)state;
    char text[1025] = {0};
    for (size_t len = 0; len < sizeof text - 1; len++) {
        buf_t buf = {0};
        memset(text, 'p', len);
        text[len] = '\0';
        assert_true(buf_printf(&buf, "%s", text));
        assert_true(buf_printf(&buf, "<%s>", text));
        assert_int_equal(buf.len, 2 * len + 2);
        assert_memory_equal(buf.data, text, len);
        assert_int_equal(buf.data[len], '<');
        assert_int_equal(buf.data[2 * len + 1], '>');
        buf_free(&buf);
    }
}

static void clearing_keeps_the_memory_and_freeing_gives_it_back(void **state)
{
    (void)state;
    buf_t buf = {0};
    buf_puts(&buf, "something");
    size_t cap = buf.cap;
    buf_clear(&buf);
    assert_int_equal(buf.len, 0);
    assert_int_equal(buf.cap, cap);
    assert_string_equal(buf_text(&buf), "");
    buf_free(&buf);
    assert_null(buf.data);
    assert_int_equal(buf.cap, 0);
    assert_true(buf_puts(&buf, "used again"));
    assert_string_equal(buf_text(&buf), "used again");
    buf_free(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_buffer_reads_as_an_empty_text),
        cmocka_unit_test(what_is_appended_stands_in_order_nul_bytes_included),
        cmocka_unit_test(the_nul_of_a_text_is_not_counted_and_is_overwritten),
        cmocka_unit_test(a_full_buffer_has_a_place_for_the_nul),
        cmocka_unit_test(room_is_there_before_it_is_used),
        cmocka_unit_test(growth_doubles),
        cmocka_unit_test(a_size_that_cannot_be_is_refused_and_changes_nothing),
        cmocka_unit_test(printing_grows_the_buffer_at_every_length),
        cmocka_unit_test(clearing_keeps_the_memory_and_freeing_gives_it_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
