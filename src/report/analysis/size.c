#include "report/analysis/size.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/lsn.h"
#include "base/units.h"
#include "report/analysis/size_factors.h"
#include "report/files/run_read.h"

/* --- the formulas ----------------------------------------------------------------------------- */

const char *const size_origin_names[4] = {"assumed", "given", "measured", "computed"};

const size_quantity_t size_input_quantities[SIZE_INPUTS] = {
    [SIZE_EVENTS_PER_S] = {"events_per_s", "events/s", "changes, in the mean"},
    [SIZE_BYTES_PER_EVENT] = {"bytes_per_event", "bytes", "on the wire, as compressed as it is"},
    [SIZE_PEAK] = {"peak", "", "the 95th percentile minute over the mean"},
    [SIZE_RETENTION_S] = {"retention_s", "s", "how long records are kept"},
    [SIZE_REPLICATION] = {"replication", "", "replicas of each partition"},
    [SIZE_CONSUMERS] = {"consumers", "", "groups that read everything"},
    [SIZE_GROWTH] = {"growth", "", "room for more, in partitions"},
    [SIZE_OUTAGE_S] = {"outage_s", "s", "how long the connector stands still"},
    [SIZE_DRAIN_PER_S] = {"drain_per_s", "events/s", "as fast as the connector goes"},
    [SIZE_WAL_PER_EVENT] = {"wal_bytes_per_event", "bytes", "WAL that a change makes"},
    [SIZE_PARTITION_PRODUCE] = {"partition_produce_bytes_per_s", "bytes/s",
                                "what one partition takes"},
    [SIZE_PARTITION_CONSUME] = {"partition_consume_bytes_per_s", "bytes/s",
                                "what one partition gives"},
    [SIZE_BROKER_NIC] = {"broker_nic_bytes_per_s", "bytes/s", "a broker's network, either way"},
    [SIZE_BROKER_DISK] = {"broker_disk_bytes", "bytes", "a broker's disk"},
    [SIZE_BROKER_WRITE] = {"broker_write_bytes_per_s", "bytes/s", "what a broker's disk takes"},
    [SIZE_BROKER_REPLICAS] = {"broker_replicas", "", "partitions' replicas on one broker"},
};

const size_quantity_t size_result_quantities[SIZE_RESULTS] = {
    [SIZE_INGRESS_MEAN] = {"ingress_mean_bytes_per_s", "bytes/s", "from the producer, in the mean"},
    [SIZE_INGRESS_PEAK] = {"ingress_peak_bytes_per_s", "bytes/s", "W: from the producer, at peak"},
    [SIZE_EGRESS_PEAK] = {"egress_peak_bytes_per_s", "bytes/s",
                          "W × (consumers + replication − 1)"},
    [SIZE_DISK_WRITE_PEAK] = {"disk_write_peak_bytes_per_s", "bytes/s", "W × replication"},
    [SIZE_DISK] = {"disk_bytes", "bytes", "mean × retention × replication × 1.02 ÷ 0.70"},
    [SIZE_PARTITIONS] = {"partitions", "",
                         "the most that produce, consume and consumers ask for, × growth"},
    [SIZE_FOR_NIC_IN] = {"brokers_for_nic_in", "brokers", "W × replication ÷ network"},
    [SIZE_FOR_NIC_OUT] = {"brokers_for_nic_out", "brokers", "egress ÷ network"},
    [SIZE_FOR_DISK_WRITE] = {"brokers_for_disk_write", "brokers", "disk write ÷ a disk's"},
    [SIZE_FOR_DISK] = {"brokers_for_disk", "brokers", "disk ÷ a broker's"},
    [SIZE_FOR_REPLICATION] = {"brokers_for_replication", "brokers", "a replica each"},
    [SIZE_FOR_REPLICAS] = {"brokers_for_replicas", "brokers",
                           "partitions × replication ÷ replicas of a broker"},
    [SIZE_BROKERS] = {"brokers", "brokers", "the largest of these"},
    [SIZE_BACKLOG_EVENTS] = {"backlog_events", "events", "what an outage leaves to do"},
    [SIZE_BACKLOG_WAL] = {"backlog_wal_bytes", "bytes", "WAL that the slot keeps by then"},
    [SIZE_CATCH_UP_S] = {"catch_up_s", "s",
                         "backlog ÷ (drain − events); empty: it never catches up, or not known"},
};

/* What of a disk is used: the rest is for segments that end late, and for rebalancing. Indexes take
 * 2 % more. */
#define DISK_FILL      0.70
#define DISK_OVERHEAD  1.02
#define ROUNDING_ERROR 1e-9

/* At least 1; a whole number's rounding errors do not make it one more. */
static double whole(double value)
{
    return fmax(1, ceil(value * (1 - ROUNDING_ERROR)));
}

