#include "report/page/page_data.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/analysis/size.h"
#include "report/files/hlog.h"
#include "report/files/json_node.h"
#include "report/files/run_json.h"
#include "report/files/run_read.h"
#include "report/files/tables.h"

#define PAGE_DATA_FORMAT 1

/* --- tables ----------------------------------------------------------------------------------- */

static json_t *column_json(const char *name, const csv_table_t *table)
{
    const csv_column_t *known = csv_find_column(table, name);
    return NODE({"name", node_text(name)}, {"unit", json_string(known != NULL ? known->unit : "")},
                {"meaning", json_string(known != NULL ? known->meaning : "")});
}

static json_t *row_json(const csv_data_t *data, size_t row)
{
    json_t *cells = json_array();
    for (size_t column = 0; column < data->n_columns; column++) {
        node_add(&cells, node_text(csv_cell(data, row, column)));
    }
    return cells;
}

/* {"columns": [{"name", "unit", "meaning"}…], "rows": [["load", "10000"]…]}, the cells as they
 * stand there. Units and meanings are those of `table`, for the columns that it knows. */
static json_t *table_json(const csv_data_t *data, const csv_table_t *table)
{
    json_t *columns = json_array(), *rows = json_array();
    for (size_t column = 0; column < data->n_columns; column++) {
        node_add(&columns, column_json(csv_name(data, column), table));
    }
    for (size_t row = 0; row < data->n_rows; row++) {
        node_add(&rows, row_json(data, row));
    }
    return NODE({"columns", columns}, {"rows", rows});
}

/* --- timeline.csv ----------------------------------------------------------------------------- */

/* A column as a curve. */
typedef struct {
    const csv_data_t *data;
    size_t column;
    size_t interval; /* the column to divide by, for counts; CSV_NO_COLUMN: it is no count */
    size_t rows_per_point;
} curve_t;

/* What a point is made of. */
typedef struct {
    size_t n; /* rows that have a value */
    double sum, weight, min, max;
} point_t;

/* Takes a row into the point; a mean rate is that of all rows over all of the time. */
static void take_row(const curve_t *curve, size_t row, point_t *point)
{
    double weight = 1;
    double value = csv_number(curve->data, row, curve->column);
    if (curve->interval != CSV_NO_COLUMN) {
        weight = csv_number(curve->data, row, curve->interval);
        value = weight > 0 ? value / weight : NAN;
    }
    if (!isfinite(value)) {
        return;
    }
    point->min = point->n == 0 || value < point->min ? value : point->min;
    point->max = point->n == 0 || value > point->max ? value : point->max;
    point->sum += value * weight;
    point->weight += weight;
    point->n++;
}

static point_t point_at(const curve_t *curve, size_t first_row)
{
    point_t point = {0};
    for (size_t i = 0; i < curve->rows_per_point && first_row + i < curve->data->n_rows; i++) {
        take_row(curve, first_row + i, &point);
    }
    return point;
}

/* To three decimals, as the CSV has at most, or where a mean is large to one. Whole numbers as
 * such: they are exact, and shorter. */
static json_t *number_json(const point_t *point, double value)
{
    if (point->n == 0) {
        return json_null();
    }
    double scale = fabs(value) < 1000 ? 1000 : 10;
    double rounded = round(value * scale) / scale;
    return fabs(value) < 9e15 && rounded == floor(rounded) ? json_integer((json_int_t)rounded)
                                                           : json_real(rounded);
}

static json_t *curve_json(const curve_t *curve)
{
    json_t *mean = json_array(), *min = json_array(), *max = json_array();
    for (size_t row = 0; row < curve->data->n_rows; row += curve->rows_per_point) {
        point_t point = point_at(curve, row);
        node_add(&mean, number_json(&point, point.n > 0 ? point.sum / point.weight : 0));
        node_add(&min, number_json(&point, point.min));
        node_add(&max, number_json(&point, point.max));
    }
    if (curve->rows_per_point > 1) {
        return NODE({"mean", mean}, {"min", min}, {"max", max});
    }
    json_decref(min);
    json_decref(max);
    return NODE({"mean", mean});
}

static bool has_values(const csv_data_t *data, size_t column)
{
    for (size_t row = 0; row < data->n_rows; row++) {
        if (isfinite(csv_number(data, row, column))) {
            return true;
        }
    }
    return false;
}

