/* What a run needs whose changes go straight into Kafka, in the place of run_setup.c's server,
 * connector and taps: a topic, the form of its records, and the kafka tap behind it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "kafka/kafka_admin.h"
#include "run/control/run_internal.h"
#include "run/monitor/process.h"

/* A topic is named <topic.prefix>.<schema>.<table>; what stands before the first dot is the
 * source's name in each record. */
static char *server_name(const char *topic)
{
    return strndup(topic, strcspn(topic, "."));
}

static bool make_form(run_t *run, err_t *err)
{
    const config_t *config = run->opts.config;
    produce_form_t *form = &run->produce;
    run->produce_server = server_name(config->produce.topic);
    if (run->produce_server == NULL)
        return err_set(err, ERR_RUN, "out of memory");
    snprintf(run->modified_by, sizeof run->modified_by, "cdcbench");
    *form = (produce_form_t){
        .target = {.brokers = config->kafka.brokers,
                   .properties = (const char *const *)config->kafka.properties.items,
                   .n_properties = config->kafka.properties.n},
        .topic = config->produce.topic,
        .envelope = {.server = run->produce_server,
                     .database = "financial_db",
                     .version = ENVELOPE_VERSION,
                     .user = run->modified_by,
                     .schemas = config->gen.schemas,
                     .replica_identity_full =
                         run->opts.scenario->tables.use[0].replica_identity_full},
        .anchor = run->anchor,
        /* Above those of any run before it on the same topic, so that order holds over all of them:
         * a microsecond has room for more positions than records can be made in one. */
        .first_lsn = (uint64_t)run->anchor.wall_us * 1024,
    };
    run->floor_lsn = form->first_lsn;
    run->work.produce = form;
    run->work.threads = 1;
    return true;
}

/* One that is there needs no right to make it. */
static bool make_topic(run_t *run, err_t *err)
{
    const config_t *config = run->opts.config;
    int partitions = 0;
    bool created = false;
    kafka_admin_t *admin = kafka_admin_open(&run->produce.target, err);
    kafka_new_topic_t topic = {.name = config->produce.topic,
                               .partitions = (int)config->produce.partitions,
                               .replicas = -1};
    bool there = admin != NULL &&
                 kafka_admin_partitions(admin, config->produce.topic, &partitions, err) &&
                 (partitions > 0 || kafka_admin_create_topic(admin, &topic, &created, err));
    kafka_admin_free(admin);
    if (created)
        log_info("topic %s was made, and stays", config->produce.topic);
    return there;
}

/* For result.pipeline, with the names that a pipeline behind a connector has there. */
static bool describe(run_t *run, err_t *err)
{
    json_t *all =
        json_pack("{s:s, s:s, s:b, s:b}", "topic", run->opts.config->produce.topic, "envelopes_of",
                  "Debezium " ENVELOPE_VERSION, "schemas", (int)run->produce.envelope.schemas,
                  "replica_identity_full", (int)run->produce.envelope.replica_identity_full);
    run->pipeline = all == NULL ? NULL : json_dumps(all, JSON_COMPACT);
    json_decref(all);
    return run->pipeline != NULL || err_set(err, ERR_RUN, "out of memory");
}

static bool start_monitor(run_t *run, err_t *err)
{
    monitor_opts_t monitor = {.clock = &run->clock,
                              .broker_pid = process_behind(run->opts.config->kafka.brokers)};
    clocksync_init(&run->clock, run->anchor);
    run->monitor = monitor_start(&monitor, err);
    return run->monitor != NULL;
}

static bool start_tap(run_t *run, err_t *err)
{
    tap_id_t tap = tap_with(TAP_READS_TOPIC);
    kafka_topic_t topic = {.name = run->opts.config->produce.topic, .from = KAFKA_FROM_END};
    source_opts_t source = {
        .topics = {.target = run->produce.target, .topics = &topic, .n_topics = 1}};
    tap_opts_t opts = run_tap_opts(run, tap);
    return run_open_source(run, tap, &source, err) && run_start_source(run, tap, &opts, err);
}

bool run_prepare_produce(run_t *run, err_t *err)
{
    return make_form(run, err) && make_topic(run, err) && describe(run, err) &&
           start_monitor(run, err) &&
           (!config_has_tap(run->opts.config, TAP_READS_TOPIC) || start_tap(run, err));
}
