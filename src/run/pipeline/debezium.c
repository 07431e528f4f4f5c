#include "run/pipeline/debezium.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/log.h"
#include "kafka/connect/connect.h"
#include "kafka/connect/connector_config.h"
#include "postgres/schema.h"
#include "run/pipeline/connector_owner.h"

#define SLOT            SCHEMA_SLOT_PREFIX "debezium"
#define CONNECTOR_CLASS "io.debezium.connector.postgresql.PostgresConnector"

#define RUNNING_WAIT_MS 60000
#define STOP_WAIT_MS    30000
#define SLOT_WAIT_NS    (60 * NS_PER_S)
#define CHECK_WAIT_MS   5000 /* for Connect to say how the connector is, while a run is on */
#define POLL_NS         (50 * NS_PER_MS)

#define STATE_UNREACHABLE CONNECT_STATES

struct debezium {
    debezium_opts_t opts;
    connect_t *connect;
    connector_config_t connector;
    char *table_list; /* as table.include.list has it */
    topics_t topics;
    bool registered;
    bool away; /* Connect did not answer the last check */
    _Atomic bool restart_seen;
    _Atomic int connector_state, task_state; /* connect_state_t; STATE_UNREACHABLE */
    char *description;
};

/* Where Connect finds the server: by TCP, whatever our own way to it is. */
static connector_needs_t needs_of(const pg_target_t *target, const char *tables)
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
                               .tables = tables};
}

static bool is_our_slot(const char *slot)
{
    return slot != NULL && strncmp(slot, SCHEMA_SLOT_PREFIX, strlen(SCHEMA_SLOT_PREFIX)) == 0;
}

static bool configure(connector_config_t *out, const config_t *config, const pg_target_t *target,
                      const char *tables, err_t *err)
{
    connector_needs_t needs = needs_of(target, tables);
    if (!connector_config_make(out, &needs, config->kafka.connector_config,
                               (const char *const *)config->kafka.connector.items,
                               config->kafka.connector.n, err))
        return false;
    /* The slot is dropped after the run, so it must be one that nobody else can mean. */
    const char *slot = connector_config_get(out, "slot.name");
    return is_our_slot(slot) ||
           err_set(err, ERR_USAGE,
                   "--connector slot.name=%s: the slot of a run is removed after it, and so its "
                   "name must begin with " SCHEMA_SLOT_PREFIX,
                   slot != NULL ? slot : "");
}

static bool list_tables(debezium_t *d, err_t *err)
{
    buf_t list = {0};
    bool put = true;
    for (uint32_t t = 0; put && t < d->opts.tables->n; t++)
        put =
            buf_printf(&list, "%spublic.%s", t > 0 ? "," : "", d->opts.tables->use[t].table->name);
    d->table_list = put ? strdup(buf_text(&list)) : NULL;
    buf_free(&list);
    return d->table_list != NULL || err_set(err, ERR_RUN, "the connector: out of memory");
}

/* Who made the connector that Connect has under our name. */
typedef enum {
    MAKER_NOBODY,    /* there is none */
    MAKER_SELF,      /* this process */
    MAKER_PAST,      /* a run that is over */
    MAKER_RUN,       /* a run of this host that is still there */
    MAKER_ELSEWHERE, /* a run of another host, of which nothing can be seen from here */
    MAKER_ELSE,      /* not cdcbench: its slot is none of ours */
} maker_t;

typedef struct {
    maker_t maker;
    char mark[CONNECTOR_OWNER_TEXT_MAX]; /* "" where it has none */
} connector_there_t;

static maker_t maker_of(const json_t *config, const char *mark)
{
    if (!is_our_slot(json_string_value(json_object_get(config, "slot.name"))))
        return MAKER_ELSE;
    switch (connector_owner_judge(mark)) {
    case CONNECTOR_OWNER_RUNS:
        return MAKER_RUN;
    case CONNECTOR_OWNER_ELSEWHERE:
        return MAKER_ELSEWHERE;
    case CONNECTOR_OWNER_SELF:
        return MAKER_SELF;
    case CONNECTOR_OWNER_NONE:
    case CONNECTOR_OWNER_ENDED:
        break;
    }
    return MAKER_PAST;
}

