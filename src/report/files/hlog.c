#include "report/files/hlog.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/hist_codec.h"
#include "report/files/growing.h"

struct hlog {
    growing_t *latency, *lag;
    bool headed; /* their headings are written */
    buf_t line;
};

static bool out_of_memory(err_t *err)
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
    return whole ? growing_append(file, hlog->line.data, hlog->line.len, err) : out_of_memory(err);
}

hlog_t *hlog_open(folder_t *folder, err_t *err)
{
    hlog_t *hlog = calloc(1, sizeof *hlog);
    if (hlog == NULL) {
        out_of_memory(err);
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
               : out_of_memory(err);
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
