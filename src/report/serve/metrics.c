#include "report/serve/metrics.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the timeline has by the second, added up. */
typedef struct {
    int64_t due, sent, acked, errors;
} op_totals_t;

/* Of what a family's samples are: streams, taps, slots. "": there are none of that. */
enum { LABELS_MAX = STREAM_COUNT };
_Static_assert((int)TAP_COUNT <= (int)LABELS_MAX, "taps are as few as streams");
typedef struct {
    size_t n;
    char texts[LABELS_MAX][32];
} labels_t;

struct metrics {
    const scenario_t *scenario;
    labels_t by_stream, by_tap, by_slot;
    bool begun; /* a second is in */
    timeline_row_t last;
    op_totals_t streams[STREAM_COUNT];
    int64_t seen[TAP_COUNT]; /* NOT_MEASURED: never on */
};

static bool has_stream(const scenario_t *scenario, int stream)
{
    bool has = false;
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        has = has || scenario->phases[i].streams[stream].kind != STREAM_OFF;
    }
    return has;
}

/* name="value" */
static void label(labels_t *labels, size_t i, const char *name, const char *value)
{
    labels->n = i + 1;
    snprintf(labels->texts[i], sizeof labels->texts[i], "%s=\"%s\"", name, value);
}

void metrics_begin(metrics_t *metrics, const scenario_t *scenario)
{
    *metrics = (metrics_t){.scenario = scenario};
    for (uint32_t i = 0; i < STREAM_COUNT; i++) {
        label(&metrics->by_stream, i, "operation", stream_names[i]);
        if (!has_stream(scenario, (int)i)) {
            metrics->by_stream.texts[i][0] = '\0';
        }
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        label(&metrics->by_tap, tap, "tap", tap_rows[tap].name);
        label(&metrics->by_slot, tap, "slot", tap_rows[tap].slot_label);
        metrics->seen[tap] = NOT_MEASURED;
    }
}

metrics_t *metrics_new(const scenario_t *scenario)
{
    metrics_t *metrics = malloc(sizeof *metrics);
    if (metrics != NULL) {
        metrics_begin(metrics, scenario);
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

/* --- the format ------------------------------------------------------------------------------- */

/* OpenMetrics' text format, line by line. `labels` is the inside of the braces, already escaped;
 * "": none. A value that is NOT_MEASURED has no line. */

typedef enum {
    METRIC_GAUGE,
    METRIC_COUNTER,   /* its samples end in _total */
    METRIC_HISTOGRAM, /* _bucket, _count, _sum */
    METRIC_STATESET,  /* the state stands in a label with the family's name */
    METRIC_INFO,      /* its sample ends in _info */
} metric_type_t;

/* The buckets' upper bounds at and above zero; and what a lag below zero is the size of, at least.
 */
static const int64_t bounds_us[] = {
    100,    250,    500,     1000,    2500,    5000,     10000,    25000,    50000,    100000,
    250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000};
static const int64_t sizes_us[] = {1000, 10000, 100000, 1000000};
#define N_BOUNDS (sizeof bounds_us / sizeof bounds_us[0])
#define N_SIZES  (sizeof sizes_us / sizeof sizes_us[0])

/* TYPE, UNIT ("": none; else the name ends with it) and HELP. */
static void put_family(FILE *out, const char *name, metric_type_t type, const char *unit,
                       const char *help)
{
    static const char *const types[] = {"gauge", "counter", "histogram", "stateset", "info"};
    fprintf(out, "# TYPE %s %s\n", name, types[type]);
    if (unit[0] != '\0') {
        fprintf(out, "# UNIT %s %s\n", name, unit);
    }
    fprintf(out, "# HELP %s %s\n", name, help);
}

/* A label's value, escaped. */
static void put_label(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\n') {
            fputs("\\n", out);
        } else {
            fputs(*text == '"' || *text == '\\' ? "\\" : "", out);
            putc(*text, out);
        }
    }
}