static bool look_at(connect_t *connect, const char *name, connector_there_t *out, err_t *err)
{
    json_t *there = NULL;
    *out = (connector_there_t){.maker = MAKER_NOBODY};
    if (!connect_get_config(connect, name, &there, err))
        return false;
    if (there != NULL) {
        const char *mark = json_string_value(json_object_get(there, CONNECTOR_OWNER_KEY));
        snprintf(out->mark, sizeof out->mark, "%s", mark != NULL ? mark : "");
        out->maker = maker_of(there, mark);
    }
    json_decref(there);
    return true;
}

/* Its offsets may be of another cluster, so it is forgotten as a whole. */
static bool remove_connector(connect_t *connect, const char *name, err_t *err)
{
    bool deleted;
    connector_there_t there;
    if (!look_at(connect, name, &there, err))
        return false;
    if (there.maker == MAKER_NOBODY)
        return true;
    return connect_stop(connect, name, STOP_WAIT_MS, err) &&
           connect_delete_offsets(connect, name, err) &&
           connect_delete(connect, name, &deleted, err);
}

#define OTHER_NAMES                                                                                \
    "choose another name with --connector name=… (and slot.name=" SCHEMA_SLOT_PREFIX               \
    "…, topic.prefix=…)"

/* Always false: the connector of our name is another run's. */
static bool refuse_another_runs(const char *name, const connector_there_t *there, err_t *err)
{
    if (there->maker == MAKER_RUN)
        return err_set(err, ERR_RUN,
                       "Kafka Connect has a connector %s of a cdcbench run that is still going on "
                       "(host, process, start: %s): wait for its end, or " OTHER_NAMES,
                       name, there->mark);
    return err_set(
        err, ERR_RUN,
        "Kafka Connect has a connector %s that cdcbench made on another host (host, "
        "process, start: %s): if that run is over, cdcbench clean --connect-url … removes "
        "it; else " OTHER_NAMES,
        name, there->mark);
}

/* What an earlier run that broke off has left under our connector's name. */
static bool make_room(debezium_t *d, err_t *err)
{
    connector_there_t there;
    const char *name = d->connector.name;
    if (!look_at(d->connect, name, &there, err))
        return false;
    if (there.maker == MAKER_ELSE)
        return err_set(err, ERR_RUN,
                       "Kafka Connect has a connector %s that cdcbench did not make (its slot.name "
                       "does not begin with " SCHEMA_SLOT_PREFIX "): remove it, or choose another "
                       "name with --connector name=…",
                       name);
    if (there.maker == MAKER_RUN || there.maker == MAKER_ELSEWHERE)
        return refuse_another_runs(name, &there, err);
    if (there.maker == MAKER_NOBODY)
        return true;
    if (!remove_connector(d->connect, name, err))
        return false;
    log_info("removed connector %s, which an earlier run left behind", name);
    return true;
}

/* RUNNING is too early: only once its slot is active does it read the log. */
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
    json_object_set_new(all, "topic", json_string(d->topics.at[0].name));
    json_t *topics = json_array();
    for (uint32_t t = 0; t < d->opts.tables->n; t++)
        json_array_append_new(topics, json_string(d->topics.at[t].name));
    json_object_set_new(all, "topics", topics);
    if (d->topics.has_transactions)
        json_object_set_new(all, "transaction_topic",
                            json_string(d->topics.at[d->opts.tables->n].name));
    json_object_set_new(all, "connector", connector);
    free(d->description);
    d->description = json_dumps(all, JSON_COMPACT);
    json_decref(all);
    return d->description != NULL;
}

/* Debezium tries the server before Connect takes the configuration, and does not say which. */
static bool put_config(debezium_t *d, err_t *err)
{
    char mark[CONNECTOR_OWNER_TEXT_MAX];
    connector_owner_mark(mark);
    json_t *body = json_copy(d->connector.config);
    if (body == NULL || json_object_set_new(body, CONNECTOR_OWNER_KEY, json_string(mark)) != 0) {
        json_decref(body);
        return err_set(err, ERR_RUN, "the connector: out of memory");
    }
    bool put = connect_put_config(d->connect, d->connector.name, body, err);
    json_decref(body);
    return put || err_wrap(err, "a connector for the server at %s:%s",
                           connector_config_get(&d->connector, "database.hostname"),
                           connector_config_get(&d->connector, "database.port"));
}

