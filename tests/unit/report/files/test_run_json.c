#include "report/files/run_json.h"

#include <jansson.h>
#include <math.h>

#include "plan/options/options.h"
#include "report/sample.h"
#include "report/sample_faults.h"

static char *const command_line[] = {"cdcbench", "run", "--seed", "42", "--dsn", "********"};
static const manifest_pair_t libraries[] = {{"libpq", "15.18"}};
static const manifest_pair_t settings[] = {{"wal_level", "logical"}, {"fsync", "on"}};
static const char *const embedded_settings[] = {"shared_buffers=128MB", "wal_level=logical", NULL};

/* Writes run.json to memory and reads it back. */
static json_t *written_with(const config_t *config, const result_t *result)
{
    manifest_t manifest = {
        .config = config,
        .argc = 6,
        .argv = command_line,
        .libraries = libraries,
        .n_libraries = 1,
        .server_display = "127.0.0.1:5433/bench as bench",
        .server_version = "15.18",
        .embedded = true,
        .embedded_settings = embedded_settings,
        .server_settings = settings,
        .n_server_settings = 2,
        .modified_by = "bench",
        .exit_code = 3,
    };
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_true(run_json_write(out, &manifest, result, NULL));
    assert_int_equal(fclose(out), 0);
    assert_int_equal(text[len - 1], '\n');
    json_error_t why;
    json_t *run = json_loads(text, JSON_REJECT_DUPLICATES, &why);
    if (run == NULL) {
        fail_msg("line %d: %s", why.line, why.text);
    }
    free(text);
    return run;
}

static json_t *written(const result_t *result)
{
    config_t config;
    config_defaults(&config);
    json_t *run = written_with(&config, result);
    config_free(&config);
    return run;
}

/* The value at a path such as "phases.1.name". */
static json_t *at(json_t *value, const char *path)
{
    char parts[128];
    snprintf(parts, sizeof parts, "%s", path);
    for (char *save, *part = strtok_r(parts, ".", &save); part != NULL;
         part = strtok_r(NULL, ".", &save)) {
        value = json_is_array(value) ? json_array_get(value, (size_t)atoi(part))
                                     : json_object_get(value, part);
        if (value == NULL) {
            fail_msg("%s: no %s", path, part);
        }
    }
    return value;
}

static void assert_text(json_t *run, const char *path, const char *expected)
{
    assert_true(json_is_string(at(run, path)));
    assert_string_equal(json_string_value(at(run, path)), expected);
}

static void assert_integer(json_t *run, const char *path, json_int_t expected)
{
    assert_true(json_is_integer(at(run, path)));
    assert_int_equal(json_integer_value(at(run, path)), expected);
}

static void assert_real(json_t *run, const char *path, double expected)
{
    assert_true(json_is_real(at(run, path)));
    assert_true(json_real_value(at(run, path)) == expected);
}

static void assert_null_at(json_t *run, const char *path)
{
    assert_true(json_is_null(at(run, path)));
}

static void the_manifest_says_how_the_run_came_about(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    json_t *run = written(&sample.result);
    assert_integer(run, "schema_version", RUN_JSON_SCHEMA_VERSION);
    assert_text(run, "tool", "cdcbench");
    assert_text(run, "version", CDCBENCH_VERSION);
    assert_text(run, "verdict", "verified");
    assert_integer(run, "exit_code", 3);
    assert_text(run, "started", "2026-11-22T14:03:12.123456Z");
    assert_real(run, "seconds", 33);
    assert_int_equal(json_array_size(at(run, "command_line")), 6);
    assert_text(run, "command_line.5", "********");
    assert_text(run, "libraries.libpq", "15.18");
    assert_text(run, "server.address", "127.0.0.1:5433/bench as bench");
    assert_text(run, "server.settings.fsync", "on");
    assert_text(run, "server.embedded_settings.shared_buffers", "128MB");
    assert_true(json_is_true(at(run, "server.embedded")));
    assert_true(json_integer_value(at(run, "host.cores")) >= 1);
    assert_true(json_integer_value(at(run, "host.memory_bytes")) > 0);
    assert_text(run, "options.seed", "42");
    assert_null_at(run, "options.dsn");
    json_decref(run);
    sample_free(&sample);
}

