/* A scenario from YAML, and keys over it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/nearest.h"
#include "base/secret.h"
#include "plan/scenario/scenario_file.h"
#include "plan/scenario/scenario_spec.h"

#define PATH_MAX_LEN 255

typedef struct {
    const char *source;          /* NULL: not from a file */
    const char *label;           /* then: "--set ", or the option and a space */
    yaml_place_t place;          /* of the innermost node that has one */
    char path[PATH_MAX_LEN + 1]; /* of the key that is looked at: "phases.mixed.insert.rate" */
    unsigned streams;            /* the stream that it is in, as a bit; 0: in none */
    config_t *config;
    err_t *err;
} reader_t;

/* Puts the place before the error that is there. */
static bool fail(const reader_t *r)
{
    const char *colon = r->path[0] != '\0' ? ": " : "";
    if (r->source == NULL) {
        return err_wrap(r->err, "%s%s", r->label, r->path);
    }
    if (r->place.line == 0) {
        return err_wrap(r->err, "%s%s%s", r->source, colon, r->path);
    }
    return err_wrap(r->err, "%s:%d:%d%s%s", r->source, r->place.line, r->place.column, colon,
                    r->path);
}

/* Adds a key to the path; the length to go back to. */
static size_t enter(reader_t *r, const char *name, size_t name_len)
{
    size_t len = strlen(r->path);
    snprintf(r->path + len, sizeof r->path - len, "%s%.*s", len > 0 ? "." : "", (int)name_len,
             name);
    return len;
}

static void leave(reader_t *r, size_t len)
{
    r->path[len] = '\0';
}

static bool read_node(reader_t *r, const option_t *row, void *base, const yaml_node_t *node);

/* The reader stands at the key, and the key is one. */
static bool look_at_key(reader_t *r, const yaml_node_t *key, const yaml_node_t *value)
{
    yaml_look_at(value, &r->place);
    yaml_look_at(key, &r->place);
    if (yaml_kind(key) == YAML_SCALAR && yaml_text(key)[0] != '\0') {
        return true;
    }
    err_set(r->err, ERR_USAGE, "a key is expected here, one plain word");
    return fail(r);
}

/* One entry of a map, by its key. */
static bool read_entry(reader_t *r, const key_table_t *table, void *base, const yaml_node_t *key,
                       const yaml_node_t *value)
{
    const char *name = yaml_text(key);
    const option_t *row = key_table_find(table, r->streams, name, strlen(name));
    if (!look_at_key(r, key, value)) {
        return false;
    }
    if (row == NULL) {
        key_table_unknown(table, r->streams, name, strlen(name), r->err);
        return fail(r);
    }
    size_t len = enter(r, name, strlen(name));
    bool done = read_node(r, row, base, value);
    leave(r, len);
    return done;
}

static bool read_map(reader_t *r, const key_table_t *table, void *base, const yaml_node_t *node)
{
    if (yaml_kind(node) != YAML_MAP && table->short_form) {
        return read_node(r, &table->rows[0], base, node);
    }
    if (yaml_kind(node) != YAML_MAP && (table->n > 0 || yaml_text(node)[0] != '\0')) {
        bool told = yaml_kind(node) != YAML_LIST && secret_learn(yaml_text(node));
        err_set(r->err, ERR_USAGE, "cannot read '%s': keys and their values are expected here",
                told ? yaml_text(node) : "[...]");
        return fail(r);
    }
    void *at = NULL;
    const yaml_node_t *key, *value;
    while (yaml_next(node, &at, &key, &value)) {
        if (!read_entry(r, table, base, key, value)) {
            return false;
        }
    }
    return true;
}

/* A map that holds a stream notes that there is one. */
static bool read_row_map(reader_t *r, const option_t *row, void *base, const yaml_node_t *node)
{
    void *inner = (char *)base + row->offset;
    if (row->enters == 0) {
        return read_map(r, row->inner, inner, node);
    }
    stream_spec_t *stream = inner;
    if (!stream->given) {
        stream->given = true;
        stream->place = r->source != NULL ? r->place : (yaml_place_t){0, 0};
    }
    r->streams = (unsigned)row->enters;
    bool done = read_map(r, row->inner, inner, node);
    r->streams = 0;
    return done;
}

