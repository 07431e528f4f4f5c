/* The content of a change: any one column damaged, on either side, is one mismatch that names it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "model/synthetic.h"

#define ROWS 1000

typedef struct {
    row_space_t space;
    verify_opts_t opts;
    verifier_t *v;
    row_state_t *writer;
    uint64_t expected, position;
    synthetic_t synthetic;
    verdict_t verdict;
} stream_t;

static void stream_open(stream_t *s, bool full, triggers_t triggers)
{
    memset(s, 0, sizeof *s);
    row_space_init(&s->space, 7, KEY_UUID4);
    s->opts = (verify_opts_t){.space = &s->space,
                              .tables = tables_of_one(&table_transactions, triggers, full),
                              .rows = ROWS,
                              .modified_by = SYNTHETIC_USER};
    s->v = verifier_new(&s->opts);
    s->writer = row_state_new(ROWS);
    assert_non_null(s->v);
    assert_non_null(s->writer);
    verifier_begin(s->v, 1);
}

static void stream_close(stream_t *s)
{
    verifier_free(s->v);
    row_state_free(s->writer);
}

static void make(stream_t *s, op_t op, uint64_t row, uint32_t version)
{
    s->position++;
    synthetic_make(&s->synthetic, &s->opts, op, row, version, s->position, SYNTHETIC_TIME_US);
    uint32_t state = op == OP_DELETE ? ROW_STATE_DELETED : version;
    assert_true(row_state_set(s->writer, row, (uint16_t)state));
    s->expected++;
}

static void deliver(stream_t *s)
{
    verifier_change(s->v, &s->synthetic.change, &s->verdict);
}

static void pass(stream_t *s, op_t op, uint64_t row, uint32_t version)
{
    make(s, op, row, version);
    deliver(s);
    assert_false(s->verdict.mismatched || s->verdict.duplicated || s->verdict.out_of_order);
}

/* The ways to damage a field. */
typedef enum {
    DAMAGE_MIDDLE,
    DAMAGE_FIRST,
    DAMAGE_LONGER,
    DAMAGE_SHORTER,
    DAMAGE_NULL,
    DAMAGE_ABSENT,
    DAMAGES
} damage_t;

/* False where this damage cannot be done to the field. */
static bool damage_field(stream_t *s, field_t *field, damage_t damage)
{
    bool is_text = field->kind == FIELD_TEXT;
    switch (damage) {
    case DAMAGE_MIDDLE:
    case DAMAGE_FIRST:
    case DAMAGE_SHORTER:
        if (!is_text || field->len == 0)
            return false;
        if (damage == DAMAGE_SHORTER)
            field->len--;
        else
            synthetic_flip(&s->synthetic, field, damage == DAMAGE_MIDDLE ? field->len / 2 : 0);
        return true;
    case DAMAGE_LONGER:
        snprintf(s->synthetic.damaged, sizeof s->synthetic.damaged, "%.*s0",
                 is_text ? (int)field->len : 0, is_text ? field->bytes : "");
        *field = synthetic_field(s->synthetic.damaged, strlen(s->synthetic.damaged));
        return true;
    case DAMAGE_NULL:
        *field = (field_t){.kind = FIELD_NULL};
        return is_text;
    case DAMAGE_ABSENT:
    case DAMAGES:
        break;
    }
    *field = (field_t){.kind = FIELD_ABSENT};
    return true;
}

/* What is seen of the row before the change that is damaged: up to `seen` versions. */
static void history(stream_t *s, op_t op, uint64_t row, uint32_t version)
{
    uint32_t last = op == OP_DELETE ? version + 1 : version;
    for (uint32_t k = 0; op != OP_INSERT && k < last; k++)
        pass(s, k == 0 ? OP_INSERT : OP_UPDATE, row, k);
}

