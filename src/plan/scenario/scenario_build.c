/* From what was written to the scenario that is run. */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "plan/options/expect.h"
#include "plan/scenario/scenario_file.h"
#include "plan/scenario/scenario_spec.h"

static bool check_kafka(const config_t *config, err_t *err)
{
    if (config_has_tap(config, TAP_READS_TOPIC) && config->kafka.brokers == NULL) {
        return err_set(err, ERR_USAGE,
                       "--taps kafka reads from Kafka: say where it is, with "
                       "--brokers host:port");
    }
    if (config->kafka.connect_url == NULL &&
        (config->kafka.connector.n > 0 || config->kafka.connector_config != NULL)) {
        return err_set(err, ERR_USAGE,
                       "--connector and --connector-config configure a connector: say where Kafka "
                       "Connect is, with --connect-url http://host:port");
    }
    if (config->kafka.connect_url != NULL && config->kafka.brokers == NULL) {
        return err_set(err, ERR_USAGE,
                       "--connect-url without --brokers: nobody would read what "
                       "the connector writes");
    }
    return true;
}

/* The options that were given for a path, "--burst, --update-rate"; "" when there are none. */
static void given_for(const config_t *config, const char *path, buf_t *out)
{
    size_t len = strlen(path);
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        const char *key = option->key;
        if (key != NULL && options_given(config, option) && strncmp(key, path, len) == 0 &&
            key[len] == '.') {
            buf_printf(out, "%s--%s", out->len > 0 ? ", " : "", option->name);
        }
    }
}

/* Puts before the error where it is: the options that were given for it, else place and key. What
 * there is to update follows from --rows. */
static bool fail_at(const config_t *config, const phase_spec_t *phase, int stream, err_t *err)
{
    char path[2 * SCENARIO_NAME_MAX];
    bool whole = stream == STREAM_COUNT;
    buf_t given = {0};
    snprintf(path, sizeof path, "phases.%s%s%s", phase->name != NULL ? phase->name : "?",
             whole ? "" : ".", whole ? "" : stream_names[stream]);
    given_for(config, path, &given);
    if (given.len == 0 && !whole && stream != OP_INSERT) {
        given_for(config, "phases.load.insert", &given);
    }
    yaml_place_t place = phase->place;
    if (!whole && phase->streams[stream].place.line > 0) {
        place = phase->streams[stream].place;
    }
    if (given.len > 0) {
        err_wrap(err, "%s", buf_text(&given));
    } else {
        err_wrap(err, "%s:%d:%d: %s", config->scenario.spec->source, place.line, place.column,
                 path);
    }
    buf_free(&given);
    return false;
}

/* The nearest to what people mean who do not say it. */
static uint64_t rows_per_txn(const stream_spec_t *spec, int stream)
{
    static const uint64_t defaults[] = {[OP_INSERT] = INSERT_ROWS_PER_TXN,
                                        [OP_UPDATE] = UPDATE_ROWS_PER_TXN,
                                        [OP_DELETE] = DELETE_ROWS_PER_TXN};
    if (stream == STREAM_MIX) {
        return spec->mix_insert + spec->mix_update_own + spec->mix_update + spec->mix_delete;
    }
    return spec->rows_per_txn > 0 ? spec->rows_per_txn : defaults[stream];
}

static double burst_rate(const stream_spec_t *spec)
{
    return (double)spec->burst_rows * (double)NS_PER_S / (double)spec->burst_every_ns;
}

/* Which kind of stream the settings make, and its rate. */
static rate_t rate_of(const stream_spec_t *spec)
{
    if (spec->rate_given) {
        return spec->rate;
    }
    if (spec->shape.kind == SHAPE_REPLAY) {
        return (rate_t){STREAM_OPEN, 1};
    }
    return spec->burst_rows > 0 ? (rate_t){STREAM_OPEN, burst_rate(spec)} : spec->rate;
}

static bool is_off(const stream_spec_t *spec)
{
    return !spec->given || rate_of(spec).kind == STREAM_OFF;
}

static bool check_mix(const stream_spec_t *spec, err_t *err)
{
    uint64_t rows = rows_per_txn(spec, STREAM_MIX);
    if (rows == 0) {
        return err_set(err, ERR_USAGE,
                       "its transactions have nothing to do: give insert, update_own, update or "
                       "delete a number");
    }
    if (rows > UINT32_MAX) {
        return err_set(err, ERR_USAGE, "a transaction has at most 4,294,967,295 rows");
    }
    if (spec->mix_update_own > spec->mix_insert) {
        return err_set(err, ERR_USAGE,
                       "update_own is more than insert: a transaction updates each of its own rows "
                       "at most once");
    }
    return true;
}

static bool check_stream(const stream_spec_t *spec, int stream, err_t *err)
{
    if (stream == STREAM_MIX && !check_mix(spec, err)) {
        return false;
    }
    if (spec->shape.kind == SHAPE_REPLAY && spec->shape.replay == NULL) {
        return err_set(err, ERR_USAGE, "shape.replay needs the file to replay");
    }
    if (spec->shape.kind == SHAPE_REPLAY && spec->rate_given) {
        return err_set(err, ERR_USAGE, "shape.replay has the rates of its file: take away rate");
    }
    return true;
}

