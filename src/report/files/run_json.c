#include "report/files/run_json.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "plan/options/options.h"
#include "plan/scenario/scenario_file.h"
#include "report/files/json_node.h"
#include "report/files/tables.h"
#include "report/text/text.h"
#include "result/expectation.h"
#include "result/verdict.h"

/* --- what it ran on --------------------------------------------------------------------------- */

json_t *run_json_command_line(int argc, char *const *argv)
{
    json_t *words = json_array();
    for (int i = 0; i < argc; i++) {
        node_add(&words, node_outside(argv[i]));
    }
    return words;
}

/* The first "model name" of /proc/cpuinfo (proc(5)); arm64 kernels write none, then it is null. */
static json_t *cpu_model_json(void)
{
    static const char key[] = "model name";
    json_t *model = NULL;
    char line[512];
    FILE *cpuinfo = fopen("/proc/cpuinfo", "re");
    while (cpuinfo != NULL && model == NULL && fgets(line, sizeof line, cpuinfo) != NULL) {
        char *value = strchr(line, ':');
        if (strncmp(line, key, sizeof key - 1) == 0 && value != NULL) {
            value += strspn(value, ": \t");
            value[strcspn(value, "\n")] = '\0';
            model = node_text(value);
        }
    }
    if (cpuinfo != NULL) {
        fclose(cpuinfo);
    }
    return model != NULL ? model : json_null();
}

/* A figure of sysconf(3), times `unit`; -1 there is unknown. */
static json_t *sysconf_json(int name, int64_t unit)
{
    long value = sysconf(name);
    return value < 0 ? json_null() : json_integer(value * unit);
}

/* This machine: system, CPU, cores, memory, page size; not its name. */
static json_t *host_json(void)
{
    struct utsname system = {.sysname = ""};
    uname(&system);
    return NODE({"system", node_text(system.sysname)}, {"release", node_text(system.release)},
                {"version", node_text(system.version)}, {"machine", node_text(system.machine)},
                {"cpu", cpu_model_json()}, {"cores", sysconf_json(_SC_NPROCESSORS_ONLN, 1)},
                {"memory_bytes", sysconf_json(_SC_PHYS_PAGES, sysconf(_SC_PAGESIZE))},
                {"page_bytes", sysconf_json(_SC_PAGESIZE, 1)});
}

/* Commands that make no run: options of theirs alone have no place in one's manifest. */
#define MAKES_NO_RUN (COMMAND_GEN | COMMAND_REPORT | COMMAND_COMPARE | COMMAND_SIZE)

/* Every option by its long name, as text as on the command line; null when it is not set. */
static json_t *options_json(const config_t *config)
{
    json_t *object = json_object();
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if ((option->commands & ~(unsigned)MAKES_NO_RUN) == 0) {
            continue;
        }
        buf_t value = {0};
        options_value(option, config, &value);
        json_t *text = node_outside(value.len > 0 ? buf_text(&value) : NULL);
        node_set(&object, option->name, text);
        buf_free(&value);
    }
    return object;
}

static json_t *pairs_json(const manifest_pair_t *pairs, size_t n)
{
    json_t *object = json_object();
    for (size_t i = 0; i < n; i++) {
        node_set(&object, pairs[i].name, node_outside(pairs[i].value));
    }
    return object;
}

/* "name=value" texts as an object; null when there are none. */
static json_t *assignments_json(const char *const *texts)
{
    if (texts == NULL) {
        return json_null();
    }
    json_t *object = json_object();
    for (; *texts != NULL; texts++) {
        size_t name_len = strcspn(*texts, "=");
        const char *value = (*texts)[name_len] == '=' ? *texts + name_len + 1 : NULL;
        char name[128];
        snprintf(name, sizeof name, "%.*s", (int)name_len, *texts);
        node_set(&object, name, node_outside(value));
    }
    return object;
}

static json_t *server_json(const manifest_t *manifest)
{
    return NODE({"address", node_outside(manifest->server_display)},
                {"version", node_text(manifest->server_version)},
                {"user", node_text(manifest->modified_by)},
                {"embedded", json_boolean(manifest->embedded)},
                {"embedded_settings", assignments_json(manifest->embedded_settings)},
                {"settings", pairs_json(manifest->server_settings, manifest->n_server_settings)});
}