static void begin_sample(FILE *out, const char *sample, const char *labels)
{
    fprintf(out, "%s%s%s%s ", sample, labels[0] != '\0' ? "{" : "", labels,
            labels[0] != '\0' ? "}" : "");
}

/* Exact: "-0.000120". */
static void print_us_as_seconds(FILE *out, int64_t us)
{
    uint64_t size = us < 0 ? -(uint64_t)us : (uint64_t)us;
    fprintf(out, "%s%" PRIu64 ".%06" PRIu64, us < 0 ? "-" : "", size / US_PER_S, size % US_PER_S);
}

static void put_integer(FILE *out, const char *sample, const char *labels, int64_t value)
{
    if (value != NOT_MEASURED) {
        begin_sample(out, sample, labels);
        fprintf(out, "%" PRId64 "\n", value);
    }
}

static void put_real(FILE *out, const char *sample, const char *labels, double value)
{
    begin_sample(out, sample, labels);
    fprintf(out, "%.3f\n", value);
}

/* In seconds. */
static void put_us(FILE *out, const char *sample, const char *labels, int64_t us)
{
    if (us != NOT_MEASURED) {
        begin_sample(out, sample, labels);
        print_us_as_seconds(out, us);
        putc('\n', out);
    }
}

/* Three gauges, with quantile="0.5", "0.99" and "1", in seconds. */
static void put_quantiles(FILE *out, const char *sample, const char *labels, int64_t p50_us,
                          int64_t p99_us, int64_t max_us)
{
    static const char *const quantiles[] = {"0.5", "0.99", "1"};
    const int64_t values_us[] = {p50_us, p99_us, max_us};
    for (int i = 0; i < 3; i++) {
        char with[128];
        snprintf(with, sizeof with, "%s,quantile=\"%s\"", labels, quantiles[i]);
        put_us(out, sample, with, values_us[i]);
    }
}

/* The bound as the specification wants it written: "0.0025", "1.0". */
static void put_bucket(FILE *out, const char *name, const char *labels, int64_t bound_us,
                       uint64_t count)
{
    const char *decimals = bound_us % US_PER_S == 0 ? ".0" : "";
    fprintf(out, "%s_bucket{%s,le=\"%.6g%s\"} %" PRIu64 "\n", name, labels,
            (double)bound_us / (double)US_PER_S, decimals, count);
}

static void put_last_bucket(FILE *out, const char *name, const char *labels, uint64_t count)
{
    fprintf(out, "%s_bucket{%s,le=\"+Inf\"} %" PRIu64 "\n", name, labels, count);
}

/* For each of the rising values, how many of the histogram (NULL: none) lie at or below it. */
static void count_up_to(const hist_t *hist, const int64_t *values_us, size_t n, uint64_t *counts)
{
    uint64_t sum = 0;
    for (size_t i = 0, slot = 0; i < n; i++) {
        for (; hist != NULL && slot <= hist_slot(values_us[i]); slot++) {
            sum += hist_slot_count(hist, slot);
        }
        counts[i] = sum;
    }
}

/* A histogram in seconds, at the resolution of its slots (3 significant digits). NULL or empty:
 * nothing. */
static void put_hist(FILE *out, const char *name, const char *labels, const hist_t *hist)
{
    if (hist == NULL || hist_count(hist) == 0) {
        return;
    }
    uint64_t count = hist_count(hist), counts[N_BOUNDS];
    count_up_to(hist, bounds_us, N_BOUNDS, counts);
    for (size_t i = 0; i < N_BOUNDS; i++) {
        put_bucket(out, name, labels, bounds_us[i], counts[i]);
    }
    put_last_bucket(out, name, labels, count);
    fprintf(out, "%s_count{%s} %" PRIu64 "\n", name, labels, count);
    fprintf(out, "%s_sum{%s} %.6f\n", name, labels,
            hist_mean_us(hist) * (double)count / (double)US_PER_S);
}

