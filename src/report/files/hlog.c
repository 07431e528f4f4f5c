#include "report/files/hlog.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/hist_codec.h"

/* --- writing ---------------------------------------------------------------------------------- */

struct hlog {
    growing_t *latency, *lag;
    bool headed; /* their headings are written */
    buf_t line;
};

static bool cannot_write(err_t *err)
{
    return err_set(err, ERR_RUN, "cannot write the histogram logs: out of memory");
}

/* The header of the format: HdrHistogram's HistogramLogWriter. Times in the lines count from
 * BaseTime. */
static bool write_header(hlog_t *hlog, growing_t *file, int64_t zero_unix_us, err_t *err)
{
    char when[28];
    clock_iso8601(zero_unix_us, when, sizeof when);
    buf_clear(&hlog->line);
    bool whole = buf_printf(&hlog->line,
                            "#[cdcbench " CDCBENCH_VERSION ": values are microseconds]\n"
                            "#[Histogram log format version 1.3]\n"
                            "#[StartTime: %.3f (seconds since epoch), %s]\n"
                            "#[BaseTime: %.3f (seconds since epoch)]\n"
                            "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_"
                            "Compressed_Histogram\"\n",
                            (double)zero_unix_us / 1e6, when, (double)zero_unix_us / 1e6);
    return whole ? growing_append(file, hlog->line.data, hlog->line.len, err) : cannot_write(err);
}

hlog_t *hlog_open(folder_t *folder, err_t *err)
{
    hlog_t *hlog = calloc(1, sizeof *hlog);
    if (hlog == NULL) {
        cannot_write(err);
        return NULL;
    }
    hlog->latency = growing_open(folder, HLOG_LATENCY_FILE, err);
    hlog->lag = hlog->latency != NULL ? growing_open(folder, HLOG_LAG_FILE, err) : NULL;
    if (hlog->lag == NULL) {
        hlog_discard(hlog);
        return NULL;
    }
    return hlog;
}

/* Tag=lag.wal.commit_to_send,START,LENGTH,MAX,HISTOGRAM: seconds, and the largest value in the unit
 * that HdrHistogram's own logs have it in, ms. */
static bool write_line(buf_t *line, const series_interval_t *interval)
{
    buf_clear(line);
    uint64_t overflow = hist_overflow(interval->hist);
    if (overflow > 0 &&
        !buf_printf(line, "#[%s: %" PRIu64 " values above %" PRId64 " follow in no histogram]\n",
                    interval->tag, overflow, HIST_MAX_US)) {
        return false;
    }
    return buf_printf(line, "Tag=%s,%.3f,%.3f,%.3f,", interval->tag,
                      (double)interval->start_ns / (double)NS_PER_S,
                      (double)(interval->end_ns - interval->start_ns) / (double)NS_PER_S,
                      (double)hist_max_us(interval->hist) / 1e3) &&
           hist_encode(interval->hist, line) && buf_puts(line, "\n");
}

bool hlog_append(hlog_t *hlog, const series_interval_t *interval, err_t *err)
{
    growing_t *file = strncmp(interval->tag, "lag.", 4) == 0 ? hlog->lag : hlog->latency;
    if (!hlog->headed) {
        hlog->headed = write_header(hlog, hlog->latency, interval->zero_unix_us, err) &&
                       write_header(hlog, hlog->lag, interval->zero_unix_us, err);
        if (!hlog->headed) {
            return false;
        }
    }
    return write_line(&hlog->line, interval)
               ? growing_append(file, hlog->line.data, hlog->line.len, err)
               : cannot_write(err);
}

static void release(hlog_t *hlog)
{
    buf_free(&hlog->line);
    free(hlog);
}

bool hlog_close(hlog_t *hlog, err_t *err)
{
    if (hlog == NULL) {
        return true;
    }
    bool ok = growing_close(hlog->latency, err);
    ok = growing_close(hlog->lag, err) && ok;
    release(hlog);
    return ok;
}

void hlog_discard(hlog_t *hlog)
{
    if (hlog == NULL) {
        return;
    }
    growing_discard(hlog->latency);
    growing_discard(hlog->lag);
    release(hlog);
}

/* --- reading ---------------------------------------------------------------------------------- */

#define TAG_FIELD "Tag="
#define NEGATIVE  ".negative"

/* A line of the log, taken apart in place: Tag=TAG,START,LENGTH,MAX,HISTOGRAM. */
typedef struct {
    char *tag;
    bool negative;
    double end_s;
    const char *histogram;
    size_t histogram_len;
} line_t;

/* A number up to a comma, which is stepped over. */
static bool read_number(char **at, double *value)
{
    char *end;
    *value = strtod(*at, &end);
    if (end == *at || *end != ',') {
        return false;
    }
    *at = end + 1;
    return true;
}