static json_t *ahead_json(const clock_ahead_t *ahead)
{
    return NODE({"ahead_min_us", json_integer(ahead->min_us)},
                {"ahead_max_us", json_integer(ahead->max_us)});
}

/* Bounds by causality; null when no event has its time. */
static json_t *foreign_clock_json(const foreign_clock_t *clock)
{
    if (clock->stamps == 0)
        return json_null();
    return NODE(
        {"taken_for", json_string(clock->is_clients ? "client" : "server")},
        {"ahead_min_us", json_integer(clock->whole.min_us)},
        {"ahead_max_us", json_integer(clock->whole.max_us)},
        {"minutes", node_count(clock->minutes)}, {"first_minute", ahead_json(&clock->first)},
        {"last_minute", ahead_json(&clock->last)}, {"worst_minute", ahead_json(&clock->worst)},
        {"stamps", node_count(clock->stamps)}, {"holds", json_boolean(foreign_clock_holds(clock))});
}

static json_t *clock_json(const result_t *result)
{
    return NODE({"offset_us", node_integer(result->clock_offset_us)},
                {"uncertainty_us", node_integer(result->clock_uncertainty_us)},
                {"uncertainty_max_us", node_integer(result->clock_uncertainty_max_us)},
                {"drift_ppm", node_real(result->clock_drift_ppm, 3)},
                {"drift_uncertainty_ppm", node_real(result->clock_drift_uncertainty_ppm, 3)},
                {"samples", node_count(result->clock_samples)},
                {"breaks", node_count(result->clock_breaks)},
                {"connect", foreign_clock_json(&result->foreign_clocks[CLOCK_CONNECT])},
                {"broker", foreign_clock_json(&result->foreign_clocks[CLOCK_BROKER])});
}

/* How the client itself fared. */
static json_t *client_json(const result_t *result)
{
    return NODE({"cpu_us", node_integer(result->client_cpu_us)},
                {"rss_peak_bytes", node_integer(result->client_rss_peak_bytes)},
                {"reconnects", node_count(result->reconnects)},
                {"in_doubt", node_count(result->in_doubt)},
                {"in_doubt_committed", node_count(result->in_doubt_committed)},
                {"undetermined", node_count(result->undetermined)},
                {"ledger_peak", node_count(result->ledger_peak)},
                {"ledger_dropped", node_count(result->ledger_dropped)});
}

static json_t *failure_json(const err_t *failure)
{
    return node_outside(failure->code != ERR_NONE ? failure->text : NULL);
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
    json_t *text = scenario_write(config, &yaml) ? node_outside(buf_text(&yaml)) : NULL;
    buf_free(&yaml);
    return text;
}

/* --- what came of it -------------------------------------------------------------------------- */

static json_t *operations_json(const result_t *result, uint32_t phase)
{
    json_t *operations = json_array();
    for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
        summary_record_t record;
        if (summary_record(result, phase, stream, &record)) {
            node_add(&operations, node_record(&table_summary, &record));
        }
    }
    return operations;
}

/* How late an idle connection sent what was due. */
static json_t *schedule_lag_json(const hist_t *lag)
{
    if (lag == NULL || hist_count(lag) == 0) {
        return json_null();
    }
    return NODE({"count", node_count(hist_count(lag))},
                {"p50_us", node_integer(hist_percentile_us(lag, 50))},
                {"p90_us", node_integer(hist_percentile_us(lag, 90))},
                {"p99_us", node_integer(hist_percentile_us(lag, 99))},
                {"p999_us", node_integer(hist_percentile_us(lag, 99.9))},
                {"max_us", node_integer(hist_max_us(lag))});
}

static json_t *backlog_json(const phase_result_t *phase)
{
    bool passed = phase->overload_from_ns != NOT_MEASURED;
    return NODE(
        {"peak_rows", node_count(phase->backlog_peak_rows)},
        {"peak_age_s", node_seconds(phase->backlog_peak_us * NS_PER_US)},
        {"past_bound_from_s", node_seconds(phase->overload_from_ns)},
        {"past_bound_s", node_seconds(passed ? phase->overload_us * NS_PER_US : NOT_MEASURED)});
}

