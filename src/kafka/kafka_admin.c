#include "kafka/kafka_admin.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "kafka/kafka_client.h"

/* Between two looks at a topic that is being deleted. */
#define DELETE_PAUSE_NS (50 * NS_PER_MS)

struct kafka_admin {
    kafka_client_t client;
    rd_kafka_queue_t *results;
};

/* A request's answer comes as an event. */
typedef struct {
    rd_kafka_AdminOptions_t *options;
    rd_kafka_event_t *event;
    rd_kafka_resp_err_t code; /* of the request as a whole */
} request_t;

kafka_admin_t *kafka_admin_open(const kafka_target_t *target, err_t *err)
{
    kafka_admin_t *admin = calloc(1, sizeof *admin);
    if (!admin) {
        err_set(err, ERR_RUN, "Kafka at %s: memory is out", target->brokers);
        return NULL;
    }
    if (!kafka_client_open(&admin->client, target, NULL, 0, err)) {
        goto fail;
    }
    admin->results = rd_kafka_queue_new(admin->client.rk);
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code =
        rd_kafka_metadata(admin->client.rk, 0, NULL, &metadata, admin->client.patience_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        kafka_client_fail(&admin->client, code, NULL, err, "could not be reached");
        goto fail;
    }
    rd_kafka_metadata_destroy(metadata);
    return admin;
fail:
    kafka_admin_free(admin);
    return NULL;
}

void kafka_admin_free(kafka_admin_t *admin)
{
    if (admin) {
        if (admin->results) {
            rd_kafka_queue_destroy(admin->results);
        }
        kafka_client_close(&admin->client);
        free(admin);
    }
}

const char *kafka_admin_brokers(const kafka_admin_t *admin)
{
    return admin->client.brokers;
}

bool kafka_admin_partitions(kafka_admin_t *admin, const char *topic, int *partitions, err_t *err)
{
    return kafka_client_partitions(&admin->client, topic, partitions, err);
}

/* ---- requests ----------------------------------------------------------------------------------
 */

/* The request itself; and for the brokers to carry it out, where that is not the same. */
static bool request_begin(kafka_admin_t *admin, request_t *request, rd_kafka_admin_op_t op)
{
    char words[256];
    int patience_ms = admin->client.patience_ms;
    *request = (request_t){.options = rd_kafka_AdminOptions_new(admin->client.rk, op)};
    bool waits = op == RD_KAFKA_ADMIN_OP_CREATETOPICS || op == RD_KAFKA_ADMIN_OP_DELETETOPICS;
    return request->options &&
           !rd_kafka_AdminOptions_set_request_timeout(request->options, patience_ms, words,
                                                      sizeof words) &&
           (!waits || !rd_kafka_AdminOptions_set_operation_timeout(request->options, patience_ms,
                                                                   words, sizeof words));
}

/* librdkafka answers by itself when the time is up. */
static void request_wait(kafka_admin_t *admin, request_t *request)
{
    request->event = rd_kafka_queue_poll(admin->results, -1);
    request->code = rd_kafka_event_error(request->event);
}

static void request_end(request_t *request)
{
    if (request->event) {
        rd_kafka_event_destroy(request->event);
    }
    if (request->options) {
        rd_kafka_AdminOptions_destroy(request->options);
    }
}

/* The error of the one topic that was asked for, with the broker's words. */
static rd_kafka_resp_err_t topic_error(const rd_kafka_topic_result_t **results, size_t n,
                                       const char **words)
{
    if (n != 1) {
        return RD_KAFKA_RESP_ERR__BAD_MSG;
    }
    *words = rd_kafka_topic_result_error_string(results[0]);
    return rd_kafka_topic_result_error(results[0]);
}

/* What is asked of one topic, and what of its answer is as good as done. */
typedef struct {
    rd_kafka_admin_op_t op;
    void (*send)(kafka_admin_t *admin, const request_t *request, void *topic);
    const rd_kafka_topic_result_t **(*results)(rd_kafka_event_t *event, size_t *n);
    rd_kafka_resp_err_t needless;
    const char *done; /* for "topic x could not be …" */
} topic_request_t;

/* *did: it was done, and not needless. */
static bool ask_for_topic(kafka_admin_t *admin, const topic_request_t *what, void *topic,
                          const char *name, bool *did, err_t *err)
{
    request_t request;
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    const char *words = NULL;
    if (request_begin(admin, &request, what->op)) {
        what->send(admin, &request, topic);
        request_wait(admin, &request);
        code = request.code;
        words = rd_kafka_event_error_string(request.event);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        size_t n;
        const rd_kafka_topic_result_t **results = what->results(request.event, &n);
        code = topic_error(results, n, &words);
    }
    *did = code == RD_KAFKA_RESP_ERR_NO_ERROR;
    bool ok = *did || code == what->needless ||
              kafka_client_fail(&admin->client, code, words, err, "topic %s could not be %s", name,
                                what->done);
    request_end(&request);
    return ok;
}

/* ---- settings ----------------------------------------------------------------------------------
 */

static const char *find_setting(const rd_kafka_ConfigResource_t *resource, const char *setting)
{
    size_t n;
    const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(resource, &n);
    for (size_t i = 0; i < n; i++) {
        if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), setting) == 0) {
            const char *value = rd_kafka_ConfigEntry_value(entries[i]);
            return value ? value : "";
        }
    }
    return "";
}

