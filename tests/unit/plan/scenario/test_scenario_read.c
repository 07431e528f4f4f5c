/* Scenario files: what they come to, and how each mistake is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/options/options.h"
#include "plan/scenario/scenario_file.h"

static config_t config;
static scenario_t scenario;

static int set_up(void **state)
{
    (void)state;
    return config_defaults(&config) ? 0 : -1;
}

static int tear_down(void **state)
{
    (void)state;
    config_free(&config);
    return 0;
}

/* As from a file s.yaml. */
static void read_text(const char *text)
{
    err_t err = {0};
    if (!scenario_read("s.yaml", text, strlen(text), &config, &err)) {
        fail_msg("%s", err.text);
    }
}

static void resolve(void)
{
    err_t err = {0};
    if (!config_scenario(&config, &scenario, &err)) {
        fail_msg("%s", err.text);
    }
}

static void set(const char *assignment)
{
    err_t err = {0};
    if (!scenario_set(assignment, &config, &err)) {
        fail_msg("%s", err.text);
    }
}

static void assert_read_refused(const char *text, const char *expected)
{
    config_t fresh;
    err_t err = {0};
    assert_true(config_defaults(&fresh));
    bool done = scenario_read("s.yaml", text, strlen(text), &fresh, &err) &&
                config_scenario(&fresh, &scenario, &err);
    assert_false(done);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, expected);
    config_free(&fresh);
}

static void assert_set_refused(const char *assignment, const char *expected)
{
    err_t err = {0};
    assert_false(scenario_set(assignment, &config, &err));
    assert_string_equal(err.text, expected);
}

#define LOAD "phases:\n  - name: load\n    insert: {rows: 2k, rows_per_txn: 100}\n"

static void a_scenario_comes_to_what_it_says(void **state)
{
    (void)state;
    read_text(
        "name: steady-mixed\nseed: 7\ntable:\n  key: uuid7\n  replica_identity: default\n"
        "  triggers: user\nconnections: 8\ntaps: [wal]\n" LOAD
        "  - name: mixed\n    duration: 30s\n    warm_up: true\n"
        "    insert: {rate: 10k, shape: {sine: {amplitude: 20%, period: 10s}}, arrivals: poisson}\n"
        "    update: {rate: 4k, burst: {rows: 2000, every: 1s}, keys: {zipf: 0.9}, mode: array, "
        "rollback: 5%}\n"
        "    delete: 50\n"
        "    transaction: {rate: 100, insert: 3, update_own: 2, update: 1, savepoint: 10%}\n"
        "  - name: drain\n    until: caught-up\n    at_most: 90s\n"
        "expect:\n  - lag_p99 < 2s\n  - missing == 0\n");
    resolve();
    assert_string_equal(scenario.name, "steady-mixed");
    assert_int_equal(scenario.seed, 7);
    assert_int_equal(scenario.key_kind, KEY_UUID7);
    assert_false(scenario.replica_identity_full);
    assert_int_equal(scenario.connections, 8);
    assert_int_equal(config.scenario.expect.n, 2);
    const phase_t *mixed = &scenario.phases[1];
    assert_true(mixed->warm_up);
    assert_int_equal(mixed->streams[OP_INSERT].shape.kind, SHAPE_SINE);
    assert_true(mixed->streams[OP_INSERT].shape.amplitude == 0.2);
    assert_int_equal(mixed->streams[OP_INSERT].arrivals, ARRIVALS_POISSON);
    assert_int_equal(mixed->streams[OP_UPDATE].arrivals, ARRIVALS_EVEN);
    assert_int_equal(mixed->streams[OP_UPDATE].burst_rows, 2000);
    assert_int_equal(mixed->mode[OP_UPDATE], SEND_ARRAY);
    assert_true(mixed->rollback_share[OP_UPDATE] == 0.05);
    assert_int_equal(mixed->keys[OP_UPDATE].spec.kind, KEYS_ZIPF);
    assert_true(mixed->keys[OP_UPDATE].spec.theta == 0.9);
    assert_true(mixed->streams[OP_DELETE].rate_per_s == 50);
    assert_int_equal(mixed->streams[OP_DELETE].rows_per_txn, 1);
    assert_int_equal(schedule_txns(&mixed->streams[STREAM_MIX], mixed->duration_ns), 3000);
    assert_int_equal(mixed->streams[STREAM_MIX].rows_per_txn, 6);
    assert_int_equal(mixed->mix.own_updates, 2);
    assert_int_equal(scenario.phases[2].kind, PHASE_DRAIN);
    assert_int_equal(scenario.phases[2].at_most_ns, 90 * NS_PER_S);
}

