#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/options/options.h"
#include "plan/scenario/scenario_file.h"

/* The defaults, and then options as a user gives them: "--rows=5 --burst=0". */
static bool parse(const char *text, config_t *config, err_t *err)
{
    assert_true(config_defaults(config));
    char words[256];
    char *argv[16];
    int argc = 0;
    strcpy(words, text);
    for (char *word = strtok(words, " "); word != NULL; word = strtok(NULL, " ")) {
        argv[argc++] = word;
    }
    char **rest;
    int n_rest;
    return options_parse(COMMAND_RUN, argc, argv, config, &rest, &n_rest, err);
}

static config_t config_with(const char *text)
{
    config_t config;
    err_t err = {0};
    if (!parse(text, &config, &err)) {
        fail_msg("%s", err.text);
    }
    return config;
}

static bool read_and_resolve(config_t *config, scenario_t *scenario, err_t *err)
{
    return config_read_scenario(config, NULL, err) && config_scenario(config, scenario, err);
}

static scenario_t scenario_with(const char *text)
{
    config_t config = config_with(text);
    scenario_t scenario;
    err_t err = {0};
    if (!read_and_resolve(&config, &scenario, &err)) {
        fail_msg("%s: %s", text, err.text);
    }
    config_free(&config);
    return scenario;
}

static void assert_refused(const char *text, const char *option, const char *because)
{
    config_t config;
    scenario_t scenario;
    err_t err = {0};
    assert_false(parse(text, &config, &err) && read_and_resolve(&config, &scenario, &err));
    assert_int_equal(err.code, ERR_USAGE);
    if (strstr(err.text, option) == NULL || strstr(err.text, because) == NULL) {
        fail_msg("%s: \"%s\" does not name %s and say \"%s\"", text, err.text, option, because);
    }
    config_free(&config);
}

static void the_defaults_are_the_scenario_quick(void **state)
{
    (void)state;
    scenario_t s = scenario_with("");
    assert_string_equal(s.name, "quick");
    assert_int_equal(s.seed, 42);
    assert_int_equal(s.key_kind, KEY_UUID4);
    assert_true(s.replica_identity_full);
    assert_int_equal(s.triggers, TRIGGERS_BOTH);
    assert_int_equal(s.connections, 4);
    assert_int_equal(s.n_phases, 4);
    assert_string_equal(s.phases[0].name, "load");
    assert_int_equal(s.phases[0].streams[OP_INSERT].kind, STREAM_CLOSED);
    assert_int_equal(s.phases[0].streams[OP_INSERT].rows, 50000);
    assert_int_equal(s.phases[0].streams[OP_INSERT].rows_per_txn, 1000);
    assert_string_equal(s.phases[1].name, "settle");
    assert_int_equal(s.phases[1].kind, PHASE_DRAIN);
    assert_string_equal(s.phases[2].name, "mixed");
    assert_int_equal(s.phases[2].duration_ns, 30 * NS_PER_S);
    assert_string_equal(s.phases[3].name, "drain");
    assert_int_equal(s.phases[3].kind, PHASE_DRAIN);
    assert_int_equal(s.phases[3].at_most_ns, 60 * NS_PER_S);
    assert_int_equal(s.rows, 50000 + 60000);
}

static void quick_inserts_2000_and_updates_1000_rows_a_second_half_of_them_in_bursts(void **state)
{
    (void)state;
    scenario_t s = scenario_with("");
    const stream_t *inserts = &s.phases[2].streams[OP_INSERT];
    const stream_t *updates = &s.phases[2].streams[OP_UPDATE];
    assert_int_equal(schedule_rows(inserts, NS_PER_S), 2000);
    assert_int_equal(schedule_txns(inserts, NS_PER_S), 200);
    assert_int_equal(schedule_rows(updates, NS_PER_S), 1000);
    assert_int_equal(schedule_txns(updates, NS_PER_S), 50);
    assert_int_equal(schedule_due_txns(updates, NS_PER_S, 0), 25);
    assert_int_equal(s.phases[2].streams[OP_DELETE].kind, STREAM_OFF);
}

static void what_has_nothing_to_do_is_no_phase(void **state)
{
    (void)state;
    scenario_t s = scenario_with("--rows=0 --update-rate=off");
    assert_int_equal(s.n_phases, 2);
    assert_string_equal(s.phases[0].name, "mixed");
    s = scenario_with("--insert-rate=off --update-rate=off");
    assert_int_equal(s.n_phases, 3);
    assert_string_equal(s.phases[0].name, "load");
    assert_string_equal(s.phases[2].name, "drain");
    s = scenario_with("--insert-rate=off --update-rate=off --taps=none");
    assert_int_equal(s.n_phases, 1);
    assert_refused("--rows=0 --insert-rate=off --update-rate=off", "--rows",
                   "nothing is left to do");
}

static void the_duration_bounds_only_streams_without_a_count(void **state)
{
    (void)state;
    scenario_t s = scenario_with("--inserts=100 --updates=5k --duration=7s");
    assert_int_equal(s.phases[2].duration_ns, 0);
    assert_int_equal(schedule_rows(&s.phases[2].streams[OP_INSERT], 0), 100);
    assert_int_equal(schedule_rows(&s.phases[2].streams[OP_UPDATE], 0), 5000);
    s = scenario_with("--updates=50k --duration=7s");
    assert_int_equal(s.phases[2].duration_ns, 7 * NS_PER_S);
    assert_int_equal(schedule_rows(&s.phases[2].streams[OP_INSERT], 7 * NS_PER_S), 14000);
    assert_int_equal(schedule_rows(&s.phases[2].streams[OP_UPDATE], 7 * NS_PER_S), 50000);
    s = scenario_with("--updates=50k --insert-rate=off");
    assert_int_equal(s.phases[2].duration_ns, 0);
}

