/* The histogram logs as what the page draws: curves by percentile, and the means of the stages over
 * time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "report/files/run_json_parts.h"
#include "report/page/page_parts.h"

/* Points a factor of ten of what lies above a percentile, up to 99.99 %. */
#define POINTS_PER_NINE 12
#define NINES           4

/* Ends where less than one value lies above: from there on it would be the maximum. */
static json_t *curve_json(const hlog_series_t *series)
{
    json_t *percents = json_array(), *values = json_array();
    bool complete = percents != NULL && values != NULL;
    double count = (double)lag_count(series->lag);
    for (int i = 0; complete && i <= NINES * POINTS_PER_NINE; i++) {
        double above = pow(10, -(double)i / POINTS_PER_NINE);
        if (above * count < 1) {
            break;
        }
        double percent = 100 * (1 - above);
        int64_t value_us =
            i == 0 ? lag_min_us(series->lag) : lag_percentile_us(series->lag, percent);
        complete = run_json_append(percents, json_real(percent)) &&
                   run_json_append(values, json_integer(value_us));
    }
    return run_json_object((const run_json_field_t[]){
        {"tag", run_json_text(series->tag)},
        {"count", json_integer((json_int_t)count)},
        {"percent", run_json_whole(percents, complete)},
        {"us", run_json_whole(values, complete)},
        {NULL, NULL},
    });
}

json_t *page_curves(const hlog_data_t *data)
{
    json_t *curves = json_array();
    bool complete = curves != NULL;
    for (size_t i = 0; complete && i < data->n; i++) {
        if (lag_count(data->series[i].lag) > 0) {
            complete = run_json_append(curves, curve_json(&data->series[i]));
        }
    }
    return run_json_whole(curves, complete);
}

/* The seconds of the page's points and of the log are printed to the ms, and the latter added. */
#define SAME_SECOND 0.002

/* The mean of a series in each of the timeline's points; null where there was no value. */
static json_t *means_json(const hlog_series_t *series, const json_t *seconds)
{
    json_t *means = json_array();
    bool complete = means != NULL;
    size_t at = 0;
    for (size_t i = 0; complete && i < json_array_size(seconds); i++) {
        double end_s = json_number_value(json_array_get(seconds, i)) + SAME_SECOND;
        double sum_us = 0, count = 0;
        bool last = i + 1 == json_array_size(seconds);
        for (; at < series->n_intervals && (last || series->intervals[at].end_s <= end_s); at++) {
            sum_us += series->intervals[at].sum_us;
            count += (double)series->intervals[at].count;
        }
        complete = run_json_append(means, count > 0 ? json_integer((json_int_t)(sum_us / count))
                                                    : json_null());
    }
    return run_json_whole(means, complete);
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
    bool complete = stages != NULL;
    for (size_t i = 0; complete && i < data->n; i++) {
        const char *stage = stage_of(&data->series[i], tap);
        if (stage != NULL) {
            json_t *means = means_json(&data->series[i], seconds);
            complete = json_object_set_new(stages, stage, means) == 0;
        }
    }
    return run_json_object((const run_json_field_t[]){
        {"tap", json_string(tap)},
        {"stages", run_json_whole(stages, complete)},
        {NULL, NULL},
    });
}

json_t *page_stages(const hlog_data_t *data, const json_t *timeline)
{
    json_t *taps = json_array();
    bool complete = taps != NULL;
    const json_t *seconds = json_object_get(timeline, "second");
    for (tap_id_t tap = 0; complete && tap < TAP_COUNT; tap++) {
        complete = run_json_append(taps, tap_stages_json(data, tap_names[tap], seconds));
    }
    return run_json_whole(taps, complete);
}
