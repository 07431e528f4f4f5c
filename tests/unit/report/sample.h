/*
 * sample: a run as the report layer is given it: a scenario of three phases, and figures that no
 * run had. For tests alone.
 */
#ifndef CDCBENCH_TESTS_REPORT_SAMPLE_H
#define CDCBENCH_TESTS_REPORT_SAMPLE_H

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "report/cmocka_first.h"
#include "result/result.h"

typedef struct {
    scenario_t scenario;
    result_t result;
} sample_t;

enum { SAMPLE_LOAD, SAMPLE_MIXED, SAMPLE_DRAIN, SAMPLE_PHASES };

static inline void sample_scenario(scenario_t *scenario)
{
    *scenario = (scenario_t){.name = "quick",
                             .seed = 42,
                             .replica_identity_full = true,
                             .triggers = TRIGGERS_BOTH,
                             .connections = 4,
                             .n_phases = SAMPLE_PHASES};
    scenario->phases[SAMPLE_LOAD] = (phase_t){.name = "load"};
    scenario->phases[SAMPLE_LOAD].streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 200000, .rows_per_txn = 1000};
    scenario->phases[SAMPLE_MIXED] = (phase_t){.name = "mixed", .duration_ns = 30 * NS_PER_S};
    scenario->phases[SAMPLE_MIXED].streams[OP_INSERT] =
        (stream_t){.kind = STREAM_OPEN, .rows_per_txn = 10, .rate_per_s = 2000};
    scenario->phases[SAMPLE_MIXED].streams[OP_UPDATE] = (stream_t){.kind = STREAM_OPEN,
                                                                   .rows_per_txn = 10,
                                                                   .rate_per_s = 1000,
                                                                   .burst_rows = 500,
                                                                   .burst_every_ns = NS_PER_S};
    scenario->phases[SAMPLE_DRAIN] =
        (phase_t){.name = "drain", .kind = PHASE_DRAIN, .at_most_ns = 60 * NS_PER_S};
    err_t err = {.code = ERR_NONE};
    scenario_place_t place;
    if (!scenario_resolve(scenario, &place, &err)) {
        fail_msg("%s", err.text);
    }
}

/* Values first, first + step, … µs. */
static inline hist_t *sample_hist(int64_t first_us, int64_t step_us, int n)
{
    hist_t *hist = hist_new();
    assert_non_null(hist);
    for (int i = 0; i < n; i++) {
        hist_record(hist, first_us + i * step_us, 1);
    }
    return hist;
}

/* Likewise, each of them 100 times. */
static inline lag_t *sample_lag(int64_t first_us, int64_t step_us, int n)
{
    lag_t *lag = lag_new();
    assert_non_null(lag);
    for (int i = 0; i < n; i++) {
        assert_true(lag_record(lag, first_us + i * step_us, 100));
    }
    return lag;
}

static inline void sample_phases(result_t *result)
{
    for (int i = 0; i < SAMPLE_PHASES; i++) {
        result->phases[i].overload_from_ns = NOT_MEASURED;
        for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
            result->phases[i].drain[tap].events = result->phases[i].drain[tap].us = NOT_MEASURED;
        }
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            result->phases[i].ops[stream].first_sent_ns = NOT_MEASURED;
            result->phases[i].ops[stream].last_acked_ns = NOT_MEASURED;
        }
    }
    phase_result_t *load = &result->phases[SAMPLE_LOAD];
    load->start_ns = 0;
    load->end_ns = 2 * NS_PER_S;
    load->ops[OP_INSERT] = (op_result_t){.transactions = 200,
                                         .rows = 200000,
                                         .bytes = 40000000,
                                         .first_sent_ns = NS_PER_MS,
                                         .last_acked_ns = 1601 * NS_PER_MS,
                                         .latency = sample_hist(4000, 100, 200),
                                         .service = sample_hist(3000, 100, 200)};
    phase_result_t *mixed = &result->phases[SAMPLE_MIXED];
    mixed->start_ns = 2 * NS_PER_S;
    mixed->end_ns = 32 * NS_PER_S;
    mixed->schedule_lag = sample_hist(1, 1, 80);
    mixed->ops[OP_INSERT] = (op_result_t){.transactions = 6000,
                                          .rows = 60000,
                                          .retries = 1,
                                          .bytes = 12000000,
                                          .first_sent_ns = 2 * NS_PER_S,
                                          .last_acked_ns = 32 * NS_PER_S,
                                          .latency = sample_hist(400, 1, 3000),
                                          .service = sample_hist(300, 1, 3000)};
    mixed->ops[OP_UPDATE] = (op_result_t){.transactions = 3000,
                                          .rows = 30000,
                                          .first_sent_ns = 2 * NS_PER_S,
                                          .last_acked_ns = 32 * NS_PER_S,
                                          .latency = sample_hist(500, 13, 3000),
                                          .service = hist_new()};
    result->phases[SAMPLE_DRAIN].start_ns = 32 * NS_PER_S;
    result->phases[SAMPLE_DRAIN].end_ns = 33 * NS_PER_S;
}

