#include "report/metrics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/metrics_text.h"

/* What the timeline has by the second, added up. */
typedef struct {
    int64_t due, sent, acked, errors;
} op_totals_t;

struct metrics {
    const scenario_t *scenario;
    bool begun; /* a second is in */
    timeline_row_t last;
    op_totals_t streams[STREAM_COUNT];
    int64_t seen[TAP_COUNT]; /* NOT_MEASURED: never on */
};

metrics_t *metrics_new(const scenario_t *scenario)
{
    metrics_t *metrics = calloc(1, sizeof *metrics);
    if (metrics == NULL) {
        return NULL;
    }
    metrics->scenario = scenario;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        metrics->seen[tap] = NOT_MEASURED;
    }
    return metrics;
}

void metrics_free(metrics_t *metrics)
{
    free(metrics);
}

static void add(int64_t *total, int64_t more)
{
    if (more != NOT_MEASURED) {
        *total = (*total == NOT_MEASURED ? 0 : *total) + more;
    }
}

void metrics_add(metrics_t *metrics, const timeline_row_t *row)
{
    metrics->begun = true;
    metrics->last = *row;
    for (int i = 0; i < STREAM_COUNT; i++) {
        add(&metrics->streams[i].due, row->ops[i].due_rows);
        add(&metrics->streams[i].sent, row->ops[i].sent_rows);
        add(&metrics->streams[i].acked, row->ops[i].acked_rows);
        add(&metrics->streams[i].errors, row->ops[i].errors);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        add(&metrics->seen[tap], row->taps[tap].seen_rows);
    }
}

/* ---- the families ---- */

static void put_run(const metrics_t *metrics, FILE *out)
{
    const scenario_t *scenario = metrics->scenario;
    metrics_family(out, "cdcbench_run", METRIC_INFO, "", "The run.");
    fputs("cdcbench_run_info{name=\"", out);
    metrics_print_label(out, scenario->name);
    fprintf(out, "\",seed=\"%llu\",version=\"" CDCBENCH_VERSION "\"} 1\n",
            (unsigned long long)scenario->seed);
    metrics_family(out, "cdcbench_elapsed_seconds", METRIC_GAUGE, "seconds",
                   "Since the run's start.");
    metrics_real(out, "cdcbench_elapsed_seconds", "", metrics->last.second);
    metrics_family(out, "cdcbench_phase", METRIC_STATESET, "", "The phase that the run is in.");
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        fputs("cdcbench_phase{cdcbench_phase=\"", out);
        metrics_print_label(out, scenario->phases[i].name);
        fprintf(out, "\"} %d\n", i == metrics->last.phase);
    }
}

/* The streams that the scenario has: the others have no samples. */
static bool has_stream(const metrics_t *metrics, int stream)
{
    bool has = false;
    for (uint32_t i = 0; i < metrics->scenario->n_phases; i++) {
        has = has || metrics->scenario->phases[i].streams[stream].kind != STREAM_OFF;
    }
    return has;
}

static const char *stream_label(int stream, char *out, size_t size)
{
    snprintf(out, size, "operation=\"%s\"", stream_names[stream]);
    return out;
}

/* A total of each stream, by its place in op_totals_t. */
static void put_totals(const metrics_t *metrics, const char *sample, size_t offset, FILE *out)
{
    for (int i = 0; i < STREAM_COUNT; i++) {
        const char *totals = (const char *)&metrics->streams[i];
        char label[64];
        if (has_stream(metrics, i)) {
            metrics_integer(out, sample, stream_label(i, label, sizeof label),
                            *(const int64_t *)(const void *)(totals + offset));
        }
    }
}

static void put_counts(const metrics_t *metrics, FILE *out)
{
    metrics_family(out, "cdcbench_due_rows", METRIC_COUNTER, "rows",
                   "Rows due by the clock; of what goes as fast as it can none are.");
    put_totals(metrics, "cdcbench_due_rows_total", offsetof(op_totals_t, due), out);
    metrics_family(out, "cdcbench_sent_rows", METRIC_COUNTER, "rows", "Rows sent.");
    put_totals(metrics, "cdcbench_sent_rows_total", offsetof(op_totals_t, sent), out);
    metrics_family(out, "cdcbench_acked_rows", METRIC_COUNTER, "rows", "Rows acknowledged.");
    put_totals(metrics, "cdcbench_acked_rows_total", offsetof(op_totals_t, acked), out);
    metrics_family(out, "cdcbench_errors", METRIC_COUNTER, "", "Statements that failed.");
    put_totals(metrics, "cdcbench_errors_total", offsetof(op_totals_t, errors), out);
    metrics_family(out, "cdcbench_backlog_rows", METRIC_GAUGE, "rows",
                   "Rows due and not yet acknowledged.");
    for (int i = 0; i < STREAM_COUNT; i++) {
        char label[64];
        metrics_integer(out, "cdcbench_backlog_rows", stream_label(i, label, sizeof label),
                        metrics->last.ops[i].backlog_rows);
    }
}

