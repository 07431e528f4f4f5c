#include "report/analysis/compare.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/array.h"
#include "report/files/csv.h"
#include "report/files/run_read.h"

/* --- the runs --------------------------------------------------------------------------------- */

/* The last part of a folder's path. */
static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL && slash[1] != '\0' ? slash + 1 : path;
}

static bool add_run(compare_t *out, const char *label, const char *folder, err_t *err)
{
    if (out->n_runs == COMPARE_RUNS_MAX) {
        return err_set(err, ERR_USAGE, "more than %d runs cannot be compared at once",
                       COMPARE_RUNS_MAX);
    }
    json_t *run = run_read(folder, err);
    if (run == NULL) {
        return false;
    }
    compare_run_t *added = &out->runs[out->n_runs];
    const char *started = json_string_value(json_object_get(run, "started"));
    *added = (compare_run_t){.folder = strdup(folder)};
    snprintf(added->label, sizeof added->label, "%s", label != NULL ? label : run_read_name(run));
    snprintf(added->started, sizeof added->started, "%s", started != NULL ? started : "");
    json_decref(run);
    if (added->folder == NULL) {
        return err_set(err, ERR_RUN, "cannot compare: out of memory");
    }
    out->n_runs++;
    return true;
}

/* A folder of --repeat's holds repeat-1, repeat-2, …; all of them are of one label. */
static bool add_folder(compare_t *out, const char *label, const char *folder, err_t *err)
{
    char repeat[PATH_MAX];
    snprintf(repeat, sizeof repeat, "%s/repeat-1", folder);
    if (run_read_has(folder, "run.json") || !run_read_has(repeat, "run.json")) {
        return add_run(out, label, folder, err);
    }
    for (int number = 1; run_read_has(repeat, "run.json"); number++) {
        if (!add_run(out, label != NULL ? label : base_name(folder), repeat, err)) {
            return false;
        }
        snprintf(repeat, sizeof repeat, "%s/repeat-%d", folder, number + 1);
    }
    return true;
}

/* LABEL=FOLDER, or FOLDER: one that is there as a whole is one. */
static bool add_word(compare_t *out, const char *word, bool *labelled, err_t *err)
{
    char label[COMPARE_LABEL_MAX];
    const char *equals = strchr(word, '=');
    size_t len = equals != NULL ? (size_t)(equals - word) : 0;
    *labelled = equals != NULL && access(word, F_OK) != 0;
    if (!*labelled) {
        return add_folder(out, NULL, word, err);
    }
    if (len == 0 || len >= sizeof label) {
        return err_set(err, ERR_USAGE, "'%s' is no LABEL=FOLDER: a label has 1 to %zu characters",
                       word, sizeof label - 1);
    }
    snprintf(label, sizeof label, "%.*s", (int)len, word);
    return add_folder(out, label, equals + 1, err);
}

static void find_labels(compare_t *out)
{
    out->n_labels = 0;
    for (size_t i = 0; i < out->n_runs; i++) {
        bool known = false;
        for (size_t j = 0; j < out->n_labels; j++) {
            known = known || strcmp(out->labels[j], out->runs[i].label) == 0;
        }
        if (!known) {
            out->labels[out->n_labels++] = out->runs[i].label;
        }
    }
}

/* By label, in the order they were named, then by start. */
static void sort_runs(compare_t *out)
{
    compare_run_t sorted[COMPARE_RUNS_MAX];
    size_t n = 0;
    for (size_t j = 0; j < out->n_labels; j++) {
        size_t first = n;
        for (size_t i = 0; i < out->n_runs; i++) {
            if (strcmp(out->runs[i].label, out->labels[j]) != 0) {
                continue;
            }
            size_t at = n++;
            for (; at > first && strcmp(sorted[at - 1].started, out->runs[i].started) > 0; at--) {
                sorted[at] = sorted[at - 1];
            }
            sorted[at] = out->runs[i];
        }
    }
    memcpy(out->runs, sorted, n * sizeof *sorted);
    find_labels(out); /* they point into the runs */
}