static void assert_only_mismatch(stream_t *s, int column, const char *side)
{
    verify_totals_t totals;
    verify_finish(s->v, s->writer, s->expected, &totals);
    assert_int_equal(totals.mismatched, 1);
    totals.mismatched = 0;
    assert_true(verify_clean(&totals));
    assert_int_equal(verify_fault_count(s->v, FAULT_MISMATCHED), 1);
    const fault_t *fault = verify_fault(s->v, FAULT_MISMATCHED, 0);
    assert_string_equal(fault->column, table_transactions.columns[column].name);
    assert_string_equal(fault->side, side);
    assert_string_not_equal(fault->expected, fault->found);
    assert_string_not_equal(fault->expected, "");
    assert_true(fault->has_row && fault->row == 3);
    assert_true(fault->position > 0 && fault->position <= s->position);
}

/* With one trigger alone there is nothing that an old row's time could be held against: another
 * time of the same form (a digit changed in change_info's middle, in modified_at's first place, or
 * its last one cut off) cannot be seen. */
static bool damage_is_invisible(triggers_t triggers, bool before, int column, damage_t damage)
{
    if (triggers == TRIGGERS_COLUMNS)
        return before && column == TX_CHANGE_INFO && damage == DAMAGE_MIDDLE;
    return triggers == TRIGGERS_USER && before && column == TX_MODIFIED_AT &&
           (damage == DAMAGE_FIRST || damage == DAMAGE_SHORTER);
}

/* Damages one column of one change of row 3, delivers it, and then the row's next changes. */
static void check_damage(triggers_t triggers, op_t op, uint32_t version, bool before, int column,
                         damage_t damage)
{
    if (damage_is_invisible(triggers, before, column, damage))
        return;
    stream_t s;
    stream_open(&s, true, triggers);
    pass(&s, OP_INSERT, 1, 0);
    pass(&s, OP_UPDATE, 1, 1); /* the transaction's time is known */
    history(&s, op, 3, version);
    make(&s, op, 3, version);
    field_t *field =
        before ? &s.synthetic.change.before[column] : &s.synthetic.change.after[column];
    if (damage_field(&s, field, damage)) {
        deliver(&s);
        assert_true(s.verdict.mismatched && s.verdict.ours && s.verdict.version == version);
        assert_false(s.verdict.duplicated || s.verdict.out_of_order);
        if (op != OP_DELETE)
            pass(&s, OP_UPDATE, 3, version + 1);
        assert_only_mismatch(&s, column, before ? "before" : "after");
    }
    stream_close(&s);
}

static void one_damaged_column_is_one_mismatch_that_names_it(void **state)
{
    (void)state;
    static const triggers_t triggers[] = {TRIGGERS_BOTH, TRIGGERS_COLUMNS, TRIGGERS_USER};
    for (int t = 0; t < 3; t++) {
        for (int column = 0; column < TX_COLUMNS; column++) {
            for (damage_t damage = 0; damage < DAMAGES; damage++) {
                if (column != TX_TRANSACTION_ID) { /* a row without a key is no row: unknown */
                    check_damage(triggers[t], OP_INSERT, 0, false, column, damage);
                    check_damage(triggers[t], OP_DELETE, 0, true, column, damage);
                    check_damage(triggers[t], OP_DELETE, 2, true, column, damage);
                }
                for (uint32_t version = 1; version <= 3; version++) {
                    check_damage(triggers[t], OP_UPDATE, version, false, column, damage);
                    check_damage(triggers[t], OP_UPDATE, version, true, column, damage);
                }
            }
        }
    }
}

static void the_fault_says_what_was_expected_and_what_was_found(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH);
    make(&s, OP_INSERT, 3, 0);
    char city[64];
    field_t *field = &s.synthetic.change.after[TX_CITY];
    snprintf(city, sizeof city, "%.*s", (int)field->len, field->bytes);
    synthetic_replace(&s.synthetic, field, "Paris");
    deliver(&s);
    const fault_t *fault = verify_fault(s.v, FAULT_MISMATCHED, 0);
    assert_string_equal(fault->expected, city);
    assert_string_equal(fault->found, "Paris");
    char key[ROW_KEY_LEN];
    row_key(&s.space, 3, key);
    assert_memory_equal(fault->key, key, ROW_KEY_LEN);
    assert_int_equal(fault->key[ROW_KEY_LEN], '\0');
    stream_close(&s);
}