/* Longer than any buffer of a fixed size. */
static void an_option_is_there_whole_however_long(void **state)
{
    enum { LONG = 100000 };
    static char setting[LONG + 1];
    (void)state;
    config_t config;
    sample_t sample;
    sample_init(&sample);
    config_defaults(&config);
    memset(setting, 'x', LONG);
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL && strcmp(option->name, "out") != 0; i++) {
    }
    assert_true(options_set(option, setting, &config, NULL));
    json_t *run = written_with(&config, &sample.result);
    assert_text(run, "options.out", setting);
    json_decref(run);
    config_free(&config);
    sample_free(&sample);
}

static void the_scenario_is_there_as_resolved(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.scenario.seed = UINT64_MAX;
    json_t *run = written(&sample.result);
    assert_text(run, "scenario.name", "quick");
    assert_text(run, "scenario.seed", "18446744073709551615");
    assert_text(run, "scenario.table.replica_identity", "full");
    assert_text(run, "scenario.table.triggers", "both");
    assert_integer(run, "scenario.rows", 260000);
    assert_text(run, "scenario.phases.0.streams.insert.kind", "closed");
    assert_integer(run, "scenario.phases.0.streams.insert.transactions", 200);
    assert_null_at(run, "scenario.phases.0.streams.insert.rate_per_s");
    assert_null_at(run, "scenario.phases.0.duration_s");
    assert_integer(run, "scenario.phases.1.rows_before", 200000);
    assert_real(run, "scenario.phases.1.streams.update.rate_per_s", 1000);
    assert_integer(run, "scenario.phases.1.streams.update.burst_rows", 500);
    assert_real(run, "scenario.phases.1.streams.update.burst_every_s", 1);
    assert_text(run, "scenario.phases.2.kind", "drain");
    assert_real(run, "scenario.phases.2.at_most_s", 60);
    json_decref(run);
    sample_free(&sample);
}

static void every_kind_of_phase_is_named(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.scenario.phases[0].kind = PHASE_WATCH;
    json_t *run = written(&sample.result);
    assert_text(run, "scenario.phases.0.kind", "watch");
    assert_text(run, "scenario.phases.1.kind", "work");
    assert_text(run, "scenario.phases.2.kind", "drain");
    json_decref(run);
    sample_free(&sample);
}

static void figures_are_those_of_the_csv_files(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    json_t *run = written(&sample.result);
    assert_real(run, "phases.0.operations.0.seconds", 1.6);
    assert_real(run, "phases.0.operations.0.rows_per_s", 125000);
    assert_integer(run, "phases.1.operations.0.latency_max_us", 3399);
    assert_integer(run, "phases.1.schedule_lag.p99_us", 80);
    assert_text(run, "lag.0.stage", "commit_to_receipt");
    assert_integer(run, "lag.0.count", 200000);
    assert_integer(run, "taps.0.verify.delivered", 290000);
    assert_integer(run, "taps.0.verify.before_run", 7);
    assert_text(run, "taps.0.start_lsn", "16/B374D848");
    assert_integer(run, "clock.offset_us", 12);
    assert_integer(run, "clock.uncertainty_max_us", 48);
    assert_real(run, "clock.drift_ppm", -1.25);
    assert_integer(run, "clock.breaks", 0);
    assert_integer(run, "client.ledger_peak", 1234);
    assert_int_equal(json_array_size(at(run, "taps")), 1); /* kafka was off */
    json_decref(run);
    sample_free(&sample);
}

static void what_was_not_measured_is_null(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample.result.clock_offset_us = NOT_MEASURED;
    sample.result.clock_drift_ppm = NAN;
    sample.result.phases[SAMPLE_DRAIN].end_ns = NOT_MEASURED;
    sample.result.taps[TAP_WAL].last_lsn = 0;
    json_t *run = written(&sample.result);
    assert_null_at(run, "clock.offset_us");
    assert_null_at(run, "clock.drift_ppm");
    assert_null_at(run, "clock.connect");
    assert_null_at(run, "phases.2.end_s");
    assert_null_at(run, "phases.0.schedule_lag");
    assert_null_at(run, "phases.1.operations.1.mb_per_s");
    assert_null_at(run, "phases.1.operations.1.service_p99_us");
    assert_null_at(run, "taps.0.last_lsn");
    assert_null_at(run, "taps.0.error");
    assert_null_at(run, "failure");
    json_decref(run);
    sample_free(&sample);
}