static void compute_brokers(const size_input_t *in, double *out)
{
    out[SIZE_FOR_NIC_IN] = whole(out[SIZE_DISK_WRITE_PEAK] / in[SIZE_BROKER_NIC].value);
    out[SIZE_FOR_NIC_OUT] = whole(out[SIZE_EGRESS_PEAK] / in[SIZE_BROKER_NIC].value);
    out[SIZE_FOR_DISK_WRITE] = whole(out[SIZE_DISK_WRITE_PEAK] / in[SIZE_BROKER_WRITE].value);
    out[SIZE_FOR_DISK] = whole(out[SIZE_DISK] / in[SIZE_BROKER_DISK].value);
    out[SIZE_FOR_REPLICATION] = in[SIZE_REPLICATION].value;
    out[SIZE_FOR_REPLICAS] =
        whole(out[SIZE_PARTITIONS] * in[SIZE_REPLICATION].value / in[SIZE_BROKER_REPLICAS].value);
    out[SIZE_BROKERS] = 0;
    for (int i = SIZE_FOR_NIC_IN; i <= SIZE_FOR_REPLICAS; i++) {
        out[SIZE_BROKERS] = fmax(out[SIZE_BROKERS], out[i]);
    }
}

static void compute_outage(const size_input_t *in, double *out)
{
    double spare = in[SIZE_DRAIN_PER_S].value - in[SIZE_EVENTS_PER_S].value;
    out[SIZE_BACKLOG_EVENTS] = in[SIZE_EVENTS_PER_S].value * in[SIZE_OUTAGE_S].value;
    out[SIZE_BACKLOG_WAL] = out[SIZE_BACKLOG_EVENTS] * in[SIZE_WAL_PER_EVENT].value;
    out[SIZE_CATCH_UP_S] = spare > 0 ? out[SIZE_BACKLOG_EVENTS] / spare : NAN;
}

void size_compute(const size_input_t in[SIZE_INPUTS], double out[SIZE_RESULTS])
{
    double replication = in[SIZE_REPLICATION].value, consumers = in[SIZE_CONSUMERS].value;
    double mean = in[SIZE_EVENTS_PER_S].value * in[SIZE_BYTES_PER_EVENT].value;
    double peak = mean * in[SIZE_PEAK].value;
    out[SIZE_INGRESS_MEAN] = mean;
    out[SIZE_INGRESS_PEAK] = peak;
    out[SIZE_EGRESS_PEAK] = peak * (consumers + replication - 1);
    out[SIZE_DISK_WRITE_PEAK] = peak * replication;
    out[SIZE_DISK] = mean * in[SIZE_RETENTION_S].value * replication * DISK_OVERHEAD / DISK_FILL;
    double parallel =
        fmax(fmax(peak / in[SIZE_PARTITION_PRODUCE].value, peak / in[SIZE_PARTITION_CONSUME].value),
             consumers);
    out[SIZE_PARTITIONS] = whole(parallel * in[SIZE_GROWTH].value);
    compute_brokers(in, out);
    compute_outage(in, out);
}

void size_set(size_input_t *input, double value, size_origin_t origin, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(input->basis, sizeof input->basis, format, args);
    va_end(args);
    input->value = value;
    input->origin = origin;
}

void size_defaults(size_input_t inputs[SIZE_INPUTS])
{
    static const struct {
        size_input_id_t input;
        double value;
        const char *basis;
    } defaults[] = {
        {SIZE_PEAK, 2, "--peak says otherwise"},
        {SIZE_RETENTION_S, 7 * 86400, "Kafka's own default: --retention"},
        {SIZE_REPLICATION, 3, "--replication"},
        {SIZE_CONSUMERS, 1, "--consumers"},
        {SIZE_GROWTH, 1.5, "--growth"},
        {SIZE_OUTAGE_S, 3600, "--outage"},
        {SIZE_PARTITION_PRODUCE, 10e6, "--partition produce=…"},
        {SIZE_PARTITION_CONSUME, 20e6, "--partition consume=…"},
        {SIZE_BROKER_NIC, 10e9 / 8, "--broker nic=…"},
        {SIZE_BROKER_DISK, 2e12, "--broker disk=…"},
        {SIZE_BROKER_WRITE, 200e6, "--broker write=…"},
        {SIZE_BROKER_REPLICAS, 4000, "--broker replicas=…"},
    };
    for (int i = 0; i < SIZE_INPUTS; i++) {
        size_set(&inputs[i], NAN, SIZE_ASSUMED, "not known");
    }
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        size_set(&inputs[defaults[i].input], defaults[i].value, SIZE_ASSUMED, "%s",
                 defaults[i].basis);
    }
}

