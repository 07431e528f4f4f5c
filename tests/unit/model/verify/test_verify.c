/* What the verifier makes of a stream: each kind of fault by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "model/stream.h"

/* missing, duplicated, out_of_order, mismatched, rolled_back, unknown */
static void assert_totals(const stream_t *s, uint64_t missing, uint64_t duplicated,
                          uint64_t out_of_order, uint64_t mismatched, uint64_t rolled_back,
                          uint64_t unknown)
{
    assert_int_equal(s->totals.missing, missing);
    assert_int_equal(s->totals.duplicated, duplicated);
    assert_int_equal(s->totals.out_of_order, out_of_order);
    assert_int_equal(s->totals.mismatched, mismatched);
    assert_int_equal(s->totals.rolled_back, rolled_back);
    assert_int_equal(s->totals.unknown, unknown);
    bool clean = missing + duplicated + out_of_order + mismatched + rolled_back + unknown == 0;
    assert_true(verify_clean(&s->totals) == clean);
}

static const struct {
    bool full;
    triggers_t triggers;
} settings[] = {
    {true, TRIGGERS_BOTH},  {true, TRIGGERS_USER},  {true, TRIGGERS_COLUMNS}, {true, TRIGGERS_NONE},
    {false, TRIGGERS_BOTH}, {false, TRIGGERS_USER}, {false, TRIGGERS_NONE},
};
#define SETTINGS (sizeof settings / sizeof settings[0])

static void a_stream_as_it_was_written_is_clean_under_every_setting(void **state)
{
    (void)state;
    for (size_t c = 0; c < SETTINGS; c++) {
        stream_t s;
        stream_open(&s, settings[c].full, settings[c].triggers, 0);
        for (uint64_t row = 0; row < 50; row++) {
            pass(&s, OP_INSERT, row, 0);
            assert_true(s.verdict.ours && s.verdict.row == row && s.verdict.version == 0);
        }
        begin(&s);
        for (uint64_t row = 0; row < 50; row++) { /* one transaction, three updates of each row */
            for (uint32_t version = 1; version <= 3; version++) {
                make(&s, OP_UPDATE, row, version);
                acknowledged(&s, OP_UPDATE, row, version);
                deliver(&s);
                assert_true(s.verdict.ours && s.verdict.version == version);
                assert_false(s.verdict.mismatched);
            }
        }
        for (uint64_t row = 0; row < 50; row += 2)
            pass(&s, OP_DELETE, row, 3);
        verifier_before_run(s.v);
        finish(&s);
        assert_totals(&s, 0, 0, 0, 0, 0, 0);
        assert_int_equal(s.totals.delivered, 225);
        assert_int_equal(s.totals.before_run, 1);
        assert_identity(&s);
        stream_close(&s);
    }
}

static void a_dropped_update_is_missing_and_named(void **state)
{
    (void)state;
    for (size_t c = 0; c < SETTINGS; c++) {
        stream_t s;
        stream_open(&s, settings[c].full, settings[c].triggers, 0);
        pass(&s, OP_INSERT, 5, 0);
        acknowledged(&s, OP_UPDATE, 5, 1);
        pass(&s, OP_UPDATE, 5, 2);
        assert_false(s.verdict.duplicated || s.verdict.out_of_order || s.verdict.mismatched);
        verify_totals_peek(s.v, &s.totals);
        assert_int_equal(s.totals.missing, 1);
        finish(&s);
        assert_totals(&s, 1, 0, 0, 0, 0, 0);
        assert_identity(&s);
        const fault_t *fault = only_fault(&s, FAULT_MISSING);
        assert_true(fault->has_row && fault->row == 5 && fault->version == 1);
        assert_int_equal(fault->op, OP_UPDATE);
        assert_int_equal(strlen(fault->key), ROW_KEY_LEN);
        stream_close(&s);
    }
}

static void changes_missing_at_the_end_are_found_against_the_writer(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    pass(&s, OP_INSERT, 1, 0);
    acknowledged(&s, OP_UPDATE, 1, 1);
    acknowledged(&s, OP_UPDATE, 1, 2);
    acknowledged(&s, OP_INSERT, 70000, 0); /* a chunk that the tap never touched */
    acknowledged(&s, OP_UPDATE, 70000, 1);
    pass(&s, OP_INSERT, 2, 0);
    acknowledged(&s, OP_DELETE, 2, 0);
    acknowledged(&s, OP_INSERT, 3, 0);
    acknowledged(&s, OP_DELETE, 3, 0);
    finish(&s);
    assert_totals(&s, 7, 0, 0, 0, 0, 0);
    assert_identity(&s);
    assert_int_equal(verify_fault_count(s.v, FAULT_MISSING), 7);
    const fault_t *fault = verify_fault(s.v, FAULT_MISSING, 2);
    assert_true(fault->row == 2 && fault->op == OP_DELETE);
    stream_close(&s);
}

