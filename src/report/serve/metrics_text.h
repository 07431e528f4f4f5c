/*
 * metrics_text: OpenMetrics' text format, line by line; for metrics.c alone. `labels` is the inside
 * of the braces, already escaped; "": none. A value that is NOT_MEASURED has no line. Pure but for
 * the FILE.
 */
#ifndef CDCBENCH_REPORT_SERVE_METRICS_TEXT_H
#define CDCBENCH_REPORT_SERVE_METRICS_TEXT_H

#include <stdio.h>

#include "result/result.h"

typedef enum {
    METRIC_GAUGE,
    METRIC_COUNTER,   /* its samples end in _total */
    METRIC_HISTOGRAM, /* _bucket, _count, _sum */
    METRIC_STATESET,  /* the state stands in a label with the family's name */
    METRIC_INFO,      /* its sample ends in _info */
} metric_type_t;

/* TYPE, UNIT ("": none; else the name ends with it) and HELP. */
void metrics_family(FILE *out, const char *name, metric_type_t type, const char *unit,
                    const char *help);

/* A label's value, escaped. */
void metrics_print_label(FILE *out, const char *text);

void metrics_integer(FILE *out, const char *sample, const char *labels, int64_t value);
void metrics_real(FILE *out, const char *sample, const char *labels, double value);
void metrics_us(FILE *out, const char *sample, const char *labels, int64_t us); /* in seconds */

/* Three gauges, with quantile="0.5", "0.99" and "1", in seconds. */
void metrics_quantiles(FILE *out, const char *sample, const char *labels, int64_t p50_us,
                       int64_t p99_us, int64_t max_us);

/* A histogram in seconds, at the resolution of its slots (3 significant digits). NULL or empty:
 * nothing. */
void metrics_hist(FILE *out, const char *name, const char *labels, const hist_t *hist);

/* The same of signed values: with buckets below zero, and so without sum and count, as OpenMetrics
 * has it. */
void metrics_lag(FILE *out, const char *name, const char *labels, const lag_t *lag);

#endif
