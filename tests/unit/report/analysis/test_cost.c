/* What a change costs: which figures are whose, and what becomes of those that are not there. */
#include "report/cmocka_first.h"

#include <stdlib.h>
#include <string.h>

#include "report/analysis/cost.h"

enum { WARM_UP, LOAD, LOAD_READ, LOAD_READ_ON, UPDATE, UPDATE_READ, PHASES };

static scenario_t scenario;
static result_t result;
static costs_t costs;

static phase_t phase_with(const char *name, int stream)
{
    phase_t phase = {.kind = stream < 0 ? PHASE_DRAIN : PHASE_WORK, .at_most_ns = NS_PER_S};
    snprintf(phase.name, sizeof phase.name, "%s", name);
    if (stream >= 0) {
        phase.streams[stream] = (stream_t){.kind = STREAM_CLOSED, .rows = 100, .rows_per_txn = 1};
    }
    return phase;
}

/* Every phase has written 1000 bytes and taken 200 µs of the server, and nothing else was read. */
static int set_up(void **state)
{
    (void)state;
    memset(&costs, 0, sizeof costs);
    scenario = (scenario_t){.n_phases = PHASES, .connections = 1};
    scenario.phases[WARM_UP] = phase_with("warm-up", OP_INSERT);
    scenario.phases[WARM_UP].warm_up = true;
    scenario.phases[LOAD] = phase_with("load", OP_INSERT);
    scenario.phases[LOAD_READ] = phase_with("load-read", -1);
    scenario.phases[LOAD_READ_ON] = phase_with("load-read-on", -1);
    scenario.phases[UPDATE] = phase_with("update", OP_UPDATE);
    scenario.phases[UPDATE_READ] = phase_with("update-read", -1);
    result = (result_t){.scenario = &scenario};
    for (uint32_t p = 0; p < PHASES; p++) {
        result.phases[p].used = usage_unknown;
        result.phases[p].used.of[USAGE_WAL_BYTES] = 1000;
        result.phases[p].used.of[USAGE_SERVER_CPU_US] = 200;
    }
    result.phases[WARM_UP].ops[OP_INSERT].rows = 100;
    result.phases[LOAD].ops[OP_INSERT].rows = 100;
    result.phases[UPDATE].ops[OP_UPDATE].rows = 50;
    return 0;
}

static void take(bool triggers, bool full)
{
    cost_condition_t condition = {.triggers = triggers, .full = full};
    costs_take(&costs, &condition, &result);
}