static void a_dropped_insert_is_missing_whatever_comes_first(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    acknowledged(&s, OP_INSERT, 1, 0);
    pass(&s, OP_UPDATE, 1, 1);
    acknowledged(&s, OP_INSERT, 2, 0);
    pass(&s, OP_DELETE, 2, 0);
    finish(&s);
    assert_totals(&s, 2, 0, 0, 0, 0, 0);
    assert_identity(&s);
    assert_int_equal(verify_fault(s.v, FAULT_MISSING, 0)->op, OP_INSERT);
    stream_close(&s);
}

static void an_update_dropped_before_a_delete_is_missing(void **state)
{
    (void)state;
    for (int full = 0; full < 2; full++) {
        stream_t s;
        stream_open(&s, full, TRIGGERS_BOTH, 0);
        pass(&s, OP_INSERT, 1, 0);
        acknowledged(&s, OP_UPDATE, 1, 1);
        pass(&s, OP_DELETE, 1, 1);
        finish(&s);
        assert_totals(&s, 1, 0, 0, 0, 0, 0);
        assert_identity(&s);
        /* with its key alone a delete does not say what it deleted: only the sum shows the loss */
        assert_true(only_fault(&s, FAULT_MISSING)->has_row == full);
        stream_close(&s);
    }
}

static void a_repeated_change_is_duplicated(void **state)
{
    (void)state;
    for (size_t c = 0; c < SETTINGS; c++) {
        stream_t s;
        stream_open(&s, settings[c].full, settings[c].triggers, 0);
        pass(&s, OP_INSERT, 1, 0);
        read_only(&s, OP_INSERT, 1, 0);
        assert_true(s.verdict.duplicated && !s.verdict.out_of_order && s.verdict.ours);
        pass(&s, OP_UPDATE, 1, 1);
        deliver(&s);
        assert_true(s.verdict.duplicated);
        pass(&s, OP_UPDATE, 1, 2);
        read_only(&s, OP_UPDATE, 1, 1);
        assert_true(s.verdict.duplicated);
        assert_int_equal(s.verdict.version, 1);
        pass(&s, OP_DELETE, 1, 2);
        deliver(&s);
        assert_true(s.verdict.duplicated);
        read_only(&s, OP_UPDATE, 1, 2);
        assert_true(s.verdict.duplicated);
        finish(&s);
        assert_totals(&s, 0, 5, 0, 0, 0, 0);
        assert_identity(&s);
        assert_int_equal(verify_fault(s.v, FAULT_DUPLICATED, 1)->version, 1);
        stream_close(&s);
    }
}

static void a_late_version_that_fills_a_gap_is_out_of_order_once(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    pass(&s, OP_INSERT, 1, 0);
    pass(&s, OP_UPDATE, 1, 2);
    pass(&s, OP_UPDATE, 1, 1);
    assert_true(s.verdict.out_of_order && !s.verdict.duplicated && !s.verdict.mismatched);
    assert_true(row_state_set(s.writer, 1, 2));
    read_only(&s, OP_UPDATE, 1, 1); /* the gap is closed now */
    assert_true(s.verdict.duplicated && !s.verdict.out_of_order);
    finish(&s);
    assert_totals(&s, 0, 1, 1, 0, 0, 0);
    assert_identity(&s);
    assert_int_equal(only_fault(&s, FAULT_OUT_OF_ORDER)->version, 1);
    stream_close(&s);
}

static void swapped_neighbours_are_one_out_of_order_each(void **state)
{
    (void)state;
    static const op_t ops[3][2] = {
        {OP_INSERT, OP_UPDATE}, {OP_UPDATE, OP_UPDATE}, {OP_UPDATE, OP_DELETE}};
    for (int c = 0; c < 3; c++) {
        stream_t s;
        stream_open(&s, true, TRIGGERS_BOTH, 0);
        uint32_t first = ops[c][0] == OP_INSERT ? 0 : 1;
        uint32_t second = ops[c][1] == OP_DELETE ? first : first + 1;
        if (first == 1)
            pass(&s, OP_INSERT, 9, 0);
        acknowledged(&s, ops[c][0], 9, first);
        pass(&s, ops[c][1], 9, second);
        make(&s, ops[c][0], 9, first);
        s.synthetic.change.position -= 16; /* its place was before */
        deliver(&s);
        assert_true(s.verdict.out_of_order && !s.verdict.duplicated && !s.verdict.mismatched);
        finish(&s);
        assert_totals(&s, 0, 0, 1, 0, 0, 0);
        assert_identity(&s);
        stream_close(&s);
    }
}

