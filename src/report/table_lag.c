#include "report/lag_merge.h"
#include "report/tables.h"

/* The const char * at the column's offset in the record. */
static cell_t get_text(const csv_column_t *column, const void *record)
{
    return cell_text(*(const char *const *)(const void *)((const char *)record + column->offset));
}

static const lag_t *lag_of(const void *record)
{
    return ((const lag_record_t *)record)->lag;
}

static cell_t get_count(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_count(lag_count(lag_of(record)));
}

static cell_t get_negative_count(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_count(lag_negative_count(lag_of(record)));
}

/* A distribution without a value has no smallest, mean or largest one. */
static bool is_empty(const void *record)
{
    return lag_count(lag_of(record)) == 0;
}

static cell_t get_min(const csv_column_t *column, const void *record)
{
    (void)column;
    return is_empty(record) ? CELL_NONE : cell_integer(lag_min_us(lag_of(record)));
}

static cell_t get_mean(const csv_column_t *column, const void *record)
{
    (void)column;
    return is_empty(record) ? CELL_NONE : cell_real(lag_mean_us(lag_of(record)), 1);
}

static cell_t get_percentile(const csv_column_t *column, const void *record)
{
    return is_empty(record) ? CELL_NONE
                            : cell_integer(lag_percentile_us(lag_of(record), column->percent));
}

static cell_t get_max(const csv_column_t *column, const void *record)
{
    (void)column;
    return is_empty(record) ? CELL_NONE : cell_integer(lag_max_us(lag_of(record)));
}

#define TEXT(field, meaning)                                                                       \
    {                                                                                              \
#field, "", meaning, get_text, offsetof(lag_record_t, field), 0                            \
    }
#define PERCENTILE(label, percent)                                                                 \
    {                                                                                              \
        label "_us", "µs", #percent "th percentile, over both signs", get_percentile, 0, percent   \
    }

static const csv_column_t columns[] = {
    TEXT(phase, "the phase's name; all: every phase merged"),
    TEXT(tap, "wal or kafka"),
    TEXT(operation, "insert, update, delete; all: every operation merged"),
    TEXT(stage, "which part of the way: commit_to_send is from the commit to the send"),
    {"count", "events", "events with this stage", get_count, 0, 0},
    {"negative_count", "events", "those of them with a lag below zero", get_negative_count, 0, 0},
    {"min_us", "µs", "smallest lag, signed", get_min, 0, 0},
    {"mean_us", "µs", "mean lag", get_mean, 0, 0},
    PERCENTILE("p50", 50),
    PERCENTILE("p90", 90),
    PERCENTILE("p95", 95),
    PERCENTILE("p99", 99),
    PERCENTILE("p999", 99.9),
    {"max_us", "µs", "largest lag", get_max, 0, 0},
};

const csv_table_t table_lag = {
    "lag.csv",
    "One row for each phase, tap, operation and stage that was recorded.",
    columns,
    sizeof columns / sizeof columns[0],
};

typedef bool visit_t(void *context, const lag_record_t *record);

/* The stages of one tap and operation in one phase; either may be LAG_MERGE_ALL. */
static bool each_stage(const result_t *result, tap_id_t tap, int phase, int op, visit_t *visit,
                       void *context)
{
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
        lag_t *lag = NULL;
        if (!lag_merge(result, tap, phase, op, stage, &lag)) {
            return false;
        }
        if (lag == NULL) {
            continue;
        }
        lag_record_t record = {
            .phase = phase == LAG_MERGE_ALL ? "all" : result->scenario->phases[phase].name,
            .tap = tap_names[tap],
            .operation = op == LAG_MERGE_ALL ? "all" : op_names[op],
            .stage = stage_names[stage],
            .lag = lag,
        };
        bool ok = visit(context, &record);
        lag_free(lag);
        if (!ok) {
            return false;
        }
    }
    return true;
}

static bool each_operation(const result_t *result, int phase, visit_t *visit, void *context)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        for (int op = 0; op < OP_COUNT; op++) {
            if (!each_stage(result, tap, phase, op, visit, context)) {
                return false;
            }
        }
        if (!each_stage(result, tap, phase, LAG_MERGE_ALL, visit, context)) {
            return false;
        }
    }
    return true;
}

bool lag_records_each(const result_t *result, visit_t *visit, void *context)
{
    for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
        if (!each_operation(result, (int)phase, visit, context)) {
            return false;
        }
    }
    return each_operation(result, LAG_MERGE_ALL, visit, context);
}