static void a_rate_of_max_is_a_closed_stream(void **state)
{
    (void)state;
    scenario_t s = scenario_with("--update-rate=max --updates=10k --insert-rate=off");
    assert_int_equal(s.phases[2].streams[OP_UPDATE].kind, STREAM_CLOSED);
    assert_int_equal(s.phases[2].streams[OP_UPDATE].rows, 10000);
    s = scenario_with("--insert-rate=max -T5");
    assert_int_equal(s.phases[2].streams[OP_INSERT].kind, STREAM_CLOSED);
    assert_true(s.rows >= 50000 + 5 * SCENARIO_CLOSED_ROWS_PER_S);
}

static void a_closed_stream_with_neither_count_nor_duration_is_refused(void **state)
{
    (void)state;
    assert_refused("--rows=5 --set=phases.load.insert.rows=0", "--rows",
                   "neither a number of rows nor a duration");
}

static void an_update_rate_alone_has_no_bursts(void **state)
{
    (void)state;
    scenario_t s = scenario_with("--update-rate=100");
    assert_int_equal(s.phases[2].streams[OP_UPDATE].burst_rows, 0);
    assert_true(s.phases[2].streams[OP_UPDATE].rate_per_s == 100);
    s = scenario_with("--update-rate=100 --burst=60");
    assert_int_equal(s.phases[2].streams[OP_UPDATE].burst_rows, 60);
    assert_int_equal(schedule_rows(&s.phases[2].streams[OP_UPDATE], NS_PER_S), 100);
}

static void a_burst_alone_is_all_the_updates_there_are(void **state)
{
    (void)state;
    static const char *const texts[] = {"--burst=5000 --burst-every=3s",
                                        "--burst=5000 --burst-every=3s --update-rate=off"};
    for (int i = 0; i < 2; i++) {
        scenario_t s = scenario_with(texts[i]);
        const stream_t *updates = &s.phases[2].streams[OP_UPDATE];
        assert_int_equal(schedule_rows(updates, 30 * NS_PER_S), 50000);
        assert_int_equal(schedule_due_txns(updates, 30 * NS_PER_S, 0), 250);
        assert_int_equal(schedule_due_txns(updates, 30 * NS_PER_S, 3 * NS_PER_S - 1), 250);
    }
    scenario_t s = scenario_with("--burst=0");
    assert_int_equal(s.phases[2].streams[OP_UPDATE].burst_rows, 0);
    assert_int_equal(schedule_rows(&s.phases[2].streams[OP_UPDATE], NS_PER_S), 1000);
}

static void what_does_not_go_together_is_refused_with_the_options_names(void **state)
{
    (void)state;
    assert_refused("--update-rate=100 --burst=101", "--burst", "more than the rate");
    assert_refused("--burst-every=100ms", "--burst-every", "more than the rate");
    assert_refused("--update-rate=max --burst=5", "--burst", "bursts need a rate");
    assert_refused("--update-rate=off --updates=5", "--updates", "--update-rate is off");
    assert_refused("--insert-rate=off --inserts=5", "--inserts", "--insert-rate is off");
    assert_refused("--rows=0", "--rows", "no rows to update");
    assert_refused("--rows=10", "--rows", "only 10 rows");
    assert_refused("--insert-rate=0.1 -T1", "--insert-rate", "not one row");
    assert_refused("--insert-rate=1G", "--insert-rate", "out of range");
}

static void a_name_that_is_no_name_of_a_folder_is_refused(void **state)
{
    (void)state;
    scenario_t s = scenario_with("--name=nightly_2.5-x");
    assert_string_equal(s.name, "nightly_2.5-x");
    assert_refused("--name=a/b", "--name", "'a/b'");
    assert_refused("--name=..", "--name", "letters");
    assert_refused("--name=-x", "--name", "letters");
}

static void a_freed_config_holds_nothing(void **state)
{
    (void)state;
    config_t config = config_with("--dsn=host=x --pg-bin=/a --out=b --name=c --out=d");
    assert_string_equal(config.output.folder, "d");
    config_free(&config);
    assert_null(config.server.dsn);
    assert_null(config.scenario.name);
    config_free(&config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_defaults_are_the_scenario_quick),
        cmocka_unit_test(quick_inserts_2000_and_updates_1000_rows_a_second_half_of_them_in_bursts),
        cmocka_unit_test(what_has_nothing_to_do_is_no_phase),
        cmocka_unit_test(the_duration_bounds_only_streams_without_a_count),
        cmocka_unit_test(a_rate_of_max_is_a_closed_stream),
        cmocka_unit_test(a_closed_stream_with_neither_count_nor_duration_is_refused),
        cmocka_unit_test(an_update_rate_alone_has_no_bursts),
        cmocka_unit_test(a_burst_alone_is_all_the_updates_there_are),
        cmocka_unit_test(what_does_not_go_together_is_refused_with_the_options_names),
        cmocka_unit_test(a_name_that_is_no_name_of_a_folder_is_refused),
        cmocka_unit_test(a_freed_config_holds_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
