#include "run/debezium.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "kafka/connect.h"
#include "kafka/connector_config.h"
#include "kafka/kafka_admin.h"
#include "kafka/redact.h"
#include "postgres/schema.h"

#define SLOT            SCHEMA_SLOT_PREFIX "debezium"
#define TABLE           "public." SCHEMA_TABLE
#define CONNECTOR_CLASS "io.debezium.connector.postgresql.PostgresConnector"

#define RUNNING_WAIT_MS 60000
#define STOP_WAIT_MS    30000
#define SLOT_WAIT_NS    (60 * NS_PER_S)
#define POLL_NS         (50 * NS_PER_MS)

struct debezium {
    debezium_opts_t opts;
    connect_t *connect;
    connector_config_t connector;
    char *topic;
    bool made_topic, registered;
    char *description;
};

/* Where Connect finds the server: by TCP, whatever our own way to it is. */
static connector_needs_t needs_of(const pg_target_t *target)
{
    const char *host = pg_target_get(target, "host");
    bool by_socket = host == NULL || host[0] == '/' || host[0] == '@';
    return (connector_needs_t){.hostname = by_socket ? "127.0.0.1" : host,
                               .port = pg_target_get(target, "port"),
                               .user = pg_target_get(target, "user"),
                               .password = pg_target_get(target, "password"),
                               .dbname = pg_target_get(target, "dbname"),
                               .publication = SCHEMA_PUBLICATION,
                               .slot = SLOT,
                               .table = TABLE};
}

static bool is_our_slot(const char *slot)
{
    return slot != NULL && strncmp(slot, SCHEMA_SLOT_PREFIX, strlen(SCHEMA_SLOT_PREFIX)) == 0;
}

static bool configure(connector_config_t *out, const config_t *config, const pg_target_t *target,
                      err_t *err)
{
    connector_needs_t needs = needs_of(target);
    if (!connector_config_make(out, &needs, config->connector_config,
                               (const char *const *)config->connector.items, config->connector.n,
                               err))
        return false;
    /* The slot is dropped after the run, so it must be one that nobody else can mean. */
    const char *slot = connector_config_get(out, "slot.name");
    return is_our_slot(slot) ||
           err_set(err, ERR_USAGE,
                   "--connector slot.name=%s: the slot of a run is removed after it, and so its "
                   "name must begin with " SCHEMA_SLOT_PREFIX,
                   slot != NULL ? slot : "");
}

static kafka_target_t kafka_of(const config_t *config)
{
    return (kafka_target_t){.brokers = config->brokers,
                            .properties = (const char *const *)config->kafka.items,
                            .n_properties = config->kafka.n};
}

static bool make_topic(debezium_t *d, err_t *err)
{
    kafka_target_t target = kafka_of(d->opts.config);
    kafka_admin_t *admin = kafka_admin_open(&target, err);
    if (admin == NULL)
        return false;
    bool done, created = false;
    if (d->opts.config->connect_url != NULL) {
        kafka_new_topic_t topic = {.name = d->topic, .partitions = 1, .replicas = -1};
        done = kafka_admin_create_topic(admin, &topic, &created, err);
    } else {
        int partitions = 0;
        done = kafka_admin_partitions(admin, d->topic, &partitions, err) &&
               (partitions > 0 ||
                err_set(err, ERR_RUN,
                        "there is no topic %s, and without --connect-url nobody here makes a "
                        "connector that writes to it",
                        d->topic));
    }
    d->made_topic = created || strcmp(d->opts.noted_topic, d->topic) == 0;
    kafka_admin_free(admin);
    return done;
}

/* Whether the connector that Connect has under this name has a slot of ours. */
static bool is_ours(const json_t *config)
{
    return is_our_slot(json_string_value(json_object_get(config, "slot.name")));
}

/* Ours from an earlier run that broke off: its offsets may be of another cluster, so it is
 * forgotten as a whole (decision 12). *removed tells whether there was one. */