/* insert_sent_rows becomes insert_sent_per_s; other columns keep their name. */
static void set_curve(json_t **series, const curve_t *curve)
{
    const char *name = csv_name(curve->data, curve->column);
    size_t len = strlen(name);
    char rate[128];
    if (curve->interval != CSV_NO_COLUMN) {
        snprintf(rate, sizeof rate, "%.*s_per_s", (int)(len - strlen("_rows")), name);
        name = rate;
    }
    node_set(series, name, curve_json(curve));
}

static json_t *series_json(const csv_data_t *data, size_t rows_per_point)
{
    json_t *series = json_object();
    size_t interval = csv_column(data, "interval_s");
    for (size_t column = 0; column < data->n_columns; column++) {
        const char *name = csv_name(data, column);
        const csv_column_t *known = csv_find_column(&table_timeline, name);
        if (strcmp(name, "second") == 0 || column == interval || !has_values(data, column)) {
            continue;
        }
        curve_t curve = {.data = data,
                         .column = column,
                         .interval = known != NULL && known->type == csv_count_of_interval
                                         ? interval
                                         : CSV_NO_COLUMN,
                         .rows_per_point = rows_per_point};
        set_curve(&series, &curve);
    }
    return series;
}

/* The end of each point's time, and the phase then. */
static json_t *ends_json(const csv_data_t *data, const char *name, size_t rows_per_point)
{
    json_t *ends = json_array();
    size_t column = csv_column(data, name);
    for (size_t row = 0; row < data->n_rows; row += rows_per_point) {
        size_t last =
            row + rows_per_point - 1 < data->n_rows ? row + rows_per_point - 1 : data->n_rows - 1;
        double second = csv_number(data, last, column);
        node_add(&ends,
                 isfinite(second) ? json_real(second) : node_text(csv_cell(data, last, column)));
    }
    return ends;
}

json_t *page_timeline(const csv_data_t *data)
{
    size_t rows_per_point = (data->n_rows + PAGE_POINTS_MAX - 1) / PAGE_POINTS_MAX;
    if (rows_per_point == 0) {
        rows_per_point = 1;
    }
    return NODE({"rows", node_count(data->n_rows)}, {"rows_per_point", node_count(rows_per_point)},
                {"second", ends_json(data, "second", rows_per_point)},
                {"phase", ends_json(data, "phase", rows_per_point)},
                {"series", series_json(data, rows_per_point)});
}

/* --- the histogram logs ----------------------------------------------------------------------- */

/* Points a factor of ten of what lies above a percentile, up to 99.99 %. */
#define POINTS_PER_NINE 12
#define NINES           4

/* Ends where less than one value lies above: from there on it would be the maximum. */
static json_t *distribution_json(const hlog_series_t *series)
{
    json_t *percents = json_array(), *values = json_array();
    uint64_t count = lag_count(series->lag);
    for (int i = 0; i <= NINES * POINTS_PER_NINE; i++) {
        double above = pow(10, -(double)i / POINTS_PER_NINE), percent = 100 * (1 - above);
        if (above * (double)count < 1) {
            break;
        }
        int64_t value_us =
            i == 0 ? lag_min_us(series->lag) : lag_percentile_us(series->lag, percent);
        node_add(&percents, json_real(percent));
        node_add(&values, json_integer(value_us));
    }
    return NODE({"tag", node_text(series->tag)}, {"count", node_count(count)},
                {"percent", percents}, {"us", values});
}

/* [{"tag", "count", "percent": […], "us": […]}…], a curve for each series from its least value to
 * 99.99 %, as far as there are values above. */
static json_t *curves_json(const hlog_data_t *data)
{
    json_t *curves = json_array();
    for (size_t i = 0; i < data->n; i++) {
        if (lag_count(data->series[i].lag) > 0) {
            node_add(&curves, distribution_json(&data->series[i]));
        }
    }
    return curves;
}

/* The seconds of the page's points and of the log are printed to the ms, and the latter added. */
#define SAME_SECOND 0.002

