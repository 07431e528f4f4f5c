/* Which tables a run has, and how it uses them. */
#include <string.h>

#include "plan/scenario/config_scenario.h"
#include "plan/scenario/scenario_spec.h"

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