/* Chooses one of the kinds. */
static bool choose(reader_t *r, const option_t *row, void *base, const char *name, size_t len,
                   const option_t **chosen)
{
    *chosen = key_table_find(row->inner, r->streams, name, len);
    if (*chosen == NULL) {
        key_table_unknown(row->inner, r->streams, name, len, r->err);
        return fail(r);
    }
    *(int *)((char *)base + row->offset) = (int)(*chosen - row->inner->rows);
    return true;
}

/* "sine", or {sine: {period: 10s}} */
static bool read_one_of(reader_t *r, const option_t *row, void *base, const yaml_node_t *node)
{
    const option_t *chosen;
    if (yaml_kind(node) == YAML_SCALAR) {
        const char *name = yaml_text(node);
        return choose(r, row, base, name, strlen(name), &chosen);
    }
    void *at = NULL;
    const yaml_node_t *key = NULL, *value = NULL, *other_key, *other;
    if (yaml_kind(node) == YAML_LIST || !yaml_next(node, &at, &key, &value) ||
        yaml_next(node, &at, &other_key, &other)) {
        err_set(r->err, ERR_USAGE, "exactly one of its kinds is expected here");
        return fail(r);
    }
    const char *name = yaml_text(key);
    if (!look_at_key(r, key, value) || !choose(r, row, base, name, strlen(name), &chosen)) {
        return false;
    }
    size_t len = enter(r, name, strlen(name));
    bool done = read_node(r, chosen, base, value);
    leave(r, len);
    return done;
}

static bool read_text(reader_t *r, const option_t *row, void *base, const char *text)
{
    return option_read(row, text, base, r->err) || fail(r);
}

/* A list of plain values: each of them a line, or all with commas between. */
static bool read_list(reader_t *r, const option_t *row, void *base, const yaml_node_t *node)
{
    buf_t text = {0};
    void *at = NULL;
    const yaml_node_t *key, *item;
    bool done = true;
    while (done && yaml_next(node, &at, &key, &item)) {
        yaml_look_at(item, &r->place);
        if (yaml_kind(item) != YAML_SCALAR) {
            err_set(r->err, ERR_USAGE, "a list of plain values is expected here");
            done = fail(r);
        } else if (row->kind == OPTION_LINES) {
            done = read_text(r, row, base, yaml_text(item));
        } else {
            buf_printf(&text, "%s%s", text.len > 0 ? "," : "", yaml_text(item));
        }
    }
    if (done && row->kind != OPTION_LINES) {
        done = read_text(r, row, base, text.len > 0 ? buf_text(&text) : "none");
    }
    buf_free(&text);
    return done;
}

static bool takes_list(const option_t *row)
{
    return row->kind == OPTION_LINES || row->kind == OPTION_SET || row->kind == OPTION_SHARES;
}

static bool read_node(reader_t *r, const option_t *row, void *base, const yaml_node_t *node)
{
    yaml_look_at(node, &r->place);
    if (row->kind == OPTION_MAP) {
        return read_row_map(r, row, base, node);
    }
    if (row->kind == OPTION_ONE_OF) {
        return read_one_of(r, row, base, node);
    }
    if (yaml_kind(node) == YAML_LIST && takes_list(row)) {
        return read_list(r, row, base, node);
    }
    if (yaml_kind(node) != YAML_SCALAR) {
        err_set(r->err, ERR_USAGE, "one plain value is expected here, %s", row->argument);
        return fail(r);
    }
    return read_text(r, row, base, yaml_text(node));
}

/* --- the top of a scenario: options' keys, and the phases ------------------------------------- */

static bool is_top_key(const option_t *option)
{
    return option->key != NULL && strncmp(option->key, "phases.", 7) != 0;
}

/* Whether some key begins with that path and a dot: "table". */
static bool is_group(const char *path)
{
    size_t len = strlen(path);
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (is_top_key(option) && strncmp(option->key, path, len) == 0 && option->key[len] == '.') {
            return true;
        }
    }
    return false;
}

static bool unknown_top_key(const reader_t *r)
{
    nearest_t nearest = nearest_begin(r->path, strlen(r->path));
    buf_t allowed = {0};
    buf_puts(&allowed, "phases, tables");
    nearest_offer(&nearest, "phases");
    nearest_offer(&nearest, "tables");
    const option_t *option;
    for (size_t i = 0; (option = options_at(i)) != NULL; i++) {
        if (is_top_key(option)) {
            nearest_offer(&nearest, option->key);
            buf_printf(&allowed, ", %s", option->key);
        }
    }
    err_set(r->err, ERR_USAGE, "there is no such key%s (allowed: %s)", nearest_hint(&nearest),
            buf_text(&allowed));
    buf_free(&allowed);
    return fail(r);
}

