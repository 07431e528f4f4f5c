#include "run/pipeline/topics.h"

#include <stdlib.h>
#include <string.h>

#include "kafka/kafka_admin.h"

static kafka_admin_t *open_admin(const config_t *config, err_t *err)
{
    kafka_target_t target = {.brokers = config->kafka.brokers,
                             .properties = (const char *const *)config->kafka.properties.items,
                             .n_properties = config->kafka.properties.n};
    return kafka_admin_open(&target, err);
}

bool topics_name(topics_t *topics, const connector_config_t *connector, uint32_t tables, err_t *err)
{
    *topics = (topics_t){.n = 0};
    for (uint32_t t = 0; t < tables; t++) {
        char *name = connector_config_topic(connector, t);
        if (name == NULL)
            return err_set(err, ERR_USAGE,
                           "the connector's topic.prefix is not set, or its table.include.list has "
                           "fewer than the run's %u tables: the topic of each must be known",
                           tables);
        topics->collections[t] = name + strlen(connector_config_get(connector, "topic.prefix")) + 1;
        topics->at[topics->n++].name = name;
    }
    topics->has_transactions = connector_config_has_transactions(connector);
    if (!topics->has_transactions)
        return true;
    topics->at[topics->n].name = connector_config_transaction_topic(connector);
    return topics->at[topics->n++].name != NULL || err_set(err, ERR_RUN, "out of memory");
}

void topics_end(topics_t *topics)
{
    for (uint32_t t = 0; t < topics->n; t++)
        free(topics->at[t].name);
    topics->n = 0;
}

/* The lines of a note: *at is NULL before the first call. */
static bool next_line(const char *note, const char **at, size_t *len)
{
    const char *line = *at == NULL ? note : *at + *len;
    line += strspn(line, "\n");
    *at = line;
    *len = strcspn(line, "\n");
    return *len > 0;
}

static bool is_noted(const char *note, const char *name)
{
    const char *line = NULL;
    size_t len = 0;
    while (next_line(note, &line, &len))
        if (strlen(name) == len && memcmp(line, name, len) == 0)
            return true;
    return false;
}

static bool expect_there(kafka_admin_t *admin, const char *name, err_t *err)
{
    int partitions = 0;
    return kafka_admin_partitions(admin, name, &partitions, err) &&
           (partitions > 0 ||
            err_set(err, ERR_RUN,
                    "there is no topic %s, and without --connect-url nobody here makes a "
                    "connector that writes to it",
                    name));
}

bool topics_make(topics_t *topics, const config_t *config, const char *noted, err_t *err)
{
    kafka_admin_t *admin = open_admin(config, err);
    bool done = admin != NULL;
    for (uint32_t t = 0; done && t < topics->n; t++) {
        topic_t *topic = &topics->at[t];
        kafka_new_topic_t wanted = {.name = topic->name, .partitions = 1, .replicas = -1};
        done = config->kafka.connect_url != NULL
                   ? kafka_admin_create_topic(admin, &wanted, &topic->created, err)
                   : expect_there(admin, topic->name, err);
        topic->made = topic->created || is_noted(noted, topic->name);
    }
    kafka_admin_free(admin);
    return done;
}

bool topics_undo(const topics_t *topics, const config_t *config, err_t *err)
{
    kafka_admin_t *admin = NULL;
    bool done = true, deleted;
    for (uint32_t t = 0; done && t < topics->n; t++) {
        if (!topics->at[t].created)
            continue;
        if (admin == NULL)
            admin = open_admin(config, err);
        done = admin != NULL && kafka_admin_delete_topic(admin, topics->at[t].name, &deleted, err);
    }
    kafka_admin_free(admin);
    return done;
}

bool topics_note(const topics_t *topics, buf_t *out)
{
    for (uint32_t t = 0; t < topics->n; t++) {
        const topic_t *topic = &topics->at[t];
        if (topic->made && !is_noted(buf_text(out), topic->name) &&
            !(buf_puts(out, out->len > 0 ? "\n" : "") && buf_puts(out, topic->name)))
            return false;
    }
    return true;
}

bool topics_clean(const config_t *config, const char *noted, int *removed, err_t *err)
{
    const char *line = NULL;
    size_t len = 0;
    if (!next_line(noted, &line, &len))
        return true;
    kafka_admin_t *admin = open_admin(config, err);
    bool done = admin != NULL;
    do {
        bool deleted = false;
        char *name = strndup(line, len);
        done = done && (name != NULL || err_set(err, ERR_RUN, "out of memory")) &&
               kafka_admin_delete_topic(admin, name, &deleted, err);
        *removed += deleted;
        free(name);
    } while (done && next_line(noted, &line, &len));
    kafka_admin_free(admin);
    return done;
}
