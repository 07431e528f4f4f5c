#include "kafka/kafka_client.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/counter.h"
#include "base/log.h"

/* Between two looks at a topic whose leader is not elected yet. */
#define LEADER_PAUSE_NS (50 * NS_PER_MS)

/* For each handle. A broker that restarts is back within half a second, not after the ten that
 * librdkafka waits in the end by default: the gap would read as lag. Asking for a topic does not
 * make it. */
static const kafka_property_t shared_properties[] = {
    {"client.id", "cdcbench", PROPERTY_DEFAULT},
    {"reconnect.backoff.max.ms", "500", PROPERTY_DEFAULT},
    {"socket.keepalive.enable", "true", PROPERTY_DEFAULT},
    {"socket.nagle.disable", "true", PROPERTY_DEFAULT},
    {"allow.auto.create.topics", "false", PROPERTY_FIXED},
};
#define N_SHARED (sizeof shared_properties / sizeof *shared_properties)

/* ---- what librdkafka tells ---------------------------------------------------------------------
 */

/* What is told here, and not in the place of a message, when a topic that is read goes away. */
static bool ends_a_topic(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
    case RD_KAFKA_RESP_ERR_TOPIC_EXCEPTION:
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        return true;
    default:
        return false;
    }
}

static void on_error(rd_kafka_t *rk, int code, const char *reason, void *opaque)
{
    kafka_client_t *client = opaque;
    if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        /* Says how many are down; why, was said before it. */
        if (!atomic_exchange(&client->unreachable, true)) {
            atomic_fetch_add(&client->outages, 1);
        }
        return;
    }
    rd_kafka_resp_err_t fatal = (rd_kafka_resp_err_t)code;
    char words[sizeof client->trouble];
    if (fatal == RD_KAFKA_RESP_ERR__FATAL) {
        fatal = rd_kafka_fatal_error(rk, words, sizeof words);
        reason = words;
    }
    if (client->fatal == RD_KAFKA_RESP_ERR_NO_ERROR) {
        err_line(client->trouble, sizeof client->trouble, reason);
        client->fatal = code == RD_KAFKA_RESP_ERR__FATAL || ends_a_topic(fatal)
                            ? fatal
                            : RD_KAFKA_RESP_ERR_NO_ERROR;
    }
}

static void on_log(const rd_kafka_t *rk, int level, const char *facility, const char *text)
{
    (void)rk;
    (void)level;
    log_debug("librdkafka: %s: %s", facility, text);
}

static int on_stats(rd_kafka_t *rk, char *json, size_t len, void *opaque)
{
    (void)rk;
    kafka_client_t *client = opaque;
    if (client->on_stats) {
        client->on_stats(client->ctx, json, len);
    }
    return 0; /* librdkafka frees the text */
}

static void on_delivery(rd_kafka_t *rk, const rd_kafka_message_t *message, void *opaque)
{
    (void)rk;
    kafka_client_t *client = opaque;
    client->on_delivery(client->ctx, message);
}

bool kafka_client_is_outage(rd_kafka_resp_err_t code)
{
    switch (code) {
    case RD_KAFKA_RESP_ERR__TRANSPORT:
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
    case RD_KAFKA_RESP_ERR__WAIT_COORD:
    case RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT:
    case RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION:
    case RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE:
    case RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE:
        return true;
    default:
        return false;
    }
}

void kafka_client_heard(kafka_client_t *client)
{
    if (relaxed_get(&client->unreachable)) {
        atomic_store(&client->unreachable, false);
    }
}

bool kafka_client_fail(kafka_client_t *client, rd_kafka_resp_err_t code, const char *words,
                       err_t *err, const char *tried_format, ...)
{
    char tried[512];
    va_list args;
    va_start(args, tried_format);
    vsnprintf(tried, sizeof tried, tried_format, args);
    va_end(args);
    if (client->rk) {
        rd_kafka_poll(client->rk, 0); /* brings what was said about brokers meanwhile */
    }
    bool outage = kafka_client_is_outage(code);
    const char *why = words && words[0] ? words : rd_kafka_err2str(code);
    return err_set(err, ERR_RUN, "Kafka at %s: %s: %s%s%s%s%s", client->brokers, tried, why,
                   outage && client->trouble[0] ? " (" : "", outage ? client->trouble : "",
                   outage && client->trouble[0] ? ")" : "",
                   outage ? "; is a broker running there, and does it advertise an address that "
                            "this machine can reach?"
                          : "");
}

/* ---- properties --------------------------------------------------------------------------------
 */

static bool set_property(rd_kafka_conf_t *conf, const kafka_property_t *property, err_t *err)
{
    char words[256];
    rd_kafka_conf_res_t result =
        rd_kafka_conf_set(conf, property->name, property->value, words, sizeof words);
    if (result == RD_KAFKA_CONF_OK ||
        (result == RD_KAFKA_CONF_UNKNOWN && property->kind == PROPERTY_IF_KNOWN)) {
        return true;
    }
    return err_set(err, ERR_USAGE, "Kafka property %s: %s (librdkafka %s)", property->name, words,
                   rd_kafka_version_str());
}

static bool set_properties(rd_kafka_conf_t *conf, const kafka_property_t *properties, size_t n,
                           err_t *err)
{
    for (size_t i = 0; i < n; i++) {
        if (!set_property(conf, &properties[i], err)) {
            return false;
        }
    }
    return true;
}

