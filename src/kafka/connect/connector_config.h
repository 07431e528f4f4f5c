/*
 * connector_config: the configuration of the Debezium connector that a run registers, from four
 * sources, each going before the one above it:
 *
 *   1. the settings that `postgres-fin-connector` has by default (docs/connector.md)
 *   2. what this run needs: where its server is, its publication, slot and table
 *   3. --connector-config FILE: {"key": "value", …}, or as Connect's POST /connectors takes it,
 *      {"name": "…", "config": {"key": "value", …}}
 *   4. --connector KEY=VALUE, in the order given
 *
 * Keys that nobody here knows pass through; Connect judges them. The connector's name is a key too,
 * "name". Made at start-up by one thread, before others; then only read.
 */
#ifndef CDCBENCH_KAFKA_CONNECT_CONNECTOR_CONFIG_H
#define CDCBENCH_KAFKA_CONNECT_CONNECTOR_CONFIG_H

#include <jansson.h>
#include <stddef.h>

#include "base/err.h"

#define CONNECTOR_NAME  "postgres-fin-connector"
#define CONNECTOR_CLASS "io.debezium.connector.postgresql.PostgresConnector"

/* What a run needs; a NULL leaves a setting as documented, or unset. The strings are copied. */
typedef struct {
    const char *hostname, *port, *user, *password, *dbname;
    const char *publication;  /* made by us: Debezium is told to make none */
    const char *slot;         /* made by Debezium; its name begins as ours do */
    const char *tables;       /* "public.transactions", commas between */
    const char *topic_prefix; /* "cdc" as documented */
} connector_needs_t;

typedef struct {
    char *name;     /* of the connector */
    json_t *config; /* an object of strings, without "name": the body of PUT …/config */
} connector_config_t;

/* The effective configuration. file may be NULL. Numbers and booleans in it become the strings that
 * Connect makes of them; null takes a setting out. What is secret in it becomes known as such
 * (base/secret.h). False with *err: ERR_USAGE, for a file with its
 * name, and line and column where it is not JSON, or the key; for an override with what was read.
 * connector_config_end in either case. */
bool connector_config_make(connector_config_t *out, const connector_needs_t *needs,
                           const char *file, const char *const *overrides, size_t n_overrides,
                           err_t *err);
void connector_config_end(connector_config_t *config);

/* A setting's effective value, owned by config; NULL when it is not set: slot.name, for one, which
 * is not the run's own when somebody has overridden it. */
const char *connector_config_get(const connector_config_t *config, const char *key);

/* The topic that a table's changes go to, "cdc.public.transactions": topic.prefix and the table of
 * that number, from 0, in table.include.list. malloc'd; NULL when the prefix is unset, there is no
 * such table or memory is out. A transformation that reroutes (RegexRouter, for one) is not seen
 * through. */
char *connector_config_topic(const connector_config_t *config, size_t number);

/* The topic of its transactions' BEGIN and END records, "cdc.transaction": topic.prefix and
 * topic.transaction. malloc'd; NULL without provide.transaction.metadata, a prefix or memory.
 * Source: Debezium's documentation, "PostgreSQL connector: topic.transaction". */
char *connector_config_transaction_topic(const connector_config_t *config);

/* Whether provide.transaction.metadata is on, which is off by default. */
bool connector_config_has_transactions(const connector_config_t *config);

/* For run.json: {"name": …, "config": {…}} with secrets masked; the caller's. NULL when memory is
 * out. */
json_t *connector_config_redacted(const connector_config_t *config);

#endif
