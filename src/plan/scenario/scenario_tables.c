/* The tables of a scenario: read, and chosen from. */

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/table_builder.h"
#include "plan/scenario/scenario_file.h"
#include "plan/scenario/scenario_spec.h"

typedef struct {
    yaml_place_t *place; /* of the innermost node that was looked at */
    err_t *err;
} reader_t;

/* --- columns ---------------------------------------------------------------------------------- */

static bool read_choices(reader_t *r, table_builder_t *builder, const yaml_node_t *list)
{
    void *at = NULL;
    const yaml_node_t *key, *text;
    if (yaml_kind(list) != YAML_LIST) {
        return err_set(r->err, ERR_USAGE, "of: a list of texts is expected here");
    }
    while (yaml_next(list, &at, &key, &text)) {
        yaml_look_at(text, r->place);
        if (yaml_kind(text) != YAML_SCALAR) {
            return err_set(r->err, ERR_USAGE, "of: a list of texts is expected here");
        }
        if (!table_builder_choice(builder, yaml_text(text), r->err)) {
            return false;
        }
    }
    return true;
}

static bool read_setting(reader_t *r, table_builder_t *builder, const yaml_node_t *key,
                         const yaml_node_t *value)
{
    const char *name = yaml_text(key);
    yaml_look_at(key, r->place);
    if (strcmp(name, "name") == 0) {
        return true;
    }
    yaml_look_at(value, r->place);
    if (strcmp(name, "of") == 0) {
        return read_choices(r, builder, value);
    }
    if (yaml_kind(value) != YAML_SCALAR) {
        return err_set(r->err, ERR_USAGE, "%s: one plain value is expected here", name);
    }
    return table_builder_set(builder, name, yaml_text(value), r->err);
}

static bool read_column(reader_t *r, table_builder_t *builder, const yaml_node_t *column)
{
    yaml_look_at(column, r->place);
    if (yaml_kind(column) != YAML_MAP) {
        return err_set(r->err, ERR_USAGE,
                       "a column is expected here: its name, its generator, and so on");
    }
    if (!table_builder_column(builder, yaml_text(yaml_value(column, "name")), r->err)) {
        return false;
    }
    void *at = NULL;
    const yaml_node_t *key, *value;
    while (yaml_next(column, &at, &key, &value)) {
        if (!read_setting(r, builder, key, value)) {
            return err_wrap(r->err, "column %s", yaml_text(yaml_value(column, "name")));
        }
    }
    yaml_look_at(column, r->place);
    return table_builder_check(builder, r->err) ||
           err_wrap(r->err, "column %s", yaml_text(yaml_value(column, "name")));
}

static table_t *read_columns(reader_t *r, const table_spec_t *spec, const yaml_node_t *list)
{
    yaml_look_at(list, r->place);
    if (yaml_kind(list) != YAML_LIST) {
        err_set(r->err, ERR_USAGE, "columns: a list of columns is expected here");
        return NULL;
    }
    bool triggers = spec->triggers_given && spec->triggers != TRIGGERS_NONE;
    table_builder_t *builder = table_builder_new(spec->name, triggers, r->err);
    if (builder == NULL) {
        return NULL;
    }
    void *at = NULL;
    const yaml_node_t *key, *column;
    while (yaml_next(list, &at, &key, &column)) {
        if (!read_column(r, builder, column)) {
            table_builder_free(builder);
            return NULL;
        }
    }
    yaml_look_at(list, r->place);
    return table_builder_end(builder, r->err);
}

/* --- tables ----------------------------------------------------------------------------------- */

/* Which of the words, by its place among them. */
static bool read_word(reader_t *r, const char *name, const yaml_node_t *value,
                      const char *const *words, int *out)
{
    yaml_look_at(value, r->place);
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(yaml_text(value), words[i]) == 0) {
            *out = i;
            return true;
        }
    }
    err_set(r->err, ERR_USAGE, "%s: cannot read '%s': expected %s", name, yaml_text(value),
            words[0]);
    for (int i = 1; words[i] != NULL; i++) {
        char before[sizeof r->err->text];
        memcpy(before, r->err->text, sizeof before);
        err_set(r->err, ERR_USAGE, "%s%s%s", before, words[i + 1] == NULL ? " or " : ", ",
                words[i]);
    }
    return false;
}

static bool read_use(reader_t *r, table_spec_t *spec, const yaml_node_t *key,
                     const yaml_node_t *value)
{
    static const char *const triggers[] = {"none", "user", "columns", "both", NULL};
    static const char *const identities[] = {"default", "full", NULL};
    const char *name = yaml_text(key);
    int chosen = 0;
    yaml_look_at(key, r->place);
    if (strcmp(name, "triggers") == 0) {
        spec->triggers_given = true;
        if (!read_word(r, name, value, triggers, &chosen)) {
            return false;
        }
        spec->triggers = (triggers_t)chosen;
    } else if (strcmp(name, "replica_identity") == 0) {
        spec->replica_identity_given = true;
        if (!read_word(r, name, value, identities, &chosen)) {
            return false;
        }
        spec->replica_identity_full = chosen == 1;
    } else if (strcmp(name, "name") != 0 && strcmp(name, "columns") != 0) {
        return err_set(r->err, ERR_USAGE,
                       "there is no key '%s' here (allowed: name, columns, triggers, "
                       "replica_identity)",
                       name);
    }
    return true;
}