/* libfyaml reads no further, and does not say so. */
static void a_file_is_read_to_its_end_or_refused(void **state)
{
    static const char *const no_text[] = {"\xED\xA0\x80" /* a surrogate */,
                                          "\xE0\x80\x80" /* overlong */,
                                          "\xF0\x80\x80\x80" /* overlong */,
                                          "\xF4\x90\x80\x80" /* beyond U+10FFFF */,
                                          "\xC3" /* cut */,
                                          "\x80" /* a continuation alone */};
    static const char second[] =
        ": a second document begins here, and a scenario is one: leave out what stands from here "
        "on, or the line --- or ... before it";
    char text[256], expected[256];
    (void)state;
    for (size_t i = 0; i < sizeof no_text / sizeof *no_text; i++) {
        snprintf(text, sizeof text, LOAD "# %s\nseed: 7\n", no_text[i]);
        assert_read_refused(text,
                            "s.yaml:4:3: this is no text: its bytes are no characters of UTF-8");
    }
    snprintf(expected, sizeof expected, "s.yaml:4:1%s", second);
    assert_read_refused(LOAD "---\nseed: 7\n", expected);
    assert_read_refused(LOAD "--- {seed: 7}\n", expected);
    assert_read_refused(LOAD "---", expected);
    snprintf(expected, sizeof expected, "s.yaml:6:1%s", second);
    assert_read_refused(LOAD "...\n# and then\nseed: 7\n", expected);
    snprintf(expected, sizeof expected, "s.yaml:5:1%s", second);
    assert_read_refused(LOAD "...\n---\nseed: 7\n", expected);
}

static void marks_around_the_one_document_are_read_over(void **state)
{
    (void)state;
    read_text("# a scenario\n\n---\n" LOAD "seed: 7 # --- \nname: \"x...\"\n...\n\n# the end\n");
    assert_int_equal(config.table.seed, 7);
}

static void a_mistake_is_told_with_file_line_column_and_key(void **state)
{
    (void)state;
    assert_read_refused(
        "name: x\nseed: 5q\n" LOAD,
        "s.yaml:2:7: seed: cannot read '5q': a count is a whole number, such as 500, "
        "10k or 2M");
    assert_read_refused(
        "table:\n    key: uuid5\n" LOAD,
        "s.yaml:2:10: table.key: cannot read 'uuid5': allowed is one of uuid4|uuid7");
    assert_read_refused(
        "phases:\n  - name: a\n    insert: {rows: 5, rat: 10k}\n",
        "s.yaml:3:23: phases.a.insert: there is no key 'rat' here: did you mean rate? "
        "(allowed: rate, rows, rows_per_txn, burst, shape, arrivals, rollback, savepoint)");
    assert_read_refused("phases:\n  - name: a\n    insert:\n      rate: 10kk\n",
                        "s.yaml:4:13: phases.a.insert.rate: cannot read '10kk': a rate is rows per "
                        "second above zero, such as 500, 10k or 2.5k; or max, off");
    assert_read_refused(
        "phases:\n  - name: a\n    duraton: 5s\n",
        "s.yaml:3:5: phases.a: there is no key 'duraton' here: did you mean duration? "
        "(allowed: name, duration, until, at_most, warm_up, insert, update, delete, "
        "transaction)");
    assert_read_refused(
        "phases:\n  - name: a\n    insert: {shape: {sine: {amplitude: 200%}}}\n",
        "s.yaml:3:40: phases.a.insert.shape.sine.amplitude: 200% is out of range: 0% "
        "to 100% are allowed");
    /* Cut at 31 characters it would be 5, without its %. */
    assert_read_refused("phases:\n  - name: a\n    insert: {shape: {steps: {shares: "
                        "[00000000000000000000000000000005%]}}}\n",
                        "s.yaml:3:39: phases.a.insert.shape.steps.shares: cannot read "
                        "'00000000000000000000000000000005%': a share in it is too long");
    assert_read_refused("phases:\n  - name: a\n    insert: {shape: {sine: {}, ramp: {}}}\n",
                        "s.yaml:3:22: phases.a.insert.shape: exactly one of its kinds is expected "
                        "here");
    assert_read_refused("phases:\n  - name: a\n    insert: [1, 2]\n",
                        "s.yaml:3:14: phases.a.insert: one plain value is expected here, RATE");
    assert_read_refused(
        "phases: 5\n", "s.yaml:1:9: phases: a list of phases is expected here, each with its name");
    assert_read_refused("- a\n", "s.yaml:1:3: keys and their values are expected here");
    assert_read_refused("", "s.yaml: there is nothing in it");
}