/* Whether the taps kept up; null where nothing was judged. */
static json_t *pace_word_json(const result_t *result)
{
    pace_verdict_t pace = verdict_pace(result);
    return pace == PACE_UNKNOWN ? json_null() : json_string(pace_verdict_names[pace]);
}

static json_t *pace_json(tap_id_t tap, const pace_t *pace)
{
    return NODE(
        {"tap", json_string(tap_rows[tap].name)},
        {"verdict", json_string(pace_verdict_names[pace->verdict])},
        {"seconds", node_real(pace->seconds, 1)}, {"sent_per_s", node_rounded(pace->sent_per_s)},
        {"sustained_per_s", node_rounded(pace->sustained_per_s)},
        {"behind", node_rounded(pace->behind)}, {"growth_per_s", node_real(pace->growth_per_s, 1)},
        {"growth_low_per_s", node_real(pace->growth_low, 1)},
        {"growth_high_per_s", node_real(pace->growth_high, 1)},
        {"decided_by_s", pace->decided_by_s > 0 ? node_rounded(pace->decided_by_s) : json_null()});
}

/* By tap; empty where none has a rate to keep. */
static json_t *paces_json(const phase_result_t *phase)
{
    json_t *paces = json_array();
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (phase->pace[tap].verdict != PACE_UNKNOWN) {
            node_add(&paces, pace_json(tap, &phase->pace[tap]));
        }
    }
    return paces;
}

static json_t *drain_json(const phase_result_t *phase, tap_id_t tap)
{
    return NODE({"tap", json_string(tap_rows[tap].name)},
                {"events", node_integer(phase->drain[tap].events)},
                {"seconds", node_seconds(phase->drain[tap].us * NS_PER_US)},
                {"events_per_s", node_real(result_drain_per_s(phase, tap), 1)});
}

static json_t *drains_json(const phase_result_t *phase)
{
    json_t *drains = json_array();
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (phase->drain[tap].events != NOT_MEASURED) {
            node_add(&drains, drain_json(phase, tap));
        }
    }
    return drains;
}

static json_t *stall_json(const result_t *result, const stall_t *stall)
{
    return NODE({"phase", node_text(result->scenario->phases[stall->phase].name)},
                {"from_s", node_seconds(stall->from_ns)},
                {"seconds", node_seconds(stall->to_ns - stall->from_ns)});
}

static json_t *stalls_json(const result_t *result)
{
    json_t *kept = json_array();
    for (uint64_t i = 0; i < result->n_stalls && i < STALLS_MAX; i++) {
        node_add(&kept, stall_json(result, &result->stalls[i]));
    }
    return NODE({"count", node_count(result->n_stalls)}, {"at_least_s", node_seconds(STALL_MIN_NS)},
                {"kept", kept});
}

static json_t *phase_json(const result_t *result, uint32_t i)
{
    const phase_result_t *phase = &result->phases[i];
    return NODE({"name", node_text(result->scenario->phases[i].name)},
                {"start_s", node_seconds(phase->start_ns)}, {"end_s", node_seconds(phase->end_ns)},
                {"warm_up", json_boolean(result->scenario->phases[i].warm_up)},
                {"schedule_lag", schedule_lag_json(phase->schedule_lag)},
                {"backlog", backlog_json(phase)}, {"pace", paces_json(phase)},
                {"drain", drains_json(phase)}, {"operations", operations_json(result, i)});
}

static json_t *phases_json(const result_t *result)
{
    json_t *phases = json_array();
    for (uint32_t i = 0; i < result->scenario->n_phases; i++) {
        node_add(&phases, phase_json(result, i));
    }
    return phases;
}

static json_t *fault_json(const fault_t *fault)
{
    return NODE({"kind", json_string(fault_names[fault->kind])},
                {"operation", node_text(text_fault_has_change(fault) ? op_names[fault->op] : NULL)},
                {"row", node_integer(fault->has_row ? (int64_t)fault->row : NOT_MEASURED)},
                {"version", node_integer(fault->has_row ? fault->version : NOT_MEASURED)},
                {"key", node_text(fault->key)}, {"column", node_text(fault->column)},
                {"side", node_text(fault->side)}, {"trigger", node_text(fault->trigger)},
                {"expected", node_text(fault->expected)}, {"found", node_text(fault->found)},
                {"lsn", node_lsn(fault->position)});
}

