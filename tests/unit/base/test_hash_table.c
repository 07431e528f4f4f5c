#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/hash.h"
#include "base/hash_table.h"

typedef struct {
    uint64_t key, value;
} item_t;

static void an_item_is_there_until_it_is_removed(void **state)
{
    (void)state;
    hash_table_t table = {.item_bytes = sizeof(item_t)};
    assert_null(hash_table_find(&table, 1));
    assert_int_equal(table.capacity, 0);
    item_t *item = hash_table_add(&table, 1);
    assert_int_equal(item->value, 0);
    item->value = 7;
    assert_ptr_equal(hash_table_add(&table, 1), item);
    assert_int_equal(table.n, 1);
    assert_int_equal(item->value, 7);
    assert_null(hash_table_find(&table, 2));
    hash_table_remove(&table, hash_table_find(&table, 1));
    assert_null(hash_table_find(&table, 1));
    assert_int_equal(table.n, 0);
    item = hash_table_add(&table, 1);
    assert_int_equal(item->value, 0);
    hash_table_free(&table);
}

/* Held against a plain array, through growth and through removals in the middle of runs. */
static void items_survive_any_order_of_adding_and_removing(void **state)
{
    (void)state;
    enum { KEYS = 64 * 256 };
    static uint64_t model[KEYS];
    memset(model, 0, sizeof model);
    hash_table_t table = {.item_bytes = sizeof(item_t)};
    size_t count = 0;
    for (uint64_t k = 0; k < 300000; k++) {
        uint64_t word = hash_word(99, k), key = word % KEYS;
        item_t *item = hash_table_find(&table, key + 1);
        assert_int_equal(item != NULL ? item->value : 0, model[key]);
        if (word >> 63 != 0) {
            count += item == NULL;
            item = hash_table_add(&table, key + 1);
            model[key] = item->value = k + 1;
        } else if (item != NULL) {
            hash_table_remove(&table, item);
            count--;
            model[key] = 0;
        }
        assert_int_equal(table.n, count);
    }
    size_t at = 0, walked = 0;
    for (const item_t *item; (item = hash_table_next(&table, &at)) != NULL; walked++)
        assert_int_equal(item->value, model[item->key - 1]);
    assert_int_equal(walked, count);
    hash_table_free(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_item_is_there_until_it_is_removed),
        cmocka_unit_test(items_survive_any_order_of_adding_and_removing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
