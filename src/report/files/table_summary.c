#include <math.h>

#include "report/files/tables.h"

static cell_t get_phase(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_text(((const summary_record_t *)record)->phase);
}

static cell_t get_operation(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_text(stream_names[((const summary_record_t *)record)->stream]);
}

/* The uint64_t at the column's offset in op_result_t. */
static cell_t get_count(const csv_column_t *column, const void *record)
{
    const char *figures = (const char *)((const summary_record_t *)record)->figures;
    return cell_count(*(const uint64_t *)(const void *)(figures + column->offset));
}

static cell_t get_seconds(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_real(result_op_seconds(((const summary_record_t *)record)->figures), 6);
}

static cell_t get_rows_per_s(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_real(result_op_rows_per_s(((const summary_record_t *)record)->figures), 1);
}

/* Rows without bytes: the bytes of this operation were not counted. */
static cell_t get_mb_per_s(const csv_column_t *column, const void *record)
{
    (void)column;
    const op_result_t *figures = ((const summary_record_t *)record)->figures;
    if (figures->bytes == 0 && figures->rows > 0) {
        return CELL_NONE;
    }
    return cell_real(result_op_seconds(figures) > 0
                         ? (double)figures->bytes / 1e6 / result_op_seconds(figures)
                         : NAN,
                     3);
}

/* The histogram at the column's offset in op_result_t; NULL when it is not there or empty. */
static const hist_t *histogram(const csv_column_t *column, const void *record)
{
    const char *figures = (const char *)((const summary_record_t *)record)->figures;
    const hist_t *hist = *(hist_t *const *)(const void *)(figures + column->offset);
    return hist != NULL && hist_count(hist) > 0 ? hist : NULL;
}

static cell_t get_mean(const csv_column_t *column, const void *record)
{
    const hist_t *hist = histogram(column, record);
    return hist != NULL ? cell_real(hist_mean_us(hist), 1) : CELL_NONE;
}

static cell_t get_percentile(const csv_column_t *column, const void *record)
{
    const hist_t *hist = histogram(column, record);
    return hist != NULL ? cell_integer(hist_percentile_us(hist, column->percent)) : CELL_NONE;
}

static cell_t get_max(const csv_column_t *column, const void *record)
{
    const hist_t *hist = histogram(column, record);
    return hist != NULL ? cell_integer(hist_max_us(hist)) : CELL_NONE;
}

#define COUNT(field, unit, meaning)                                                                \
    {                                                                                              \
#field, unit, meaning, get_count, offsetof(op_result_t, field), 0                          \
    }
#define MEAN(field, what)                                                                          \
    {                                                                                              \
#field "_mean_us", "µs", "mean of " what, get_mean, offsetof(op_result_t, field), 0        \
    }
#define PERCENTILE(field, label, percent, what)                                                    \
    {                                                                                              \
#field "_" label "_us", "µs", #percent "th percentile of " what, get_percentile,           \
            offsetof(op_result_t, field), percent                                                  \
    }
#define LARGEST(field, what)                                                                       \
    {                                                                                              \
#field "_max_us", "µs", "largest of " what, get_max, offsetof(op_result_t, field), 0       \
    }
#define QUANTILES(field, what)                                                                     \
    MEAN(field, what), PERCENTILE(field, "p50", 50, what), PERCENTILE(field, "p90", 90, what),     \
        PERCENTILE(field, "p95", 95, what), PERCENTILE(field, "p99", 99, what),                    \
        PERCENTILE(field, "p999", 99.9, what), LARGEST(field, what)

static const csv_column_t columns[] = {
    {"phase", "", "the phase's name", get_phase, 0, 0},
    {"operation", "", "insert, update, delete, or transaction: those that mix them", get_operation,
     0, 0},
    COUNT(transactions, "transactions", "acknowledged transactions"),
    COUNT(rows, "rows", "rows that these changed"),
    COUNT(errors, "errors", "statements that the server refused or that changed no row"),
    COUNT(retries, "transactions", "transactions that were sent again"),
    COUNT(rolled_back, "transactions",
          "transactions that the scenario rolled back; they count in nothing else"),
    {"seconds", "s", "from the first send to the last acknowledgement", get_seconds, 0, 0},
    {"rows_per_s", "rows/s", "rows over these seconds", get_rows_per_s, 0, 0},
    {"mb_per_s", "10^6 bytes/s", "bytes sent over these seconds; empty where not counted",
     get_mb_per_s, 0, 0},
    QUANTILES(latency, "latency: from a transaction's intended time to its acknowledgement"),
    QUANTILES(service, "service time: from a transaction's send to its acknowledgement"),
};

const csv_table_t table_summary = {
    "summary.csv",
    "One row for each phase that began and each operation in it.",
    columns,
    sizeof columns / sizeof columns[0],
};

bool summary_record(const result_t *result, uint32_t phase, uint32_t stream, summary_record_t *out)
{
    const phase_t *planned = &result->scenario->phases[phase];
    const phase_result_t *done = &result->phases[phase];
    const op_result_t *figures = &done->ops[stream];
    bool idle = planned->streams[stream].kind == STREAM_OFF && figures->transactions == 0 &&
                figures->errors == 0;
    if (done->start_ns == NOT_MEASURED || idle) {
        return false;
    }
    *out = (summary_record_t){.phase = planned->name, .stream = stream, .figures = figures};
    return true;
}