static void put_latency(const metrics_t *metrics, const run_now_t *now, FILE *out)
{
    metrics_family(out, "cdcbench_latency_seconds", METRIC_HISTOGRAM, "seconds",
                   "From a transaction's intended time to its acknowledgement, since the start.");
    for (int i = 0; i < STREAM_COUNT; i++) {
        char label[64];
        metrics_hist(out, "cdcbench_latency_seconds", stream_label(i, label, sizeof label),
                     now->latency[i]);
    }
    metrics_family(out, "cdcbench_last_latency_seconds", METRIC_GAUGE, "seconds",
                   "The same, of the transactions that ended in the last second.");
    for (int i = 0; i < STREAM_COUNT; i++) {
        char label[64];
        metrics_quantiles(out, "cdcbench_last_latency_seconds",
                          stream_label(i, label, sizeof label), metrics->last.ops[i].p50_us,
                          metrics->last.ops[i].p99_us, metrics->last.ops[i].max_us);
    }
}

static void put_lag(const metrics_t *metrics, const run_now_t *now, FILE *out)
{
    metrics_family(out, "cdcbench_lag_seconds", METRIC_HISTOGRAM, "seconds",
                   "From a change's commit to its receipt, since the start; can be negative.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        char labels[64];
        snprintf(labels, sizeof labels, "tap=\"%s\"", tap_names[tap]);
        metrics_lag(out, "cdcbench_lag_seconds", labels, now->lag[tap]);
    }
    metrics_family(out, "cdcbench_last_lag_seconds", METRIC_GAUGE, "seconds",
                   "The same, of the changes received in the last second.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        char labels[64];
        snprintf(labels, sizeof labels, "tap=\"%s\"", tap_names[tap]);
        metrics_quantiles(out, "cdcbench_last_lag_seconds", labels, metrics->last.taps[tap].p50_us,
                          metrics->last.taps[tap].p99_us, metrics->last.taps[tap].max_us);
    }
}

static void put_taps(const metrics_t *metrics, FILE *out)
{
    char labels[TAP_COUNT][64];
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        snprintf(labels[tap], sizeof labels[tap], "tap=\"%s\"", tap_names[tap]);
    }
    metrics_family(out, "cdcbench_seen_events", METRIC_COUNTER, "events",
                   "Changes that were seen.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        metrics_integer(out, "cdcbench_seen_events_total", labels[tap], metrics->seen[tap]);
    }
    metrics_family(out, "cdcbench_behind_events", METRIC_GAUGE, "events",
                   "Changes acknowledged and not yet seen; below zero: seen before acknowledged.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        metrics_integer(out, "cdcbench_behind_events", labels[tap],
                        metrics->last.taps[tap].behind_rows);
    }
    metrics_family(out, "cdcbench_behind_seconds", METRIC_GAUGE, "seconds",
                   "The age of the oldest change acknowledged and not yet seen.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        metrics_us(out, "cdcbench_behind_seconds", labels[tap], metrics->last.taps[tap].behind_us);
    }
}

static void put_slots(const metrics_t *metrics, FILE *out)
{
    static const char *const labels[TAP_COUNT] = {
        [TAP_WAL] = "slot=\"wal\"", [TAP_KAFKA] = "slot=\"debezium\""};
    metrics_family(out, "cdcbench_slot_retained_bytes", METRIC_GAUGE, "bytes",
                   "WAL that the server keeps for the slot.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        metrics_integer(out, "cdcbench_slot_retained_bytes", labels[tap],
                        metrics->last.slots[tap].retained_bytes);
    }
    metrics_family(out, "cdcbench_slot_unconfirmed_bytes", METRIC_GAUGE, "bytes",
                   "WAL that the slot's reader has not confirmed.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        metrics_integer(out, "cdcbench_slot_unconfirmed_bytes", labels[tap],
                        metrics->last.slots[tap].unconfirmed_bytes);
    }
    metrics_family(out, "cdcbench_slot_spilled_bytes", METRIC_COUNTER, "bytes",
                   "Decoded changes written to disk for the slot since it was made.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        metrics_integer(out, "cdcbench_slot_spilled_bytes_total", labels[tap],
                        metrics->last.slots[tap].spilled_bytes);
    }
}

