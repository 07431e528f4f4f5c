/* Changes of tables other than `transactions`, and of several tables at once, held against what
 * they must be; each damaged in turn. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/encode/encode.h"
#include "model/every_generator.h"
#include "model/timestamp.h"
#include "model/verify/verify.h"

#define ROWS 100

typedef struct {
    row_space_t space;
    verify_opts_t opts;
    verifier_t *v;
    uint64_t position;
    change_t change;
    char *values[2][TABLE_COLUMNS_MAX];
} world_t;

static world_t *world_new(tables_t tables)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    row_space_init(&w->space, 42, KEY_UUID4);
    w->opts = (verify_opts_t){
        .space = &w->space, .tables = tables, .rows = ROWS, .modified_by = "loader"};
    w->v = verifier_new(&w->opts);
    assert_non_null(w->v);
    return w;
}

static void world_free(world_t *w)
{
    for (int side = 0; side < 2; side++)
        for (size_t c = 0; c < TABLE_COLUMNS_MAX; c++)
            free(w->values[side][c]);
    verifier_free(w->v);
    free(w);
}

static void fill(world_t *w, int side, field_t *fields, const table_t *table, uint64_t row,
                 uint32_t version)
{
    for (size_t c = 0; c < table->n_columns; c++) {
        char **value = &w->values[side][c];
        *value = realloc(*value, table->value_bytes_max + 1);
        assert_non_null(*value);
        size_t len = GENERATED_NULL;
        if (c < table->n_loaded)
            len = table_value(&w->space, table, row, table_row_hash(&w->space, row), c, *value);
        if ((int)c == table->amount)
            len = row_amount_text(row_amount_cents(&w->space, row, version), *value);
        fields[c] = len == GENERATED_NULL ? (field_t){.kind = FIELD_NULL}
                                          : (field_t){*value, (uint32_t)len, FIELD_TEXT};
    }
}

/* The change that made this version, as the wal tap would hand it over. */
static void make(world_t *w, op_t op, uint64_t row, uint32_t version)
{
    uint32_t number = (uint32_t)(row % w->opts.tables.n);
    const table_use_t *use = &w->opts.tables.use[number];
    w->change = (change_t){.op = op, .table = number, .position = ++w->position};
    if (op != OP_DELETE)
        fill(w, 1, w->change.after, use->table, row, version);
    if (op != OP_INSERT && use->replica_identity_full) {
        w->change.before_kind = BEFORE_FULL;
        fill(w, 0, w->change.before, use->table, row, op == OP_UPDATE ? version - 1 : version);
    } else if (op == OP_DELETE) {
        w->change.before_kind = BEFORE_KEY;
        fill(w, 0, w->change.before, use->table, row, version);
    }
}

static verdict_t give(world_t *w)
{
    verdict_t verdict;
    verifier_begin(w->v, ++w->position);
    w->change.position = ++w->position;
    verifier_change(w->v, &w->change, &verdict);
    return verdict;
}

static const fault_t *last_mismatch(const world_t *w)
{
    size_t n = verify_fault_count(w->v, FAULT_MISMATCHED);
    return n == 0 ? NULL : verify_fault(w->v, FAULT_MISMATCHED, n - 1);
}

static void assert_clean(const world_t *w)
{
    verify_totals_t totals;
    verify_totals_peek(w->v, &totals);
    if (last_mismatch(w) != NULL)
        fail_msg("%s: expected %s, found %s", last_mismatch(w)->column, last_mismatch(w)->expected,
                 last_mismatch(w)->found);
    assert_true(verify_clean(&totals));
}

static void assert_life_is_clean(tables_t tables)
{
    world_t *w = world_new(tables);
    for (uint64_t row = 0; row < ROWS; row++) {
        make(w, OP_INSERT, row, 0);
        assert_true(give(w).ours);
    }
    for (uint64_t row = 0; row < ROWS; row++) {
        make(w, OP_UPDATE, row, 1);
        assert_int_equal(give(w).version, 1);
        make(w, OP_DELETE, row, 1);
        give(w);
    }
    assert_clean(w);
    world_free(w);
}