/* What libfyaml says differs from version to version; where does not. */
static void assert_no_yaml(const char *text, const char *start)
{
    config_t fresh;
    err_t err = {0};
    assert_true(config_defaults(&fresh));
    assert_false(scenario_read("s.yaml", text, strlen(text), &fresh, &err));
    if (strncmp(err.text, start, strlen(start)) != 0) {
        fail_msg("\"%s\" does not begin with \"%s\"", err.text, start);
    }
    config_free(&fresh);
}

/* Whatever has no text of its own stands where the text before it does. */
static void names_expectations_keys_and_anchors_are_told_with_line_and_column(void **state)
{
    static const char no_key[] = "a key is expected here, one plain word";
    static const char anchor[] = "anchors (&) and aliases (*) are not read: write it out";
    char expected[256];
    (void)state;
    assert_read_refused("seed: 7\nname: a/b\n" LOAD,
                        "s.yaml:2:7: name: cannot use 'a/b': a name has 1 to 63 letters, digits, "
                        "'.', '_' or '-', and begins with a letter, a digit or '_'");
    assert_read_refused("expect:\n  - missing == 0\n  - missing is 0\n" LOAD,
                        "s.yaml:3:5: expect: cannot read 'missing is 0': it is a measure, one of "
                        "< <= > >= == != and a value, such as lag_p99 < 2s or missing == 0");
    snprintf(expected, sizeof expected, "s.yaml:2:4: %s", no_key);
    assert_read_refused("seed: 7\n? {a: b}\n: 5\n" LOAD, expected);
    assert_read_refused("seed: 7\n? [a]\n: 5\n" LOAD, expected);
    snprintf(expected, sizeof expected, "s.yaml:2:3: %s", no_key);
    assert_read_refused("seed: 7\n: 5\n" LOAD, expected);
    snprintf(expected, sizeof expected, "s.yaml:3:15: phases.a.insert: %s", no_key);
    assert_read_refused("phases:\n  - name: a\n    insert: {[x]: 5}\n", expected);
    snprintf(expected, sizeof expected, "s.yaml:2:1: %s", anchor);
    assert_read_refused("seed: 7\ntable: &t\n" LOAD, expected);
    assert_read_refused("seed: 7\nphases: &t []\n", expected);
    assert_read_refused("seed: 7\ntable: !t {}\n" LOAD,
                        "s.yaml:2:1: tags (!) are not read: write the value alone");
}

static void what_is_no_yaml_is_told_with_line_and_column(void **state)
{
    (void)state;
    assert_no_yaml("name: x\nphases: [1, 2\nseed: 5}\n", "s.yaml:3:8: this is no YAML: ");
    assert_no_yaml("seed: 1\nseed: 2\n", "s.yaml:2:1: this is no YAML: ");
    assert_no_yaml("a: \"\n", "s.yaml:1:5: this is no YAML: ");
    assert_read_refused("a: 1\n%\xd2\xd7\x04",
                        "s.yaml:2:1: directives (%) are not read: leave the line out");
    assert_read_refused("a: \xd2 1\n",
                        "s.yaml:1:4: this is no text: its bytes are no characters of "
                        "UTF-8");
    assert_read_refused("a: &x 1\n",
                        "s.yaml:1:7: anchors (&) and aliases (*) are not read: write it out");
    assert_read_refused("seed: !!int 5\n",
                        "s.yaml:1:13: tags (!) are not read: write the value alone");
}

static void what_does_not_add_up_is_told_where_the_stream_stands(void **state)
{
    (void)state;
    assert_read_refused("phases:\n  - name: a\n    duration: 5s\n    update: {rate: 10}\n",
                        "s.yaml:4:14: phases.a.update: there are no rows to update when the phase "
                        "begins: load some in a phase before it, or turn these updates off");
    assert_read_refused(LOAD "  - name: load\n    until: caught-up\n",
                        "s.yaml:4:5: phases.load: two phases are called load: results could not be "
                        "told apart");
    assert_read_refused("phases:\n  - insert: {rows: 5}\n",
                        "s.yaml:2:5: phases.?: phase 1 has no name: give it one, by the key name");
    assert_read_refused(
        "phases:\n  - name: a\n    transaction: {rate: 5}\n",
        "s.yaml:3:19: phases.a.transaction: its transactions have nothing to do: give "
        "insert, update_own, update or delete a number");
    assert_read_refused("phases:\n  - name: a\n    transaction: {insert: 1, update_own: 2}\n",
                        "s.yaml:3:19: phases.a.transaction: update_own is more than insert: a "
                        "transaction updates each of its own rows at most once");
    assert_read_refused("name: x\n", "s.yaml has no phases: give it some, below the key phases");
}