/* The half below zero holds sizes: at or below −1 ms is what is not smaller than 1 ms. */
static void put_below_zero(FILE *out, const char *name, const char *labels, const lag_t *lag)
{
    int64_t smaller_us[N_SIZES];
    uint64_t smaller[N_SIZES];
    for (size_t i = 0; i < N_SIZES; i++) {
        smaller_us[i] = sizes_us[i] - 1;
    }
    count_up_to(lag_half_below_zero(lag), smaller_us, N_SIZES, smaller);
    for (size_t i = N_SIZES; i-- > 0;) {
        put_bucket(out, name, labels, -sizes_us[i], lag_negative_count(lag) - smaller[i]);
    }
}

/* The same of signed values: with buckets below zero, and so without sum and count, as OpenMetrics
 * has it. */
static void put_lag(FILE *out, const char *name, const char *labels, const lag_t *lag)
{
    if (lag == NULL || lag_count(lag) == 0) {
        return;
    }
    uint64_t counts[N_BOUNDS];
    put_below_zero(out, name, labels, lag);
    count_up_to(lag_half_from_zero(lag), bounds_us, N_BOUNDS, counts);
    for (size_t i = 0; i < N_BOUNDS; i++) {
        put_bucket(out, name, labels, bounds_us[i], lag_negative_count(lag) + counts[i]);
    }
    put_last_bucket(out, name, labels, lag_count(lag));
}

/* --- the families ----------------------------------------------------------------------------- */

static void put_run(const metrics_t *metrics, FILE *out)
{
    const scenario_t *scenario = metrics->scenario;
    put_family(out, "cdcbench_run", METRIC_INFO, "", "The run.");
    fputs("cdcbench_run_info{name=\"", out);
    put_label(out, scenario->name);
    fprintf(out, "\",seed=\"%llu\",version=\"" CDCBENCH_VERSION "\"} 1\n",
            (unsigned long long)scenario->seed);
    put_family(out, "cdcbench_elapsed_seconds", METRIC_GAUGE, "seconds", "Since the run's start.");
    put_real(out, "cdcbench_elapsed_seconds", "", metrics->last.second);
    put_family(out, "cdcbench_phase", METRIC_STATESET, "", "The phase that the run is in.");
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        fputs("cdcbench_phase{cdcbench_phase=\"", out);
        put_label(out, scenario->phases[i].name);
        fprintf(out, "\"} %d\n", i == metrics->last.phase);
    }
}

/* A family with a sample for each label: figures in a metrics_t, in µs where the unit is seconds. A
 * counter's samples end in _total. */
typedef struct {
    const char *name;
    metric_type_t type;
    const char *unit, *help; /* as put_family has them */
    size_t first, second; /* where the figures of the first two lie: the others at as much more */
} family_t;

static void put_families(FILE *out, const metrics_t *metrics, const labels_t *labels,
                         const family_t *families, size_t n)
{
    for (const family_t *family = families; family < families + n; family++) {
        char sample[64];
        snprintf(sample, sizeof sample, "%s%s", family->name,
                 family->type == METRIC_COUNTER ? "_total" : "");
        put_family(out, family->name, family->type, family->unit, family->help);
        for (size_t i = 0; i < labels->n; i++) {
            const void *at =
                (const char *)metrics + family->first + i * (family->second - family->first);
            bool is_time = strcmp(family->unit, "seconds") == 0;
            if (labels->texts[i][0] != '\0') {
                (is_time ? put_us : put_integer)(out, sample, labels->texts[i],
                                                 *(const int64_t *)at);
            }
        }
    }
}