static void a_position_that_falls_within_a_transaction_is_out_of_order(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    pass(&s, OP_INSERT, 1, 0);
    make(&s, OP_INSERT, 2, 0);
    s.synthetic.change.position = s.position - 16;
    acknowledged(&s, OP_INSERT, 2, 0);
    deliver(&s);
    assert_true(s.verdict.out_of_order);
    make(&s, OP_INSERT, 3, 0);
    s.synthetic.change.position = s.position - 16; /* as the one before: it may stay */
    acknowledged(&s, OP_INSERT, 3, 0);
    deliver(&s);
    assert_false(s.verdict.out_of_order);
    s.position = 0; /* change positions may step back from one transaction to the next */
    pass(&s, OP_INSERT, 4, 0);
    assert_false(s.verdict.out_of_order);
    finish(&s);
    assert_totals(&s, 0, 0, 1, 0, 0, 0);
    assert_int_equal(only_fault(&s, FAULT_OUT_OF_ORDER)->row, 2);
    stream_close(&s);
}

static void a_commit_position_that_does_not_rise_is_out_of_order(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    verifier_begin(s.v, 0); /* the first may be anything */
    verifier_begin(s.v, 10);
    verifier_begin(s.v, 10);
    verifier_begin(s.v, 9);
    verifier_begin(s.v, 11);
    finish(&s);
    assert_totals(&s, 0, 0, 2, 0, 0, 0);
    const fault_t *fault = verify_fault(s.v, FAULT_OUT_OF_ORDER, 1);
    assert_false(fault->has_row);
    assert_int_equal(fault->position, 9);
    assert_string_equal(fault->expected, "a position after 0/A");
    stream_close(&s);
}

static void keys_that_are_not_of_this_run_are_unknown(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    begin(&s);
    make(&s, OP_INSERT, 1, 0);
    synthetic_flip(&s.synthetic, &s.synthetic.change.after[TX_TRANSACTION_ID], 7);
    deliver(&s);
    assert_true(s.verdict.unknown && !s.verdict.ours);
    const fault_t *fault = only_fault(&s, FAULT_UNKNOWN);
    assert_memory_equal(fault->key, s.synthetic.damaged, ROW_KEY_LEN);
    assert_false(fault->has_row);
    make(&s, OP_INSERT, ROWS, 0); /* of this seed, but past the last row */
    deliver(&s);
    assert_true(s.verdict.unknown);
    make(&s, OP_DELETE, 1, 0);
    s.synthetic.change.before_kind = BEFORE_NONE;
    deliver(&s);
    assert_true(s.verdict.unknown);
    assert_string_equal(verify_fault(s.v, FAULT_UNKNOWN, 2)->key, "(absent)");
    make(&s, OP_INSERT, 1, 0);
    s.synthetic.change.after[TX_TRANSACTION_ID] = (field_t){.kind = FIELD_NULL};
    deliver(&s);
    finish(&s);
    assert_totals(&s, 0, 0, 0, 0, 0, 4);
    stream_close(&s);
}

static void what_was_rolled_back_names_itself(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    pass(&s, OP_INSERT, 1, 0);
    make(&s, OP_INSERT, ROW_ROLLBACK_BASE + 3, 0);
    deliver(&s);
    assert_true(s.verdict.rolled_back && !s.verdict.ours);
    make(&s, OP_UPDATE, 1, 1);
    synthetic_replace(&s.synthetic, &s.synthetic.change.after[TX_AMOUNT], "2000.00");
    deliver(&s);
    assert_true(s.verdict.rolled_back && !s.verdict.ours);
    pass(&s, OP_UPDATE, 1, 1); /* the row's sequence was not touched */
    finish(&s);
    assert_totals(&s, 0, 0, 0, 0, 2, 0);
    assert_identity(&s);
    assert_int_equal(verify_fault(s.v, FAULT_ROLLED_BACK, 0)->row, ROW_ROLLBACK_BASE + 3);
    assert_string_equal(verify_fault(s.v, FAULT_ROLLED_BACK, 1)->found, "2000.00");
    stream_close(&s);
}