static bool read_fields(char *text, size_t len, line_t *line)
{
    double start_s, length_s, max_ms;
    if (strncmp(text, TAG_FIELD, strlen(TAG_FIELD)) != 0) {
        return false;
    }
    line->tag = text + strlen(TAG_FIELD);
    char *comma = strchr(line->tag, ',');
    if (comma == NULL) {
        return false;
    }
    *comma = '\0';
    char *at = comma + 1;
    if (!read_number(&at, &start_s) || !read_number(&at, &length_s) || !read_number(&at, &max_ms)) {
        return false;
    }
    line->end_s = start_s + length_s;
    line->histogram = at;
    line->histogram_len = len - (size_t)(at - text);
    size_t tag_len = strlen(line->tag);
    line->negative =
        tag_len > strlen(NEGATIVE) && strcmp(line->tag + tag_len - strlen(NEGATIVE), NEGATIVE) == 0;
    if (line->negative) {
        line->tag[tag_len - strlen(NEGATIVE)] = '\0';
    }
    return true;
}

static hlog_series_t *find_series(hlog_data_t *data, const char *tag)
{
    for (size_t i = 0; i < data->n; i++) {
        if (strcmp(data->series[i].tag, tag) == 0) {
            return &data->series[i];
        }
    }
    hlog_series_t *room = array_room(data->series, data->n, &data->cap, sizeof *room);
    if (room == NULL) {
        return NULL;
    }
    data->series = room;
    hlog_series_t *series = &room[data->n++];
    *series = (hlog_series_t){.tag = strdup(tag), .lag = lag_new()};
    return series->tag != NULL && series->lag != NULL ? series : NULL;
}

/* The interval that ends then: the last one, or a new one. */
static hlog_interval_t *find_interval(hlog_series_t *series, double end_s)
{
    if (series->n_intervals > 0 && series->intervals[series->n_intervals - 1].end_s == end_s) {
        return &series->intervals[series->n_intervals - 1];
    }
    hlog_interval_t *room =
        array_room(series->intervals, series->n_intervals, &series->cap, sizeof *room);
    if (room == NULL) {
        return NULL;
    }
    series->intervals = room;
    hlog_interval_t *interval = &room[series->n_intervals++];
    *interval = (hlog_interval_t){.end_s = end_s};
    return interval;
}

/* Where the slots of a line go. */
typedef struct {
    hlog_series_t *series;
    hlog_interval_t *interval;
    bool negative, out_of_memory;
} target_t;

static void take_slot(void *ctx, size_t slot, uint64_t count)
{
    target_t *target = ctx;
    int64_t low_us = hist_slot_low_us(slot), high_us = hist_slot_high_us(slot);
    double middle_us = ((double)low_us + (double)high_us) / 2;
    target->interval->count += count;
    target->interval->sum_us += (target->negative ? -middle_us : middle_us) * (double)count;
    /* The edge that lag_percentile_us tells of a value in this slot. */
    int64_t edge_us = target->negative ? -low_us : high_us;
    if (!lag_record(target->series->lag, edge_us, count)) {
        target->out_of_memory = true;
    }
}

static bool cannot_read(const char *path, err_t *err)
{
    return err_set(err, ERR_RUN, "cannot read %s: out of memory", path);
}

static bool read_line(const char *path, size_t number, char *text, size_t len, hlog_data_t *data,
                      err_t *err)
{
    line_t line;
    if (len == 0 || *text == '#' || *text == '"') {
        return true;
    }
    if (!read_fields(text, len, &line)) {
        return err_set(
            err, ERR_USAGE,
            "%s, line %zu: not Tag=TAG,START,LENGTH,MAX,HISTOGRAM, as cdcbench writes it", path,
            number);
    }
    target_t target = {.series = find_series(data, line.tag), .negative = line.negative};
    target.interval = target.series != NULL ? find_interval(target.series, line.end_s) : NULL;
    if (target.interval == NULL) {
        return cannot_read(path, err);
    }
    if (!hist_decode(line.histogram, line.histogram_len, take_slot, &target, err)) {
        return err_wrap(err, "%s, line %zu", path, number);
    }
    return !target.out_of_memory || cannot_read(path, err);
}

bool hlog_read_file(const char *path, hlog_data_t *data, err_t *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return err_set(err, ERR_USAGE, "cannot read %s: %s", path, strerror(errno));
    }
    char *text = NULL;
    size_t cap = 0;
    bool read = true;
    ssize_t len;
    for (size_t number = 1; read && (len = getline(&text, &cap, file)) > 0; number++) {
        if (text[len - 1] != '\n') {
            break; /* cut off, as the last line of timeline.csv may be */
        }
        text[len - 1] = '\0';
        read = read_line(path, number, text, (size_t)len - 1, data, err);
    }
    free(text);
    fclose(file);
    return read;
}

void hlog_data_free(hlog_data_t *data)
{
    for (size_t i = 0; i < data->n; i++) {
        free(data->series[i].tag);
        lag_free(data->series[i].lag);
        free(data->series[i].intervals);
    }
    free(data->series);
    *data = (hlog_data_t){0};
}