static void counts_of_ends_are_there_in_full(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    sample_kafka_with_ends(&sample.result.taps[TAP_KAFKA]);
    sample_ends_differ(&sample.result.taps[TAP_KAFKA].ends);
    json_t *run = written(&sample.result);
    assert_text(run, "verdict", "failed");
    assert_null_at(run, "taps.0.transaction_ends");
    assert_null_at(run, "taps.0.verify.end_agrees");
    assert_integer(run, "taps.1.verify.end_differs", 17);
    assert_integer(run, "taps.1.transaction_ends.ends", 9200);
    assert_integer(run, "taps.1.transaction_ends.agree", 9180);
    assert_integer(run, "taps.1.transaction_ends.missing", 2);
    assert_integer(run, "taps.1.transaction_ends.repeated", 1);
    assert_int_equal(json_array_size(at(run, "taps.1.transaction_ends.faults")), END_FAULTS_KEPT);
    assert_text(run, "taps.1.transaction_ends.faults.0.kind", "end_differs");
    assert_integer(run, "taps.1.transaction_ends.faults.0.transaction", 752);
    assert_text(run, "taps.1.transaction_ends.faults.0.collection", "public.transactions");
    assert_integer(run, "taps.1.transaction_ends.faults.0.told", 10);
    assert_integer(run, "taps.1.transaction_ends.faults.0.seen", 9);
    assert_null_at(run, "taps.1.transaction_ends.faults.1.told");
    assert_null_at(run, "taps.1.transaction_ends.faults.9.collection");
    json_decref(run);
    sample_free(&sample);
}

static json_t *fault_of_kind(json_t *run, const char *kind)
{
    size_t i;
    json_t *fault;
    json_array_foreach(at(run, "taps.0.verify.faults"), i, fault)
    {
        if (strcmp(json_string_value(at(fault, "kind")), kind) == 0) {
            return fault;
        }
    }
    fail_msg("no fault is %s", kind);
    return NULL;
}

static void faults_are_there_in_full_whatever_bytes_they_hold(void **state)
{
    (void)state;
    sample_t sample;
    sample_faults_t faults;
    sample_init(&sample);
    sample_faults_init(&faults);
    sample.result.taps[TAP_WAL].verify = faults.totals;
    sample.result.taps[TAP_WAL].verifier = faults.verifier;
    json_t *run = written(&sample.result);
    assert_text(run, "verdict", "failed");
    assert_integer(run, "taps.0.verify.duplicated", SAMPLE_DUPLICATES);
    json_t *damaged = fault_of_kind(run, "mismatched");
    assert_text(damaged, "operation", "insert");
    assert_integer(damaged, "row", SAMPLE_ROW_DAMAGED);
    assert_integer(damaged, "version", 0);
    assert_text(damaged, "column", "city");
    assert_text(damaged, "found", "Atlantis\033[2J");
    assert_text(damaged, "lsn", "16/7");
    json_t *unknown = fault_of_kind(run, "unknown");
    assert_null_at(unknown, "row");
    assert_text(unknown, "key", "no key of this run\xEF\xBF\xBD");
    assert_null_at(fault_of_kind(run, "out_of_order"), "operation"); /* it is of a transaction */
    json_decref(run);
    sample_faults_free(&faults);
    sample_free(&sample);
}

static void a_run_that_failed_says_why(void **state)
{
    (void)state;
    sample_t sample;
    sample_init(&sample);
    err_set(&sample.result.failure, ERR_RUN, "the server is gone");
    sample.result.interrupted = true;
    snprintf(sample.result.taps[TAP_WAL].error, sizeof sample.result.taps[TAP_WAL].error,
             "cut within a character: \xE2\x86");
    json_t *run = written(&sample.result);
    assert_text(run, "verdict", "incomplete");
    assert_text(run, "failure", "the server is gone");
    assert_true(json_is_true(at(run, "interrupted")));
    assert_text(run, "taps.0.error", "cut within a character: \xEF\xBF\xBD\xEF\xBF\xBD");
    json_decref(run);
    sample_free(&sample);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_manifest_says_how_the_run_came_about),
        cmocka_unit_test(an_option_is_there_whole_however_long),
        cmocka_unit_test(the_scenario_is_there_as_resolved),
        cmocka_unit_test(every_kind_of_phase_is_named),
        cmocka_unit_test(figures_are_those_of_the_csv_files),
        cmocka_unit_test(what_was_not_measured_is_null),
        cmocka_unit_test(counts_of_ends_are_there_in_full),
        cmocka_unit_test(faults_are_there_in_full_whatever_bytes_they_hold),
        cmocka_unit_test(a_run_that_failed_says_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