bool kafka_admin_topic_setting(kafka_admin_t *admin, const char *topic, const char *setting,
                               char *out, size_t size, err_t *err)
{
    request_t request;
    rd_kafka_ConfigResource_t *asked = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, topic);
    rd_kafka_resp_err_t code = RD_KAFKA_RESP_ERR__CRIT_SYS_RESOURCE;
    const char *words = NULL, *value = "";
    if (request_begin(admin, &request, RD_KAFKA_ADMIN_OP_DESCRIBECONFIGS) && asked) {
        rd_kafka_DescribeConfigs(admin->client.rk, &asked, 1, request.options, admin->results);
        request_wait(admin, &request);
        code = request.code;
        words = rd_kafka_event_error_string(request.event);
    }
    if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        size_t n;
        const rd_kafka_ConfigResource_t **found = rd_kafka_DescribeConfigs_result_resources(
            rd_kafka_event_DescribeConfigs_result(request.event), &n);
        code = n == 1 ? rd_kafka_ConfigResource_error(found[0]) : RD_KAFKA_RESP_ERR__BAD_MSG;
        words = n == 1 ? rd_kafka_ConfigResource_error_string(found[0]) : NULL;
        value = code == RD_KAFKA_RESP_ERR_NO_ERROR ? find_setting(found[0], setting) : "";
    }
    bool ok = code == RD_KAFKA_RESP_ERR_NO_ERROR ||
              kafka_client_fail(&admin->client, code, words, err,
                                "%s of topic %s could not be read", setting, topic);
    if (ok && size > 0) {
        size_t len = strnlen(value, size - 1);
        memcpy(out, value, len);
        out[len] = '\0';
    }
    if (asked) {
        rd_kafka_ConfigResource_destroy(asked);
    }
    request_end(&request);
    return ok;
}

/* ---- creating ----------------------------------------------------------------------------------
 */

static bool add_settings(rd_kafka_NewTopic_t *topic, const kafka_new_topic_t *wanted, err_t *err)
{
    for (size_t i = 0; i < wanted->n_settings; i++) {
        const char *text = wanted->settings[i], *equals = strchr(text, '=');
        char *name = equals ? strndup(text, (size_t)(equals - text)) : NULL;
        rd_kafka_resp_err_t code = name ? rd_kafka_NewTopic_set_config(topic, name, equals + 1)
                                        : RD_KAFKA_RESP_ERR__INVALID_ARG;
        free(name);
        if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
            return err_set(err, ERR_USAGE, "topic %s: read \"%s\", expected SETTING=VALUE",
                           wanted->name, text);
        }
    }
    return true;
}

static void send_create(kafka_admin_t *admin, const request_t *request, void *topic)
{
    rd_kafka_NewTopic_t *one = topic;
    rd_kafka_CreateTopics(admin->client.rk, &one, 1, request->options, admin->results);
}

static const rd_kafka_topic_result_t **results_of_create(rd_kafka_event_t *event, size_t *n)
{
    return rd_kafka_CreateTopics_result_topics(rd_kafka_event_CreateTopics_result(event), n);
}

static const topic_request_t create_request = {
    .op = RD_KAFKA_ADMIN_OP_CREATETOPICS,
    .send = send_create,
    .results = results_of_create,
    .needless = RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS,
    .done = "created",
};

bool kafka_admin_create_topic(kafka_admin_t *admin, const kafka_new_topic_t *wanted, bool *created,
                              err_t *err)
{
    char words[256] = "";
    *created = false;
    rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(wanted->name, wanted->partitions,
                                                       wanted->replicas, words, sizeof words);
    if (!topic) {
        return err_set(err, ERR_USAGE, "topic %s: %s", wanted->name, words);
    }
    int partitions = 0;
    bool ok = add_settings(topic, wanted, err) &&
              ask_for_topic(admin, &create_request, topic, wanted->name, created, err) &&
              kafka_client_partitions(&admin->client, wanted->name, &partitions, err);
    rd_kafka_NewTopic_destroy(topic);
    return ok;
}

/* ---- deleting ----------------------------------------------------------------------------------
 */

static void send_delete(kafka_admin_t *admin, const request_t *request, void *topic)
{
    rd_kafka_DeleteTopic_t *one = topic;
    rd_kafka_DeleteTopics(admin->client.rk, &one, 1, request->options, admin->results);
}

static const rd_kafka_topic_result_t **results_of_delete(rd_kafka_event_t *event, size_t *n)
{
    return rd_kafka_DeleteTopics_result_topics(rd_kafka_event_DeleteTopics_result(event), n);
}

static const topic_request_t delete_request = {
    .op = RD_KAFKA_ADMIN_OP_DELETETOPICS,
    .send = send_delete,
    .results = results_of_delete,
    .needless = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART,
    .done = "deleted",
};

static bool send_deletion(kafka_admin_t *admin, const char *name, bool *deleted, err_t *err)
{
    rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
    if (!topic) {
        return err_set(err, ERR_RUN, "topic %s: memory is out", name);
    }
    bool ok = ask_for_topic(admin, &delete_request, topic, name, deleted, err);
    rd_kafka_DeleteTopic_destroy(topic);
    return ok;
}

bool kafka_admin_delete_topic(kafka_admin_t *admin, const char *topic, bool *deleted, err_t *err)
{
    *deleted = false;
    if (!send_deletion(admin, topic, deleted, err)) {
        return false;
    }
    int64_t until_ns = clock_now_ns() + admin->client.patience_ms * NS_PER_MS;
    for (;;) {
        int partitions;
        if (!kafka_client_partitions(&admin->client, topic, &partitions, err)) {
            return false;
        }
        if (partitions == 0) {
            return true;
        }
        if (clock_now_ns() > until_ns) {
            return err_set(err, ERR_RUN,
                           "Kafka at %s: topic %s was deleted, and is still listed after %d ms",
                           admin->client.brokers, topic, admin->client.patience_ms);
        }
        clock_sleep_until_ns(clock_now_ns() + DELETE_PAUSE_NS);
    }
}