static void an_amount_between_the_versions_and_the_rollbacks_is_mismatched(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    pass(&s, OP_INSERT, 1, 0);
    begin(&s);
    make(&s, OP_UPDATE, 1, 1);
    acknowledged(&s, OP_UPDATE, 1, 1);
    synthetic_replace(&s.synthetic, &s.synthetic.change.after[TX_AMOUNT], "1999.99");
    deliver(&s);
    assert_true(s.verdict.mismatched && s.verdict.version == 1);
    finish(&s);
    assert_totals(&s, 0, 0, 0, 1, 0, 0);
    stream_close(&s);
}

static void what_the_writer_never_had_acknowledged_is_unknown(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    read_only(&s, OP_INSERT, 1, 0); /* no word of the row */
    pass(&s, OP_INSERT, 2, 0);
    read_only(&s, OP_UPDATE, 2, 1); /* ahead of the writer */
    pass(&s, OP_INSERT, 3, 0);
    read_only(&s, OP_DELETE, 3, 0);
    finish(&s);
    assert_totals(&s, 0, 0, 0, 0, 0, 3);
    assert_int_equal(verify_fault_count(s.v, FAULT_UNKNOWN), 3);
    assert_int_equal(verify_fault(s.v, FAULT_UNKNOWN, 1)->row, 2);
    stream_close(&s);
}

static void versions_wrap_and_gaps_are_found_across_the_wrap(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    pass(&s, OP_INSERT, 1, 0);
    for (uint32_t version = 1; version < ROW_VERSIONS + 1000; version++) {
        bool lost = version >= ROW_VERSIONS - 2 && version < ROW_VERSIONS + 2;
        if (lost)
            acknowledged(&s, OP_UPDATE, 1, version);
        else
            pass(&s, OP_UPDATE, 1, version);
        assert_false(s.verdict.duplicated || s.verdict.out_of_order || s.verdict.mismatched);
    }
    verify_totals_peek(s.v, &s.totals);
    assert_int_equal(s.totals.missing, 4);
    read_only(&s, OP_UPDATE, 1, ROW_VERSIONS + 1); /* one of them comes late: of version 1 */
    assert_true(s.verdict.out_of_order && s.verdict.version == 1);
    finish(&s);
    assert_totals(&s, 3, 0, 1, 0, 0, 0);
    assert_identity(&s);
    stream_close(&s);
}

static void a_row_deleted_at_a_wrapped_version_is_clean(void **state)
{
    (void)state;
    static const triggers_t triggers[] = {TRIGGERS_BOTH, TRIGGERS_USER, TRIGGERS_COLUMNS};
    for (int c = 0; c < 3; c++) {
        stream_t s;
        stream_open(&s, true, triggers[c], 0);
        pass(&s, OP_INSERT, 1, 0);
        for (uint32_t version = 1; version <= ROW_VERSIONS; version++)
            pass(&s, OP_UPDATE, 1, version);
        pass(&s, OP_DELETE, 1, ROW_VERSIONS);
        finish(&s);
        assert_totals(&s, 0, 0, 0, 0, 0, 0);
        stream_close(&s);
    }
}

static void a_whole_round_of_lost_versions_shows_in_the_sum(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    pass(&s, OP_INSERT, 1, 0);
    s.expected += ROW_VERSIONS; /* and the row is at version 0 again */
    finish(&s);
    assert_totals(&s, ROW_VERSIONS, 0, 0, 0, 0, 0);
    assert_identity(&s);
    assert_false(only_fault(&s, FAULT_MISSING)->has_row);
    stream_close(&s);
}

static void more_than_half_of_the_versions_ahead_counts_as_behind(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, false, TRIGGERS_NONE, 0);
    pass(&s, OP_INSERT, 1, 0);
    read_only(&s, OP_UPDATE, 1, ROW_VERSIONS / 2 + 1);
    assert_true(s.verdict.duplicated);
    read_only(&s, OP_UPDATE, 1, ROW_VERSIONS / 2);
    assert_false(s.verdict.duplicated);
    verify_totals_peek(s.v, &s.totals);
    assert_int_equal(s.totals.missing, ROW_VERSIONS / 2 - 1);
    stream_close(&s);
}

static void a_full_table_of_gaps_fails_the_verdict_and_still_counts(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 5);
    pass(&s, OP_INSERT, 1, 0);
    acknowledged(&s, OP_UPDATE, 1, 1);
    pass(&s, OP_UPDATE, 1, 2);
    verify_totals_peek(s.v, &s.totals);
    assert_false(s.totals.gaps_overflowed);
    for (uint32_t version = 3; version < 10; version++)
        acknowledged(&s, OP_UPDATE, 1, version);
    pass(&s, OP_UPDATE, 1, 10);
    finish(&s);
    assert_true(s.totals.gaps_overflowed);
    assert_int_equal(s.totals.missing, 5);
    assert_false(verify_clean(&s.totals));
    s.totals.missing = 0;
    assert_false(verify_clean(&s.totals));
    stream_close(&s);
}