static inline void sample_wal(tap_result_t *tap)
{
    lag_t *(*load)[STAGE_COUNT] = tap->lag[SCOPE_EVENT][SAMPLE_LOAD];
    lag_t *(*mixed)[STAGE_COUNT] = tap->lag[SCOPE_EVENT][SAMPLE_MIXED];
    *tap = (tap_result_t){
        .on = true,
        .complete = true,
        .verify = {.expected = 290000, .delivered = 290000, .before_run = 7},
        .events = 290007,
        .transactions = 9200,
        .bytes = 123456789,
        .start_lsn = UINT64_C(0x16B374D848),
        .last_lsn = UINT64_C(0x1700000010),
    };
    load[OP_INSERT][STAGE_COMMIT_TO_RECEIPT] = sample_lag(900000, 400, 2000);
    mixed[OP_INSERT][STAGE_COMMIT_TO_SEND] = sample_lag(200, 1, 600);
    mixed[OP_INSERT][STAGE_SEND_TO_RECEIPT] = sample_lag(20, 1, 60);
    mixed[OP_INSERT][STAGE_COMMIT_TO_RECEIPT] = sample_lag(220, 10, 600);
    mixed[OP_INSERT][STAGE_ACK_TO_RECEIPT] = sample_lag(-150, 1, 300);
    mixed[OP_INSERT][STAGE_INTENDED_TO_RECEIPT] = sample_lag(800, 10, 600);
    mixed[OP_UPDATE][STAGE_COMMIT_TO_RECEIPT] = sample_lag(250, 10, 300);
    mixed[OP_DELETE][STAGE_COMMIT_TO_RECEIPT] = lag_new(); /* there, and nothing in it */
}

/* For those that ask for it: behind a connector with provide.transaction.metadata. */
static inline void sample_kafka_with_ends(tap_result_t *tap)
{
    *tap = (tap_result_t){.on = true,
                          .complete = true,
                          .verify = {.expected = 290000, .delivered = 290000},
                          .ends = {.measured = true, .ends = 9200, .agree = 9200}};
}

static inline void sample_ends_differ(end_counts_t *ends)
{
    ends->agree = 9180;
    ends->faults[END_DIFFERS] = 17;
    ends->faults[END_MISSING] = 2;
    ends->faults[END_UNSEEN] = 1;
    ends->repeated = 1;
    ends->n_kept = END_FAULTS_KEPT;
    for (unsigned i = 0; i < END_FAULTS_KEPT; i++)
        ends->kept[i] = (end_fault_t){.kind = END_DIFFERS,
                                      .txid = 752 + i,
                                      .collection = "public.transactions",
                                      .told = 10,
                                      .seen = 9 - i};
    ends->kept[1].kind = END_MISSING;
    ends->kept[1].told = 0;
    ends->kept[9].kind = END_UNSEEN;
    ends->kept[9].collection[0] = '\0';
}

static inline void sample_init(sample_t *sample)
{
    memset(sample, 0, sizeof *sample);
    sample_scenario(&sample->scenario);
    result_t *result = &sample->result;
    result->scenario = &sample->scenario;
    result->start.wall_us = INT64_C(1795356192123456); /* 2026-11-22T14:03:12.123456Z */
    result->end_ns = 33 * NS_PER_S;
    result->acknowledged = 290000;
    result->clock_offset_us = 12;
    result->clock_uncertainty_us = 31;
    result->clock_uncertainty_max_us = 48;
    result->clock_drift_ppm = -1.25;
    result->clock_drift_uncertainty_ppm = 0.5;
    result->clock_samples = 33;
    result->client_cpu_us = 660000;
    result->client_rss_peak_bytes = 48 << 20;
    result->ledger_peak = 1234;
    sample_phases(result);
    sample_wal(&result->taps[TAP_WAL]);
}

