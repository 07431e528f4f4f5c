#include "report/files/run_json.h"

#include <string.h>

#include "plan/options/options.h"
#include "plan/scenario/scenario_file.h"
#include "report/files/expectation_text.h"
#include "report/files/run_json_parts.h"
#include "result/verdict.h"

json_t *run_json_command_line(int argc, char *const *argv)
{
    json_t *words = json_array();
    bool complete = words != NULL;
    for (int i = 0; complete && i < argc; i++) {
        complete = run_json_append(words, run_json_outside(argv[i]));
    }
    return run_json_whole(words, complete);
}

/* Commands that make no run: options of theirs alone have no place in one's manifest. */
#define MAKES_NO_RUN (COMMAND_GEN | COMMAND_REPORT | COMMAND_COMPARE | COMMAND_SIZE)

/* Every option by its long name, as text as on the command line; null when it is not set. */
static json_t *options_json(const config_t *config)
{
    json_t *object = json_object();
    bool complete = object != NULL;
    const option_t *option;
    for (size_t i = 0; complete && (option = options_at(i)) != NULL; i++) {
        if ((option->commands & ~(unsigned)MAKES_NO_RUN) == 0) {
            continue;
        }
        buf_t value = {0};
        options_value(option, config, &value);
        json_t *text = run_json_outside(value.len > 0 ? buf_text(&value) : NULL);
        complete = json_object_set_new(object, option->name, text) == 0;
        buf_free(&value);
    }
    return run_json_whole(object, complete);
}

static json_t *pairs_json(const manifest_pair_t *pairs, size_t n)
{
    json_t *object = json_object();
    bool complete = object != NULL;
    for (size_t i = 0; complete && i < n; i++) {
        complete =
            json_object_set_new(object, pairs[i].name, run_json_outside(pairs[i].value)) == 0;
    }
    return run_json_whole(object, complete);
}

/* "name=value" texts as an object; null when there are none. */
static json_t *assignments_json(const char *const *texts)
{
    if (texts == NULL) {
        return json_null();
    }
    json_t *object = json_object();
    bool complete = object != NULL;
    for (; complete && *texts != NULL; texts++) {
        size_t name_len = strcspn(*texts, "=");
        const char *value = (*texts)[name_len] == '=' ? *texts + name_len + 1 : NULL;
        complete = json_object_setn_new(object, *texts, name_len, run_json_outside(value)) == 0;
    }
    return run_json_whole(object, complete);
}

static json_t *server_json(const manifest_t *manifest)
{
    return run_json_object((const run_json_field_t[]){
        {"address", run_json_outside(manifest->server_display)},
        {"version", run_json_text(manifest->server_version)},
        {"user", run_json_text(manifest->modified_by)},
        {"embedded", json_boolean(manifest->embedded)},
        {"embedded_settings", assignments_json(manifest->embedded_settings)},
        {"settings", pairs_json(manifest->server_settings, manifest->n_server_settings)},
        {NULL, NULL},
    });
}

static json_t *ahead_json(const clock_ahead_t *ahead)
{
    return run_json_object((const run_json_field_t[]){
        {"ahead_min_us", json_integer(ahead->min_us)},
        {"ahead_max_us", json_integer(ahead->max_us)},
        {NULL, NULL},
    });
}

/* Bounds by causality; null when no event has its time. */
static json_t *foreign_clock_json(const foreign_clock_t *clock)
{
    if (clock->stamps == 0)
        return json_null();
    return run_json_object((const run_json_field_t[]){
        {"taken_for", json_string(clock->is_clients ? "client" : "server")},
        {"ahead_min_us", json_integer(clock->whole.min_us)},
        {"ahead_max_us", json_integer(clock->whole.max_us)},
        {"minutes", json_integer((json_int_t)clock->minutes)},
        {"first_minute", ahead_json(&clock->first)},
        {"last_minute", ahead_json(&clock->last)},
        {"worst_minute", ahead_json(&clock->worst)},
        {"stamps", json_integer((json_int_t)clock->stamps)},
        {"holds", json_boolean(foreign_clock_holds(clock))},
        {NULL, NULL},
    });
}

static json_t *clock_json(const result_t *result)
{
    return run_json_object((const run_json_field_t[]){
        {"offset_us", run_json_integer(result->clock_offset_us)},
        {"uncertainty_us", run_json_integer(result->clock_uncertainty_us)},
        {"uncertainty_max_us", run_json_integer(result->clock_uncertainty_max_us)},
        {"drift_ppm", run_json_real(result->clock_drift_ppm, 3)},
        {"drift_uncertainty_ppm", run_json_real(result->clock_drift_uncertainty_ppm, 3)},
        {"samples", json_integer((json_int_t)result->clock_samples)},
        {"breaks", json_integer((json_int_t)result->clock_breaks)},
        {"connect", foreign_clock_json(&result->foreign_clocks[CLOCK_CONNECT])},
        {"broker", foreign_clock_json(&result->foreign_clocks[CLOCK_BROKER])},
        {NULL, NULL},
    });
}