static bool is_fixed(const kafka_property_t *properties, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++) {
        if (properties[i].kind == PROPERTY_FIXED && strcmp(properties[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* One "name=value" of the user's. */
static bool set_override(rd_kafka_conf_t *conf, const char *text,
                         const kafka_property_t *properties, size_t n, err_t *err)
{
    const char *equals = strchr(text, '=');
    char *name = equals && equals > text ? strndup(text, (size_t)(equals - text)) : NULL;
    if (!name) {
        return err_set(err, ERR_USAGE, "Kafka property: read \"%s\", expected NAME=VALUE", text);
    }
    bool ok;
    if (strcmp(name, "bootstrap.servers") == 0 || is_fixed(properties, n, name) ||
        is_fixed(shared_properties, N_SHARED, name)) {
        ok = err_set(err, ERR_USAGE,
                     "Kafka property %s: set by cdcbench itself, which relies on it", name);
    } else {
        ok = set_property(conf, &(kafka_property_t){name, equals + 1, PROPERTY_DEFAULT}, err);
    }
    free(name);
    return ok;
}

static bool configure(rd_kafka_conf_t *conf, kafka_client_t *client, const kafka_target_t *target,
                      const kafka_property_t *properties, size_t n, err_t *err)
{
    rd_kafka_conf_set_opaque(conf, client);
    rd_kafka_conf_set_error_cb(conf, on_error);
    rd_kafka_conf_set_log_cb(conf, on_log);
    rd_kafka_conf_set_stats_cb(conf, on_stats);
    if (client->on_delivery) {
        rd_kafka_conf_set_dr_msg_cb(conf, on_delivery);
    }
    const kafka_property_t servers = {"bootstrap.servers", target->brokers, PROPERTY_FIXED};
    if (!set_property(conf, &servers, err) ||
        !set_properties(conf, shared_properties, N_SHARED, err) ||
        !set_properties(conf, properties, n, err)) {
        return false;
    }
    for (size_t i = 0; i < target->n_properties; i++) {
        if (!set_override(conf, target->properties[i], properties, n, err)) {
            return false;
        }
    }
    return true;
}

bool kafka_client_open(kafka_client_t *client, const kafka_target_t *target,
                       const kafka_property_t *properties, size_t n_properties, err_t *err)
{
    char words[512] = "";
    client->patience_ms = target->patience_ms > 0 ? target->patience_ms : KAFKA_PATIENCE_MS;
    client->brokers = strdup(target->brokers);
    rd_kafka_conf_t *conf = rd_kafka_conf_new();
    if (!client->brokers || !conf) {
        err_set(err, ERR_RUN, "Kafka at %s: memory is out", target->brokers);
        goto fail;
    }
    if (!configure(conf, client, target, properties, n_properties, err)) {
        goto fail;
    }
    /* A consumer's handle for administration too: a producer's asks for topics so that they are
     * made. */
    rd_kafka_type_t kind = client->on_delivery ? RD_KAFKA_PRODUCER : RD_KAFKA_CONSUMER;
    client->rk = rd_kafka_new(kind, conf, words, sizeof words);
    if (!client->rk) {
        err_set(err, ERR_USAGE, "Kafka at %s: the properties do not go together: %s",
                target->brokers, words);
        goto fail;
    }
    return true;
fail:
    if (conf) {
        rd_kafka_conf_destroy(conf); /* rd_kafka_new takes it over only where it succeeds */
    }
    return false;
}

void kafka_client_close(kafka_client_t *client)
{
    if (client->rk) {
        rd_kafka_destroy(client->rk);
    }
    free(client->brokers);
    client->rk = NULL;
    client->brokers = NULL;
}

/* ---- metadata ----------------------------------------------------------------------------------
 */

/* What the brokers say of a topic at this moment; *partitions is the number of those that they
 * list. LEADER_NOT_AVAILABLE: ask again. */
static rd_kafka_resp_err_t ask_partitions(kafka_client_t *client, rd_kafka_topic_t *topic,
                                          int timeout_ms, int *partitions)
{
    const struct rd_kafka_metadata *metadata;
    rd_kafka_resp_err_t code = rd_kafka_metadata(client->rk, 0, topic, &metadata, timeout_ms);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
        return code;
    }
    kafka_client_heard(client);
    if (metadata->topic_cnt != 1) {
        code = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
    } else {
        const rd_kafka_metadata_topic_t *found = &metadata->topics[0];
        code = found->err;
        *partitions = found->partition_cnt;
        for (int i = 0; i < found->partition_cnt && code == RD_KAFKA_RESP_ERR_NO_ERROR; i++) {
            code = found->partitions[i].leader < 0 ? RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE
                                                   : RD_KAFKA_RESP_ERR_NO_ERROR;
        }
    }
    rd_kafka_metadata_destroy(metadata);
    return code;
}

bool kafka_client_partitions(kafka_client_t *client, const char *topic, int *partitions, err_t *err)
{
    *partitions = 0;
    rd_kafka_topic_t *handle = rd_kafka_topic_new(client->rk, topic, NULL);
    if (!handle) {
        return kafka_client_fail(client, rd_kafka_last_error(), NULL, err, "topic %s", topic);
    }
    int64_t until_ns = clock_now_ns() + client->patience_ms * NS_PER_MS;
    int left_ms = client->patience_ms;
    rd_kafka_resp_err_t code;
    for (;;) {
        code = ask_partitions(client, handle, left_ms, partitions);
        left_ms = (int)((until_ns - clock_now_ns()) / NS_PER_MS);
        if (code != RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE || left_ms <= 0) {
            break;
        }
        clock_sleep_until_ns(clock_now_ns() + LEADER_PAUSE_NS);
    }
    rd_kafka_topic_destroy(handle);
    if (code == RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART ||
        code == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC) {
        *partitions = 0;
        return true;
    }
    return code == RD_KAFKA_RESP_ERR_NO_ERROR ||
           kafka_client_fail(client, code, NULL, err, "topic %s could not be looked up", topic);
}