/* What the command line gave stays, but what the file says must be right all the same. */
static bool read_option(reader_t *r, const option_t *option, const yaml_node_t *node)
{
    bool overridden =
        r->source != NULL && options_given(r->config, option) && option->kind != OPTION_LINES;
    if (!overridden) {
        return read_node(r, option, r->config, node);
    }
    config_t scratch = {0};
    bool done = read_node(r, option, &scratch, node);
    config_free(&scratch);
    return done;
}

static bool read_top(reader_t *r, const yaml_node_t *node);

static bool read_phase(reader_t *r, const yaml_node_t *node)
{
    scenario_spec_t *spec = r->config->scenario.spec;
    if (spec->n_phases == SCENARIO_PHASES_MAX) {
        err_set(r->err, ERR_USAGE, "a scenario has at most %d phases", SCENARIO_PHASES_MAX);
        return fail(r);
    }
    phase_spec_t *phase = &spec->phases[spec->n_phases++];
    phase_spec_defaults(phase);
    yaml_look_at(node, &r->place);
    phase->place = r->place;
    return read_map(r, &phase_keys, phase, node);
}

static bool read_phases(reader_t *r, const yaml_node_t *node)
{
    yaml_look_at(node, &r->place);
    if (yaml_kind(node) != YAML_LIST) {
        err_set(r->err, ERR_USAGE, "a list of phases is expected here, each with its name");
        return fail(r);
    }
    void *at = NULL;
    const yaml_node_t *key, *phase;
    while (yaml_next(node, &at, &key, &phase)) {
        const char *name = yaml_text(yaml_value(phase, "name"));
        size_t len = name[0] != '\0' ? enter(r, name, strlen(name)) : strlen(r->path);
        bool done = read_phase(r, phase);
        leave(r, len);
        if (!done) {
            return false;
        }
    }
    return true;
}

static bool read_tables(reader_t *r, const yaml_node_t *node)
{
    scenario_spec_t *spec = r->config->scenario.spec;
    if (!scenario_tables_read(node, spec, &r->place, r->err)) {
        return fail(r);
    }
    free(spec->tables_text);
    spec->tables_text = yaml_line(node);
    return spec->tables_text != NULL || err_set(r->err, ERR_RUN, "out of memory");
}

static bool read_top_entry(reader_t *r, const yaml_node_t *value)
{
    if (strcmp(r->path, "phases") == 0) {
        return read_phases(r, value);
    }
    if (strcmp(r->path, "tables") == 0) {
        return read_tables(r, value);
    }
    const option_t *option = options_with_key(r->path);
    if (option != NULL && is_top_key(option)) {
        return read_option(r, option, value);
    }
    return is_group(r->path) ? read_top(r, value) : unknown_top_key(r);
}

/* The scenario itself, or a group of its keys. */
static bool read_top(reader_t *r, const yaml_node_t *node)
{
    yaml_look_at(node, &r->place);
    if (yaml_kind(node) != YAML_MAP) {
        err_set(r->err, ERR_USAGE, "keys and their values are expected here");
        return fail(r);
    }
    void *at = NULL;
    const yaml_node_t *key, *value;
    while (yaml_next(node, &at, &key, &value)) {
        if (!look_at_key(r, key, value)) {
            return false;
        }
        size_t len = enter(r, yaml_text(key), strlen(yaml_text(key)));
        bool done = read_top_entry(r, value);
        leave(r, len);
        if (!done) {
            return false;
        }
    }
    return true;
}

bool scenario_read(const char *source, const char *text, size_t len, config_t *config, err_t *err)
{
    reader_t r = {.source = source, .config = config, .err = err};
    scenario_spec_free(config->scenario.spec);
    config->scenario.spec = scenario_spec_new(source);
    config->scenario.spec_free = scenario_spec_free;
    if (config->scenario.spec == NULL) {
        return err_set(err, ERR_RUN, "out of memory");
    }
    yaml_t *yaml = yaml_parse(text, len, &r.place, err);
    if (yaml == NULL) {
        return fail(&r);
    }
    bool done = read_top(&r, yaml_root(yaml));
    yaml_free(yaml);
    return done;
}