/* The mean of a series in each of the timeline's points; null where there was no value. */
static json_t *means_json(const hlog_series_t *series, const json_t *seconds)
{
    json_t *means = json_array();
    size_t at = 0;
    for (size_t i = 0; i < json_array_size(seconds); i++) {
        double end_s = json_number_value(json_array_get(seconds, i)) + SAME_SECOND;
        double sum_us = 0, count = 0;
        bool last = i + 1 == json_array_size(seconds);
        for (; at < series->n_intervals && (last || series->intervals[at].end_s <= end_s); at++) {
            sum_us += series->intervals[at].sum_us;
            count += (double)series->intervals[at].count;
        }
        node_add(&means, count > 0 ? json_integer((json_int_t)(sum_us / count)) : json_null());
    }
    return means;
}

/* lag.TAP.STAGE, without an operation: the stage; NULL for other series, and for another tap. */
static const char *stage_of(const hlog_series_t *series, const char *tap)
{
    size_t tap_len = strlen(tap);
    const char *at = series->tag + strlen("lag.");
    if (strncmp(series->tag, "lag.", strlen("lag.")) != 0 || strncmp(at, tap, tap_len) != 0 ||
        at[tap_len] != '.' || strchr(at + tap_len + 1, '.') != NULL) {
        return NULL;
    }
    return at + tap_len + 1;
}

static json_t *tap_stages_json(const hlog_data_t *data, const char *tap, const json_t *seconds)
{
    json_t *stages = json_object();
    for (size_t i = 0; i < data->n; i++) {
        const char *stage = stage_of(&data->series[i], tap);
        if (stage != NULL) {
            json_t *means = means_json(&data->series[i], seconds);
            node_set(&stages, stage, means);
        }
    }
    return NODE({"tap", json_string(tap)}, {"stages", stages});
}

/* [{"tap", "stages": {"commit_to_send": […]}}…]: the mean of each stage in each of the points of a
 * page_timeline, which is borrowed. */
static json_t *stages_json(const hlog_data_t *data, const json_t *timeline)
{
    json_t *taps = json_array();
    const json_t *seconds = json_object_get(timeline, "second");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        node_add(&taps, tap_stages_json(data, tap_rows[tap].name, seconds));
    }
    return taps;
}

/* --- from files ------------------------------------------------------------------------------- */

/* What a file of the run holds, as a table or, the timeline, as curves; null when there is no such
 * file. */
static json_t *file_json(const char *folder, const csv_table_t *table, err_t *err)
{
    csv_data_t data;
    if (!run_read_has(folder, table->file)) {
        return json_null();
    }
    if (!csv_read_file(folder, table->file, &data, err)) {
        return NULL;
    }
    json_t *json = table == &table_timeline ? page_timeline(&data) : table_json(&data, table);
    csv_data_free(&data);
    return json;
}

/* Both histogram logs, where they are. */
static bool read_hlogs(const char *folder, hlog_data_t *data, err_t *err)
{
    static const char *const names[] = {HLOG_LATENCY_FILE, HLOG_LAG_FILE};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (run_read_has(folder, names[i]) && !hlog_read_file(path, data, err)) {
            return false;
        }
    }
    return true;
}

/* run.json without what the CSV files hold as well. */
static json_t *run_file(const char *folder, err_t *err)
{
    json_t *run = run_read(folder, err);
    if (run != NULL) {
        json_object_del(run, "lag");
    }
    return run;
}

json_t *page_run(const char *folder, const char *label, err_t *err)
{
    hlog_data_t hlogs = {0};
    json_t *run = run_file(folder, err);
    if (run == NULL || !read_hlogs(folder, &hlogs, err)) {
        json_decref(run);
        hlog_data_free(&hlogs);
        return NULL;
    }
    json_t *timeline = file_json(folder, &table_timeline, err);
    json_t *json =
        NODE({"label", node_text(label != NULL ? label : run_read_name(run))}, {"run", run},
             {"summary", file_json(folder, &table_summary, err)},
             {"lag", file_json(folder, &table_lag, err)},
             {"lag_transactions", file_json(folder, &table_lag_transactions, err)},
             {"verify", file_json(folder, &table_verify, err)},
             {"sizing", file_json(folder, &table_sizing, err)}, {"curves", curves_json(&hlogs)},
             {"stages", stages_json(&hlogs, timeline)}, {"timeline", timeline});
    hlog_data_free(&hlogs);
    return json;
}