static bool remove_connector(connect_t *connect, const char *name, bool *removed, err_t *err)
{
    json_t *there = NULL;
    *removed = false;
    if (!connect_get_config(connect, name, &there, err))
        return false;
    bool ours = there == NULL || is_ours(there);
    bool absent = there == NULL;
    json_decref(there);
    if (!ours)
        return err_set(err, ERR_RUN,
                       "Kafka Connect has a connector %s that cdcbench did not make (its slot.name "
                       "does not begin with " SCHEMA_SLOT_PREFIX "): remove it, or choose another "
                       "name with --connector name=…",
                       name);
    return absent || (connect_stop(connect, name, STOP_WAIT_MS, err) &&
                      connect_delete_offsets(connect, name, err) &&
                      connect_delete(connect, name, removed, err));
}

/* RUNNING is too early: only once its slot is active does it read the log (decision 11). */
static bool wait_for_slot(debezium_t *d, err_t *err)
{
    const char *slot = debezium_slot(d);
    int64_t until_ns = clock_now_ns() + SLOT_WAIT_NS;
    for (;;) {
        bool active = false;
        if (!schema_slot_active(d->opts.admin, slot, &active, err) || !debezium_check(d, err))
            return false;
        if (active)
            return true;
        if (atomic_load_explicit(d->opts.interrupts, memory_order_relaxed) > 0)
            return err_set(err, ERR_INTERRUPTED, "interrupted while the connector started");
        if (clock_now_ns() >= until_ns)
            return err_set(err, ERR_RUN,
                           "connector %s runs, but its slot %s was not active within %lld s: can "
                           "Connect reach the server at %s:%s? (--connector database.hostname=…)",
                           d->connector.name, slot, (long long)(SLOT_WAIT_NS / NS_PER_S),
                           connector_config_get(&d->connector, "database.hostname"),
                           connector_config_get(&d->connector, "database.port"));
        clock_sleep_until_ns(clock_now_ns() + POLL_NS);
    }
}

static bool describe(debezium_t *d, const connect_worker_t *worker, const char *plugin)
{
    json_t *all = json_object(), *connector = connector_config_redacted(&d->connector);
    json_object_set_new(all, "kafka_version", json_string(worker->version));
    json_object_set_new(all, "debezium_version", json_string(plugin));
    json_object_set_new(all, "topic", json_string(d->topic));
    json_object_set_new(all, "connector", connector);
    free(d->description);
    d->description = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    return d->description != NULL;
}

static bool register_connector(debezium_t *d, err_t *err)
{
    connect_worker_t worker;
    char plugin[64];
    bool removed, slot_taken = false;
    const char *name = d->connector.name;
    if (!connect_worker(d->connect, &worker, err) ||
        !connect_plugin_version(d->connect, CONNECTOR_CLASS, plugin, sizeof plugin, err) ||
        !remove_connector(d->connect, name, &removed, err))
        return false;
    if (removed)
        log_info("removed connector %s, which an earlier run left behind", name);
    if (!schema_slot_active(d->opts.admin, debezium_slot(d), &slot_taken, err))
        return false;
    if (slot_taken)
        return err_set(err, ERR_RUN,
                       "slot %s is in use: another connector reads it; give this one another, with "
                       "--connector slot.name=" SCHEMA_SLOT_PREFIX "…",
                       debezium_slot(d));
    if (!schema_drop_slot(d->opts.admin, debezium_slot(d), err))
        return false;
    d->registered = true;
    return connect_put_config(d->connect, name, d->connector.config, err) &&
           connect_wait_running(d->connect, name, RUNNING_WAIT_MS, d->opts.interrupts, NULL, err) &&
           wait_for_slot(d, err) &&
           (describe(d, &worker, plugin) || err_set(err, ERR_RUN, "out of memory"));
}

debezium_t *debezium_start(const debezium_opts_t *opts, err_t *err)
{
    debezium_t *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_set(err, ERR_RUN, "the connector: out of memory");
        return NULL;
    }
    d->opts = *opts;
    bool started = configure(&d->connector, opts->config, opts->target, err);
    if (started && opts->config->connect_url != NULL) {
        d->connect = connect_open(opts->config->connect_url, err);
        started = d->connect != NULL;
    }
    if (started) {
        d->topic = connector_config_topic(&d->connector);
        started =
            d->topic != NULL || err_set(err, ERR_USAGE,
                                        "the connector's topic.prefix or table.include.list is "
                                        "not set: its topic is not known");
    }
    started = started && make_topic(d, err);
    if (started && d->connect != NULL)
        started = register_connector(d, err);
    if (started)
        return d;
    err_t late = {0};
    if (!debezium_stop(d, &late))
        log_warning("%s", late.text);
    return NULL;
}