static inline void sample_free(sample_t *sample)
{
    for (int i = 0; i < SAMPLE_PHASES; i++) {
        phase_result_t *phase = &sample->result.phases[i];
        hist_free(phase->schedule_lag);
        for (op_t op = 0; op < OP_COUNT; op++) {
            hist_free(phase->ops[op].latency);
            hist_free(phase->ops[op].service);
            for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
                for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
                    lag_free(sample->result.taps[tap].lag[SCOPE_EVENT][i][op][stage]);
                }
            }
        }
    }
}

/* A second in which nothing was measured, for a test to fill in. */
static inline timeline_row_t sample_second(double second, uint32_t phase)
{
    timeline_row_t row = {.second = second, .interval_s = 1, .phase = phase};
    for (int stream = 0; stream < STREAM_COUNT; stream++) {
        row.ops[stream].due_rows = row.ops[stream].backlog_rows = NOT_MEASURED;
        row.ops[stream].p50_us = row.ops[stream].p99_us = row.ops[stream].max_us = NOT_MEASURED;
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        row.taps[tap].seen_rows = row.taps[tap].behind_rows = NOT_MEASURED;
        row.taps[tap].p50_us = row.taps[tap].p99_us = row.taps[tap].max_us = NOT_MEASURED;
        row.slots[tap] =
            (slot_row_t){NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED, NOT_MEASURED};
        row.taps[tap].behind_us = NOT_MEASURED;
    }
    row.client_cpu_permille = row.client_rss_bytes = NOT_MEASURED;
    row.server_cpu_permille = row.server_rss_bytes = NOT_MEASURED;
    row.walsender_cpu_permille = row.walsender_rss_bytes = NOT_MEASURED;
    row.broker_cpu_permille = row.broker_rss_bytes = NOT_MEASURED;
    row.connect_cpu_permille = row.connect_rss_bytes = NOT_MEASURED;
    row.clock_offset_us = row.clock_uncertainty_us = NOT_MEASURED;
    row.kafka_unread_messages = row.wal_written_bytes = NOT_MEASURED;
    row.debezium_walsender_cpu_permille = row.debezium_walsender_rss_bytes = NOT_MEASURED;
    row.checkpoints = (checkpoint_row_t){NOT_MEASURED, NOT_MEASURED, NOT_MEASURED};
    row.overload_us = NOT_MEASURED;
    return row;
}

/* A second of phase mixed in which all went as planned. */
static inline timeline_row_t sample_mixed_second(double second)
{
    timeline_row_t row = sample_second(second, SAMPLE_MIXED);
    row.ops[OP_INSERT].due_rows = row.ops[OP_INSERT].acked_rows = 2000;
    row.ops[OP_INSERT].sent_rows = 2000;
    row.ops[OP_INSERT].backlog_rows = 0;
    row.ops[OP_INSERT].p50_us = 1900;
    row.ops[OP_INSERT].p99_us = 6400;
    row.ops[OP_INSERT].max_us = 9000;
    row.ops[OP_UPDATE].due_rows = 1000;
    row.ops[OP_UPDATE].sent_rows = row.ops[OP_UPDATE].acked_rows = 1003;
    row.ops[OP_UPDATE].backlog_rows = 7;
    row.ops[OP_UPDATE].p50_us = 1500;
    row.ops[OP_UPDATE].p99_us = 7000;
    row.ops[OP_UPDATE].max_us = 8000;
    row.taps[TAP_WAL].seen_rows = 3003;
    row.taps[TAP_WAL].behind_rows = 0;
    row.taps[TAP_WAL].p50_us = 1100;
    row.taps[TAP_WAL].p99_us = 4000;
    row.taps[TAP_WAL].max_us = 5000;
    row.client_cpu_permille = 23;
    row.client_rss_bytes = 50000000;
    row.clock_offset_us = -12;
    row.clock_uncertainty_us = 31;
    return row;
}

/* Makes a folder of the test's own and goes there; back and away with it at the end. */
static inline int sample_enter_folder(void **state)
{
    (void)state;
    char path[] = "/tmp/cdcbench-report-XXXXXX";
    return mkdtemp(path) == NULL || chdir(path) != 0 ? -1 : 0;
}

static inline int sample_leave_folder(void **state)
{
    (void)state;
    char path[PATH_MAX], command[PATH_MAX + 16];
    if (getcwd(path, sizeof path) == NULL || chdir("/") != 0 ||
        strncmp(path, "/tmp/cdcbench-report-", 21) != 0) {
        return -1;
    }
    snprintf(command, sizeof command, "rm -r '%s'", path);
    return system(command);
}

#endif
