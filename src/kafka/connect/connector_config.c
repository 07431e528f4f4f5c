#include "kafka/connect/connector_config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"

typedef struct {
    const char *key, *value;
} setting_t;

/* As documented, and as a run needs whatever the server: the publication is ours, and what was
 * there before the run is not sent again. The rest is Debezium's default. */
static const setting_t documented[] = {
    {"name", CONNECTOR_NAME},
    {"connector.class", CONNECTOR_CLASS},
    {"database.hostname", "postgres"},
    {"database.port", "5432"},
    {"database.user", "postgres"},
    {"database.password", "postgres"},
    {"database.dbname", "financial_db"},
    {"plugin.name", "pgoutput"},
    {"decimal.handling.mode", "string"},
    {"topic.prefix", "cdc"},
    {"publication.autocreate.mode", "disabled"},
    {"snapshot.mode", "no_data"},
};

static bool put(json_t *config, const char *key, const char *value, err_t *err)
{
    if (json_object_set_new(config, key, json_string(value)) == 0) {
        return true;
    }
    /* json_string refuses what is not UTF-8. */
    return err_set(err, ERR_USAGE, "connector setting %s: its value is not UTF-8, or memory is out",
                   key);
}

static bool put_settings(json_t *config, const setting_t *settings, size_t n, err_t *err)
{
    for (size_t i = 0; i < n; i++) {
        if (settings[i].value && !put(config, settings[i].key, settings[i].value, err)) {
            return false;
        }
    }
    return true;
}

static bool put_needs(json_t *config, const connector_needs_t *needs, err_t *err)
{
    const setting_t settings[] = {
        {"database.hostname", needs->hostname},
        {"database.port", needs->port},
        {"database.user", needs->user},
        {"database.password", needs->password},
        {"database.dbname", needs->dbname},
        {"publication.name", needs->publication},
        {"slot.name", needs->slot},
        {"table.include.list", needs->tables},
        {"topic.prefix", needs->topic_prefix},
    };
    return put_settings(config, settings, sizeof settings / sizeof *settings, err);
}

/* ---- the file ----------------------------------------------------------------------------------
 */

