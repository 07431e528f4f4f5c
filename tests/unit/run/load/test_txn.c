/* txn: what a transaction consists of, and in which parts it is sent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "run/load/txn.h"

static scenario_t scenario;

static phase_t *begin_scenario(void)
{
    memset(&scenario, 0, sizeof scenario);
    scenario.seed = 42;
    scenario.tables.n = 1;
    scenario.n_phases = 1;
    phase_t *phase = &scenario.phases[0];
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        phase->streams[stream] = (stream_t){.kind = STREAM_CLOSED, .rows_per_txn = 10};
    phase->mix = (mix_t){.inserts = 4, .own_updates = 3, .updates = 2, .deletes = 1};
    phase->first_row = 100;
    phase->mix_first_row = 5000;
    return phase;
}

static txn_t lay_out(uint32_t stream, uint64_t n, uint32_t rows)
{
    task_t task = {.stream = stream, .n = n, .rows = rows};
    txn_t txn;
    txn_lay_out(&scenario, &task, &txn);
    return txn;
}

/* "BEGIN COPY/4 UPDATE/2! COMMIT | …": marked steps with a !, parts divided by bars. */
static void assert_steps(const txn_t *txn, const char *expected)
{
    static const char *const names[STEP_KINDS] = {"BEGIN",  "SAVEPOINT", "ROLLBACK_TO",
                                                  "COMMIT", "ROLLBACK",  "COPY",
                                                  "OWN",    "UPDATE",    "DELETE"};
    char text[400] = "";
    uint32_t end = txn_part_end(txn, 0);
    for (uint32_t i = 0; i < txn->n_steps; i++) {
        const step_t *step = &txn->steps[i];
        char rows[16] = "";
        if (i == end) {
            strcat(text, " |");
            end = txn_part_end(txn, i);
        }
        if (!txn_is_control(step->kind))
            snprintf(rows, sizeof rows, "/%u%s", step->rows, step->marked ? "!" : "");
        size_t len = strlen(text);
        snprintf(text + len, sizeof text - len, "%s%s%s", len > 0 ? " " : "", names[step->kind],
                 rows);
    }
    assert_int_equal(end, txn->n_steps);
    assert_string_equal(text, expected);
}

static void a_transaction_of_one_stream_is_one_implicit_part(void **state)
{
    (void)state;
    begin_scenario();
    txn_t txn = lay_out(OP_INSERT, 7, 10);
    assert_steps(&txn, "COPY/10");
    assert_false(txn.block);
    assert_int_equal(txn.first_row, 100 + 70);
    assert_int_equal(txn.inserts, 10);
    txn = lay_out(OP_UPDATE, 7, 9);
    assert_steps(&txn, "UPDATE/9");
    assert_int_equal(txn.inserts, 0);
    txn = lay_out(OP_DELETE, 0, 1);
    assert_steps(&txn, "DELETE/1");
    assert_int_equal(txn_older_rows(&txn), 1);
}

static void a_mix_is_a_block_that_begins_with_its_copy(void **state)
{
    (void)state;
    begin_scenario();
    txn_t txn = lay_out(STREAM_MIX, 3, 10);
    assert_steps(&txn, "BEGIN COPY/4 | OWN/3 UPDATE/2 DELETE/1 COMMIT");
    assert_true(txn.block);
    assert_int_equal(txn.first_row, 5000 + 3 * 4);
    assert_int_equal(txn_first_seen(&txn)->kind, STEP_COPY);
    assert_int_equal(txn_last_seen(&txn)->kind, STEP_DELETE);
    assert_int_equal(txn_rows(&txn, 0, txn.n_steps), 10);
    assert_int_equal(txn_older_rows(&txn), 3);
}

static void a_short_mix_lacks_what_comes_last(void **state)
{
    (void)state;
    begin_scenario();
    txn_t txn = lay_out(STREAM_MIX, 0, 8);
    assert_steps(&txn, "BEGIN COPY/4 | OWN/3 UPDATE/1 COMMIT");
    txn = lay_out(STREAM_MIX, 0, 1);
    assert_steps(&txn, "BEGIN COPY/1 | COMMIT");
}

static void a_mix_without_inserts_is_one_pipeline(void **state)
{
    (void)state;
    phase_t *phase = begin_scenario();
    phase->mix = (mix_t){.updates = 2, .deletes = 1};
    txn_t txn = lay_out(STREAM_MIX, 0, 3);
    assert_steps(&txn, "BEGIN UPDATE/2 DELETE/1 COMMIT");
    assert_int_equal(txn_first_seen(&txn)->kind, STEP_UPDATE);
}

static void what_is_rolled_back_is_marked_and_seen_by_nobody(void **state)
{
    (void)state;
    phase_t *phase = begin_scenario();
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        phase->rollback_share[stream] = 1;
    txn_t txn = lay_out(STREAM_MIX, 0, 10);
    assert_steps(&txn, "BEGIN COPY/4! | OWN/3! UPDATE/2! DELETE/1! ROLLBACK");
    assert_true(txn.rolled_back);
    assert_int_equal(txn.inserts, 0);
    assert_null(txn_first_seen(&txn));
    assert_null(txn_last_seen(&txn));
    txn = lay_out(OP_INSERT, 0, 10);
    assert_steps(&txn, "BEGIN COPY/10! | ROLLBACK");
    txn = lay_out(OP_UPDATE, 0, 10);
    assert_steps(&txn, "BEGIN UPDATE/10! ROLLBACK");
}