/* Fills runs and labels, the repeats of a label in the order of their start. */
static bool read_runs(char *const *words, size_t n_words, compare_t *out, err_t *err)
{
    bool any_label = false;
    for (size_t i = 0; i < n_words; i++) {
        bool labelled;
        if (!add_word(out, words[i], &labelled, err)) {
            return false;
        }
        any_label = any_label || labelled;
    }
    find_labels(out);
    for (size_t i = 0; out->n_labels == 1 && !any_label && i < out->n_runs; i++) {
        snprintf(out->runs[i].label, sizeof out->runs[i].label, "%s",
                 base_name(out->runs[i].folder));
    }
    find_labels(out);
    if (out->n_labels < 2) {
        return err_set(err, ERR_USAGE,
                       "compare takes runs of two labels at least, as LABEL=FOLDER; '%s' is all "
                       "there is",
                       out->n_labels == 1 ? out->labels[0] : "nothing");
    }
    sort_runs(out);
    return true;
}

/* --- their files ------------------------------------------------------------------------------ */

/* The files of a run that figures are taken from. */
typedef struct {
    csv_data_t summary, lag, timeline;
} tables_t;

/* A figure: where it stands for the whole phase, and second by second. */
typedef struct {
    char name[96];
    const char *unit;
    bool of_lag; /* in lag.csv, of the tap `key`; else in summary.csv, of the operation */
    char key[32];
    const char *column;
    char second[64];   /* the column of timeline.csv */
    bool per_interval; /* which counts over an interval */
} metric_t;

typedef struct {
    compare_t *compare;
    tables_t *tables; /* of each run */
} work_t;

static bool read_tables(work_t *work, err_t *err)
{
    work->tables = calloc(work->compare->n_runs, sizeof *work->tables);
    if (work->tables == NULL) {
        return err_set(err, ERR_RUN, "cannot compare: out of memory");
    }
    for (size_t i = 0; i < work->compare->n_runs; i++) {
        const char *folder = work->compare->runs[i].folder;
        tables_t *tables = &work->tables[i];
        if (!csv_read_file(folder, "summary.csv", &tables->summary, err) ||
            !csv_read_file(folder, "lag.csv", &tables->lag, err) ||
            !csv_read_file(folder, "timeline.csv", &tables->timeline, err)) {
            return false;
        }
    }
    return true;
}

static void free_tables(work_t *work)
{
    for (size_t i = 0; work->tables != NULL && i < work->compare->n_runs; i++) {
        csv_data_free(&work->tables[i].summary);
        csv_data_free(&work->tables[i].lag);
        csv_data_free(&work->tables[i].timeline);
    }
    free(work->tables);
}

/* --- figures ---------------------------------------------------------------------------------- */

static bool cell_is(const csv_data_t *data, size_t row, const char *column, const char *value)
{
    return strcmp(csv_cell(data, row, csv_column(data, column)), value) == 0;
}

/* The figure over the whole phase; NAN: the run has none. */
static double whole_figure(const work_t *work, const metric_t *metric, size_t run)
{
    const tables_t *tables = &work->tables[run];
    const csv_data_t *data = metric->of_lag ? &tables->lag : &tables->summary;
    for (size_t row = 0; row < data->n_rows; row++) {
        bool found = cell_is(data, row, "phase", work->compare->phase) &&
                     (metric->of_lag ? cell_is(data, row, "tap", metric->key) &&
                                           cell_is(data, row, "operation", "all") &&
                                           cell_is(data, row, "stage", "commit_to_receipt")
                                     : cell_is(data, row, "operation", metric->key));
        if (found) {
            return csv_number(data, row, csv_column(data, metric->column));
        }
    }
    return NAN;
}

/* Values of a side; of its runs one after another. */
typedef struct {
    double *values;
    size_t n, cap;
} values_t;

static bool add_value(values_t *values, double value)
{
    double *room = array_room(values->values, values->n, &values->cap, sizeof *room);
    if (room == NULL) {
        return false;
    }
    values->values = room;
    room[values->n++] = value;
    return true;
}

/* Less of a second than this is what was left at an end: its figure is of too little. */
#define WHOLE_SECOND 0.5

static bool add_seconds(const work_t *work, const metric_t *metric, size_t run, values_t *values)
{
    const csv_data_t *data = &work->tables[run].timeline;
    size_t column = csv_column(data, metric->second), interval = csv_column(data, "interval_s");
    for (size_t row = 0; row < data->n_rows; row++) {
        double value = csv_number(data, row, column), length = csv_number(data, row, interval);
        if (!cell_is(data, row, "phase", work->compare->phase) || !isfinite(value) ||
            !(length >= WHOLE_SECOND)) {
            continue;
        }
        if (!add_value(values, metric->per_interval ? value / length : value)) {
            return false;
        }
    }
    return true;
}

