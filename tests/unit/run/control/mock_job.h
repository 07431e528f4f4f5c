/*
 * mock_job: a run that writes straight into Kafka, librdkafka's mock of it, and reads it back by
 * the kafka tap. One at a time; included after cmocka.
 */
#ifndef CDCBENCH_TESTS_MOCK_JOB_H
#define CDCBENCH_TESTS_MOCK_JOB_H

#include <stdio.h>
#include <string.h>

#include "kafka/mock_cluster.h"
#include "run/control/run.h"

#define TOPIC "cdc.public.transactions"

enum { ROWS = 2000 };

static mock_cluster_t mock;
static scenario_t scenario;
static int64_t drain_at_most_ns;
static atomic_int interrupts;
static config_load_t load;

static inline int start(void **state)
{
    (void)state;
    mock = mock_cluster_start();
    mock_cluster_topic(&mock, TOPIC, 1);
    memset(&scenario, 0, sizeof scenario);
    snprintf(scenario.name, sizeof scenario.name, "produced");
    scenario.connections = 8;
    scenario.triggers = TRIGGERS_BOTH;
    scenario.replica_identity_full = true;
    drain_at_most_ns = 30 * NS_PER_S;
    atomic_store(&interrupts, 0);
    load = (config_load_t){.threads = 1, .ledger_max = 100000};
    return 0;
}

static inline int stop(void **state)
{
    (void)state;
    mock_cluster_stop(&mock);
    return 0;
}

static inline phase_t *add_phase(const char *name, phase_kind_t kind)
{
    phase_t *phase = &scenario.phases[scenario.n_phases++];
    snprintf(phase->name, sizeof phase->name, "%s", name);
    phase->kind = kind;
    phase->at_most_ns = kind == PHASE_DRAIN ? drain_at_most_ns : 0;
    return phase;
}

static inline void add_load(uint64_t rows)
{
    add_phase("load", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = rows, .rows_per_txn = 20};
}

/* 100 one-row transactions a second, for two seconds. */
static inline void add_steady(void)
{
    add_phase("steady", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_OPEN, .rows = 200, .rows_per_txn = 1, .rate_per_s = 100};
}

/* As on_begun: the tap gets nothing at all; or it is told that it may not read. */
static inline void fetch_nothing(void *ctx, const run_t *run)
{
    (void)ctx, (void)run;
    mock_cluster_answer_fetches(&mock, 1000, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
}

static inline void no_right_to_read(void *ctx, const run_t *run)
{
    (void)ctx, (void)run;
    mock_cluster_answer_fetches(&mock, 100, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
}

/* With properties of the producer's and the consumer's, NULL at their end. */
static inline run_t *execute_with(const char *const *properties,
                                  void (*on_begun)(void *, const run_t *),
                                  void (*on_second)(void *, const timeline_row_t *))
{
    err_t err = {0};
    char texts[2][128], *items[] = {texts[0], texts[1]};
    size_t n = 0;
    for (; properties[n] != NULL; n++)
        snprintf(items[n], sizeof texts[n], "%s", properties[n]);
    config_t config = {.kafka = {.brokers = (char *)(uintptr_t)mock.brokers,
                                 .properties = {.items = items, .n = n}},
                       .produce = {.topic = (char *)(uintptr_t)TOPIC, .partitions = 1},
                       .taps = {.given = true, .on = {[TAP_KAFKA] = true}},
                       .load = load};
    add_phase("drain", PHASE_DRAIN);
    scenario_place_t place;
    if (!scenario_resolve(&scenario, &place, &err))
        fail_msg("%s", err.text);
    run_opts_t opts = {.config = &config,
                       .scenario = &scenario,
                       .produce = true,
                       .interrupts = &interrupts,
                       .on_begun = on_begun,
                       .on_second = on_second};
    run_t *run = run_execute(&opts, &err);
    if (run == NULL)
        fail_msg("%s", err.text);
    return run;
}

/* With one property, or NULL. */
static inline run_t *execute(const char *property,
                             void (*on_second)(void *, const timeline_row_t *))
{
    return execute_with((const char *const[]){property, NULL}, NULL, on_second);
}

static const char *const no_properties[] = {NULL};

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

#endif