static void a_savepoint_undoes_the_first_half_marked_then_all_is_done(void **state)
{
    (void)state;
    phase_t *phase = begin_scenario();
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        phase->savepoint_share[stream] = 1;
    txn_t txn = lay_out(STREAM_MIX, 0, 10);
    assert_steps(&txn, "BEGIN SAVEPOINT COPY/2! | OWN/2! UPDATE/1! DELETE/1! ROLLBACK_TO | COPY/4 "
                       "| OWN/3 UPDATE/2 DELETE/1 COMMIT");
    assert_int_equal(txn.inserts, 4);
    assert_int_equal(txn_older_rows(&txn), 5);
    assert_ptr_equal(txn_first_seen(&txn), &txn.steps[7]);
    txn = lay_out(OP_INSERT, 0, 10);
    assert_steps(&txn, "BEGIN SAVEPOINT COPY/5! | ROLLBACK_TO | COPY/10 | COMMIT");
    txn = lay_out(OP_UPDATE, 0, 1);
    assert_steps(&txn, "BEGIN SAVEPOINT UPDATE/1! ROLLBACK_TO | UPDATE/1 COMMIT");
}

static void shares_are_kept_and_follow_from_the_number_alone(void **state)
{
    (void)state;
    phase_t *phase = begin_scenario();
    phase->rollback_share[OP_UPDATE] = 0.1;
    phase->savepoint_share[OP_UPDATE] = 0.25;
    int rolled_back = 0, savepoints = 0;
    enum { TXNS = 100000 };
    for (uint64_t n = 0; n < TXNS; n++) {
        txn_t txn = lay_out(OP_UPDATE, n, 10), again = lay_out(OP_UPDATE, n, 10);
        assert_int_equal(txn.rolled_back, again.rolled_back);
        assert_int_equal(txn.n_steps, again.n_steps);
        rolled_back += txn.rolled_back;
        savepoints += txn.n_steps > 3;
    }
    /* five standard deviations of a binomial draw */
    assert_in_range(rolled_back, 10000 - 475, 10000 + 475);
    assert_in_range(savepoints, 22500 - 660, 22500 + 660);
}

static void own_updates_go_round_the_new_rows(void **state)
{
    (void)state;
    begin_scenario();
    txn_t txn = lay_out(STREAM_MIX, 0, 10);
    uint32_t version;
    assert_int_equal(txn_own_row(&txn, 4, 3, &version), 5003);
    assert_int_equal(version, 1);
    assert_int_equal(txn_own_row(&txn, 4, 4, &version), 5000);
    assert_int_equal(version, 2);
}

static void rows_of_several_tables_are_copied_table_by_table(void **state)
{
    (void)state;
    begin_scenario();
    scenario.tables.n = 3;
    txn_t txn = lay_out(OP_INSERT, 0, 10); /* rows 100 to 109; 100 lives in table 1 */
    assert_steps(&txn, "BEGIN COPY/4 | COPY/3 | COPY/3 | COMMIT");
    for (uint32_t t = 0; t < 3; t++) {
        assert_int_equal(txn.steps[1 + t].first_row, 100 + t);
        assert_int_equal(txn.steps[1 + t].table, (100 + t) % 3);
    }
    txn = lay_out(OP_INSERT, 0, 1);
    assert_steps(&txn, "COPY/1");
    txn = lay_out(OP_UPDATE, 0, 5);
    assert_steps(&txn, "UPDATE/5");
}

static void marked_rows_live_where_their_own_numbers_say(void **state)
{
    (void)state;
    phase_t *phase = begin_scenario();
    scenario.tables.n = 3;
    phase->rollback_share[OP_INSERT] = 1;
    txn_t txn = lay_out(OP_INSERT, 0, 2);
    assert_steps(&txn, "BEGIN COPY/1! | COPY/1! | ROLLBACK");
    assert_int_equal(txn.steps[1].first_row, 100 + ROW_ROLLBACK_BASE);
    assert_int_equal(txn.steps[1].table, (100 + ROW_ROLLBACK_BASE) % 3);
}

static void a_savepoint_over_the_most_tables_has_room(void **state)
{
    (void)state;
    phase_t *phase = begin_scenario();
    scenario.tables.n = TABLES_MAX;
    phase->mix = (mix_t){.inserts = 100, .own_updates = 3, .updates = 2, .deletes = 1};
    phase->savepoint_share[STREAM_MIX] = 1;
    txn_t txn = lay_out(STREAM_MIX, 0, 106);
    assert_int_equal(txn.n_steps, TXN_STEPS_MAX);
    assert_int_equal(txn_rows(&txn, 0, txn.n_steps), 106 + 50 + 2 + 1 + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_of_one_stream_is_one_implicit_part),
        cmocka_unit_test(a_mix_is_a_block_that_begins_with_its_copy),
        cmocka_unit_test(a_short_mix_lacks_what_comes_last),
        cmocka_unit_test(a_mix_without_inserts_is_one_pipeline),
        cmocka_unit_test(what_is_rolled_back_is_marked_and_seen_by_nobody),
        cmocka_unit_test(a_savepoint_undoes_the_first_half_marked_then_all_is_done),
        cmocka_unit_test(shares_are_kept_and_follow_from_the_number_alone),
        cmocka_unit_test(own_updates_go_round_the_new_rows),
        cmocka_unit_test(rows_of_several_tables_are_copied_table_by_table),
        cmocka_unit_test(marked_rows_live_where_their_own_numbers_say),
        cmocka_unit_test(a_savepoint_over_the_most_tables_has_room),
    };
    return cmocka_run_group_tests_name("txn", tests, NULL, NULL);
}
