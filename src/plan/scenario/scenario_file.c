#include "plan/scenario/scenario_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "plan/scenario/ready_text.h"
#include "plan/scenario/scenario_spec.h"
#include "plan/schedule/shape.h"

const ready_t ready_scenarios[] = {
    {"quick", scenario_quick},
    {"steady", scenario_steady},
    {"nightly-batch", scenario_nightly_batch},
    {"flash-sale", scenario_flash_sale},
    {"giant-transaction", scenario_giant_transaction},
    {"hot-row", scenario_hot_row},
    {"trickle", scenario_trickle},
    {"delete-heavy", scenario_delete_heavy},
    {"soak", scenario_soak},
    {"explain-cost", scenario_explain_cost},
};
const size_t n_ready_scenarios = sizeof ready_scenarios / sizeof *ready_scenarios;

static const ready_t *ready_find(const char *name)
{
    for (size_t i = 0; i < n_ready_scenarios; i++) {
        if (strcmp(ready_scenarios[i].name, name) == 0) {
            return &ready_scenarios[i];
        }
    }
    return NULL;
}

/* Reads all of a file, at most YAML_BYTES_MAX and one byte, which tells that there is more. */
static bool read_file(const char *path, buf_t *out, err_t *err)
{
    FILE *in = fopen(path, "re");
    char *room = in != NULL ? buf_room(out, YAML_BYTES_MAX + 1) : NULL;
    if (in == NULL || room == NULL) {
        err_set(err, ERR_USAGE, "scenario %s: cannot be opened: %s", path, strerror(errno));
    } else {
        out->len = fread(room, 1, YAML_BYTES_MAX + 1, in);
        if (ferror(in)) {
            err_set(err, ERR_USAGE, "scenario %s: cannot be read: %s", path, strerror(errno));
            room = NULL;
        }
    }
    if (in != NULL) {
        fclose(in);
    }
    return in != NULL && room != NULL;
}

static bool looks_like_path(const char *word)
{
    return strpbrk(word, "/.") != NULL;
}

static bool unknown_scenario(const char *word, err_t *err)
{
    nearest_t nearest = nearest_begin(word, strlen(word));
    for (size_t i = 0; i < n_ready_scenarios; i++) {
        nearest_offer(&nearest, ready_scenarios[i].name);
    }
    return err_set(err, ERR_USAGE,
                   "there is no scenario '%s'%s; cdcbench run --list-scenarios names those that "
                   "are built in, and a file is given by its path, such as ./%s.yaml",
                   word, nearest_hint(&nearest), word);
}

/* What a run is called that the scenario does not name: the file's name without its ending. */
static bool name_after(config_t *config, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    const char *dot = strrchr(base, '.');
    char *name = strndup(base, dot != NULL && dot != base ? (size_t)(dot - base) : strlen(base));
    if (name != NULL) {
        free(config->scenario.name);
        config->scenario.name = name;
    }
    return name != NULL;
}

static bool read_text(config_t *config, const char *word, err_t *err)
{
    const ready_t *ready = ready_find(word);
    if (ready != NULL) {
        char source[96];
        snprintf(source, sizeof source, "scenario %s", word);
        return scenario_read(source, ready->text, strlen(ready->text), config, err);
    }
    if (!looks_like_path(word)) {
        return unknown_scenario(word, err);
    }
    buf_t text = {0};
    bool done =
        read_file(word, &text, err) && scenario_read(word, text.data, text.len, config, err);
    buf_free(&text);
    return done;
}

/* The phase and the stream that an option's key is of; NULL where the scenario has none such. */
static phase_spec_t *phase_of_key(const config_t *config, const char *key, stream_spec_t **stream)
{
    const char *name = key + strlen("phases.");
    size_t len = strcspn(name, ".");
    phase_spec_t *phase = scenario_spec_phase(config->scenario.spec, name, len);
    *stream = NULL;
    for (int i = 0; phase != NULL && i < STREAM_COUNT; i++) {
        size_t stream_len = strlen(stream_names[i]);
        if (strncmp(name + len + 1, stream_names[i], stream_len) == 0 &&
            name[len + 1 + stream_len] == '.') {
            *stream = &phase->streams[i];
        }
    }
    return phase;
}

/* An option that stands for a key of the scenario quick, where the scenario has no such thing. */
static bool cannot_apply(const config_t *config, const option_t *option, const char *what,
                         err_t *err)
{
    buf_t names = {0}, value = {0};
    const scenario_spec_t *spec = config->scenario.spec;
    for (uint32_t i = 0; i < spec->n_phases; i++) {
        if (spec->phases[i].name != NULL) {
            buf_printf(&names, "%s%s", names.len > 0 ? ", " : "", spec->phases[i].name);
        }
    }
    option_write(option, config, &value);
    const char *below = strchr(option->key + strlen("phases."), '.');
    err_set(err, ERR_USAGE,
            "--%s stands for %s, and %s has no %s: use --set phases.PHASE%s=%s, with one of its "
            "phases: %s",
            option->name, option->key, spec->source, what, below, buf_text(&value),
            buf_text(&names));
    buf_free(&names);
    buf_free(&value);
    return false;
}

static bool apply_option(config_t *config, const option_t *option, err_t *err)
{
    stream_spec_t *stream;
    phase_spec_t *phase = phase_of_key(config, option->key, &stream);
    if (phase == NULL) {
        return cannot_apply(config, option, "such phase", err);
    }
    if (stream != NULL && !stream->given) {
        return cannot_apply(config, option, "such stream", err);
    }
    return scenario_set_option(option, config, err);
}