/* --- what a run measured: run.json ------------------------------------------------------------ */

/* Changes a second in the phase that lasted longest. */
static void measure_events(const json_t *run, size_input_t *input)
{
    const json_t *phase = run_read_main_phase(run);
    if (phase == NULL) {
        return;
    }
    double seconds = run_read_phase_seconds(phase), rows = run_read_phase_rows(phase);
    size_set(input, rows / seconds, SIZE_MEASURED, "phase %s: %s changes in %.1f s",
             json_string_value(json_object_get(phase, "name")), units_count((uint64_t)rows).text,
             seconds);
}

/* "kafka tap: 1,025,904,619 bytes for 190,000 events" */
static void set_ratio(size_input_t *input, double bytes, double n, const char *where,
                      const char *what)
{
    size_set(input, bytes / n, SIZE_MEASURED, "%s: %s bytes for %s %s", where,
             units_count((uint64_t)bytes).text, units_count((uint64_t)n).text, what);
}

/* All records that the tap read, its tombstones and what was from before the run included, weigh
 * wire_bytes. */
static void measure_bytes(const json_t *kafka, size_input_t *input)
{
    const json_t *more = json_object_get(kafka, "kafka");
    const json_t *verify = json_object_get(kafka, "verify");
    double wire = run_read_number(more, "wire_bytes");
    double events = run_read_number(verify, "delivered") + run_read_number(verify, "before_run");
    if (wire > 0 && events > 0) {
        set_ratio(input, wire, events, "kafka tap", "events");
    }
}

static double position(const json_t *tap, const char *name)
{
    uint64_t lsn;
    const char *text = json_string_value(json_object_get(tap, name));
    return text != NULL && lsn_parse(text, &lsn) ? (double)lsn : NAN;
}

static void measure_wal(const json_t *run, size_input_t *input)
{
    const json_t *tap =
        run_read_tap(run, "wal") != NULL ? run_read_tap(run, "wal") : run_read_tap(run, "kafka");
    double bytes = position(tap, "last_lsn") - position(tap, "start_lsn");
    double changes = run_read_number(run, "acknowledged");
    if (bytes > 0 && changes > 0) {
        set_ratio(input, bytes, changes, "log", "changes");
    }
}

/* The connector's converter and producer, as far as the run knows them. */
static void read_choice(const json_t *run, size_run_t *out)
{
    const json_t *config =
        json_object_get(json_object_get(json_object_get(run, "pipeline"), "connector"), "config");
    const json_t *table = json_object_get(json_object_get(run, "scenario"), "table");
    const char *schemas =
        json_string_value(json_object_get(config, "value.converter.schemas.enable"));
    const char *compression =
        json_string_value(json_object_get(config, "producer.override.compression.type"));
    const char *identity = json_string_value(json_object_get(table, "replica_identity"));
    static const char *const known[] = {"none", "lz4", "zstd"};
    out->choice = (size_choice_t){.schemas = schemas == NULL || strcmp(schemas, "false") != 0,
                                  .compression = "none",
                                  .full = identity == NULL || strcmp(identity, "full") == 0};
    for (size_t i = 0; compression != NULL && i < sizeof known / sizeof known[0]; i++) {
        if (strcmp(known[i], compression) == 0) {
            out->choice.compression = known[i];
            out->compression_known = true;
        }
    }
}

/* --- timeline.csv ----------------------------------------------------------------------------- */

/* Events in a span of rows, and how long it is. */
typedef struct {
    double events, seconds;
} span_t;

static span_t span_of(const csv_data_t *data, size_t events, size_t first, size_t n)
{
    span_t span = {0};
    size_t interval = csv_column(data, "interval_s");
    for (size_t row = first; row < first + n && row < data->n_rows; row++) {
        double more = csv_number(data, row, events), seconds = csv_number(data, row, interval);
        span.events += isfinite(more) ? more : 0;
        span.seconds += isfinite(seconds) ? seconds : 0;
    }
    return span;
}

#define DRAIN_ROWS 5

/* The fastest five seconds: no less than what the connector can do. */
static void measure_drain(const csv_data_t *data, size_input_t *input)
{
    size_t seen = csv_column(data, "kafka_seen_rows");
    double best = 0;
    for (size_t row = 0; seen != CSV_NO_COLUMN && row + DRAIN_ROWS <= data->n_rows; row++) {
        span_t span = span_of(data, seen, row, DRAIN_ROWS);
        best = span.seconds > 0 ? fmax(best, span.events / span.seconds) : best;
    }
    if (best > 0) {
        size_set(input, best, SIZE_MEASURED,
                 "the fastest %d seconds of the kafka tap: the connector may do more", DRAIN_ROWS);
    }
}