/* The string that Connect, which reads a map of strings, makes of a scalar. */
static bool put_value(json_t *config, const char *key, const json_t *value, const char *file,
                      err_t *err)
{
    if (json_is_null(value)) {
        json_object_del(config, key); /* -1: it was not set */
        return true;
    }
    if (json_is_string(value)) {
        return put(config, key, json_string_value(value), err);
    }
    if (json_is_object(value) || json_is_array(value)) {
        return err_set(err, ERR_USAGE,
                       "%s: %s: read %s, expected a string, a number, true, false or null", file,
                       key, json_is_object(value) ? "an object" : "an array");
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    bool ok = text ? put(config, key, text, err)
                   : err_set(err, ERR_RUN, "%s: %s: memory is out", file, key);
    free(text);
    return ok;
}

static bool put_object(json_t *config, json_t *settings, const char *file, err_t *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(settings, key, value)
    {
        if (!put_value(config, key, value, file, err)) {
            return false;
        }
    }
    return true;
}

/* {"name": …, "config": {…}} has these keys alone; a flat one has no object among its values. */
static bool put_document(json_t *config, json_t *document, const char *file, err_t *err)
{
    json_t *inner = json_object_get(document, "config");
    if (!json_is_object(document)) {
        return err_set(err, ERR_USAGE, "%s: expected a JSON object of connector settings", file);
    }
    if (!json_is_object(inner)) {
        return put_object(config, document, file, err);
    }
    const char *key;
    json_t *value;
    json_object_foreach(document, key, value)
    {
        if (strcmp(key, "name") != 0 && strcmp(key, "config") != 0) {
            return err_set(err, ERR_USAGE,
                           "%s: %s: stands beside \"config\", expected \"name\" there alone", file,
                           key);
        }
    }
    json_t *name = json_object_get(document, "name");
    return put_object(config, inner, file, err) &&
           (!name || put_value(config, "name", name, file, err));
}

static bool put_file(json_t *config, const char *file, err_t *err)
{
    json_error_t where;
    json_t *document = json_load_file(file, JSON_REJECT_DUPLICATES, &where);
    if (!document) {
        /* Near what it is stays unsaid: that may be a password. */
        const char *near = strstr(where.text, " near ");
        size_t len = near ? (size_t)(near - where.text) : strlen(where.text);
        return json_error_code(&where) == json_error_cannot_open_file
                   ? err_set(err, ERR_USAGE, "connector configuration: %s", where.text)
                   : err_set(err, ERR_USAGE, "%s:%d:%d: not JSON: %.*s", file, where.line,
                             where.column, (int)len, where.text);
    }
    bool ok = put_document(config, document, file, err);
    json_decref(document);
    return ok;
}

/* ---- overrides ---------------------------------------------------------------------------------
 */

static bool put_override(json_t *config, const char *text, err_t *err)
{
    const char *equals = strchr(text, '=');
    char *key = equals && equals > text ? strndup(text, (size_t)(equals - text)) : NULL;
    if (!key) {
        /* What stands after a key is not shown: it may be a password. */
        return err_set(err, ERR_USAGE, "--connector: read \"%.*s\", expected KEY=VALUE",
                       (int)(equals ? 0 : strlen(text)), text);
    }
    bool ok = put(config, key, equals + 1, err);
    free(key);
    return ok;
}

/* ---- all of it ---------------------------------------------------------------------------------
 */

static bool learn_secrets(json_t *config, err_t *err)
{
    const char *key;
    json_t *value;
    json_object_foreach(config, key, value)
    {
        if (!secret_learn_setting(key, json_string_value(value))) {
            return err_set(err, ERR_RUN, "connector configuration: memory is out");
        }
    }
    return true;
}

/* Connect takes the name from the path, and refuses a configuration that says another. */
static bool take_name(connector_config_t *out, err_t *err)
{
    const char *name = json_string_value(json_object_get(out->config, "name"));
    if (!name || !name[0]) {
        return err_set(err, ERR_USAGE, "connector setting name: a connector needs one");
    }
    out->name = strdup(name);
    return (out->name && json_object_del(out->config, "name") == 0) ||
           err_set(err, ERR_RUN, "connector configuration: memory is out");
}

bool connector_config_make(connector_config_t *out, const connector_needs_t *needs,
                           const char *file, const char *const *overrides, size_t n_overrides,
                           err_t *err)
{
    *out = (connector_config_t){.config = json_object()};
    if (!out->config) {
        return err_set(err, ERR_RUN, "connector configuration: memory is out");
    }
    if (!put_settings(out->config, documented, sizeof documented / sizeof *documented, err) ||
        !put_needs(out->config, needs, err) || (file && !put_file(out->config, file, err))) {
        return false;
    }
    for (size_t i = 0; i < n_overrides; i++) {
        if (!put_override(out->config, overrides[i], err)) {
            return false;
        }
    }
    return learn_secrets(out->config, err) && take_name(out, err);
}

void connector_config_end(connector_config_t *config)
{
    json_decref(config->config);
    free(config->name);
    *config = (connector_config_t){0};
}

const char *connector_config_get(const connector_config_t *config, const char *key)
{
    return json_string_value(json_object_get(config->config, key));
}

char *connector_config_topic(const connector_config_t *config, size_t number)
{
    const char *prefix = connector_config_get(config, "topic.prefix");
    const char *table = connector_config_get(config, "table.include.list");
    char *topic = NULL;
    for (; table && number > 0; number--) {
        table += strcspn(table, ",");
        table = *table ? table + 1 : NULL;
    }
    if (prefix && table) {
        table += strspn(table, " ");
        if (asprintf(&topic, "%s.%.*s", prefix, (int)strcspn(table, ", "), table) < 0) {
            topic = NULL;
        }
    }
    return topic;
}

bool connector_config_has_transactions(const connector_config_t *config)
{
    const char *on = connector_config_get(config, "provide.transaction.metadata");
    return on && strcasecmp(on, "true") == 0;
}

char *connector_config_transaction_topic(const connector_config_t *config)
{
    const char *prefix = connector_config_get(config, "topic.prefix");
    const char *name = connector_config_get(config, "topic.transaction");
    char *topic = NULL;
    if (!connector_config_has_transactions(config) || !prefix ||
        asprintf(&topic, "%s.%s", prefix, name ? name : "transaction") < 0) {
        return NULL;
    }
    return topic;
}

json_t *connector_config_redacted(const connector_config_t *config)
{
    return json_pack("{s:s, s:o}", "name", config->name, "config",
                     secret_redact_json(config->config));
}