/* What each stage of the way is, and by whose clock. */
static json_t *stage_words_json(void)
{
    json_t *all = json_object();
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
        const stage_row_t *row = &stage_rows[stage];
        if (row->words != NULL) {
            node_set(&all, row->name,
                     NODE({"words", json_string(row->words)}, {"clock", json_string(row->clock)}));
        }
    }
    return all;
}

/* --- the whole -------------------------------------------------------------------------------- */

char *page_document(json_t *runs, json_t *comparison, bool live, err_t *err)
{
    json_t *whole =
        NODE({"format", json_integer(PAGE_DATA_FORMAT)},
             {"tool", json_string("cdcbench " CDCBENCH_VERSION)}, {"live", json_boolean(live)},
             {"stage_words", stage_words_json()}, {"runs", runs},
             {"comparison", comparison != NULL ? comparison : json_null()});
    char *text = whole != NULL ? json_dumps(whole, JSON_COMPACT | JSON_REAL_PRECISION(12)) : NULL;
    json_decref(whole);
    if (text == NULL && err != NULL && err->code == ERR_NONE) {
        err_set(err, ERR_RUN, "cannot make the report: out of memory");
    }
    return text;
}

/* A document of one run, which it takes over. */
static char *document(json_t *run, bool live, err_t *err)
{
    json_t *runs = json_array();
    node_add(&runs, run);
    return page_document(runs, NULL, live, err);
}

char *page_data_folder(const char *folder, const char *label, err_t *err)
{
    return document(page_run(folder, label, err), false, err);
}

/* --- while it goes on ------------------------------------------------------------------------- */

/* The timeline so far, through the CSV that it is written as: one way for both. */
static json_t *timeline_live(const page_live_t *live, err_t *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *memory = open_memstream(&text, &len);
    if (memory == NULL) {
        return NULL;
    }
    csv_write_header(memory, &table_timeline);
    for (size_t i = 0; i < live->now->n_rows; i++) {
        timeline_record_t record = timeline_record(live->scenario, &live->now->rows[i]);
        csv_write_record(memory, &table_timeline, &record);
    }
    csv_data_t data;
    if (fclose(memory) != 0 || !csv_read_text(text, len, table_timeline.file, &data, err)) {
        return NULL;
    }
    json_t *json = page_timeline(&data);
    csv_data_free(&data);
    return json;
}

/* A JSON text of ours; null when there is none. */
static json_t *parsed(const char *text)
{
    json_t *json = text != NULL ? json_loads(text, 0, NULL) : NULL;
    return json != NULL ? json : json_null();
}

/* Where the pipeline stands: the connector's and its task's state, and each partition's end and how
 * far the kafka tap has read. */
static json_t *status_json(const run_now_t *now)
{
    json_t *status = json_object();
    if (now->connector != NULL) {
        node_set(&status, "connector", node_text(now->connector));
        node_set(&status, "connector's state", node_text(now->connector_state));
        node_set(&status, "task's state", node_text(now->task_state));
    }
    for (int p = 0; p < now->partitions; p++) {
        char name[320];
        int64_t unread = now->ends[p] - now->positions[p];
        snprintf(name, sizeof name, "%s, partition %d", now->topic, p);
        node_set(&status, name,
                 NODE({"end offset", json_integer(now->ends[p])},
                      {"read up to", json_integer(now->positions[p])},
                      {"unread records", json_integer(unread > 0 ? unread : 0)}));
    }
    return status;
}

/* What run.json will hold, as far as it is known by now. */
static json_t *run_live(const page_live_t *live)
{
    return NODE({"scenario", run_json_scenario(live->scenario)},
                {"server", NODE({"version", node_text(live->server_version)})},
                {"pipeline", parsed(live->pipeline)},
                {"command_line", run_json_command_line(live->argc, live->argv)});
}

char *page_data_live(const page_live_t *live, err_t *err)
{
    json_t *run =
        NODE({"label", node_text(live->scenario->name)}, {"run", run_live(live)},
             {"status", status_json(live->now)}, {"summary", json_null()}, {"lag", json_null()},
             {"verify", json_null()}, {"timeline", timeline_live(live, err)});
    return document(run, true, err);
}