static bool is_given(const config_t *config, const char *key)
{
    return options_given(config, options_with_key(key));
}

static void drop_phase(scenario_spec_t *spec, const char *name)
{
    phase_spec_t *phase = scenario_spec_phase(spec, name, strlen(name));
    if (phase != NULL) {
        phase_spec_free(phase);
        spec->n_phases--;
        memmove(phase, phase + 1, (size_t)(spec->phases + spec->n_phases - phase) * sizeof *phase);
    }
}

/* The rules of config.h, "Two settings depend on what was given". */
static void settle_quick(config_t *config)
{
    scenario_spec_t *spec = config->scenario.spec;
    if (is_given(config, "phases.load.insert.rows") && config->quick.rows == 0) {
        drop_phase(spec, "load");
        drop_phase(spec, "settle");
    }
    phase_spec_t *mixed = scenario_spec_phase(spec, "mixed", strlen("mixed"));
    if (mixed == NULL) {
        return;
    }
    stream_spec_t *updates = &mixed->streams[OP_UPDATE];
    if (config->quick.update_rate_given && !config->quick.burst_given) {
        updates->burst_rows = 0;
    }
    bool bursts_alone =
        !config->quick.update_rate_given || config->quick.update_rate.kind == STREAM_OFF;
    if (config->quick.burst_given && config->quick.burst_rows > 0 && bursts_alone) {
        updates->rate_given = false;
    }
}

/* --rows is the number of all rows and changes there: updates and deletes have no option. */
static void settle_cost(config_t *config)
{
    bool is_cost =
        config->scenario.word != NULL && strcmp(config->scenario.word, COST_SCENARIO) == 0;
    if (!is_cost || !is_given(config, "phases.load.insert.rows")) {
        return;
    }
    scenario_spec_phase(config->scenario.spec, "update", strlen("update"))
        ->streams[OP_UPDATE]
        .rows = config->quick.rows;
    scenario_spec_phase(config->scenario.spec, "delete", strlen("delete"))
        ->streams[OP_DELETE]
        .rows = config->quick.rows;
}

static bool check_counts(const config_t *config, err_t *err)
{
    if (config->quick.inserts > 0 && config->quick.insert_rate.kind == STREAM_OFF) {
        return err_set(err, ERR_USAGE,
                       "--inserts asks for %" PRIu64
                       " rows, and --insert-rate is off: give a rate, or max",
                       config->quick.inserts);
    }
    if (config->quick.updates > 0 && config->quick.update_rate.kind == STREAM_OFF) {
        return err_set(err, ERR_USAGE,
                       "--updates asks for %" PRIu64
                       " rows, and --update-rate is off: give a rate, or max",
                       config->quick.updates);
    }
    return true;
}

static bool apply_options(config_t *config, err_t *err)
{
    if (!check_counts(config, err)) {
        return false;
    }
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (options_given(config, option) && option->key != NULL &&
            strncmp(option->key, "phases.", strlen("phases.")) == 0 &&
            !apply_option(config, option, err)) {
            return false;
        }
    }
    settle_quick(config);
    settle_cost(config);
    for (size_t i = 0; i < config->scenario.set.n; i++) {
        if (!scenario_set(config->scenario.set.items[i], config, err)) {
            return false;
        }
    }
    return true;
}

/* A recording's path is meant from the scenario's folder. */
static bool read_replay(const char *word, stream_spec_t *stream, err_t *err)
{
    char path[4096];
    const char *file = stream->replay_file;
    const char *slash = word != NULL ? strrchr(word, '/') : NULL;
    if (file[0] == '/' || slash == NULL) {
        snprintf(path, sizeof path, "%s", file);
    } else {
        snprintf(path, sizeof path, "%.*s/%s", (int)(slash - word), word, file);
    }
    stream->shape.replay = replay_read(path, err);
    if (stream->shape.replay == NULL) {
        return false;
    }
    char *whole = realpath(path, NULL); /* wherever the scenario that --dry-run prints is put */
    if (whole != NULL) {
        free(stream->replay_file);
        stream->replay_file = whole;
    }
    return true;
}

static bool read_replays(config_t *config, err_t *err)
{
    for (uint32_t i = 0; i < config->scenario.spec->n_phases; i++) {
        for (int j = 0; j < STREAM_COUNT; j++) {
            stream_spec_t *stream = &config->scenario.spec->phases[i].streams[j];
            if (stream->shape.kind == SHAPE_REPLAY && stream->replay_file != NULL &&
                !read_replay(config->scenario.word, stream, err)) {
                return false;
            }
        }
    }
    return true;
}

bool config_read_scenario(config_t *config, const char *word, err_t *err)
{
    if (config->run.explain_cost && word == NULL) {
        word = COST_SCENARIO;
    }
    if (word != NULL) {
        free(config->scenario.word);
        config->scenario.word = strdup(word);
        bool named = options_given(config, options_with_key("name"));
        if (config->scenario.word == NULL || (!named && !name_after(config, word))) {
            return err_set(err, ERR_RUN, "out of memory");
        }
    }
    return read_text(config, word != NULL ? word : ready_scenarios[0].name, err) &&
           apply_options(config, err) && read_replays(config, err);
}