const char *debezium_topic(const debezium_t *d)
{
    return d->topic;
}

bool debezium_made_topic(const debezium_t *d)
{
    return d->made_topic;
}

const char *debezium_slot(const debezium_t *d)
{
    const char *slot = d->connect != NULL ? connector_config_get(&d->connector, "slot.name") : NULL;
    return slot != NULL ? slot : "";
}

const char *debezium_describe(const debezium_t *d)
{
    return d->description;
}

bool debezium_check(debezium_t *d, err_t *err)
{
    if (d->connect == NULL)
        return true;
    connect_status_t status;
    err_t ignored = {0};
    /* A Connect that does not answer may be restarting: the tap sees what comes of it. */
    if (!connect_status(d->connect, d->connector.name, &status, &ignored))
        return true;
    bool failed = status.connector == CONNECT_FAILED || status.task == CONNECT_FAILED;
    if (failed) {
        char heart[512];
        connect_trace_heart(status.trace != NULL ? status.trace : "", heart, sizeof heart);
        err_set(err, ERR_RUN, "connector %s has FAILED: %s", d->connector.name, heart);
        log_error("connector %s has FAILED:\n%s", d->connector.name,
                  status.trace != NULL ? status.trace : "(no trace)");
    }
    connect_status_end(&status);
    return !failed;
}

/* The slot is free once its walsender has seen the connector go. */
static bool drop_slot(debezium_t *d, err_t *err)
{
    int64_t until_ns = clock_now_ns() + SLOT_WAIT_NS;
    bool active = true;
    while (active) {
        if (!schema_slot_active(d->opts.admin, debezium_slot(d), &active, err))
            return false;
        if (active && clock_now_ns() >= until_ns)
            return err_set(err, ERR_RUN, "its walsender is still there");
        if (active)
            clock_sleep_until_ns(clock_now_ns() + POLL_NS);
    }
    return schema_drop_slot(d->opts.admin, debezium_slot(d), err);
}

bool debezium_stop(debezium_t *d, err_t *err)
{
    if (d == NULL)
        return true;
    bool done = true, removed;
    if (d->registered) {
        done = remove_connector(d->connect, d->connector.name, &removed, err) && drop_slot(d, err);
        if (!done)
            err_wrap(err,
                     "connector %s or its slot %s may be left, and would keep WAL: cdcbench clean "
                     "--connect-url %s removes them",
                     d->connector.name, debezium_slot(d), d->opts.config->connect_url);
    }
    connect_close(d->connect);
    connector_config_end(&d->connector);
    free(d->topic);
    free(d->description);
    free(d);
    return done;
}

static bool clean_topic(const config_t *config, const char *topic, int *removed, err_t *err)
{
    bool deleted = false;
    kafka_target_t target = kafka_of(config);
    kafka_admin_t *admin = kafka_admin_open(&target, err);
    if (admin == NULL)
        return false;
    bool done = kafka_admin_delete_topic(admin, topic, &deleted, err);
    kafka_admin_free(admin);
    *removed += deleted;
    return done;
}

bool debezium_clean(const config_t *config, const pg_target_t *target, const char *noted_topic,
                    int *removed, err_t *err)
{
    bool done = true, deleted = false;
    if (config->connect_url != NULL) {
        connector_config_t connector = {0};
        connect_t *connect = NULL;
        done = configure(&connector, config, target, err) &&
               (connect = connect_open(config->connect_url, err)) != NULL &&
               remove_connector(connect, connector.name, &deleted, err);
        connect_close(connect);
        connector_config_end(&connector);
        *removed += deleted;
    }
    if (done && config->brokers != NULL && noted_topic[0] != '\0')
        done = clean_topic(config, noted_topic, removed, err);
    return done;
}