static bool register_connector(debezium_t *d, err_t *err)
{
    connect_worker_t worker;
    char plugin[64];
    bool slot_taken = false;
    const char *name = d->connector.name;
    if (!connect_worker(d->connect, &worker, err) ||
        !connect_plugin_version(d->connect, CONNECTOR_CLASS, plugin, sizeof plugin, err) ||
        !make_room(d, err) ||
        !schema_slot_active(d->opts.admin, debezium_slot(d), &slot_taken, err))
        return false;
    if (slot_taken)
        return err_set(err, ERR_RUN,
                       "slot %s is in use: another connector reads it; give this one another, with "
                       "--connector slot.name=" SCHEMA_SLOT_PREFIX "…",
                       debezium_slot(d));
    if (!schema_drop_slot(d->opts.admin, debezium_slot(d), err))
        return false;
    d->registered = true;
    return put_config(d, err) &&
           connect_wait_running(d->connect, name, RUNNING_WAIT_MS, d->opts.interrupts, NULL, err) &&
           wait_for_slot(d, err) &&
           (describe(d, &worker, plugin) || err_set(err, ERR_RUN, "out of memory"));
}

/* A start that failed leaves nothing. */
static void undo(debezium_t *d)
{
    err_t late = {0};
    const config_t *config = d->opts.config;
    topics_t topics = d->topics;
    d->topics.n = 0;
    if (!debezium_stop(d, &late))
        log_warning("%s", late.text);
    if (!topics_undo(&topics, config, &late))
        log_warning("%s", late.text);
    topics_end(&topics);
}

static bool reach_connect(debezium_t *d, err_t *err)
{
    if (d->opts.config->kafka.connect_url == NULL)
        return true;
    d->connect = connect_open(d->opts.config->kafka.connect_url, err);
    return d->connect != NULL;
}

debezium_t *debezium_start(const debezium_opts_t *opts, err_t *err)
{
    debezium_t *d = calloc(1, sizeof *d);
    if (d == NULL) {
        err_set(err, ERR_RUN, "the connector: out of memory");
        return NULL;
    }
    d->opts = *opts;
    bool started = list_tables(d, err) &&
                   configure(&d->connector, opts->config, opts->target, d->table_list, err) &&
                   topics_name(&d->topics, &d->connector, opts->tables->n, err) &&
                   reach_connect(d, err) &&
                   topics_make(&d->topics, opts->config, opts->noted_topics, err) &&
                   (d->connect == NULL || register_connector(d, err));
    if (started) {
        if (d->connect != NULL)
            connect_set_timeout(d->connect, CHECK_WAIT_MS);
        return d;
    }
    undo(d);
    return NULL;
}

const topics_t *debezium_topics(const debezium_t *d)
{
    return &d->topics;
}

