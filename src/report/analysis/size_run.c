#include "report/analysis/size_run.h"

#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/units.h"
#include "report/files/csv_read.h"
#include "report/files/run_read.h"

/* --- run.json --------------------------------------------------------------------------------- */

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

/* "16/B374D848" */
static double lsn(const json_t *tap, const char *name)
{
    uint32_t high, low;
    const char *text = json_string_value(json_object_get(tap, name));
    return text != NULL && sscanf(text, "%" SCNx32 "/%" SCNx32, &high, &low) == 2
               ? (double)((uint64_t)high << 32 | low)
               : NAN;
}

static void measure_wal(const json_t *run, size_input_t *input)
{
    const json_t *tap =
        run_read_tap(run, "wal") != NULL ? run_read_tap(run, "wal") : run_read_tap(run, "kafka");
    double bytes = lsn(tap, "last_lsn") - lsn(tap, "start_lsn");
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
    char path[PATH_MAX];
    csv_data_t data;
    snprintf(path, sizeof path, "%s/timeline.csv", folder);
    if (access(path, F_OK) != 0) {
        return true;
    }
    if (!csv_read_file(path, &data, err)) {
        return false;
    }
    measure_drain(&data, &inputs[SIZE_DRAIN_PER_S]);
    measure_peak(&data, &inputs[SIZE_PEAK]);
    csv_data_free(&data);
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

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