#define AT(member) offsetof(metrics_t, member)
static const family_t counts[] = {
    {"cdcbench_due_rows", METRIC_COUNTER, "rows",
     "Rows due by the clock; of what goes as fast as it can none are.", AT(streams[0].due),
     AT(streams[1].due)},
    {"cdcbench_sent_rows", METRIC_COUNTER, "rows", "Rows sent.", AT(streams[0].sent),
     AT(streams[1].sent)},
    {"cdcbench_acked_rows", METRIC_COUNTER, "rows", "Rows acknowledged.", AT(streams[0].acked),
     AT(streams[1].acked)},
    {"cdcbench_errors", METRIC_COUNTER, "", "Statements that failed.", AT(streams[0].errors),
     AT(streams[1].errors)},
    {"cdcbench_backlog_rows", METRIC_GAUGE, "rows", "Rows due and not yet acknowledged.",
     AT(last.ops[0].backlog_rows), AT(last.ops[1].backlog_rows)},
};
static const family_t taps[] = {
    {"cdcbench_seen_events", METRIC_COUNTER, "events", "Changes that were seen.", AT(seen[0]),
     AT(seen[1])},
    {"cdcbench_behind_events", METRIC_GAUGE, "events",
     "Changes acknowledged and not yet seen; below zero: seen before acknowledged.",
     AT(last.taps[0].behind_rows), AT(last.taps[1].behind_rows)},
    {"cdcbench_behind_seconds", METRIC_GAUGE, "seconds",
     "The age of the oldest change acknowledged and not yet seen.", AT(last.taps[0].behind_us),
     AT(last.taps[1].behind_us)},
};
static const family_t slots[] = {
    {"cdcbench_slot_retained_bytes", METRIC_GAUGE, "bytes",
     "WAL that the server keeps for the slot.", AT(last.slots[0].retained_bytes),
     AT(last.slots[1].retained_bytes)},
    {"cdcbench_slot_unconfirmed_bytes", METRIC_GAUGE, "bytes",
     "WAL that the slot's reader has not confirmed.", AT(last.slots[0].unconfirmed_bytes),
     AT(last.slots[1].unconfirmed_bytes)},
    {"cdcbench_slot_spilled_bytes", METRIC_COUNTER, "bytes",
     "Decoded changes written to disk for the slot since it was made.",
     AT(last.slots[0].spilled_bytes), AT(last.slots[1].spilled_bytes)},
};
#define COUNT(families) families, sizeof(families) / sizeof(families)[0]

static void put_latency(const metrics_t *metrics, const run_now_t *now, FILE *out)
{
    const labels_t *labels = &metrics->by_stream;
    put_family(out, "cdcbench_latency_seconds", METRIC_HISTOGRAM, "seconds",
               "From a transaction's intended time to its acknowledgement, since the start.");
    for (int i = 0; i < STREAM_COUNT; i++) {
        put_hist(out, "cdcbench_latency_seconds", labels->texts[i], now->latency[i]);
    }
    put_family(out, "cdcbench_last_latency_seconds", METRIC_GAUGE, "seconds",
               "The same, of the transactions that ended in the last second.");
    for (int i = 0; i < STREAM_COUNT; i++) {
        put_quantiles(out, "cdcbench_last_latency_seconds", labels->texts[i],
                      metrics->last.ops[i].p50_us, metrics->last.ops[i].p99_us,
                      metrics->last.ops[i].max_us);
    }
}

static void put_lags(const metrics_t *metrics, const run_now_t *now, FILE *out)
{
    const labels_t *labels = &metrics->by_tap;
    put_family(out, "cdcbench_lag_seconds", METRIC_HISTOGRAM, "seconds",
               "From a change's commit to its receipt, since the start; can be negative.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        put_lag(out, "cdcbench_lag_seconds", labels->texts[tap], now->lag[tap]);
    }
    put_family(out, "cdcbench_last_lag_seconds", METRIC_GAUGE, "seconds",
               "The same, of the changes received in the last second.");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        put_quantiles(out, "cdcbench_last_lag_seconds", labels->texts[tap],
                      metrics->last.taps[tap].p50_us, metrics->last.taps[tap].p99_us,
                      metrics->last.taps[tap].max_us);
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
    put_family(out, "cdcbench_cpu_cores", METRIC_GAUGE, "cores",
               "CPU time in the last second, in cores; client is this tool.");
    for (size_t i = 0; i < n; i++) {
        if (processes[i].cpu_permille != NOT_MEASURED) {
            put_real(out, "cdcbench_cpu_cores", processes[i].labels,
                     (double)processes[i].cpu_permille / 1000);
        }
    }
    put_family(out, "cdcbench_resident_memory_bytes", METRIC_GAUGE, "bytes", "Resident memory.");
    for (size_t i = 0; i < n; i++) {
        put_integer(out, "cdcbench_resident_memory_bytes", processes[i].labels,
                    processes[i].rss_bytes);
    }
}

