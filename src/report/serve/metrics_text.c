#include "report/serve/metrics_text.h"

#include <inttypes.h>
#include <stdlib.h>

/* The buckets' upper bounds at and above zero; and what a lag below zero is the size of, at least.
 */
static const int64_t bounds_us[] = {
    100,    250,    500,     1000,    2500,    5000,     10000,    25000,    50000,    100000,
    250000, 500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000};
static const int64_t sizes_us[] = {1000, 10000, 100000, 1000000};
#define N_BOUNDS (sizeof bounds_us / sizeof bounds_us[0])
#define N_SIZES  (sizeof sizes_us / sizeof sizes_us[0])

void metrics_family(FILE *out, const char *name, metric_type_t type, const char *unit,
                    const char *help)
{
    static const char *const types[] = {"gauge", "counter", "histogram", "stateset", "info"};
    fprintf(out, "# TYPE %s %s\n", name, types[type]);
    if (unit[0] != '\0') {
        fprintf(out, "# UNIT %s %s\n", name, unit);
    }
    fprintf(out, "# HELP %s %s\n", name, help);
}

void metrics_print_label(FILE *out, const char *text)
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

void metrics_integer(FILE *out, const char *sample, const char *labels, int64_t value)
{
    if (value != NOT_MEASURED) {
        begin_sample(out, sample, labels);
        fprintf(out, "%" PRId64 "\n", value);
    }
}

void metrics_real(FILE *out, const char *sample, const char *labels, double value)
{
    begin_sample(out, sample, labels);
    fprintf(out, "%.3f\n", value);
}

void metrics_us(FILE *out, const char *sample, const char *labels, int64_t us)
{
    if (us != NOT_MEASURED) {
        begin_sample(out, sample, labels);
        print_us_as_seconds(out, us);
        putc('\n', out);
    }
}

void metrics_quantiles(FILE *out, const char *sample, const char *labels, int64_t p50_us,
                       int64_t p99_us, int64_t max_us)
{
    static const char *const quantiles[] = {"0.5", "0.99", "1"};
    const int64_t values_us[] = {p50_us, p99_us, max_us};
    for (int i = 0; i < 3; i++) {
        char with[128];
        snprintf(with, sizeof with, "%s,quantile=\"%s\"", labels, quantiles[i]);
        metrics_us(out, sample, with, values_us[i]);
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

void metrics_hist(FILE *out, const char *name, const char *labels, const hist_t *hist)
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

void metrics_lag(FILE *out, const char *name, const char *labels, const lag_t *lag)
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