static void set_goes_over_all_else(void **state)
{
    (void)state;
    read_text(LOAD "  - name: mixed\n    duration: 5s\n    insert: {rate: 100}\n");
    set("phases.mixed.insert.rate=20k");
    set("phases.mixed.insert.shape={ramp: {from: 10%}}");
    set("phases.mixed.update.rate=5");
    set("phases.mixed.update.keys.hotspot.share=5%");
    set("phases.mixed.delete=3");
    set("seed=9");
    set("table.triggers=none");
    resolve();
    const phase_t *mixed = &scenario.phases[1];
    assert_true(mixed->streams[OP_INSERT].rate_per_s == 20000);
    assert_int_equal(mixed->streams[OP_INSERT].shape.kind, SHAPE_RAMP);
    assert_true(mixed->streams[OP_INSERT].shape.from == 0.1);
    assert_int_equal(mixed->keys[OP_UPDATE].spec.kind, KEYS_HOTSPOT);
    assert_true(mixed->keys[OP_UPDATE].spec.share == 0.05);
    assert_true(mixed->streams[OP_DELETE].rate_per_s == 3);
    assert_int_equal(scenario.seed, 9);
    assert_int_equal(scenario.triggers, TRIGGERS_NONE);
}

static void a_set_that_cannot_be_is_told_by_its_key(void **state)
{
    (void)state;
    read_text(LOAD);
    assert_set_refused("phases.lod.insert.rows=5",
                       "--set phases.lod.insert.rows: s.yaml has no phase "
                       "'lod': did you mean load? (its phases: load)");
    assert_set_refused("phases.load.insert.rows.x=5",
                       "--set phases.load.insert.rows.x: rows is a plain value and has no keys");
    assert_set_refused("phases.load.insert.rows=x",
                       "--set phases.load.insert.rows: cannot read 'x': a count is a whole number, "
                       "such as 500, 10k or 2M");
    assert_set_refused("seed", "--set: cannot read 'seed': it takes KEY=VALUE, such as "
                               "phases.mixed.insert.rate=20k");
    assert_set_refused("phases=5", "--set phases: s.yaml has no phase '' (its phases: load)");
}

static void the_command_line_goes_over_the_file_which_must_be_right_all_the_same(void **state)
{
    (void)state;
    err_t err = {0};
    char *argv[] = {"--seed=5", "--key=uuid7"};
    char **rest;
    int n_rest;
    assert_true(options_parse(COMMAND_RUN, 2, argv, &config, &rest, &n_rest, &err));
    read_text("seed: 77\nconnections: 9\n" LOAD);
    assert_int_equal(config.table.seed, 5);
    assert_int_equal(config.load.connections, 9);
    static const char bad[] = "seed: x\n" LOAD;
    assert_false(scenario_read("s.yaml", bad, sizeof bad - 1, &config, &err));
    assert_non_null(strstr(err.text, "s.yaml:1:7: seed"));
}

static void rates_that_are_off_leave_streams_and_phases_out(void **state)
{
    (void)state;
    read_text(LOAD "  - name: mixed\n    duration: 5s\n    insert: off\n    update: {rate: off}\n"
                   "  - name: drain\n    until: caught-up\n");
    resolve();
    assert_int_equal(scenario.n_phases, 2);
    assert_string_equal(scenario.phases[1].name, "drain");
}

/* The options show what the file of quick says: given as shown, they change nothing in it. */
static void the_defaults_of_quicks_options_are_its_own_values(void **state)
{
    (void)state;
    err_t err = {0};
    assert_true(config_read_scenario(&config, "quick", &err));
    buf_t before = {0}, after = {0};
    assert_true(scenario_write(&config, &before));
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (option->key == NULL || strncmp(option->key, "phases.", strlen("phases.")) != 0) {
            continue;
        }
        assert_non_null(option->default_text);
        assert_true(scenario_set_option(option, &config, &err));
        buf_clear(&after);
        assert_true(scenario_write(&config, &after));
        assert_string_equal(buf_text(&before), buf_text(&after));
    }
    buf_free(&before);
    buf_free(&after);
}