/* A label's values: a figure of each run, or of each second of all its runs. */
static bool values_of(const work_t *work, const metric_t *metric, const char *label, bool repeats,
                      values_t *out)
{
    for (size_t i = 0; i < work->compare->n_runs; i++) {
        if (strcmp(work->compare->runs[i].label, label) != 0) {
            continue;
        }
        double whole = repeats ? whole_figure(work, metric, i) : NAN;
        bool added =
            repeats ? !isfinite(whole) || add_value(out, whole) : add_seconds(work, metric, i, out);
        if (!added) {
            return false;
        }
    }
    return true;
}

static size_t count_runs(const compare_t *compare, const char *label)
{
    size_t n = 0;
    for (size_t i = 0; i < compare->n_runs; i++) {
        n += strcmp(compare->runs[i].label, label) == 0;
    }
    return n;
}

/* When the i-th run of a label began; "": there is none. */
static const char *started(const compare_t *compare, const char *label, size_t number)
{
    for (size_t i = 0; i < compare->n_runs; i++) {
        if (strcmp(compare->runs[i].label, label) == 0 && number-- == 0) {
            return compare->runs[i].started;
        }
    }
    return "";
}

/* Made in turns: the i-th of both before the next of either. */
static bool in_turns(const compare_t *compare, const char *a, const char *b, size_t n)
{
    for (size_t i = 0; i + 1 < n; i++) {
        if (strcmp(started(compare, a, i), started(compare, b, i + 1)) >= 0 ||
            strcmp(started(compare, b, i), started(compare, a, i + 1)) >= 0) {
            return false;
        }
    }
    return true;
}

/* --- rows ------------------------------------------------------------------------------------- */

static compare_verdict_t judge(const bootstrap_t *figures)
{
    return figures->low > 0 || figures->high < 0 ? COMPARE_REAL : COMPARE_NOISE;
}

static bool append_row(compare_t *compare, const compare_row_t *row)
{
    compare_row_t *room =
        array_room(compare->rows, compare->n_rows, &compare->cap_rows, sizeof *room);
    if (room == NULL) {
        return false;
    }
    compare->rows = room;
    room[compare->n_rows++] = *row;
    return true;
}

/* Appends a row; nothing when one side has no such figure. False when memory is out. */
static bool add_row(work_t *work, const metric_t *metric, const char *a, const char *b)
{
    compare_t *compare = work->compare;
    size_t runs_a = count_runs(compare, a), runs_b = count_runs(compare, b);
    bool repeats = runs_a >= COMPARE_REPEATS_MIN && runs_b >= COMPARE_REPEATS_MIN;
    values_t left = {0}, right = {0};
    compare_row_t row = {.unit = metric->unit, .a = a, .b = b};
    bool done =
        values_of(work, metric, a, repeats, &left) && values_of(work, metric, b, repeats, &right);
    if (done && left.n > 0 && right.n > 0) {
        bool pairs = repeats && left.n == runs_a && right.n == runs_a && runs_a == runs_b &&
                     in_turns(compare, a, b, runs_a);
        row.how = pairs ? BOOTSTRAP_PAIRS : repeats ? BOOTSTRAP_EACH : BOOTSTRAP_BLOCKS;
        row.n_a = left.n;
        row.n_b = right.n;
        snprintf(row.metric, sizeof row.metric, "%s", metric->name);
        done = bootstrap_medians((sample_t){left.values, left.n}, (sample_t){right.values, right.n},
                                 row.how, &row.figures);
        size_t few = repeats ? COMPARE_REPEATS_MIN : 2 * 5; /* two blocks at least */
        row.verdict = left.n < few || right.n < few ? COMPARE_UNKNOWN : judge(&row.figures);
        done = done && append_row(compare, &row);
    }
    free(left.values);
    free(right.values);
    return done;
}

/* Every other label against the first. */
static bool add_metric(work_t *work, const metric_t *metric)
{
    for (size_t i = 1; i < work->compare->n_labels; i++) {
        if (!add_row(work, metric, work->compare->labels[0], work->compare->labels[i])) {
            return false;
        }
    }
    return true;
}