static void several_damaged_columns_are_one_event_and_a_fault_each(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH);
    make(&s, OP_INSERT, 3, 0);
    for (int column = TX_USER_ID; column <= TX_COUNTRY; column++)
        s.synthetic.change.after[column] = (field_t){.kind = FIELD_NULL};
    deliver(&s);
    verify_totals_t totals;
    verify_totals_peek(s.v, &totals);
    assert_int_equal(totals.mismatched, 1);
    assert_int_equal(verify_fault_count(s.v, FAULT_MISMATCHED), TX_COUNTRY);
    stream_close(&s);
}

static void an_unchanged_value_that_was_not_sent_is_not_wrong(void **state)
{
    (void)state;
    for (int column = 0; column < TX_COLUMNS; column++) {
        stream_t s;
        stream_open(&s, true, TRIGGERS_BOTH);
        pass(&s, OP_INSERT, 3, 0);
        pass(&s, OP_UPDATE, 3, 1);
        make(&s, OP_UPDATE, 3, 2);
        s.synthetic.change.after[column] = (field_t){.kind = FIELD_UNCHANGED};
        deliver(&s);
        assert_true(s.verdict.ours && s.verdict.version == 2);
        assert_false(s.verdict.mismatched);
        stream_close(&s);
    }
}

static void times_may_be_integers_of_microseconds(void **state)
{
    (void)state;
    char timestamp[24], at[24];
    for (int wrong = 0; wrong < 3; wrong++) {
        stream_t s;
        stream_open(&s, true, TRIGGERS_BOTH);
        pass(&s, OP_INSERT, 3, 0);
        make(&s, OP_UPDATE, 3, 1);
        int64_t row_us = row_timestamp_us(&s.space, 3) + (wrong == 1);
        snprintf(timestamp, sizeof timestamp, "%lld", (long long)row_us);
        snprintf(at, sizeof at, "%lld", (long long)SYNTHETIC_TIME_US + (wrong == 2));
        field_t *after = s.synthetic.change.after;
        after[TX_TIMESTAMP] = synthetic_field(timestamp, strlen(timestamp));
        after[TX_TIMESTAMP].kind = FIELD_INTEGER;
        after[TX_MODIFIED_AT] = synthetic_field(at, strlen(at));
        after[TX_MODIFIED_AT].kind = FIELD_INTEGER;
        deliver(&s);
        assert_true(s.verdict.mismatched == (wrong != 0));
        if (wrong != 0)
            assert_string_equal(verify_fault(s.v, FAULT_MISMATCHED, 0)->column,
                                wrong == 1 ? "timestamp" : "modified_at");
        stream_close(&s);
    }
}

static void all_updates_of_a_transaction_have_one_time(void **state)
{
    (void)state;
    static const triggers_t triggers[] = {TRIGGERS_BOTH, TRIGGERS_COLUMNS, TRIGGERS_USER};
    for (int t = 0; t < 3; t++) {
        stream_t s;
        stream_open(&s, true, triggers[t]);
        pass(&s, OP_INSERT, 3, 0);
        pass(&s, OP_UPDATE, 3, 1);
        make(&s, OP_UPDATE, 3, 2);
        synthetic_make(&s.synthetic, &s.opts, OP_UPDATE, 3, 2, s.position, SYNTHETIC_TIME_US + 1);
        deliver(&s);
        assert_true(s.verdict.mismatched);
        const fault_t *fault = verify_fault(s.v, FAULT_MISMATCHED, 0);
        assert_string_equal(fault->column,
                            triggers[t] == TRIGGERS_COLUMNS ? "change_info" : "modified_at");
        verifier_begin(s.v, 2); /* another transaction, another time */
        synthetic_make(&s.synthetic, &s.opts, OP_UPDATE, 3, 3, s.position, SYNTHETIC_TIME_US + 9);
        deliver(&s);
        assert_false(s.verdict.mismatched);
        stream_close(&s);
    }
}