#define MINUTE_ROWS      60
#define PEAK_MINUTES     10 /* less than that have no 95th percentile worth the name */
#define PEAK_MINUTES_MAX 1440

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The 95th percentile minute over the mean, of what a tap saw. */
static void measure_peak(const csv_data_t *data, size_input_t *input)
{
    double minutes[PEAK_MINUTES_MAX], sum = 0;
    size_t n = 0, seen = csv_column(data, "kafka_seen_rows");
    if (seen == CSV_NO_COLUMN) {
        return;
    }
    for (size_t row = 0; row + MINUTE_ROWS <= data->n_rows && n < PEAK_MINUTES_MAX;
         row += MINUTE_ROWS) {
        minutes[n] = span_of(data, seen, row, MINUTE_ROWS).events;
        sum += minutes[n++];
    }
    if (n < PEAK_MINUTES || !(sum > 0)) {
        return;
    }
    qsort(minutes, n, sizeof *minutes, compare_doubles);
    size_t rank = (n * 95 + 99) / 100;
    double factor = minutes[rank - 1] / (sum / (double)n);
    size_set(input, fmax(factor, 1), SIZE_MEASURED, "the 95th percentile of %zu minutes", n);
}

static bool measure_timeline(const char *folder, size_input_t *inputs, err_t *err)
{
    csv_data_t data;
    if (!run_read_has(folder, "timeline.csv")) {
        return true;
    }
    if (!csv_read_file(folder, "timeline.csv", &data, err)) {
        return false;
    }
    measure_drain(&data, &inputs[SIZE_DRAIN_PER_S]);
    measure_peak(&data, &inputs[SIZE_PEAK]);
    csv_data_free(&data);
    return true;
}

/* --- what a run measured ---------------------------------------------------------------------- */

static void measure_run(const json_t *run, size_run_t *out)
{
    const json_t *kafka = run_read_tap(run, "kafka");
    read_choice(run, out);
    measure_events(run, &out->inputs[SIZE_EVENTS_PER_S]);
    measure_bytes(kafka, &out->inputs[SIZE_BYTES_PER_EVENT]);
    measure_wal(run, &out->inputs[SIZE_WAL_PER_EVENT]);
    double tombstones = run_read_number(json_object_get(kafka, "kafka"), "tombstones");
    double events = run_read_number(json_object_get(kafka, "verify"), "delivered");
    out->tombstones_share = tombstones > 0 && events > 0 ? tombstones / events : 0;
}

bool size_run_read(const char *folder, size_run_t *out, err_t *err)
{
    *out = (size_run_t){0};
    size_defaults(out->inputs);
    json_t *run = run_read(folder, err);
    if (run == NULL) {
        return false;
    }
    measure_run(run, out);
    json_decref(run);
    return measure_timeline(folder, out->inputs, err);
}

/* --- other choices ---------------------------------------------------------------------------- */

size_choice_t size_choice(size_t i)
{
    static const char *const compressions[] = {"none", "lz4", "zstd"};
    return (size_choice_t){
        .schemas = i < 6, .compression = compressions[i / 2 % 3], .full = i % 2 == 0};
}

static bool is_choice(const csv_data_t *data, size_t row, const size_choice_t *choice)
{
    const char *schemas = csv_cell(data, row, csv_column(data, "schemas"));
    const char *compression = csv_cell(data, row, csv_column(data, "compression"));
    const char *identity = csv_cell(data, row, csv_column(data, "replica_identity"));
    return strcmp(schemas, choice->schemas ? "on" : "off") == 0 &&
           strcmp(compression, choice->compression) == 0 &&
           strcmp(identity, choice->full ? "full" : "default") == 0;
}

/* Bytes of an event under a choice, as measured; 0: it was not. */
static double factor_of(const csv_data_t *data, const size_choice_t *choice)
{
    for (size_t row = 0; row < data->n_rows; row++) {
        if (is_choice(data, row, choice)) {
            return csv_number(data, row, csv_column(data, "wire_bytes_per_event"));
        }
    }
    return 0;
}

bool size_choice_bytes(const size_run_t *run, const size_choice_t *other, double *bytes)
{
    csv_data_t data;
    char *text = strdup(size_factors);
    if (text == NULL || !csv_read_text(text, strlen(size_factors), "factors.csv", &data, NULL)) {
        return false;
    }
    double own = factor_of(&data, &run->choice), others = factor_of(&data, other);
    csv_data_free(&data);
    *bytes = run->inputs[SIZE_BYTES_PER_EVENT].value * others / own;
    return own > 0 && others > 0;
}

/* The keys of the recorded envelopes (tests/envelopes) and about ten bytes of a record's own. */
double size_tombstone_bytes(const size_choice_t *choice)
{
    return choice->schemas ? 231 : 67;
}