static json_t *faults_json(const verifier_t *verifier)
{
    json_t *faults = json_array();
    for (fault_kind_t kind = 0; verifier != NULL && kind < FAULT_KINDS; kind++) {
        size_t count = verify_fault_count(verifier, kind);
        for (size_t i = 0; i < count; i++) {
            node_add(&faults, fault_json(verify_fault(verifier, kind, i)));
        }
    }
    return faults;
}

static json_t *verify_json(const result_t *result, tap_id_t id)
{
    const tap_result_t *tap = &result->taps[id];
    verify_record_t record = verify_record(result, id);
    json_t *verify = node_record(&table_verify, &record);
    node_set(&verify, "gaps_overflowed", json_boolean(tap->verify.gaps_overflowed));
    node_set(&verify, "faults", faults_json(tap->verifier));
    return verify;
}

/* What only a consumer of Kafka can tell; null for the other. */
static json_t *kafka_json(const tap_result_t *tap, tap_id_t id)
{
    if (!tap_has(id, TAP_READS_TOPIC))
        return json_null();
    return NODE(
        {"wire_bytes", node_integer(tap->wire_bytes > 0 ? (int64_t)tap->wire_bytes : NOT_MEASURED)},
        {"unreadable", node_count(tap->unreadable)}, {"tombstones", node_count(tap->tombstones)},
        {"removed_offsets", node_count(tap->removed_offsets)},
        {"skipped_offsets", node_count(tap->skipped_offsets)},
        {"outages", node_count(tap->outages)});
}

static json_t *end_fault_json(const end_fault_t *fault)
{
    bool has_end = fault->kind != END_MISSING;
    return NODE({"kind", json_string(end_fault_names[fault->kind])},
                {"transaction", node_count(fault->txid)},
                {"collection", node_text(fault->collection[0] != '\0' ? fault->collection : NULL)},
                {"told", node_integer(has_end ? (int64_t)fault->told : NOT_MEASURED)},
                {"seen", node_count(fault->seen)});
}

/* The counts of the transactions' ENDs; null where they were not held. */
static json_t *ends_json(const end_counts_t *ends)
{
    if (!ends->measured)
        return json_null();
    json_t *faults = json_array();
    for (size_t i = 0; i < ends->n_kept; i++)
        node_add(&faults, end_fault_json(&ends->kept[i]));
    return NODE({"ends", node_count(ends->ends)}, {"agree", node_count(ends->agree)},
                {"differ", node_count(ends->faults[END_DIFFERS])},
                {"missing", node_count(ends->faults[END_MISSING])},
                {"unseen", node_count(ends->faults[END_UNSEEN])},
                {"undecided", node_count(ends->undecided)},
                {"repeated", node_count(ends->repeated)},
                {"unreadable", node_count(ends->unreadable)},
                {"overflowed", json_boolean(ends->overflowed)}, {"faults", faults});
}

/* Distinct events, by operation. */
static json_t *seen_json(const tap_result_t *tap)
{
    json_t *seen = json_object();
    for (op_t op = 0; op < OP_COUNT; op++)
        node_set(&seen, op_names[op], node_count(tap->seen[op]));
    return seen;
}

static json_t *tap_json(const result_t *result, tap_id_t id)
{
    const tap_result_t *tap = &result->taps[id];
    return NODE({"tap", json_string(tap_rows[id].name)}, {"complete", json_boolean(tap->complete)},
                {"error", node_outside(tap->error[0] != '\0' ? tap->error : NULL)},
                {"events", node_count(tap->events)},
                {"transactions", node_count(tap->transactions)},
                {"unmatched_transactions", node_count(tap->unmatched_transactions)},
                {"bytes", node_count(tap->bytes)}, {"start_lsn", node_lsn(tap->start_lsn)},
                {"last_lsn", node_lsn(tap->last_lsn)}, {"seen", seen_json(tap)},
                {"kafka", kafka_json(tap, id)},
                {"verify", tap->unverified ? json_null() : verify_json(result, id)},
                {"transaction_ends", ends_json(&tap->ends)});
}