/* How the client itself fared. */
static json_t *client_json(const result_t *result)
{
    return run_json_object((const run_json_field_t[]){
        {"cpu_us", run_json_integer(result->client_cpu_us)},
        {"rss_peak_bytes", run_json_integer(result->client_rss_peak_bytes)},
        {"reconnects", json_integer((json_int_t)result->reconnects)},
        {"in_doubt", json_integer((json_int_t)result->in_doubt)},
        {"in_doubt_committed", json_integer((json_int_t)result->in_doubt_committed)},
        {"undetermined", json_integer((json_int_t)result->undetermined)},
        {"ledger_peak", json_integer((json_int_t)result->ledger_peak)},
        {"ledger_dropped", json_integer((json_int_t)result->ledger_dropped)},
        {NULL, NULL},
    });
}

static json_t *failure_json(const err_t *failure)
{
    return run_json_outside(failure->code != ERR_NONE ? failure->text : NULL);
}

/* What the controller described as JSON already; null without Kafka. */
static json_t *pipeline_json(const result_t *result)
{
    return result->pipeline == NULL ? json_null() : json_loads(result->pipeline, 0, NULL);
}

/* The scenario as --dry-run prints it: with it the run can be done again. */
static json_t *scenario_yaml_json(const config_t *config)
{
    if (config->scenario.spec == NULL) {
        return json_null();
    }
    buf_t yaml = {0};
    json_t *text = scenario_write(config, &yaml) ? run_json_outside(buf_text(&yaml)) : NULL;
    buf_free(&yaml);
    return text;
}

static json_t *whole_json(const manifest_t *manifest, const result_t *result)
{
    char started[28];
    clock_iso8601(result->start.wall_us, started, sizeof started);
    json_t *about = run_json_object((const run_json_field_t[]){
        {"schema_version", json_integer(RUN_JSON_SCHEMA_VERSION)},
        {"tool", json_string("cdcbench")},
        {"version", json_string(CDCBENCH_VERSION)},
        {"verdict", json_string(run_verdict_names[verdict_of(result)])},
        {"pace", run_json_pace_word(result)},
        {"exit_code", json_integer(manifest->exit_code)},
        {"started", json_string(started)},
        {"seconds", run_json_seconds(result->end_ns)},
        {"interrupted", json_boolean(result->interrupted)},
        {"overloaded", json_boolean(result->overloaded)},
        {"ddl_s", run_json_seconds(result->ddl_ns)},
        {"failure", failure_json(&result->failure)},
        {"watched", run_json_text(result->watched[0] != '\0' ? result->watched : NULL)},
        {"acknowledged", json_integer((json_int_t)result->acknowledged)},
        {"restarts_seen", json_boolean(result->restarts_seen)},
        {NULL, NULL},
    });
    json_t *circumstances = run_json_object((const run_json_field_t[]){
        {"command_line", run_json_command_line(manifest->argc, manifest->argv)},
        {"options", options_json(manifest->config)},
        {"scenario", run_json_scenario(result->scenario)},
        {"scenario_yaml", scenario_yaml_json(manifest->config)},
        {"host", run_json_host()},
        {"libraries", pairs_json(manifest->libraries, manifest->n_libraries)},
        {"server", server_json(manifest)},
        {"pipeline", pipeline_json(result)},
        {NULL, NULL},
    });
    json_t *figures = run_json_object((const run_json_field_t[]){
        {"clock", clock_json(result)},
        {"client", client_json(result)},
        {"phases", run_json_phases(result)},
        {"stalls", run_json_stalls(result)},
        {"taps", run_json_taps(result)},
        {"lag", run_json_lag(result)},
        {"lag_transactions", run_json_lag_transactions(result)},
        {"expectations", expectations_json(manifest->config, result)},
        {NULL, NULL},
    });
    bool complete =
        json_object_update(about, circumstances) == 0 && json_object_update(about, figures) == 0;
    json_decref(circumstances);
    json_decref(figures);
    return run_json_whole(about, complete);
}

bool run_json_write(FILE *out, const manifest_t *manifest, const result_t *result, err_t *err)
{
    json_t *whole = whole_json(manifest, result);
    if (whole == NULL) {
        return err_set(err, ERR_RUN, "cannot write run.json: out of memory");
    }
    /* A double holds 15 digits of any decimal: what was rounded prints as rounded. */
    json_dumpf(whole, out, JSON_INDENT(2) | JSON_REAL_PRECISION(15));
    putc('\n', out);
    json_decref(whole);
    return true;
}