static void a_damaged_time_in_the_first_update_does_not_taint_the_rest(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH);
    pass(&s, OP_INSERT, 3, 0);
    pass(&s, OP_INSERT, 4, 0);
    make(&s, OP_UPDATE, 3, 1);
    synthetic_flip(&s.synthetic, &s.synthetic.change.after[TX_MODIFIED_AT], 25);
    deliver(&s);
    assert_true(s.verdict.mismatched);
    assert_int_equal(verify_fault_count(s.v, FAULT_MISMATCHED), 1);
    pass(&s, OP_UPDATE, 4, 1);
    pass(&s, OP_UPDATE, 3, 2);
    stream_close(&s);
}

static void trailing_zeros_of_the_time_are_left_out_in_both(void **state)
{
    (void)state;
    static const int64_t times_us[] = {INT64_C(1795351591789280), INT64_C(1795351591000000)};
    for (int c = 0; c < 2; c++) {
        stream_t s;
        stream_open(&s, true, TRIGGERS_BOTH);
        pass(&s, OP_INSERT, 3, 0);
        synthetic_make(&s.synthetic, &s.opts, OP_UPDATE, 3, 1, 2, times_us[c]);
        deliver(&s);
        assert_false(s.verdict.mismatched);
        synthetic_make(&s.synthetic, &s.opts, OP_UPDATE, 3, 2, 3, times_us[c]);
        synthetic_replace(&s.synthetic, &s.synthetic.change.after[TX_MODIFIED_AT],
                          c == 0 ? "2026-11-22 12:46:31.789280" : "2026-11-22 12:46:31.0");
        deliver(&s);
        assert_true(s.verdict.mismatched);
        stream_close(&s);
    }
}

static void an_old_row_that_is_not_whole_is_mismatched_under_full(void **state)
{
    (void)state;
    static const before_kind_t kinds[] = {BEFORE_NONE, BEFORE_KEY};
    for (int c = 0; c < 2; c++) {
        stream_t s;
        stream_open(&s, true, TRIGGERS_BOTH);
        pass(&s, OP_INSERT, 3, 0);
        make(&s, OP_UPDATE, 3, 1);
        s.synthetic.change.before_kind = kinds[c];
        deliver(&s);
        assert_true(s.verdict.mismatched);
        assert_string_equal(verify_fault(s.v, FAULT_MISMATCHED, 0)->column, "before");
        stream_close(&s);
    }
}

static void a_delete_of_an_older_version_than_was_seen_is_mismatched(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_NONE);
    pass(&s, OP_INSERT, 3, 0);
    pass(&s, OP_UPDATE, 3, 1);
    pass(&s, OP_UPDATE, 3, 2);
    make(&s, OP_DELETE, 3, 1);
    deliver(&s);
    assert_int_equal(s.verdict.version, 2);
    assert_only_mismatch(&s, TX_AMOUNT, "before");
    stream_close(&s);
}

/* An update on which the triggers of `silent` have not run: their columns are as they were. */
static void make_untriggered(stream_t *s, uint64_t row, uint32_t version, triggers_t silent)
{
    synthetic_t old;
    synthetic_make(&old, &s->opts, OP_UPDATE, row, version - 1, s->position, SYNTHETIC_TIME_US - 5);
    make(s, OP_UPDATE, row, version);
    change_t *change = &s->synthetic.change;
    static const field_t null = {.kind = FIELD_NULL};
    for (int column = 0; column < (int)table_transactions.n_columns; column++) {
        column_role_t role = table_transactions.columns[column].role;
        bool of_user = role == ROLE_MODIFIED_BY || role == ROLE_MODIFIED_AT;
        if ((of_user && (silent & TRIGGERS_USER)) ||
            (role == ROLE_CHANGE_INFO && (silent & TRIGGERS_COLUMNS)))
            change->after[column] = version == 1                         ? null
                                    : change->before_kind == BEFORE_FULL ? change->before[column]
                                                                         : old.change.after[column];
    }
    deliver(s);
}