static void put_clock(const timeline_row_t *last, FILE *out)
{
    put_family(out, "cdcbench_clock_offset_seconds", METRIC_GAUGE, "seconds",
               "The server's clock minus the client's.");
    put_us(out, "cdcbench_clock_offset_seconds", "", last->clock_offset_us);
    put_family(out, "cdcbench_clock_uncertainty_seconds", METRIC_GAUGE, "seconds",
               "The offset is right within plus or minus this.");
    put_us(out, "cdcbench_clock_uncertainty_seconds", "", last->clock_uncertainty_us);
}

/* Kafka Connect's states, and one for a Connect that does not answer. */
static void put_states(FILE *out, const char *name, const char *help, const char *connector,
                       const char *state)
{
    static const char *const states[] = {"RUNNING",    "PAUSED", "STOPPED",    "RESTARTING",
                                         "UNASSIGNED", "FAILED", "UNREACHABLE"};
    put_family(out, name, METRIC_STATESET, "", help);
    for (size_t i = 0; connector != NULL && i < sizeof states / sizeof states[0]; i++) {
        fprintf(out, "%s{connector=\"", name);
        put_label(out, connector);
        fprintf(out, "\",%s=\"%s\"} %d\n", name, states[i], strcmp(states[i], state) == 0);
    }
}

static void put_position(FILE *out, const char *name, const run_now_t *now, int partition,
                         int64_t value)
{
    fprintf(out, "%s{topic=\"", name);
    put_label(out, now->topic);
    fprintf(out, "\",partition=\"%d\"} %lld\n", partition, (long long)value);
}

static void put_topic(const run_now_t *now, FILE *out)
{
    put_family(out, "cdcbench_topic_end_offset", METRIC_GAUGE, "",
               "The offset that the partition's next record will get.");
    for (int p = 0; p < now->partitions; p++) {
        put_position(out, "cdcbench_topic_end_offset", now, p, now->ends[p]);
    }
    put_family(out, "cdcbench_topic_position", METRIC_GAUGE, "",
               "The offset of the next record that the kafka tap will read.");
    for (int p = 0; p < now->partitions; p++) {
        put_position(out, "cdcbench_topic_position", now, p, now->positions[p]);
    }
    put_family(out, "cdcbench_topic_unread_records", METRIC_GAUGE, "records",
               "Records in the partition that the kafka tap has not read.");
    for (int p = 0; p < now->partitions; p++) {
        int64_t unread = now->ends[p] - now->positions[p];
        put_position(out, "cdcbench_topic_unread_records", now, p, unread > 0 ? unread : 0);
    }
}

char *metrics_text(const metrics_t *metrics, const run_now_t *now, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    if (out == NULL) {
        return NULL;
    }
    if (metrics->begun) {
        put_run(metrics, out);
        put_families(out, metrics, &metrics->by_stream, COUNT(counts));
        put_latency(metrics, now, out);
        put_families(out, metrics, &metrics->by_tap, COUNT(taps));
        put_lags(metrics, now, out);
        put_families(out, metrics, &metrics->by_slot, COUNT(slots));
        put_processes(&metrics->last, out);
        put_clock(&metrics->last, out);
        put_states(out, "cdcbench_connector_state", "The connector's state in Kafka Connect.",
                   now->connector, now->connector_state);
        put_states(out, "cdcbench_connector_task_state", "The state of the connector's task.",
                   now->connector, now->task_state);
        put_topic(now, out);
    }
    fputs("# EOF\n", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}