static void put_processes(const timeline_row_t *last, FILE *out)
{
    const struct {
        const char *labels;
        int64_t cpu_permille, rss_bytes;
    } processes[] = {
        {"process=\"client\"", last->client_cpu_permille, last->client_rss_bytes},
        {"process=\"server\"", last->server_cpu_permille, last->server_rss_bytes},
        {"process=\"walsender\"", last->walsender_cpu_permille, last->walsender_rss_bytes},
        {"process=\"debezium_walsender\"", last->debezium_walsender_cpu_permille,
         last->debezium_walsender_rss_bytes},
        {"process=\"broker\"", last->broker_cpu_permille, last->broker_rss_bytes},
        {"process=\"connect\"", last->connect_cpu_permille, last->connect_rss_bytes},
    };
    const size_t n = sizeof processes / sizeof processes[0];
    metrics_family(out, "cdcbench_cpu_cores", METRIC_GAUGE, "cores",
                   "CPU time in the last second, in cores; client is this tool.");
    for (size_t i = 0; i < n; i++) {
        if (processes[i].cpu_permille != NOT_MEASURED) {
            metrics_real(out, "cdcbench_cpu_cores", processes[i].labels,
                         (double)processes[i].cpu_permille / 1000);
        }
    }
    metrics_family(out, "cdcbench_resident_memory_bytes", METRIC_GAUGE, "bytes",
                   "Resident memory.");
    for (size_t i = 0; i < n; i++) {
        metrics_integer(out, "cdcbench_resident_memory_bytes", processes[i].labels,
                        processes[i].rss_bytes);
    }
}

static void put_clock(const timeline_row_t *last, FILE *out)
{
    metrics_family(out, "cdcbench_clock_offset_seconds", METRIC_GAUGE, "seconds",
                   "The server's clock minus the client's.");
    metrics_us(out, "cdcbench_clock_offset_seconds", "", last->clock_offset_us);
    metrics_family(out, "cdcbench_clock_uncertainty_seconds", METRIC_GAUGE, "seconds",
                   "The offset is right within plus or minus this.");
    metrics_us(out, "cdcbench_clock_uncertainty_seconds", "", last->clock_uncertainty_us);
}

/* Kafka Connect's states, and one for a Connect that does not answer. */
static void put_states(FILE *out, const char *name, const char *help, const char *connector,
                       const char *state)
{
    static const char *const states[] = {"RUNNING",    "PAUSED", "STOPPED",    "RESTARTING",
                                         "UNASSIGNED", "FAILED", "UNREACHABLE"};
    metrics_family(out, name, METRIC_STATESET, "", help);
    for (size_t i = 0; connector != NULL && i < sizeof states / sizeof states[0]; i++) {
        fprintf(out, "%s{connector=\"", name);
        metrics_print_label(out, connector);
        fprintf(out, "\",%s=\"%s\"} %d\n", name, states[i], strcmp(states[i], state) == 0);
    }
}

static void put_position(FILE *out, const char *name, const run_now_t *now, int partition,
                         int64_t value)
{
    fprintf(out, "%s{topic=\"", name);
    metrics_print_label(out, now->topic);
    fprintf(out, "\",partition=\"%d\"} %lld\n", partition, (long long)value);
}

static void put_topic(const metrics_state_t *state, FILE *out)
{
    const run_now_t *now = &state->now;
    metrics_family(out, "cdcbench_topic_end_offset", METRIC_GAUGE, "",
                   "The offset that the partition's next record will get.");
    for (int p = 0; p < now->partitions; p++) {
        put_position(out, "cdcbench_topic_end_offset", now, p, state->ends[p]);
    }
    metrics_family(out, "cdcbench_topic_position", METRIC_GAUGE, "",
                   "The offset of the next record that the kafka tap will read.");
    for (int p = 0; p < now->partitions; p++) {
        put_position(out, "cdcbench_topic_position", now, p, state->positions[p]);
    }
    metrics_family(out, "cdcbench_topic_unread_records", METRIC_GAUGE, "records",
                   "Records in the partition that the kafka tap has not read.");
    for (int p = 0; p < now->partitions; p++) {
        int64_t unread = state->ends[p] - state->positions[p];
        put_position(out, "cdcbench_topic_unread_records", now, p, unread > 0 ? unread : 0);
    }
}

char *metrics_text(const metrics_t *metrics, const metrics_state_t *state, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (out == NULL) {
        return NULL;
    }
    if (metrics->begun) {
        put_run(metrics, out);
        put_counts(metrics, out);
        put_latency(metrics, &state->now, out);
        put_taps(metrics, out);
        put_lag(metrics, &state->now, out);
        put_slots(metrics, out);
        put_processes(&metrics->last, out);
        put_clock(&metrics->last, out);
        put_states(out, "cdcbench_connector_state", "The connector's state in Kafka Connect.",
                   state->now.connector, state->now.connector_state);
        put_states(out, "cdcbench_connector_task_state", "The state of the connector's task.",
                   state->now.connector, state->now.task_state);
        put_topic(state, out);
    }
    fputs("# EOF\n", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