static json_t *taps_json(const result_t *result)
{
    json_t *taps = json_array();
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on) {
            node_add(&taps, tap_json(result, tap));
        }
    }
    return taps;
}

static bool add_record(void *records, const csv_table_t *table, const void *record)
{
    json_t **into = records;
    node_add(into, node_record(table, record));
    return *into != NULL;
}

/* An object for each row of a table. */
static json_t *records_json(const csv_table_t *table, const result_t *result)
{
    json_t *records = json_array();
    if (!table_each(table, result, add_record, &records)) {
        json_decref(records);
        return NULL;
    }
    return records;
}

/* What was expected, what was measured of it, and whether it is met. */
static json_t *expectations_json(const config_t *config, const result_t *result)
{
    json_t *list = json_array();
    for (size_t i = 0; i < config->scenario.expect.n; i++) {
        expectation_t it;
        bool judged = expectation_judge(config, i, result, &it);
        json_t *expected = NODE({"expect", node_text(it.text)},
                                {"unit", json_string(expect_is_time(&it.expect) ? "us" : "count")},
                                {"measured", it.measured ? json_real(it.value) : json_null()},
                                {"met", json_boolean(it.met)});
        if (!judged) {
            json_decref(expected);
            expected = NULL;
        }
        node_add(&list, expected);
    }
    return list;
}

/* --- the whole -------------------------------------------------------------------------------- */

static json_t *whole_json(const manifest_t *manifest, const result_t *result)
{
    char started[28];
    clock_iso8601(result->start.wall_us, started, sizeof started);
    return NODE({"schema_version", json_integer(RUN_JSON_SCHEMA_VERSION)},
                {"tool", json_string("cdcbench")}, {"version", json_string(CDCBENCH_VERSION)},
                {"verdict", json_string(run_verdict_names[verdict_of(result)])},
                {"pace", pace_word_json(result)}, {"exit_code", json_integer(manifest->exit_code)},
                {"started", json_string(started)}, {"seconds", node_seconds(result->end_ns)},
                {"interrupted", json_boolean(result->interrupted)},
                {"overloaded", json_boolean(result->overloaded)},
                {"ddl_s", node_seconds(result->ddl_ns)},
                {"failure", failure_json(&result->failure)},
                {"watched", node_text(result->watched[0] != '\0' ? result->watched : NULL)},
                {"acknowledged", node_count(result->acknowledged)},
                {"restarts_seen", json_boolean(result->restarts_seen)},
                {"command_line", run_json_command_line(manifest->argc, manifest->argv)},
                {"options", options_json(manifest->config)},
                {"scenario", run_json_scenario(result->scenario)},
                {"scenario_yaml", scenario_yaml_json(manifest->config)}, {"host", host_json()},
                {"libraries", pairs_json(manifest->libraries, manifest->n_libraries)},
                {"server", server_json(manifest)}, {"pipeline", pipeline_json(result)},
                {"clock", clock_json(result)}, {"client", client_json(result)},
                {"phases", phases_json(result)}, {"stalls", stalls_json(result)},
                {"taps", taps_json(result)}, {"lag", records_json(&table_lag, result)},
                {"lag_transactions", records_json(&table_lag_transactions, result)},
                {"expectations", expectations_json(manifest->config, result)});
}

bool run_json_write(FILE *out, const manifest_t *manifest, const result_t *result, err_t *err)
{
    return node_print(out, whole_json(manifest, result), JSON_INDENT(2)) ||
           err_set(err, ERR_RUN, "cannot write run.json: out of memory");
}

/* --- the lines of --json ---------------------------------------------------------------------- */

bool json_lines_second(FILE *out, const scenario_t *scenario, const timeline_row_t *row)
{
    timeline_record_t record = timeline_record(scenario, row);
    return node_print(out, node_record(&table_timeline, &record), JSON_COMPACT);
}

bool json_lines_end(FILE *out, const result_t *result, int exit_code, const char *folder)
{
    return node_print(out,
                      NODE({"verdict", json_string(run_verdict_names[verdict_of(result)])},
                           {"pace", pace_word_json(result)}, {"exit_code", json_integer(exit_code)},
                           {"acknowledged", node_count(result->acknowledged)},
                           {"folder", node_text(folder)}),
                      JSON_COMPACT);
}