static const char *named_trigger(const stream_t *s)
{
    const char *trigger = NULL;
    for (size_t i = 0; i < verify_fault_count(s->v, FAULT_MISMATCHED); i++)
        if (verify_fault(s->v, FAULT_MISMATCHED, i)->trigger != NULL)
            trigger = verify_fault(s->v, FAULT_MISMATCHED, i)->trigger;
    return trigger;
}

static void a_trigger_that_did_not_run_is_named(void **state)
{
    (void)state;
    static const struct {
        triggers_t silent;
        uint32_t version; /* 1: the columns are still NULL */
        bool full;
        const char *name;
    } cases[] = {
        {TRIGGERS_COLUMNS, 1, true, "trigger_record_change_info"},
        {TRIGGERS_COLUMNS, 1, false, "trigger_record_change_info"},
        {TRIGGERS_COLUMNS, 2, true, "trigger_record_change_info"},
        {TRIGGERS_COLUMNS, 2, false, "trigger_record_change_info"},
        {TRIGGERS_USER, 1, true, "trigger_record_user_update"},
        {TRIGGERS_USER, 1, false, "trigger_record_user_update"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        stream_t s;
        verify_totals_t totals;
        stream_open(&s, cases[i].full, TRIGGERS_BOTH);
        pass(&s, OP_INSERT, 5, 0);
        for (uint32_t version = 1; version < cases[i].version; version++) {
            pass(&s, OP_UPDATE, 5, version);
            verifier_begin(s.v, 1 + version);
        }
        make_untriggered(&s, 5, cases[i].version, cases[i].silent);
        assert_true(s.verdict.mismatched);
        assert_non_null(named_trigger(&s));
        assert_string_equal(named_trigger(&s), cases[i].name);
        verify_totals_peek(s.v, &totals);
        assert_int_equal(totals.untriggered, 1);
        stream_close(&s);
    }
}

static void a_damaged_trigger_column_names_no_trigger(void **state)
{
    (void)state;
    stream_t s;
    verify_totals_t totals;
    stream_open(&s, true, TRIGGERS_BOTH);
    pass(&s, OP_INSERT, 5, 0);
    make(&s, OP_UPDATE, 5, 1);
    for (int column = 0; column < (int)table_transactions.n_columns; column++)
        if (table_transactions.columns[column].role == ROLE_CHANGE_INFO)
            s.synthetic.change.after[column].len--;
    deliver(&s);
    assert_true(s.verdict.mismatched);
    assert_null(named_trigger(&s));
    verify_totals_peek(s.v, &totals);
    assert_int_equal(totals.untriggered, 0);
    stream_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trigger_that_did_not_run_is_named),
        cmocka_unit_test(a_damaged_trigger_column_names_no_trigger),
        cmocka_unit_test(one_damaged_column_is_one_mismatch_that_names_it),
        cmocka_unit_test(the_fault_says_what_was_expected_and_what_was_found),
        cmocka_unit_test(several_damaged_columns_are_one_event_and_a_fault_each),
        cmocka_unit_test(an_unchanged_value_that_was_not_sent_is_not_wrong),
        cmocka_unit_test(times_may_be_integers_of_microseconds),
        cmocka_unit_test(all_updates_of_a_transaction_have_one_time),
        cmocka_unit_test(a_damaged_time_in_the_first_update_does_not_taint_the_rest),
        cmocka_unit_test(trailing_zeros_of_the_time_are_left_out_in_both),
        cmocka_unit_test(an_old_row_that_is_not_whole_is_mismatched_under_full),
        cmocka_unit_test(a_delete_of_an_older_version_than_was_seen_is_mismatched),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