/* A record as CSV. */
static void assert_csv(size_t number, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    cost_record_t record = cost_record(&costs, number);
    assert_non_null(out);
    csv_write_record(out, &table_cost, &record);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void a_phase_has_the_drains_behind_it_and_a_warm_up_has_no_cost(void **state)
{
    (void)state;
    take(false, false);
    assert_int_equal(costs.n, 2);
    assert_string_equal(costs.items[0].phase, "load");
    assert_int_equal(costs.items[0].used.of[USAGE_WAL_BYTES], 3000);
    assert_string_equal(costs.items[1].phase, "update");
    assert_int_equal(costs.items[1].used.of[USAGE_WAL_BYTES], 2000);
}

static void figures_are_a_change_and_what_was_not_measured_is_empty(void **state)
{
    (void)state;
    take(false, false);
    assert_csv(0, "load,insert,none,default,,100,,30.00,1.000,6.00,1.000,,,,,,,,,,,,\n");
    assert_csv(1, "update,update,none,default,,50,,40.00,1.000,8.00,1.000,,,,,,,,,,,,\n");
}

static void a_figure_that_one_part_lacks_is_not_measured(void **state)
{
    (void)state;
    result.phases[LOAD_READ].used.of[USAGE_WAL_BYTES] = NOT_MEASURED;
    take(false, false);
    assert_csv(0, "load,insert,none,default,,100,,,,6.00,1.000,,,,,,,,,,,,\n");
}

static void ratios_are_over_the_plainest_condition_of_the_same_phase(void **state)
{
    (void)state;
    take(false, false);
    result.phases[UPDATE].used.of[USAGE_WAL_BYTES] = 5000;
    take(true, true);
    assert_csv(3, "update,update,both,full,,50,,120.00,3.000,8.00,1.000,,,,,,,,,,,,\n");
    assert_csv(2, "load,insert,both,full,,100,,30.00,1.000,6.00,1.000,,,,,,,,,,,,\n");
}

static void without_the_plainest_there_is_no_ratio(void **state)
{
    (void)state;
    take(true, false);
    assert_csv(0, "load,insert,both,default,,100,,30.00,,6.00,,,,,,,,,,,,,\n");
}

static void nothing_over_nothing_is_no_ratio(void **state)
{
    (void)state;
    result.phases[UPDATE].used.of[USAGE_SERVER_CPU_US] =
        result.phases[UPDATE_READ].used.of[USAGE_SERVER_CPU_US] = 0;
    take(false, false);
    assert_csv(1, "update,update,none,default,,50,,40.00,1.000,0.00,,,,,,,,,,,,,\n");
}

static void a_run_that_is_not_whole_has_no_cost(void **state)
{
    (void)state;
    result.taps[TAP_WAL] = (tap_result_t){.on = true, .complete = true};
    result.taps[TAP_WAL].verify.missing = 1;
    take(false, false);
    result.taps[TAP_WAL] = (tap_result_t){.on = false};
    result.interrupted = true;
    take(false, true);
    assert_int_equal(costs.n, 0);
}

static void a_phase_of_several_operations_is_not_told(void **state)
{
    (void)state;
    phase_t *phase = &scenario.phases[LOAD];
    assert_true(cost_is_told(phase));
    phase->streams[OP_DELETE].kind = STREAM_CLOSED;
    assert_false(cost_is_told(phase));
    *phase = phase_with("mixed", STREAM_MIX);
    assert_false(cost_is_told(phase));
}

static void the_table_has_no_column_of_what_was_never_measured(void **state)
{
    (void)state;
    char *text = NULL;
    size_t len = 0;
    take(false, false);
    result.phases[UPDATE].used.of[USAGE_WAL_BYTES] = NOT_MEASURED;
    take(true, false);
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    costs_print(out, &costs);
    fclose(out);
    const char *update = strstr(text, "\nupdate: update of 50 rows\n");
    assert_non_null(update);
    assert_string_equal(update, "\nupdate: update of 50 rows\n"
                                "triggers  identity     WAL bytes       ×   server µs       ×\n"
                                "none      default             40   ×1.00         8.0   ×1.00\n"
                                "both      default              -       -         8.0   ×1.00\n");
    free(text);
}

static void a_checkpoint_is_told(void **state)
{
    (void)state;
    for (int64_t checkpoints = 0; checkpoints < 2; checkpoints++) {
        char *text = NULL;
        size_t len = 0;
        costs.n = 0;
        result.phases[UPDATE].used.of[USAGE_CHECKPOINTS] = checkpoints;
        result.phases[UPDATE_READ].used.of[USAGE_CHECKPOINTS] = 0;
        take(false, false);
        FILE *out = open_memstream(&text, &len);
        assert_non_null(out);
        costs_print(out, &costs);
        fclose(out);
        assert_int_equal(strstr(text, "A checkpoint began meanwhile") != NULL, checkpoints > 0);
        free(text);
    }
}

int main(void)
{
#define COST_TEST(test) cmocka_unit_test_setup(test, set_up)
    const struct CMUnitTest tests[] = {
        COST_TEST(a_phase_has_the_drains_behind_it_and_a_warm_up_has_no_cost),
        COST_TEST(figures_are_a_change_and_what_was_not_measured_is_empty),
        COST_TEST(a_figure_that_one_part_lacks_is_not_measured),
        COST_TEST(ratios_are_over_the_plainest_condition_of_the_same_phase),
        COST_TEST(without_the_plainest_there_is_no_ratio),
        COST_TEST(nothing_over_nothing_is_no_ratio),
        COST_TEST(a_run_that_is_not_whole_has_no_cost),
        COST_TEST(a_phase_of_several_operations_is_not_told),
        COST_TEST(a_checkpoint_is_told),
        COST_TEST(the_table_has_no_column_of_what_was_never_measured),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