static void the_rows_of_every_table_are_what_they_must_be(void **state)
{
    assert_life_is_clean(tables_of_one(*state, TRIGGERS_NONE, true));
    assert_life_is_clean(tables_of_one(*state, TRIGGERS_NONE, false));
    assert_life_is_clean(tables_of_one(table_builtin("wide"), TRIGGERS_NONE, true));
    assert_life_is_clean(tables_of_one(table_builtin("narrow"), TRIGGERS_NONE, false));
    assert_life_is_clean((tables_t){.use = {{*state, TRIGGERS_NONE, true},
                                            {table_builtin("narrow"), TRIGGERS_NONE, false},
                                            {table_builtin("wide"), TRIGGERS_NONE, true}},
                                    .n = 3});
}

static void a_damaged_value_is_named_whatever_its_column(void **state)
{
    const table_t *table = *state;
    for (size_t c = 0; c < table->n_loaded; c++) {
        world_t *w = world_new(tables_of_one(table, TRIGGERS_NONE, true));
        bool damaged = false;
        for (uint64_t row = 0; row < ROWS && !damaged; row++) {
            make(w, OP_INSERT, row, 0);
            field_t *field = &w->change.after[c];
            if (field->kind == FIELD_TEXT && field->len > 0 && (int)c != table->key) {
                w->values[1][c][field->len - 1] ^= 1;
                damaged = true;
            }
            bool mismatched = give(w).mismatched;
            assert_int_equal(mismatched, damaged);
        }
        if ((int)c != table->key)
            assert_string_equal(last_mismatch(w)->column, table->columns[c].name);
        world_free(w);
    }
}

static void null_and_a_value_are_not_the_same(void **state)
{
    const table_t *table = *state;
    world_t *w = world_new(tables_of_one(table, TRIGGERS_NONE, true));
    int hash = table_column(table, "hash", 4);
    int nulls = 0, values = 0;
    for (uint64_t row = 0; row < ROWS; row++) {
        make(w, OP_INSERT, row, 0);
        field_t *field = &w->change.after[hash];
        bool was_null = field->kind == FIELD_NULL;
        *field = was_null ? (field_t){"", 0, FIELD_TEXT} : (field_t){.kind = FIELD_NULL};
        nulls += was_null;
        values += !was_null;
        assert_true(give(w).mismatched);
    }
    assert_true(nulls > ROWS / 5 && values > ROWS / 5);
    world_free(w);
}

static void replace(world_t *w, const char *column, const char *text, field_kind_t kind)
{
    const table_t *table = w->opts.tables.use[0].table;
    int c = table_column(table, column, strlen(column));
    assert_true(c >= 0);
    strcpy(w->values[1][c], text);
    w->change.after[c] = (field_t){w->values[1][c], (uint32_t)strlen(text), kind};
}

static void values_are_known_in_debeziums_forms(void **state)
{
    world_t *w = world_new(tables_of_one(*state, TRIGGERS_NONE, true));
    const table_t *table = *state;
    char text[512];
    for (uint64_t row = 0; row < ROWS; row++) {
        make(w, OP_INSERT, row, 0);
        int flag = table_column(table, "flag", 4), at = table_column(table, "at", 2);
        int64_t us;
        replace(w, "flag", w->values[1][flag][0] == 't' ? "true" : "false", FIELD_TEXT);
        assert_true(timestamp_parse(w->values[1][at], w->change.after[at].len, ' ', &us));
        snprintf(text, sizeof text, "%lld", (long long)us);
        replace(w, "at", text, FIELD_INTEGER);
        int level = table_column(table, "level", 5), balance = table_column(table, "balance", 7);
        w->change.after[level].kind = FIELD_INTEGER;
        field_t *number = &w->change.after[balance];
        number->kind = FIELD_NUMBER;
        while (number->bytes[number->len - 1] == '0' && number->bytes[number->len - 2] != '.')
            number->len--;
        field_t *hash = &w->change.after[table_column(table, "hash", 4)];
        if (hash->kind == FIELD_TEXT && row % 2 == 0) /* binary.handling.mode=hex */
            hash->bytes += 2, hash->len -= 2;
        give(w);
    }
    assert_clean(w);
    world_free(w);
}

