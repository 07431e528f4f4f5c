#include "report/files/tables.h"
#include "result/lag_merge.h"

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

#define FIGURES(unit, of)                                                                          \
    {"count", unit, of " with this stage", get_count, 0, 0},                                       \
        {"negative_count", unit, "those of them with a lag below zero", get_negative_count, 0, 0}, \
        {"min_us", "µs", "smallest lag, signed", get_min, 0, 0},                                   \
        {"mean_us", "µs", "mean lag", get_mean, 0, 0}, PERCENTILE("p50", 50),                      \
        PERCENTILE("p90", 90), PERCENTILE("p95", 95), PERCENTILE("p99", 99),                       \
        PERCENTILE("p999", 99.9),                                                                  \
    {                                                                                              \
        "max_us", "µs", "largest lag", get_max, 0, 0                                               \
    }

static const csv_column_t columns[] = {
    TEXT(phase, "the phase's name; all: every phase merged"),
    TEXT(tap, "wal or kafka"),
    TEXT(operation, "insert, update, delete; all: every operation merged"),
    TEXT(stage, "which part of the way: commit_to_send is from the commit to the send"),
    FIGURES("events", "events"),
};

const csv_table_t table_lag = {
    "lag.csv",
    "One row for each phase, tap, operation and stage that was recorded.",
    columns,
    sizeof columns / sizeof columns[0],
};

static const csv_column_t transaction_columns[] = {
    TEXT(phase, "the phase's name; all: every phase merged"),
    TEXT(tap, "wal or kafka"),
    TEXT(operation, "that event's: insert, update, delete; all: every operation merged"),
    TEXT(event, "first or last: the event of each transaction that the lag is of"),
    TEXT(stage, "which part of the way, as in lag.csv"),
    FIGURES("transactions", "transactions"),
};

const csv_table_t table_lag_transactions = {
    "lag_transactions.csv",
    "The lag of transactions: one row for each phase, tap, operation, end of a transaction and "
    "stage "
    "that was recorded. A transaction counts once, by its first and by its last event. Where the "
    "kafka "
    "tap reads several partitions, each event is taken for a transaction.",
    transaction_columns,
    sizeof transaction_columns / sizeof transaction_columns[0],
};

/* A walk over the rows of one of the two files. */
typedef struct {
    const result_t *result;
    lag_scope_t first_scope, last_scope;
    bool (*visit)(void *context, const lag_record_t *record);
    void *context;
} walk_t;

/* Nothing when it was not recorded. */
static bool visit_one(const walk_t *walk, lag_record_t *record, tap_id_t tap, lag_scope_t scope,
                      int phase, int op, stage_t stage)
{
    lag_t *lag = NULL;
    if (!lag_merge_scope(walk->result, tap, scope, phase, op, stage, &lag)) {
        return false;
    }
    record->event = lag_scope_names[scope];
    record->stage = stage_names[stage];
    record->lag = lag;
    bool ok = lag == NULL || walk->visit(walk->context, record);
    lag_free(lag);
    return ok;
}

/* The stages of one tap and operation in one phase; either may be LAG_MERGE_ALL. */
static bool each_stage(const walk_t *walk, tap_id_t tap, int phase, int op)
{
    lag_record_t record = {
        .phase = phase == LAG_MERGE_ALL ? "all" : walk->result->scenario->phases[phase].name,
        .tap = tap_names[tap],
        .operation = op == LAG_MERGE_ALL ? "all" : op_names[op],
    };
    for (lag_scope_t scope = walk->first_scope; scope <= walk->last_scope; scope++) {
        for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
            if (!visit_one(walk, &record, tap, scope, phase, op, stage)) {
                return false;
            }
        }
    }
    return true;
}

static bool each_operation(const walk_t *walk, int phase)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        for (int op = 0; op < OP_COUNT; op++) {
            if (!each_stage(walk, tap, phase, op)) {
                return false;
            }
        }
        if (!each_stage(walk, tap, phase, LAG_MERGE_ALL)) {
            return false;
        }
    }
    return true;
}

static bool each_phase(const walk_t *walk)
{
    for (uint32_t phase = 0; phase < walk->result->scenario->n_phases; phase++) {
        if (!each_operation(walk, (int)phase)) {
            return false;
        }
    }
    return each_operation(walk, LAG_MERGE_ALL);
}

bool lag_records_each(const result_t *result,
                      bool (*visit)(void *context, const lag_record_t *record), void *context)
{
    return each_phase(&(walk_t){result, SCOPE_EVENT, SCOPE_EVENT, visit, context});
}

bool lag_transactions_each(const result_t *result,
                           bool (*visit)(void *context, const lag_record_t *record), void *context)
{
    return each_phase(&(walk_t){result, SCOPE_FIRST, SCOPE_LAST, visit, context});
}