static bool build_stream(const stream_spec_t *spec, int stream, phase_t *phase, err_t *err)
{
    if (is_off(spec)) {
        return true;
    }
    if (!check_stream(spec, stream, err)) {
        return false;
    }
    rate_t rate = rate_of(spec);
    uint64_t per_txn = rows_per_txn(spec, stream);
    uint64_t unit = stream == STREAM_MIX ? per_txn : 1; /* rows in what rate and count are of */
    uint64_t count = stream == STREAM_MIX ? spec->transactions : spec->rows;
    if (count > SCHEDULE_ROWS_MAX / unit) {
        return err_set(err, ERR_USAGE, "so many rows are more than any table holds");
    }
    phase->streams[stream] = (stream_t){
        .kind = rate.kind,
        .rows = count * unit,
        .rows_per_txn = (uint32_t)per_txn,
        .rate_per_s = rate.per_s * (double)unit,
        .burst_rows = spec->burst_rows,
        .burst_every_ns = spec->burst_every_ns,
        .shape = spec->shape,
        .arrivals = spec->arrivals,
    };
    phase->mode[stream] = spec->mode;
    phase->rollback_share[stream] = spec->rollback;
    phase->savepoint_share[stream] = spec->savepoint;
    phase->key_specs[stream] = spec->keys;
    return true;
}

/* A phase that only waits, or one whose streams are all turned off. */
static bool is_left_out(const config_t *config, const phase_spec_t *spec)
{
    if (spec->until == UNTIL_CAUGHT_UP) {
        return config_taps(config) == 0;
    }
    bool any = false, on = false;
    for (int i = 0; i < STREAM_COUNT; i++) {
        any |= spec->streams[i].given;
        on |= !is_off(&spec->streams[i]);
    }
    return any && !on;
}

static bool build_phase(const config_t *config, const phase_spec_t *spec, phase_t *phase,
                        err_t *err)
{
    *phase = (phase_t){.kind = spec->until == UNTIL_CAUGHT_UP ? PHASE_DRAIN : PHASE_WORK,
                       .warm_up = spec->warm_up,
                       .at_most_ns = spec->at_most_ns};
    if (spec->name != NULL) {
        snprintf(phase->name, sizeof phase->name, "%s", spec->name);
    }
    bool timed = false;
    for (int i = 0; i < STREAM_COUNT; i++) {
        if (!build_stream(&spec->streams[i], i, phase, err)) {
            return fail_at(config, spec, i, err);
        }
        phase->mix = (mix_t){(uint32_t)spec->streams[STREAM_MIX].mix_insert,
                             (uint32_t)spec->streams[STREAM_MIX].mix_update_own,
                             (uint32_t)spec->streams[STREAM_MIX].mix_update,
                             (uint32_t)spec->streams[STREAM_MIX].mix_delete};
        timed |= phase->streams[i].kind != STREAM_OFF && phase->streams[i].rows == 0;
    }
    /* A duration bounds the streams that have no count; where all have one, nothing. */
    phase->duration_ns = timed ? spec->duration_ns : 0;
    return true;
}

/* The phases that are run, and for each of them where it was written. */
static bool build_phases(const config_t *config, scenario_t *out, const phase_spec_t **specs,
                         err_t *err)
{
    const scenario_spec_t *spec = config->scenario.spec;
    bool work = false;
    for (uint32_t i = 0; i < spec->n_phases; i++) {
        if (is_left_out(config, &spec->phases[i])) {
            continue;
        }
        if (!build_phase(config, &spec->phases[i], &out->phases[out->n_phases], err)) {
            return false;
        }
        work |= out->phases[out->n_phases].kind == PHASE_WORK;
        specs[out->n_phases++] = &spec->phases[i];
    }
    if (work) {
        return true;
    }
    return spec->n_phases == 0
               ? err_set(err, ERR_USAGE, "%s has no phases: give it some, below the key phases",
                         spec->source)
               : err_set(err, ERR_USAGE,
                         "%s: all that it does is turned off (--rows 0, a rate that is off): "
                         "nothing is left to do",
                         spec->source);
}

static bool has_phase(const scenario_t *scenario, const char *name)
{
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        if (strcmp(scenario->phases[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* What is expected must be something that the run measures. */
static bool check_expect(const config_t *config, const scenario_t *scenario, err_t *err)
{
    for (size_t i = 0; i < config->scenario.expect.n; i++) {
        const char *text = config->scenario.expect.items[i];
        expect_t expect;
        if (!expect_parse(text, &expect, err)) { /* it was, when it was given */
            return false;
        }
        if (expect.phase[0] != '\0' && !has_phase(scenario, expect.phase)) {
            return err_set(
                err, ERR_USAGE,
                "--expect (key expect): cannot read '%s': the scenario has no phase '%s'", text,
                expect.phase);
        }
        if (expect.tap >= 0 && !config_tap_on(config, (tap_id_t)expect.tap)) {
            return err_set(err, ERR_USAGE,
                           "--expect (key expect): cannot read '%s': that tap is off (--taps, "
                           "--brokers)",
                           text);
        }
    }
    return true;
}

bool config_scenario(const config_t *config, scenario_t *out, err_t *err)
{
    const phase_spec_t *specs[SCENARIO_PHASES_MAX];
    *out = (scenario_t){
        .seed = config->table.seed,
        .key_kind = config->table.key_kind,
        .replica_identity_full = config->table.replica_identity_full,
        .triggers = config->table.triggers,
        .connections = (uint32_t)config->load.connections,
        .copy_binary = config->load.copy_binary,
    };
    if (!scenario_name_check(config->scenario.name, err)) { /* it may be a file's */
        return err_wrap(err, "--name");
    }
    if (!check_kafka(config, err) || !config_tables(config, &out->tables, err)) {
        return false;
    }
    snprintf(out->name, sizeof out->name, "%s", config->scenario.name);
    if (!build_phases(config, out, specs, err)) {
        return false;
    }
    scenario_place_t place;
    if (scenario_resolve(out, &place, err)) {
        return check_expect(config, out, err);
    }
    return place.phase < out->n_phases ? fail_at(config, specs[place.phase], place.stream, err)
                                       : err_wrap(err, "%s", config->scenario.spec->source);
}