static void what_is_too_long_for_the_row_may_stay_unsent_in_an_update(void **state)
{
    (void)state;
    const table_t *table = table_builtin("toasted");
    int document = table_column(table, "document", 8);
    field_t unsent = {.kind = FIELD_UNCHANGED};
    world_t *w = world_new(tables_of_one(table, TRIGGERS_NONE, false));
    make(w, OP_INSERT, 0, 0);
    give(w);
    make(w, OP_UPDATE, 0, 1);
    w->change.after[document] = unsent;
    assert_false(give(w).mismatched);
    make(w, OP_INSERT, 1, 0);
    w->change.after[document] = unsent;
    assert_true(give(w).mismatched);
    assert_string_equal(last_mismatch(w)->column, "document");
    make(w, OP_UPDATE, 0, 2);
    w->change.after[table->amount] = unsent;
    w->change.after[document] = unsent;
    assert_false(give(w).duplicated);
    world_free(w);
}

static void an_old_row_that_is_sent_whole_holds_its_long_values(void **state)
{
    (void)state;
    const table_t *table = table_builtin("toasted");
    int document = table_column(table, "document", 8);
    world_t *w = world_new(tables_of_one(table, TRIGGERS_NONE, true));
    make(w, OP_INSERT, 0, 0);
    give(w);
    make(w, OP_UPDATE, 0, 1);
    w->change.after[document] = w->change.before[document] = (field_t){.kind = FIELD_UNCHANGED};
    assert_true(give(w).mismatched);
    assert_string_equal(last_mismatch(w)->side, "before");
    world_free(w);
}

static void a_row_in_another_table_is_unknown(void **state)
{
    tables_t tables = {
        .use = {{*state, TRIGGERS_NONE, true}, {table_builtin("narrow"), TRIGGERS_NONE, true}},
        .n = 2};
    world_t *w = world_new(tables);
    make(w, OP_INSERT, 1, 0);
    assert_true(give(w).ours);
    char key[ROW_KEY_LEN];
    row_key(&w->space, 2, key);
    make(w, OP_INSERT, 3, 0);
    w->change.after[tables.use[1].table->key] = (field_t){key, sizeof key, FIELD_TEXT};
    assert_true(give(w).unknown);
    assert_non_null(
        strstr(verify_fault(w->v, FAULT_UNKNOWN, 0)->expected, "belongs in table narrow"));
    world_free(w);
}

static void order_holds_for_each_way_by_itself(void **state)
{
    (void)state;
    world_t *w = world_new(tables_of_one(table_builtin("narrow"), TRIGGERS_NONE, true));
    verify_course_t courses[2] = {0};
    verdict_t verdict;
    for (uint64_t row = 0; row < 6; row++) {
        int way = row % 2;
        if (row > 0)
            verifier_turn(w->v, &courses[!way], &courses[way]);
        make(w, OP_INSERT, row, 0);
        verifier_begin(w->v, 100 + row / 2 - (uint64_t)way * 50);
        w->change.position = 1000 - (uint64_t)way * 500 + row;
        verifier_change(w->v, &w->change, &verdict);
        assert_false(verdict.out_of_order);
    }
    assert_clean(w);
    world_free(w);
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
        cmocka_unit_test(the_rows_of_every_table_are_what_they_must_be),
        cmocka_unit_test(a_damaged_value_is_named_whatever_its_column),
        cmocka_unit_test(null_and_a_value_are_not_the_same),
        cmocka_unit_test(values_are_known_in_debeziums_forms),
        cmocka_unit_test(what_is_too_long_for_the_row_may_stay_unsent_in_an_update),
        cmocka_unit_test(an_old_row_that_is_sent_whole_holds_its_long_values),
        cmocka_unit_test(a_row_in_another_table_is_unknown),
        cmocka_unit_test(order_holds_for_each_way_by_itself),
    };
    return cmocka_run_group_tests(tests, make_table, drop_table);
}