/* --- set -------------------------------------------------------------------------------------- */

/* Walks the path's keys, as far as there are any, and reads the value there. */
static bool set_below(reader_t *r, const key_table_t *table, void *base, const char *path,
                      const yaml_node_t *value)
{
    size_t len = strcspn(path, ".");
    const option_t *row = key_table_find(table, r->streams, path, len);
    if (row == NULL) {
        key_table_unknown(table, r->streams, path, len, r->err);
        return fail(r);
    }
    if (path[len] == '\0') {
        return read_node(r, row, base, value);
    }
    const char *rest = path + len + 1;
    if (row->kind == OPTION_MAP) {
        if (row->enters != 0) {
            ((stream_spec_t *)((char *)base + row->offset))->given = true;
            r->streams = (unsigned)row->enters;
        }
        return set_below(r, row->inner, (char *)base + row->offset, rest, value);
    }
    const option_t *chosen;
    size_t rest_len = strcspn(rest, ".");
    if (row->kind != OPTION_ONE_OF) {
        err_set(r->err, ERR_USAGE, "%s is a plain value and has no keys", row->name);
        return fail(r);
    }
    if (!choose(r, row, base, rest, rest_len, &chosen)) {
        return false;
    }
    return rest[rest_len] == '\0' ? read_node(r, chosen, base, value)
                                  : set_below(r, chosen->inner, base, rest + rest_len + 1, value);
}

static bool unknown_phase(reader_t *r, const char *name, size_t len)
{
    nearest_t nearest = nearest_begin(name, len);
    buf_t there = {0};
    const scenario_spec_t *spec = r->config->scenario.spec;
    for (uint32_t i = 0; i < spec->n_phases; i++) {
        if (spec->phases[i].name != NULL) {
            nearest_offer(&nearest, spec->phases[i].name);
            buf_printf(&there, "%s%s", there.len > 0 ? ", " : "", spec->phases[i].name);
        }
    }
    err_set(r->err, ERR_USAGE, "%s has no phase '%.*s'%s (its phases: %s)", spec->source, (int)len,
            name, nearest_hint(&nearest), buf_text(&there));
    buf_free(&there);
    return fail(r);
}

static bool set_path(reader_t *r, const yaml_node_t *value)
{
    if (strncmp(r->path, "phases.", 7) != 0) {
        return strcmp(r->path, "phases") == 0 ? unknown_phase(r, "", 0) : read_top_entry(r, value);
    }
    const char *name = r->path + 7;
    size_t len = strcspn(name, ".");
    phase_spec_t *phase = scenario_spec_phase(r->config->scenario.spec, name, len);
    if (phase == NULL) {
        return unknown_phase(r, name, len);
    }
    const char *rest = name[len] == '.' ? name + len + 1 : "";
    return set_below(r, &phase_keys, phase, rest, value);
}

/* The value is YAML too: 20k, or {sine: {period: 10s}}. */
static bool set_text(reader_t *r, const char *text)
{
    yaml_place_t where;
    yaml_t *yaml = yaml_parse(text, strlen(text), &where, r->err);
    if (yaml == NULL) {
        return fail(r);
    }
    bool done = set_path(r, yaml_root(yaml));
    yaml_free(yaml);
    return done;
}

bool scenario_set(const char *assignment, config_t *config, err_t *err)
{
    reader_t r = {.label = "--set ", .config = config, .err = err};
    size_t len = strcspn(assignment, "=");
    if (len == 0 || len > PATH_MAX_LEN || assignment[len] == '\0') {
        return err_set(err, ERR_USAGE,
                       "--set: cannot read '%s': it takes KEY=VALUE, such as "
                       "phases.mixed.insert.rate=20k",
                       assignment);
    }
    snprintf(r.path, sizeof r.path, "%.*s", (int)len, assignment);
    return set_text(&r, assignment + len + 1);
}

bool scenario_set_option(const option_t *option, config_t *config, err_t *err)
{
    char label[64];
    buf_t value = {0};
    snprintf(label, sizeof label, "--%s ", option->name);
    reader_t r = {.label = label, .config = config, .err = err};
    snprintf(r.path, sizeof r.path, "%s", option->key);
    option_write(option, config, &value);
    bool done = set_text(&r, buf_text(&value));
    buf_free(&value);
    return done;
}