static void a_gap_that_is_filled_makes_room_for_another(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 3);
    pass(&s, OP_INSERT, 1, 0);
    pass(&s, OP_UPDATE, 1, 4);
    read_only(&s, OP_UPDATE, 1, 2);
    assert_true(s.verdict.out_of_order);
    pass(&s, OP_UPDATE, 1, 6);
    verify_totals_peek(s.v, &s.totals);
    assert_false(s.totals.gaps_overflowed);
    assert_int_equal(s.totals.missing, 3);
    pass(&s, OP_UPDATE, 1, 8);
    verify_totals_peek(s.v, &s.totals);
    assert_true(s.totals.gaps_overflowed);
    stream_close(&s);
}

static void a_snapshots_rows_stand_for_all_their_versions(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    for (uint64_t row = 0; row < 3; row++) {
        acknowledged(&s, OP_INSERT, row, 0);
        for (uint32_t version = 1; version <= row; version++)
            acknowledged(&s, OP_UPDATE, row, version);
        begin(&s);
        make(&s, row > 0 ? OP_UPDATE : OP_INSERT, row, (uint32_t)row);
        s.synthetic.change.op = OP_INSERT;
        s.synthetic.change.before_kind = BEFORE_NONE;
        s.synthetic.change.snapshot = true;
        deliver(&s);
        assert_true(s.verdict.ours && s.verdict.version == row && !s.verdict.mismatched);
    }
    pass(&s, OP_UPDATE, 2, 3);
    finish(&s);
    assert_totals(&s, 0, 0, 0, 0, 0, 0);
    stream_close(&s);
}

static void only_the_first_ten_faults_of_a_kind_are_kept(void **state)
{
    (void)state;
    stream_t s;
    stream_open(&s, true, TRIGGERS_BOTH, 0);
    for (uint64_t row = 0; row < 15; row++) {
        pass(&s, OP_INSERT, row, 0);
        read_only(&s, OP_INSERT, row, 0);
    }
    assert_int_equal(verify_fault_count(s.v, FAULT_DUPLICATED), VERIFY_FAULTS_MAX);
    assert_int_equal(verify_fault(s.v, FAULT_DUPLICATED, 9)->row, 9);
    assert_null(verify_fault(s.v, FAULT_DUPLICATED, 10));
    finish(&s);
    assert_int_equal(s.totals.duplicated, 15);
    assert_string_equal(fault_names[FAULT_OUT_OF_ORDER], "out_of_order");
    stream_close(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_as_it_was_written_is_clean_under_every_setting),
        cmocka_unit_test(a_dropped_update_is_missing_and_named),
        cmocka_unit_test(changes_missing_at_the_end_are_found_against_the_writer),
        cmocka_unit_test(a_dropped_insert_is_missing_whatever_comes_first),
        cmocka_unit_test(an_update_dropped_before_a_delete_is_missing),
        cmocka_unit_test(a_repeated_change_is_duplicated),
        cmocka_unit_test(a_late_version_that_fills_a_gap_is_out_of_order_once),
        cmocka_unit_test(swapped_neighbours_are_one_out_of_order_each),
        cmocka_unit_test(a_position_that_falls_within_a_transaction_is_out_of_order),
        cmocka_unit_test(a_commit_position_that_does_not_rise_is_out_of_order),
        cmocka_unit_test(keys_that_are_not_of_this_run_are_unknown),
        cmocka_unit_test(what_was_rolled_back_names_itself),
        cmocka_unit_test(an_amount_between_the_versions_and_the_rollbacks_is_mismatched),
        cmocka_unit_test(what_the_writer_never_had_acknowledged_is_unknown),
        cmocka_unit_test(versions_wrap_and_gaps_are_found_across_the_wrap),
        cmocka_unit_test(a_row_deleted_at_a_wrapped_version_is_clean),
        cmocka_unit_test(a_whole_round_of_lost_versions_shows_in_the_sum),
        cmocka_unit_test(more_than_half_of_the_versions_ahead_counts_as_behind),
        cmocka_unit_test(a_full_table_of_gaps_fails_the_verdict_and_still_counts),
        cmocka_unit_test(a_gap_that_is_filled_makes_room_for_another),
        cmocka_unit_test(a_snapshots_rows_stand_for_all_their_versions),
        cmocka_unit_test(only_the_first_ten_faults_of_a_kind_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