static bool read_table(reader_t *r, table_spec_t *spec, const yaml_node_t *node)
{
    yaml_look_at(node, r->place);
    bool is_map = yaml_kind(node) == YAML_MAP;
    const char *name = yaml_text(is_map ? yaml_value(node, "name") : node);
    if (name[0] == '\0') {
        return err_set(r->err, ERR_USAGE,
                       "a table is expected here: a name, or its description "
                       "with a name");
    }
    spec->name = strdup(name);
    if (spec->name == NULL) {
        return err_set(r->err, ERR_RUN, "out of memory");
    }
    void *at = NULL;
    const yaml_node_t *key, *value;
    while (is_map && yaml_next(node, &at, &key, &value)) {
        if (!read_use(r, spec, key, value)) {
            return false;
        }
    }
    const yaml_node_t *columns = yaml_value(node, "columns");
    if (columns == NULL) {
        return true;
    }
    if (table_builtin(name) != NULL) {
        return err_set(r->err, ERR_USAGE, "%s is a built-in table, and its columns are known",
                       name);
    }
    spec->table = read_columns(r, spec, columns);
    return spec->table != NULL;
}

bool scenario_tables_read(const yaml_node_t *list, scenario_spec_t *spec, yaml_place_t *place,
                          err_t *err)
{
    reader_t r = {.place = place, .err = err};
    yaml_look_at(list, place);
    if (yaml_kind(list) != YAML_LIST) {
        return err_set(err, ERR_USAGE, "a list of tables is expected here, names or descriptions");
    }
    void *at = NULL;
    const yaml_node_t *key, *table;
    while (yaml_next(list, &at, &key, &table)) {
        if (spec->n_tables == TABLES_MAX) {
            return err_set(err, ERR_USAGE, "a run has at most %d tables", TABLES_MAX);
        }
        if (!read_table(&r, &spec->tables[spec->n_tables++], table)) {
            return false;
        }
    }
    return true;
}

/* --- which of them a run has ------------------------------------------------------------------ */

/* The scenario's entry of that name; NULL: it has none. */
static const table_spec_t *described(const config_t *config, const char *name)
{
    const scenario_spec_t *spec = config->scenario.spec;
    for (uint32_t i = 0; spec != NULL && i < spec->n_tables; i++) {
        if (strcmp(spec->tables[i].name, name) == 0) {
            return &spec->tables[i];
        }
    }
    return NULL;
}

static bool check_triggers(const table_use_t *use, err_t *err)
{
    if (use->triggers == TRIGGERS_NONE || use->table->has_trigger_columns) {
        return true;
    }
    return err_set(err, ERR_USAGE, "table %s has no columns that triggers could write to",
                   use->table->name);
}

static bool add(const config_t *config, const char *name, tables_t *out, err_t *err)
{
    const table_spec_t *spec = described(config, name);
    const table_t *table = spec != NULL && spec->table != NULL ? spec->table : table_builtin(name);
    if (table == NULL) {
        return err_set(err, ERR_USAGE,
                       "there is no table %s: the built-in ones are %s, and the scenario %s", name,
                       table_builtin_names,
                       spec != NULL ? "does not say what its columns are" : "describes none of it");
    }
    if (tables_find(out, name) >= 0) {
        return err_set(err, ERR_USAGE, "table %s is named twice", name);
    }
    if (out->n == TABLES_MAX) {
        return err_set(err, ERR_USAGE, "a run has at most %d tables", TABLES_MAX);
    }
    table_use_t *use = &out->use[out->n++];
    use->table = table;
    use->triggers = spec != NULL && spec->triggers_given ? spec->triggers
                    : table->has_trigger_columns         ? config->table.triggers
                                                         : TRIGGERS_NONE;
    use->replica_identity_full = spec != NULL && spec->replica_identity_given
                                     ? spec->replica_identity_full
                                     : config->table.replica_identity_full;
    return check_triggers(use, err);
}

bool config_tables(const config_t *config, tables_t *out, err_t *err)
{
    const scenario_spec_t *spec = config->scenario.spec;
    *out = (tables_t){.n = 0};
    for (size_t i = 0; i < config->table.names.n; i++) {
        if (!add(config, config->table.names.items[i], out, err)) {
            return err_wrap(err, "--table");
        }
    }
    for (uint32_t i = 0; config->table.names.n == 0 && spec != NULL && i < spec->n_tables; i++) {
        if (!add(config, spec->tables[i].name, out, err)) {
            return err_wrap(err, "%s: tables", spec->source);
        }
    }
    return out->n > 0 || add(config, table_transactions.name, out, err);
}
