#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "model/encode/copy_array.h"

/* What PostgreSQL's own array_send makes of ARRAY[10.00, 663.05, 1000.00]::numeric[]. */
static void amounts_are_as_the_server_sends_them(void **state)
{
    (void)state;
    static const unsigned char expected[] = {
        0, 0, 0, 1,  0, 0, 0, 0, 0, 0, 6, 0xa4, 0,    0,    0,    3,    0, 0, 0, 1, /* 1700 */
        0, 0, 0, 10, 0, 1, 0, 0, 0, 0, 0, 2,    0,    10,                           /* 10 */
        0, 0, 0, 12, 0, 2, 0, 0, 0, 0, 0, 2,    0x02, 0x97, 0x01, 0xf4,             /* 663, 0500 */
        0, 0, 0, 10, 0, 1, 0, 0, 0, 0, 0, 2,    0x03, 0xe8,                         /* 1000 */
    };
    char out[ARRAY_HEAD_BYTES + 3 * ARRAY_AMOUNT_BYTES];
    array_writer_t array;
    array_begin_amounts(&array, out);
    array_add_amount(&array, 1000);
    array_add_amount(&array, 66305);
    array_add_amount(&array, 100000);
    assert_int_equal(array_end(&array), sizeof expected);
    assert_memory_equal(out, expected, sizeof expected);
}

static void keys_stand_one_behind_another(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    char out[ARRAY_HEAD_BYTES + 2 * ARRAY_KEY_BYTES];
    array_writer_t array;
    array_begin_keys(&array, out);
    array_add_key(&array, &space, 3);
    array_add_key(&array, &space, 4);
    assert_int_equal(array_end(&array), sizeof out);
    assert_memory_equal(out, "\0\0\0\1\0\0\0\0\0\0\0\x19\0\0\0\2\0\0\0\1\0\0\0\x24", 24);
    assert_memory_equal(out + 24, "6e108177-801c-457d-9917-3de86c87af09", ROW_KEY_LEN);
    assert_memory_equal(out + 60, "\0\0\0\x24", 4);
    assert_memory_equal(out + 64, "7dde32b7-bc87-4353-978e-f164674885e3", ROW_KEY_LEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(amounts_are_as_the_server_sends_them),
        cmocka_unit_test(keys_stand_one_behind_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