/* What is written is read to the same again. */
static void a_resolved_scenario_can_be_read_again(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_ready_scenarios; i++) {
        config_t first, second;
        err_t err = {0};
        buf_t text = {0}, again = {0};
        static scenario_t from_first, from_second;
        assert_true(config_defaults(&first) && config_defaults(&second));
        if (!config_read_scenario(&first, ready_scenarios[i].name, &err) ||
            !config_scenario(&first, &from_first, &err)) {
            fail_msg("%s: %s", ready_scenarios[i].name, err.text);
        }
        assert_true(scenario_write(&first, &text));
        if (!scenario_read("again", text.data, text.len, &second, &err) ||
            !config_scenario(&second, &from_second, &err)) {
            fail_msg("%s: %s", ready_scenarios[i].name, err.text);
        }
        assert_true(scenario_write(&second, &again));
        assert_string_equal(buf_text(&text), buf_text(&again));
        assert_int_equal(from_first.rows, from_second.rows);
        assert_int_equal(from_first.n_phases, from_second.n_phases);
        for (uint32_t p = 0; p < from_first.n_phases; p++) {
            for (int s = 0; s < STREAM_COUNT; s++) {
                const phase_t *a = &from_first.phases[p], *b = &from_second.phases[p];
                assert_memory_equal(&a->streams[s].shape, &b->streams[s].shape, sizeof(shape_t));
                assert_int_equal(a->streams[s].arrivals, b->streams[s].arrivals);
                assert_int_equal(schedule_txns(&a->streams[s], a->duration_ns),
                                 schedule_txns(&b->streams[s], b->duration_ns));
            }
        }
        buf_free(&text);
        buf_free(&again);
        config_free(&first);
        config_free(&second);
    }
}

static void every_ready_made_scenario_says_what_it_is_for(void **state)
{
    (void)state;
    for (size_t i = 0; i < n_ready_scenarios; i++) {
        char heading[64];
        snprintf(heading, sizeof heading, "# %s: ", ready_scenarios[i].name);
        assert_memory_equal(ready_scenarios[i].text, heading, strlen(heading));
    }
}

static void a_scenario_that_is_not_there_is_told_with_the_nearest(void **state)
{
    (void)state;
    err_t err = {0};
    assert_false(config_read_scenario(&config, "stedy", &err));
    assert_non_null(strstr(err.text, "there is no scenario 'stedy': did you mean steady?"));
    assert_false(config_read_scenario(&config, "./not-there.yaml", &err));
    assert_string_equal(err.text, "scenario ./not-there.yaml: cannot be opened: No such file or "
                                  "directory");
}

static void an_option_that_the_scenario_has_no_place_for_names_the_set_to_use(void **state)
{
    (void)state;
    err_t err = {0};
    char *argv[] = {"--update-rate=5k"};
    char **rest;
    int n_rest;
    assert_true(options_parse(COMMAND_RUN, 1, argv, &config, &rest, &n_rest, &err));
    assert_false(config_read_scenario(&config, "trickle", &err));
    assert_string_equal(
        err.text,
        "--update-rate stands for phases.mixed.update.rate, and scenario trickle has no such "
        "phase: "
        "use --set phases.PHASE.update.rate=5000, with one of its phases: load, settle, trickle, "
        "drain");
}

#define test(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(a_scenario_comes_to_what_it_says),
        test(a_file_is_read_to_its_end_or_refused),
        test(marks_around_the_one_document_are_read_over),
        test(a_mistake_is_told_with_file_line_column_and_key),
        test(names_expectations_keys_and_anchors_are_told_with_line_and_column),
        test(what_is_no_yaml_is_told_with_line_and_column),
        test(what_does_not_add_up_is_told_where_the_stream_stands),
        test(set_goes_over_all_else),
        test(a_set_that_cannot_be_is_told_by_its_key),
        test(the_command_line_goes_over_the_file_which_must_be_right_all_the_same),
        test(rates_that_are_off_leave_streams_and_phases_out),
        test(a_resolved_scenario_can_be_read_again),
        test(the_defaults_of_quicks_options_are_its_own_values),
        test(every_ready_made_scenario_says_what_it_is_for),
        test(a_scenario_that_is_not_there_is_told_with_the_nearest),
        test(an_option_that_the_scenario_has_no_place_for_names_the_set_to_use),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
