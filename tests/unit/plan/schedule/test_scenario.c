#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/schedule/scenario.h"

static const stream_t load_stream = {.kind = STREAM_CLOSED, .rows = 1000, .rows_per_txn = 100};
static const stream_t even_stream = {.kind = STREAM_OPEN, .rate_per_s = 50, .rows_per_txn = 5};
static const stream_t endless_stream = {.kind = STREAM_CLOSED, .rows_per_txn = 10};

static scenario_t new_scenario(void)
{
    return (scenario_t){.name = "test", .seed = 42, .connections = 4};
}

static phase_t *add_phase(scenario_t *scenario, const char *name, int64_t duration_ns)
{
    phase_t *phase = &scenario->phases[scenario->n_phases++];
    snprintf(phase->name, sizeof phase->name, "%s", name);
    phase->duration_ns = duration_ns;
    return phase;
}

static phase_t *add_drain(scenario_t *scenario)
{
    phase_t *phase = add_phase(scenario, "drain", 0);
    phase->kind = PHASE_DRAIN;
    phase->at_most_ns = NS_PER_S;
    return phase;
}

static void assert_resolves(scenario_t *scenario)
{
    err_t err = {0};
    scenario_place_t place;
    if (!scenario_resolve(scenario, &place, &err)) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(scenario_t *scenario, const char *where, const char *because)
{
    err_t err = {0};
    scenario_place_t place;
    assert_false(scenario_resolve(scenario, &place, &err));
    assert_int_equal(err.code, ERR_USAGE);
    if (place.stream < STREAM_COUNT) {
        err_wrap(&err, "%s", stream_names[place.stream]);
    }
    const char *name = place.phase < scenario->n_phases ? scenario->phases[place.phase].name : "";
    if (name[0] != '\0') {
        err_wrap(&err, "phase %s", name);
    }
    if (strncmp(err.text, where, strlen(where)) != 0 || strstr(err.text, because) == NULL) {
        fail_msg("\"%s\" does not begin with \"%s\" and say \"%s\"", err.text, where, because);
    }
}

static void row_numbers_go_on_from_phase_to_phase(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    phase_t *load = add_phase(&scenario, "load", 0);
    load->streams[OP_INSERT] = load_stream;
    phase_t *mixed = add_phase(&scenario, "mixed", 10 * NS_PER_S);
    mixed->streams[OP_INSERT] = even_stream;
    mixed->streams[OP_UPDATE] = even_stream;
    phase_t *drain = add_drain(&scenario);
    assert_resolves(&scenario);
    assert_int_equal(load->first_row, 0);
    assert_int_equal(load->rows_before, 0);
    assert_int_equal(mixed->first_row, 1000);
    assert_int_equal(mixed->rows_before, 1000);
    assert_int_equal(drain->first_row, 1500);
    assert_int_equal(drain->rows_before, 1500);
    assert_int_equal(scenario.rows, 1500);
}

static void updates_draw_from_the_rows_that_were_there_before(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    phase_t *mixed = add_phase(&scenario, "mixed", 10 * NS_PER_S);
    mixed->streams[OP_INSERT] = even_stream;
    mixed->streams[OP_UPDATE] = even_stream;
    mixed->streams[OP_UPDATE].rows_per_txn = 2;
    assert_resolves(&scenario);
    assert_int_equal(mixed->keys[OP_UPDATE].rows, 1000);
    keys_t expected;
    keys_init(&expected, &(keys_spec_t){0}, 42, 1 * OP_COUNT + OP_UPDATE, 1000, 2, false);
    assert_int_equal(mixed->keys[OP_UPDATE].seed, expected.seed);
    assert_false(mixed->keys[OP_UPDATE].whole);
}

static void updates_without_rows_are_refused_with_phase_and_stream(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    phase_t *mixed = add_phase(&scenario, "mixed", NS_PER_S);
    mixed->streams[OP_INSERT] = even_stream; /* not there when the phase begins */
    mixed->streams[OP_UPDATE] = even_stream;
    assert_refused(&scenario, "phase mixed: update: ", "load some");
    scenario.phases[0].streams[OP_UPDATE].kind = STREAM_OFF;
    scenario.phases[0].streams[OP_DELETE] = even_stream;
    assert_refused(&scenario, "phase mixed: delete: ", "turn these deletes off");
}

static void a_transaction_of_more_rows_than_there_are_is_refused(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    phase_t *mixed = add_phase(&scenario, "mixed", 100 * NS_PER_S);
    mixed->streams[OP_UPDATE] = even_stream;
    mixed->streams[OP_UPDATE].rows_per_txn = 1001;
    assert_refused(&scenario, "phase mixed: update: ", "only 1000 rows");
    scenario.phases[1].streams[OP_UPDATE].rows_per_txn = 1000;
    assert_resolves(&scenario);
    assert_true(mixed->keys[OP_UPDATE].whole);
}

static void a_stream_that_does_not_add_up_is_refused_with_phase_and_stream(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    phase_t *load = add_phase(&scenario, "load", 0);
    load->streams[OP_INSERT] = endless_stream;
    assert_refused(&scenario, "phase load: insert: ", "neither a number of rows nor a duration");
}

static void endless_inserts_reserve_rows_and_freeze_the_population(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    add_phase(&scenario, "flood", 3 * NS_PER_S)->streams[OP_INSERT] = endless_stream;
    phase_t *more = add_phase(&scenario, "more", 0);
    more->streams[OP_INSERT] = load_stream;
    phase_t *mixed = add_phase(&scenario, "mixed", NS_PER_S);
    mixed->streams[OP_UPDATE] = even_stream;
    assert_resolves(&scenario);
    assert_true(more->first_row >= 1000 + 3 * SCENARIO_CLOSED_ROWS_PER_S);
    assert_int_equal(mixed->rows_before, 1000);
    assert_int_equal(scenario.rows, more->first_row + 1000);
}

static void more_rows_than_keys_are_refused(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    phase_t *load = add_phase(&scenario, "load", 0);
    load->streams[OP_INSERT] = load_stream;
    load->streams[OP_INSERT].rows = ROW_NUMBER_MAX;
    assert_resolves(&scenario);
    add_phase(&scenario, "more", 0)->streams[OP_INSERT] = load_stream;
    assert_refused(&scenario, "phase more: insert: ", "there are keys for");
}

static void a_drain_waits_for_a_while_and_does_nothing_else(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    phase_t *drain = add_drain(&scenario);
    drain->at_most_ns = 0;
    assert_refused(&scenario, "phase drain: ", "at most");
    drain->at_most_ns = NS_PER_S;
    drain->streams[OP_INSERT] = load_stream;
    assert_refused(&scenario, "phase drain: insert: ", "no streams");
}

static void phases_need_names_of_their_own_and_something_to_do(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    assert_refused(&scenario, "a scenario has 1 to 32 phases", "not 0");
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    phase_t *second = add_phase(&scenario, "load", NS_PER_S);
    assert_refused(&scenario, "phase load: two phases are called load", "told apart");
    second->name[0] = '\0';
    assert_refused(&scenario, "phase 2 has no name", "");
    snprintf(second->name, sizeof second->name, "idle");
    assert_refused(&scenario, "phase idle: ", "nothing is inserted");
}

static void connections_are_between_1_and_1024(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    scenario.connections = 0;
    assert_refused(&scenario, "a scenario has 1 to 1024 connections", "not 0");
    scenario.connections = 1025;
    assert_refused(&scenario, "a scenario has 1 to 1024 connections", "not 1025");
    scenario.connections = 1024;
    assert_resolves(&scenario);
}

static phase_t *add_deletes(scenario_t *scenario, const char *name, uint64_t rows)
{
    phase_t *phase = add_phase(scenario, name, 0);
    phase->streams[OP_DELETE] = (stream_t){.kind = STREAM_CLOSED, .rows = rows, .rows_per_txn = 1};
    return phase;
}

static void deletes_go_on_where_the_phase_before_left_off(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    phase_t *first = add_deletes(&scenario, "first", 384);
    phase_t *second = add_deletes(&scenario, "second", 500);
    assert_resolves(&scenario);
    bool taken[1000] = {false};
    for (int i = 0; i < 884; i++) {
        keys_cursor_t cursor;
        keys_txn_begin(i < 384 ? &first->keys[OP_DELETE] : &second->keys[OP_DELETE],
                       (uint64_t)(i < 384 ? i : i - 384), &cursor);
        uint64_t row = keys_txn_next(&cursor);
        assert_false(taken[row]);
        taken[row] = true;
    }
}

static void more_deletes_than_rows_are_refused(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    add_deletes(&scenario, "first", 600);
    phase_t *second = add_deletes(&scenario, "second", 401);
    assert_refused(&scenario, "phase second: delete: ", "phases before delete 600");
    second->streams[OP_DELETE].rows = 400;
    assert_resolves(&scenario);
    second->key_specs[OP_DELETE].kind = KEYS_ZIPF;
    assert_refused(&scenario, "phase second: delete: ", "uniform or sequential");
    second->key_specs[OP_DELETE].kind = KEYS_UNIFORM;
    second->streams[OP_DELETE].rows = 0;
    second->duration_ns = NS_PER_S;
    assert_refused(&scenario, "phase second: delete: ", "need a number of rows");
}

static void one_stream_that_needs_all_rows_takes_the_others_with_it(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    phase_t *mixed = add_phase(&scenario, "mixed", 10 * NS_PER_S);
    mixed->streams[OP_UPDATE] = even_stream;
    mixed->streams[OP_UPDATE].rows_per_txn = 100;
    mixed->streams[OP_DELETE] = even_stream;
    mixed->streams[OP_DELETE].rows_per_txn = 1;
    assert_resolves(&scenario);
    assert_true(mixed->keys[OP_UPDATE].whole);
    assert_true(mixed->keys[OP_DELETE].whole);
    mixed->streams[OP_UPDATE].rows_per_txn = 1;
    assert_resolves(&scenario);
    assert_false(mixed->keys[OP_DELETE].whole);
}

static void mixed_transactions_have_rows_and_keys_of_their_own(void **state)
{
    (void)state;
    scenario_t scenario = new_scenario();
    add_phase(&scenario, "load", 0)->streams[OP_INSERT] = load_stream;
    phase_t *mixed = add_phase(&scenario, "mixed", 10 * NS_PER_S);
    mixed->streams[OP_INSERT] = even_stream;
    mixed->mix = (mix_t){.inserts = 3, .own_updates = 1, .updates = 4, .deletes = 2};
    mixed->streams[STREAM_MIX] =
        (stream_t){.kind = STREAM_OPEN, .rate_per_s = 100, .rows_per_txn = 10};
    assert_resolves(&scenario);
    assert_int_equal(mixed->first_row, 1000);
    assert_int_equal(mixed->row_end, 1500);
    assert_int_equal(mixed->mix_first_row, 1500);
    assert_int_equal(mixed->mix_row_end, 1500 + 100 * 3);
    assert_int_equal(scenario.rows, 1800);
    assert_int_equal(mixed->keys[STREAM_MIX].rows, 1000);
    assert_int_equal(mixed->keys[STREAM_MIX].rows_per_txn, 6);
    mixed->mix.deletes = 11;
    mixed->mix.updates = 0;
    assert_refused(&scenario, "phase mixed: transaction: ", "1100 rows are to be deleted");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(row_numbers_go_on_from_phase_to_phase),
        cmocka_unit_test(updates_draw_from_the_rows_that_were_there_before),
        cmocka_unit_test(updates_without_rows_are_refused_with_phase_and_stream),
        cmocka_unit_test(a_transaction_of_more_rows_than_there_are_is_refused),
        cmocka_unit_test(a_stream_that_does_not_add_up_is_refused_with_phase_and_stream),
        cmocka_unit_test(endless_inserts_reserve_rows_and_freeze_the_population),
        cmocka_unit_test(more_rows_than_keys_are_refused),
        cmocka_unit_test(a_drain_waits_for_a_while_and_does_nothing_else),
        cmocka_unit_test(phases_need_names_of_their_own_and_something_to_do),
        cmocka_unit_test(connections_are_between_1_and_1024),
        cmocka_unit_test(deletes_go_on_where_the_phase_before_left_off),
        cmocka_unit_test(more_deletes_than_rows_are_refused),
        cmocka_unit_test(one_stream_that_needs_all_rows_takes_the_others_with_it),
        cmocka_unit_test(mixed_transactions_have_rows_and_keys_of_their_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