int64_t debezium_poll_interval_ns(const debezium_t *d)
{
    const char *set =
        d->connect != NULL ? connector_config_get(&d->connector, "poll.interval.ms") : NULL;
    int64_t ms = set != NULL ? strtoll(set, NULL, 10) : 0;
    return (ms > 0 && ms < INT64_MAX / NS_PER_MS ? ms : 500) * NS_PER_MS;
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

static void see_restart(debezium_t *d)
{
    atomic_store_explicit(&d->restart_seen, true, memory_order_relaxed);
}

bool debezium_restart_seen(const debezium_t *d)
{
    return atomic_load_explicit(&d->restart_seen, memory_order_relaxed);
}

static void note_answer(debezium_t *d, bool answers, const err_t *why)
{
    if (!answers)
        see_restart(d);
    if (!answers && !d->away)
        log_warning("%s", why->text);
    if (answers && d->away)
        log_info("Kafka Connect at %s answers again", connect_display(d->connect));
    d->away = !answers;
}

static void note_states(debezium_t *d, int connector, int task)
{
    atomic_store_explicit(&d->connector_state, connector, memory_order_relaxed);
    atomic_store_explicit(&d->task_state, task, memory_order_relaxed);
}

static const char *state_name(const _Atomic int *state)
{
    int now = atomic_load_explicit(state, memory_order_relaxed);
    return now == STATE_UNREACHABLE ? "UNREACHABLE" : connect_state_name((connect_state_t)now);
}

const char *debezium_connector(const debezium_t *d)
{
    return d->connect == NULL ? NULL : d->connector.name;
}

const char *debezium_connector_state(const debezium_t *d)
{
    return d->connect == NULL ? NULL : state_name(&d->connector_state);
}

const char *debezium_task_state(const debezium_t *d)
{
    return d->connect == NULL ? NULL : state_name(&d->task_state);
}

bool debezium_check(debezium_t *d, err_t *err)
{
    if (d->connect == NULL)
        return true;
    connect_status_t status;
    err_t away = {0};
    /* A Connect that does not answer may be restarting: the tap sees what comes of it. */
    bool answers = connect_status(d->connect, d->connector.name, &status, &away);
    note_answer(d, answers, &away);
    if (!answers) {
        note_states(d, STATE_UNREACHABLE, STATE_UNREACHABLE);
        return true;
    }
    note_states(d, (int)status.connector, (int)status.task);
    if (status.task == CONNECT_RESTARTING || status.task == CONNECT_UNASSIGNED)
        see_restart(d);
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
static bool wait_until_free(pg_admin_t *admin, const char *slot, err_t *err)
{
    int64_t until_ns = clock_now_ns() + SLOT_WAIT_NS;
    bool active = true;
    while (active) {
        if (!schema_slot_active(admin, slot, &active, err))
            return false;
        if (active && clock_now_ns() >= until_ns)
            return err_set(err, ERR_RUN, "slot %s: its walsender is still there", slot);
        if (active)
            clock_sleep_until_ns(clock_now_ns() + POLL_NS);
    }
    return true;
}

bool debezium_stop(debezium_t *d, err_t *err)
{
    if (d == NULL)
        return true;
    bool done = true;
    if (d->registered) {
        connect_set_timeout(d->connect, STOP_WAIT_MS);
        done = remove_connector(d->connect, d->connector.name, err) &&
               wait_until_free(d->opts.admin, debezium_slot(d), err) &&
               schema_drop_slot(d->opts.admin, debezium_slot(d), err);
        if (!done)
            err_wrap(err,
                     "connector %s or its slot %s may be left, and would keep WAL: cdcbench clean "
                     "--connect-url %s removes them",
                     d->connector.name, debezium_slot(d), d->opts.config->kafka.connect_url);
    }
    connect_close(d->connect);
    connector_config_end(&d->connector);
    topics_end(&d->topics);
    free(d->table_list);
    free(d->description);
    free(d);
    return done;
}

static bool is_to_go(maker_t maker, clean_t whose)
{
    return maker == MAKER_SELF ||
           (whose == CLEAN_LEFT && (maker == MAKER_PAST || maker == MAKER_ELSEWHERE));
}

static bool clean_connector(const config_t *config, const pg_target_t *target, pg_admin_t *admin,
                            clean_t whose, int *removed, err_t *err)
{
    connector_there_t there = {.maker = MAKER_NOBODY};
    connector_config_t connector = {0};
    connect_t *connect = NULL;
    bool done = configure(&connector, config, target, "", err) &&
                (connect = connect_open(config->kafka.connect_url, err)) != NULL &&
                look_at(connect, connector.name, &there, err) &&
                (whose == CLEAN_OWN || there.maker != MAKER_RUN ||
                 refuse_another_runs(connector.name, &there, err));
    if (done && is_to_go(there.maker, whose)) {
        done = remove_connector(connect, connector.name, err) &&
               wait_until_free(admin, connector_config_get(&connector, "slot.name"), err);
        *removed += done;
    }
    connect_close(connect);
    connector_config_end(&connector);
    return done;
}

bool debezium_clean(const config_t *config, const pg_target_t *target, pg_admin_t *admin,
                    const char *noted_topics, clean_t whose, int *removed, err_t *err)
{
    return (config->kafka.connect_url == NULL ||
            clean_connector(config, target, admin, whose, removed, err)) &&
           (config->kafka.brokers == NULL || topics_clean(config, noted_topics, removed, err));
}