static bool add_lag(work_t *work, const char *tap)
{
    static const char *const percentiles[] = {"p50", "p99"};
    static const char *const columns[] = {"p50_us", "p99_us"};
    for (int i = 0; i < 2; i++) {
        metric_t metric = {.unit = "µs", .of_lag = true, .column = columns[i]};
        snprintf(metric.name, sizeof metric.name, "%s lag %s", tap, percentiles[i]);
        snprintf(metric.key, sizeof metric.key, "%s", tap);
        snprintf(metric.second, sizeof metric.second, "%s_lag_%s", tap, columns[i]);
        if (!add_metric(work, &metric)) {
            return false;
        }
    }
    return true;
}

static bool add_operation(work_t *work, const char *operation)
{
    static const struct {
        const char *name, *unit, *column, *second;
        bool per_interval;
    } figures[] = {
        {"rate", "rows/s", "rows_per_s", "acked_rows", true},
        {"latency p50", "µs", "latency_p50_us", "latency_p50_us", false},
        {"latency p99", "µs", "latency_p99_us", "latency_p99_us", false},
    };
    for (size_t i = 0; i < sizeof figures / sizeof figures[0]; i++) {
        metric_t metric = {.unit = figures[i].unit,
                           .column = figures[i].column,
                           .per_interval = figures[i].per_interval};
        snprintf(metric.name, sizeof metric.name, "%s %s", operation, figures[i].name);
        snprintf(metric.key, sizeof metric.key, "%s", operation);
        snprintf(metric.second, sizeof metric.second, "%s_%s", operation, figures[i].second);
        if (!add_metric(work, &metric)) {
            return false;
        }
    }
    return true;
}

/* Lag on each tap, then each operation, as the first run has them. */
static bool add_rows(work_t *work)
{
    const tables_t *first = &work->tables[0];
    for (size_t row = 0; row < first->lag.n_rows; row++) {
        if (cell_is(&first->lag, row, "phase", work->compare->phase) &&
            cell_is(&first->lag, row, "operation", "all") &&
            cell_is(&first->lag, row, "stage", "commit_to_receipt") &&
            !add_lag(work, csv_cell(&first->lag, row, csv_column(&first->lag, "tap")))) {
            return false;
        }
    }
    for (size_t row = 0; row < first->summary.n_rows; row++) {
        size_t operation = csv_column(&first->summary, "operation");
        if (cell_is(&first->summary, row, "phase", work->compare->phase) &&
            !add_operation(work, csv_cell(&first->summary, row, operation))) {
            return false;
        }
    }
    return true;
}

/* --- the whole -------------------------------------------------------------------------------- */

static bool take_phase(compare_t *compare, const char *phase, err_t *err)
{
    json_t *run = run_read(compare->runs[0].folder, err);
    if (run == NULL) {
        return false;
    }
    const char *main_phase = json_string_value(json_object_get(run_read_main_phase(run), "name"));
    const char *chosen = phase != NULL ? phase : main_phase;
    snprintf(compare->phase, sizeof compare->phase, "%s", chosen != NULL ? chosen : "");
    json_decref(run);
    return chosen != NULL ||
           err_set(err, ERR_USAGE, "%s made no changes: there is nothing to compare",
                   compare->runs[0].folder);
}

compare_t *compare_new(char *const *words, size_t n_words, const char *phase, err_t *err)
{
    compare_t *compare = calloc(1, sizeof *compare);
    if (compare == NULL) {
        err_set(err, ERR_RUN, "cannot compare: out of memory");
        return NULL;
    }
    work_t work = {.compare = compare};
    bool read = read_runs(words, n_words, compare, err) && take_phase(compare, phase, err) &&
                read_tables(&work, err);
    bool done = read && (add_rows(&work) || err_set(err, ERR_RUN, "cannot compare: out of memory"));
    free_tables(&work);
    if (done && compare->n_rows == 0) {
        done = err_set(err, ERR_USAGE,
                       "there is no figure of phase '%s' that '%s' and another have: name another "
                       "with --phase",
                       compare->phase, compare->labels[0]);
    }
    if (!done) {
        compare_free(compare);
        return NULL;
    }
    return compare;
}

void compare_free(compare_t *compare)
{
    if (compare == NULL) {
        return;
    }
    for (size_t i = 0; i < compare->n_runs; i++) {
        free(compare->runs[i].folder);
    }
    free(compare->rows);
    free(compare);
}
