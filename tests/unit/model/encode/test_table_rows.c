/* The golden files tests/golden/tables-*.tsv: made by tables_reference.py there, from docs/rows.md
 * alone. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/encode/encode.h"
#include "model/every_generator.h"

static void assert_table_is_golden(const table_t *table, size_t lines_expected)
{
    char name[300];
    snprintf(name, sizeof name, "%s/tables-%s.tsv", GOLDEN_DIR, table->name);
    FILE *file = fopen(name, "r");
    assert_non_null(file);
    char *line = NULL, *made = malloc(table->row_bytes_max);
    size_t cap = 0, lines = 0;
    for (ssize_t len; (len = getline(&line, &cap, file)) >= 0; lines++) {
        char *rest;
        row_space_t space;
        row_space_init(&space, strtoull(line, &rest, 10), KEY_UUID4);
        uint64_t row = strtoull(rest + 1, &rest, 10);
        size_t rows,
            n = table_copy_text(&space, table, row, 1, 1, made, table->row_bytes_max, &rows);
        assert_int_equal(rows, 1);
        assert_int_equal(n, len - (rest + 1 - line));
        assert_memory_equal(made, rest + 1, n);
    }
    assert_int_equal(lines, lines_expected);
    free(made);
    free(line);
    fclose(file);
}

static void the_built_in_tables_are_golden(void **state)
{
    (void)state;
    assert_table_is_golden(table_builtin("wide"), 84);
    assert_table_is_golden(table_builtin("narrow"), 84);
    assert_table_is_golden(table_builtin("toasted"), 12);
}

static void a_table_with_every_generator_is_golden(void **state)
{
    assert_table_is_golden(*state, 404);
}

/* Undoes COPY text's escapes in place; the length, or GENERATED_NULL. */
static size_t unescape(char *field)
{
    if (strcmp(field, "\\N") == 0)
        return GENERATED_NULL;
    size_t len = 0;
    for (const char *at = field; *at != '\0'; at++) {
        static const char letters[] = "bfnrtv", special[] = "\b\f\n\r\t\v";
        char c = *at;
        if (c == '\\') {
            at++;
            const char *letter = strchr(letters, *at);
            c = letter != NULL ? special[letter - letters] : *at;
        }
        field[len++] = c;
    }
    return len;
}

static void a_line_holds_the_values_one_by_one(void **state)
{
    const table_t *table = *state;
    row_space_t space;
    row_space_init(&space, 7, KEY_UUID7);
    char *line = malloc(table->row_bytes_max), *value = malloc(table->value_bytes_max);
    for (uint64_t row = 0; row < 500; row++) {
        size_t rows;
        size_t n = table_copy_text(&space, table, row, 1, 1, line, table->row_bytes_max, &rows);
        line[n - 1] = '\0';
        char *rest = line, *field;
        size_t column = 0;
        for (; (field = strsep(&rest, "\t")) != NULL; column++) {
            uint64_t hash = table_row_hash(&space, row);
            size_t len = table_value(&space, table, row, hash, column, value);
            assert_int_equal(unescape(field), len);
            if (len != GENERATED_NULL)
                assert_memory_equal(field, value, len);
        }
        assert_int_equal(column, table->n_loaded);
    }
    free(line);
    free(value);
}

static void rows_are_the_same_in_any_order_and_piece(void **state)
{
    (void)state;
    const table_t *table = table_builtin("wide");
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    enum { ROWS = 60, STEP = 3 };
    size_t room = ROWS * table->row_bytes_max, rows, whole_len, len = 0;
    char *whole = malloc(room), *pieces = malloc(room);
    whole_len = table_copy_text(&space, table, 5, STEP, ROWS, whole, room, &rows);
    assert_int_equal(rows, ROWS);
    for (size_t done = 0; done < ROWS; done += rows)
        len += table_copy_text(&space, table, 5 + done * STEP, STEP, ROWS - done, pieces + len,
                               2 * table->row_bytes_max + 1, &rows);
    assert_int_equal(len, whole_len);
    assert_memory_equal(pieces, whole, len);
    free(whole);
    free(pieces);
}

static void every_other_row_of_transactions_is_the_row_of_that_number(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    static char strided[50 * ROW_TEXT_MAX];
    size_t rows, at = 0;
    size_t n =
        table_copy_text(&space, &table_transactions, 1, 2, 50, strided, sizeof strided, &rows);
    for (uint64_t row = 1; row < 100; row += 2) {
        row_text_t text;
        row_text(&space, row, &text);
        assert_memory_equal(strided + at, text.text, text.start[TX_LOADED]);
        at += text.start[TX_LOADED];
    }
    assert_int_equal(n, at);
}

static int make_table(void **state)
{
    *state = every_generator_table();
    return 0;
}

static int drop_table(void **state)
{
    table_free(*state);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_built_in_tables_are_golden),
        cmocka_unit_test(a_table_with_every_generator_is_golden),
        cmocka_unit_test(a_line_holds_the_values_one_by_one),
        cmocka_unit_test(rows_are_the_same_in_any_order_and_piece),
        cmocka_unit_test(every_other_row_of_transactions_is_the_row_of_that_number),
    };
    return cmocka_run_group_tests(tests, make_table, drop_table);
}
