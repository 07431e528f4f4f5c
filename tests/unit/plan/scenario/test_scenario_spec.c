/* The tables of a scenario's keys, and the defaults that stand in them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/scenario/scenario_spec.h"

static void assert_same_value(const option_t *row, const void *a, const void *b)
{
    buf_t of_a = {0}, of_b = {0};
    option_write(row, a, &of_a);
    option_write(row, b, &of_b);
    assert_string_equal(buf_text(&of_a), buf_text(&of_b));
    buf_free(&of_a);
    buf_free(&of_b);
}

static void assert_kind(const option_t *row, const void *fresh)
{
    const option_t *kind =
        key_table_find(row->inner, 0, row->default_text, strlen(row->default_text));
    assert_non_null(kind);
    assert_int_equal(kind - row->inner->rows,
                     *(const unsigned *)((const char *)fresh + row->offset));
}

/* Each row's value in `fresh` is what its table shows, read into `bare`, and nothing where it shows
 * none. */
static void assert_table(const key_table_t *table, const void *fresh, void *bare)
{
    for (size_t i = 0; i < table->n; i++) {
        const option_t *row = &table->rows[i];
        err_t err = {0};
        if (row->kind == OPTION_MAP) {
            assert_table(row->inner, (const char *)fresh + row->offset, (char *)bare + row->offset);
        } else if (row->kind == OPTION_ONE_OF) {
            assert_kind(row, fresh);
            assert_table(row->inner, fresh, bare);
        } else {
            if (row->default_text != NULL && !option_read(row, row->default_text, bare, &err)) {
                fail_msg("%s: %s", row->name, err.text);
            }
            assert_same_value(row, fresh, bare);
            assert_true(row->given == 0 || !*(const bool *)((const char *)fresh + row->given));
        }
    }
}

static void a_default_stands_in_its_table_alone(void **state)
{
    (void)state;
    static phase_spec_t fresh, bare;
    phase_spec_defaults(&fresh);
    assert_table(&phase_keys, &fresh, &bare);
}

static bool is_like(const option_t *a, const option_t *b)
{
    return a != b && strcmp(a->name, b->name) == 0;
}

static void no_key_stands_twice_in_a_table(void **state)
{
    (void)state;
    const key_table_t *tables[] = {&phase_keys, &stream_keys};
    for (size_t t = 0; t < 2; t++) {
        for (size_t i = 0; i < tables[t]->n; i++) {
            for (size_t j = 0; j < tables[t]->n; j++) {
                assert_false(is_like(&tables[t]->rows[i], &tables[t]->rows[j]));
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_default_stands_in_its_table_alone),
        cmocka_unit_test(no_key_stands_twice_in_a_table),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
