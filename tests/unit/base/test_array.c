#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/array.h"

static void items_stay_what_they_are_while_the_array_grows(void **state)
{
    (void)state;
    uint32_t *items = NULL;
    size_t cap = 0;
    for (uint32_t n = 0; n < 10000; n++) {
        items = array_room(items, n, &cap, sizeof *items);
        assert_non_null(items);
        assert_true(cap > n);
        items[n] = n * 7;
    }
    for (uint32_t n = 0; n < 10000; n++)
        assert_int_equal(items[n], n * 7);
    free(items);
}

static void where_there_is_room_nothing_is_moved(void **state)
{
    (void)state;
    size_t cap = 0;
    char *items = array_room(NULL, 0, &cap, 1);
    size_t first = cap;
    for (size_t n = 0; n < first; n++)
        assert_ptr_equal(array_room(items, n, &cap, 1), items);
    assert_int_equal(cap, first);
    free(items);
}

static void what_cannot_be_had_leaves_the_items_as_they_were(void **state)
{
    (void)state;
    size_t cap = 0;
    int *items = array_room(NULL, 0, &cap, sizeof *items);
    items[0] = 5;
    size_t huge = SIZE_MAX / 4;
    assert_null(array_room(items, huge, &huge, sizeof *items));
    assert_int_equal(huge, SIZE_MAX / 4);
    assert_int_equal(items[0], 5);
    free(items);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(items_stay_what_they_are_while_the_array_grows),
        cmocka_unit_test(where_there_is_room_nothing_is_moved),
        cmocka_unit_test(what_cannot_be_had_leaves_the_items_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
