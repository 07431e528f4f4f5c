/* timeline.csv as curves for the page: rates in place of counts, and not more points than a screen
 * shows. */
#include <math.h>
#include <string.h>

#include "report/files/run_json_parts.h"
#include "report/page/page_data.h"
#include "report/page/page_parts.h"

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

/* Columns that count what happened in the interval, by how they end. */
static const char *const count_endings[] = {"_due_rows", "_sent_rows", "_acked_rows", "_seen_rows"};

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), ending_len = strlen(ending);
    return len >= ending_len && strcmp(text + len - ending_len, ending) == 0;
}

static bool is_count(const char *name)
{
    for (size_t i = 0; i < sizeof count_endings / sizeof count_endings[0]; i++) {
        if (ends_with(name, count_endings[i])) {
            return true;
        }
    }
    return false;
}

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
    bool several = curve->rows_per_point > 1;
    json_t *mean = json_array();
    json_t *min = several ? json_array() : NULL;
    json_t *max = several ? json_array() : NULL;
    bool complete = mean != NULL && (!several || (min != NULL && max != NULL));
    for (size_t row = 0; complete && row < curve->data->n_rows; row += curve->rows_per_point) {
        point_t point = point_at(curve, row);
        double middle = point.n > 0 ? point.sum / point.weight : 0;
        complete = run_json_append(mean, number_json(&point, middle)) &&
                   (!several || (run_json_append(min, number_json(&point, point.min)) &&
                                 run_json_append(max, number_json(&point, point.max))));
    }
    json_t *object = run_json_object((const run_json_field_t[]){
        {"mean", run_json_whole(mean, complete)},
        {several ? "min" : NULL, min},
        {"max", max},
        {NULL, NULL},
    });
    return object;
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
static bool set_curve(json_t *series, const curve_t *curve)
{
    const char *name = csv_name(curve->data, curve->column);
    json_t *json = curve_json(curve);
    if (curve->interval == CSV_NO_COLUMN) {
        return json_object_set_new(series, name, json) == 0;
    }
    char rate[128];
    snprintf(rate, sizeof rate, "%.*s_per_s", (int)(strlen(name) - strlen("_rows")), name);
    return json_object_set_new(series, rate, json) == 0;
}

static json_t *series_json(const csv_data_t *data, size_t rows_per_point)
{
    json_t *series = json_object();
    bool complete = series != NULL;
    size_t interval = csv_column(data, "interval_s");
    for (size_t column = 0; complete && column < data->n_columns; column++) {
        const char *name = csv_name(data, column);
        if (strcmp(name, "second") == 0 || column == interval || !has_values(data, column)) {
            continue;
        }
        curve_t curve = {.data = data,
                         .column = column,
                         .interval = is_count(name) ? interval : CSV_NO_COLUMN,
                         .rows_per_point = rows_per_point};
        complete = set_curve(series, &curve);
    }
    return run_json_whole(series, complete);
}

/* The end of each point's time, and the phase then. */
static json_t *ends_json(const csv_data_t *data, const char *name, size_t rows_per_point)
{
    json_t *ends = json_array();
    bool complete = ends != NULL;
    size_t column = csv_column(data, name);
    for (size_t row = 0; complete && row < data->n_rows; row += rows_per_point) {
        size_t last =
            row + rows_per_point - 1 < data->n_rows ? row + rows_per_point - 1 : data->n_rows - 1;
        double second = csv_number(data, last, column);
        complete =
            run_json_append(ends, isfinite(second) ? json_real(second)
                                                   : run_json_text(csv_cell(data, last, column)));
    }
    return run_json_whole(ends, complete);
}

json_t *page_timeline(const csv_data_t *data)
{
    size_t rows_per_point = (data->n_rows + PAGE_POINTS_MAX - 1) / PAGE_POINTS_MAX;
    if (rows_per_point == 0) {
        rows_per_point = 1;
    }
    return run_json_object((const run_json_field_t[]){
        {"rows", json_integer((json_int_t)data->n_rows)},
        {"rows_per_point", json_integer((json_int_t)rows_per_point)},
        {"second", ends_json(data, "second", rows_per_point)},
        {"phase", ends_json(data, "phase", rows_per_point)},
        {"series", series_json(data, rows_per_point)},
        {NULL, NULL},
    });
}
