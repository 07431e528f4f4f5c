#include "report/files/tables.h"

#include <math.h>

#include "result/accumulate.h"

#define TABLE(name, rows, columns)                                                                 \
    {                                                                                              \
        name, rows, columns, sizeof(columns) / sizeof(columns)[0]                                  \
    }

/* --- summary.csv ------------------------------------------------------------------------------ */

/* Types of a whole op_result_t … */

static cell_t op_seconds(const void *op, double decimals)
{
    return cell_real(result_op_seconds(op), (int)decimals);
}

static cell_t op_rows_per_s(const void *op, double decimals)
{
    return cell_real(result_op_rows_per_s(op), (int)decimals);
}

/* Rows without bytes: the bytes of this operation were not counted. */
static cell_t op_mb_per_s(const void *at, double decimals)
{
    const op_result_t *op = at;
    double seconds = result_op_seconds(op);
    bool counted = op->bytes > 0 || op->rows == 0;
    return counted && seconds > 0 ? cell_real((double)op->bytes / 1e6 / seconds, (int)decimals)
                                  : CELL_NONE;
}

/* … and of a hist_t * in it: one that is not there or empty has no figures. */

static const hist_t *hist_at(const void *at)
{
    const hist_t *hist = *(hist_t *const *)at;
    return hist != NULL && hist_count(hist) > 0 ? hist : NULL;
}

static cell_t hist_mean(const void *at, double decimals)
{
    const hist_t *hist = hist_at(at);
    return hist != NULL ? cell_real(hist_mean_us(hist), (int)decimals) : CELL_NONE;
}

static cell_t hist_percentile(const void *at, double percent)
{
    const hist_t *hist = hist_at(at);
    return hist != NULL ? cell_integer(hist_percentile_us(hist, percent)) : CELL_NONE;
}

static cell_t hist_max(const void *at, double unused)
{
    const hist_t *hist = hist_at(at);
    (void)unused;
    return hist != NULL ? cell_integer(hist_max_us(hist)) : CELL_NONE;
}

#define OP(name, unit, meaning, type, offset, detail)                                              \
    CSV_COLUMN(name, unit, meaning, type, offsetof(summary_record_t, figures), offset, detail)
#define OP_COUNT_OF(field, unit, meaning)                                                          \
    OP(#field, unit, meaning, csv_count, offsetof(op_result_t, field), 0)
#define OP_PERCENTILE(field, label, percent, what)                                                 \
    OP(#field "_" label "_us", "µs", #percent "th percentile of " what, hist_percentile,           \
       offsetof(op_result_t, field), percent)
#define OP_QUANTILES(field, what)                                                                  \
    OP(#field "_mean_us", "µs", "mean of " what, hist_mean, offsetof(op_result_t, field), 1),      \
        OP_PERCENTILE(field, "p50", 50, what), OP_PERCENTILE(field, "p90", 90, what),              \
        OP_PERCENTILE(field, "p95", 95, what), OP_PERCENTILE(field, "p99", 99, what),              \
        OP_PERCENTILE(field, "p999", 99.9, what),                                                  \
        OP(#field "_max_us", "µs", "largest of " what, hist_max, offsetof(op_result_t, field), 0)

static const csv_column_t summary_columns[] = {
    CSV_TEXT(summary_record_t, phase, "the phase's name"),
    CSV_TEXT(summary_record_t, operation,
             "insert, update, delete, or transaction: those that mix them"),
    OP_COUNT_OF(transactions, "transactions", "acknowledged transactions"),
    OP_COUNT_OF(rows, "rows", "rows that these changed"),
    OP_COUNT_OF(errors, "errors", "statements that the server refused or that changed no row"),
    OP_COUNT_OF(retries, "transactions", "transactions that were sent again"),
    OP_COUNT_OF(rolled_back, "transactions",
                "transactions that the scenario rolled back; they count in nothing else"),
    OP("seconds", "s", "from the first send to the last acknowledgement", op_seconds, 0, 6),
    OP("rows_per_s", "rows/s", "rows over these seconds", op_rows_per_s, 0, 1),
    OP("mb_per_s", "10^6 bytes/s", "bytes sent over these seconds; empty where not counted",
       op_mb_per_s, 0, 3),
    OP_QUANTILES(latency, "latency: from a transaction's intended time to its acknowledgement"),
    OP_QUANTILES(service, "service time: from a transaction's send to its acknowledgement"),
};
const csv_table_t table_summary = TABLE(
    "summary.csv", "One row for each phase that began and each operation in it.", summary_columns);

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
    *out = (summary_record_t){planned->name, stream_names[stream], figures};
    return true;
}

static bool each_summary(const result_t *result, table_visit_t *visit, void *ctx)
{
    bool ok = true;
    for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
        for (uint32_t stream = 0; ok && stream < STREAM_COUNT; stream++) {
            summary_record_t record;
            ok = !summary_record(result, phase, stream, &record) ||
                 visit(ctx, &table_summary, &record);
        }
    }
    return ok;
}

/* --- lag.csv, lag_transactions.csv ------------------------------------------------------------ */

/* Types of a lag_t. One without a value has no smallest, mean or largest one. */

static cell_t lag_values(const void *lag, double unused)
{
    (void)unused;
    return cell_count(lag_count(lag));
}

static cell_t lag_negatives(const void *lag, double unused)
{
    (void)unused;
    return cell_count(lag_negative_count(lag));
}

static cell_t lag_min(const void *lag, double unused)
{
    (void)unused;
    return lag_count(lag) == 0 ? CELL_NONE : cell_integer(lag_min_us(lag));
}

static cell_t lag_mean(const void *lag, double decimals)
{
    return lag_count(lag) == 0 ? CELL_NONE : cell_real(lag_mean_us(lag), (int)decimals);
}

static cell_t lag_percentile(const void *lag, double percent)
{
    return lag_count(lag) == 0 ? CELL_NONE : cell_integer(lag_percentile_us(lag, percent));
}

static cell_t lag_max(const void *lag, double unused)
{
    (void)unused;
    return lag_count(lag) == 0 ? CELL_NONE : cell_integer(lag_max_us(lag));
}

#define LAG(name, unit, meaning, type, detail)                                                     \
    CSV_COLUMN(name, unit, meaning, type, offsetof(lag_record_t, lag), 0, detail)
#define LAG_PERCENTILE(label, percent)                                                             \
    LAG(label "_us", "µs", #percent "th percentile, over both signs", lag_percentile, percent)
#define LAG_FIGURES(unit)                                                                          \
    LAG("count", unit, unit " with this stage", lag_values, 0),                                    \
        LAG("negative_count", unit, "those of them with a lag below zero", lag_negatives, 0),      \
        LAG("min_us", "µs", "smallest lag, signed", lag_min, 0),                                   \
        LAG("mean_us", "µs", "mean lag", lag_mean, 1), LAG_PERCENTILE("p50", 50),                  \
        LAG_PERCENTILE("p90", 90), LAG_PERCENTILE("p95", 95), LAG_PERCENTILE("p99", 99),           \
        LAG_PERCENTILE("p999", 99.9), LAG("max_us", "µs", "largest lag", lag_max, 0)

static const csv_column_t lag_columns[] = {
    CSV_TEXT(lag_record_t, phase, "the phase's name; all: every phase merged"),
    CSV_TEXT(lag_record_t, tap, "wal or kafka"),
    CSV_TEXT(lag_record_t, operation, "insert, update, delete; all: every operation merged"),
    CSV_TEXT(lag_record_t, stage,
             "which part of the way: commit_to_send is from the commit to the send"),
    LAG_FIGURES("events"),
};
const csv_table_t table_lag = TABLE(
    "lag.csv", "One row for each phase, tap, operation and stage that was recorded.", lag_columns);

static const csv_column_t lag_transaction_columns[] = {
    CSV_TEXT(lag_record_t, phase, "the phase's name; all: every phase merged"),
    CSV_TEXT(lag_record_t, tap, "wal or kafka"),
    CSV_TEXT(lag_record_t, operation,
             "that event's: insert, update, delete; all: every operation merged"),
    CSV_TEXT(lag_record_t, event,
             "first or last: the event of each transaction that the lag is of"),
    CSV_TEXT(lag_record_t, stage, "which part of the way, as in lag.csv"),
    LAG_FIGURES("transactions"),
};
const csv_table_t table_lag_transactions =
    TABLE("lag_transactions.csv",
          "The lag of transactions: one row for each phase, tap, operation, end of a transaction "
          "and stage that was recorded. A transaction counts once, by its first and by its last "
          "event. Where the kafka tap reads several partitions, each event is taken for a "
          "transaction.",
          lag_transaction_columns);

/* A walk over the rows of one of the two files. */
typedef struct {
    const csv_table_t *table;
    const result_t *result;
    table_visit_t *visit;
    void *ctx;
} walk_t;

/* In place of a phase's or an operation's number. */
enum { ALL = -1 };

static uint32_t set_of(int number)
{
    return number == ALL ? ACCUMULATE_ALL : ACCUMULATE_ONE(number);
}

/* Nothing when it was not recorded. */
static bool visit_lag(const walk_t *walk, lag_record_t *record, tap_id_t tap, lag_scope_t scope,
                      int phase, int op, stage_t stage)
{
    lag_t *lag = NULL;
    if (!accumulate_stage(walk->result, tap, scope, set_of(phase), set_of(op), stage, &lag)) {
        return false;
    }
    record->event = lag_scope_names[scope];
    record->stage = stage_rows[stage].name;
    record->lag = lag;
    bool ok = lag == NULL || walk->visit(walk->ctx, walk->table, record);
    lag_free(lag);
    return ok;
}

/* The stages of one tap and operation in one phase; either may be ALL. */
static bool each_stage(const walk_t *walk, tap_id_t tap, int phase, int op)
{
    bool of_events = walk->table == &table_lag, ok = true;
    lag_record_t record = {
        .phase = phase == ALL ? "all" : walk->result->scenario->phases[phase].name,
        .tap = tap_rows[tap].name,
        .operation = op == ALL ? "all" : op_names[op],
    };
    for (lag_scope_t scope = of_events ? SCOPE_EVENT : SCOPE_FIRST;
         scope <= (of_events ? SCOPE_EVENT : SCOPE_LAST); scope++) {
        for (stage_t stage = 0; ok && stage < STAGE_COUNT; stage++) {
            ok = visit_lag(walk, &record, tap, scope, phase, op, stage);
        }
    }
    return ok;
}

static bool each_operation(const walk_t *walk, int phase)
{
    bool ok = true;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        for (int op = 0; ok && op < OP_COUNT; op++) {
            ok = each_stage(walk, tap, phase, op);
        }
        ok = ok && each_stage(walk, tap, phase, ALL);
    }
    return ok;
}

static bool each_lag(const walk_t *walk)
{
    for (uint32_t phase = 0; phase < walk->result->scenario->n_phases; phase++) {
        if (!each_operation(walk, (int)phase)) {
            return false;
        }
    }
    return each_operation(walk, ALL);
}

/* --- verify.csv ------------------------------------------------------------------------------- */

#define VERIFIED(field, meaning)                                                                   \
    CSV_COLUMN(#field, "events", meaning, csv_count, offsetof(verify_record_t, totals),            \
               offsetof(verify_totals_t, field), 0)
#define END(name, field, meaning)                                                                  \
    CSV_COLUMN(name, "transactions", meaning, csv_count, offsetof(verify_record_t, ends),          \
               offsetof(end_counts_t, field), 0)

static const csv_column_t verify_columns[] = {
    CSV_TEXT(verify_record_t, tap, "wal or kafka"),
    VERIFIED(expected, "changes that the server acknowledged"),
    VERIFIED(delivered, "events of this run's rows, duplicates included"),
    VERIFIED(missing, "acknowledged changes that the tap never saw; at least, when run.json says "
                      "gaps_overflowed"),
    VERIFIED(duplicated, "events seen again"),
    VERIFIED(out_of_order, "events that came late, or whose position did not rise"),
    VERIFIED(mismatched, "events with a column that is not what was written"),
    VERIFIED(rolled_back, "events of changes that were rolled back"),
    VERIFIED(unknown, "events whose key or version is not of this run"),
    VERIFIED(before_run, "events from before the run, passed over"),
    VERIFIED(untriggered, "those of mismatched that a trigger should have changed and did not"),
    END("end_agrees", agree,
        "transactions with the events that their END counts, in each table and in all; this and "
        "what follows is empty but on kafka with provide.transaction.metadata"),
    END("end_differs", faults[END_DIFFERS], "transactions whose END counts other events"),
    END("end_missing", faults[END_MISSING], "transactions with events and no END"),
    END("end_unseen", faults[END_UNSEEN],
        "transactions with an END that counts events, and none seen"),
};
const csv_table_t table_verify =
    TABLE("verify.csv", "One row for each tap that was on.", verify_columns);

verify_record_t verify_record(const result_t *result, tap_id_t id)
{
    const tap_result_t *tap = &result->taps[id];
    return (verify_record_t){tap_rows[id].name, &tap->verify,
                             tap->ends.measured ? &tap->ends : NULL};
}

static bool each_verify(const result_t *result, table_visit_t *visit, void *ctx)
{
    bool ok = true;
    for (tap_id_t tap = 0; ok && tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on && !result->taps[tap].unverified) {
            verify_record_t record = verify_record(result, tap);
            ok = visit(ctx, &table_verify, &record);
        }
    }
    return ok;
}

/* --- timeline.csv ----------------------------------------------------------------------------- */

static cell_t seconds_of_us(const void *at, double decimals)
{
    int64_t us = *(const int64_t *)at;
    return us == NOT_MEASURED ? CELL_NONE : cell_real((double)us / (double)US_PER_S, (int)decimals);
}

static cell_t percent_of_permille(const void *at, double decimals)
{
    int64_t permille = *(const int64_t *)at;
    return permille == NOT_MEASURED ? CELL_NONE : cell_real((double)permille / 10, (int)decimals);
}

#define ROW(name, unit, meaning, type, field, detail)                                              \
    CSV_COLUMN(name, unit, meaning, type, offsetof(timeline_record_t, row),                        \
               offsetof(timeline_row_t, field), detail)
#define INTEGER(name, unit, meaning, field) ROW(name, unit, meaning, csv_integer, field, 0)
#define PER_INTERVAL(name, unit, meaning, field)                                                   \
    ROW(name, unit, meaning, csv_count_of_interval, field, 0)

#define OPERATION(op, name, what)                                                                  \
    PER_INTERVAL(name "_due_rows", "rows",                                                         \
                 what " due by the clock; empty when as fast as it goes", ops[op].due_rows),       \
        PER_INTERVAL(name "_sent_rows", "rows", what " sent", ops[op].sent_rows),                  \
        PER_INTERVAL(name "_acked_rows", "rows", what " acknowledged", ops[op].acked_rows),        \
        INTEGER(name "_backlog_rows", "rows",                                                      \
                what " due and not yet acknowledged, at the end of the interval",                  \
                ops[op].backlog_rows),                                                             \
        INTEGER(name "_latency_p50_us", "µs", "median latency, from the intended time",            \
                ops[op].p50_us),                                                                   \
        INTEGER(name "_latency_p99_us", "µs", "99th percentile of it", ops[op].p99_us),            \
        INTEGER(name "_latency_max_us", "µs", "largest of it", ops[op].max_us),                    \
        INTEGER(name "_errors", "errors", "errors of " what, ops[op].errors)

#define TAP(tap, name, ...)                                                                        \
    PER_INTERVAL(name "_seen_rows", "events", "events that the " name " tap saw",                  \
                 taps[tap].seen_rows),                                                             \
        INTEGER(name "_behind_rows", "events",                                                     \
                "changes acknowledged and not yet seen, at the end of the interval",               \
                taps[tap].behind_rows),                                                            \
        INTEGER(name "_lag_p50_us", "µs", "median lag from commit to receipt", taps[tap].p50_us),  \
        INTEGER(name "_lag_p99_us", "µs", "99th percentile of it", taps[tap].p99_us),              \
        INTEGER(name "_lag_max_us", "µs", "largest of it", taps[tap].max_us),

#define BEHIND(tap, name, ...)                                                                     \
    ROW(name "_behind_s", "s",                                                                     \
        "age of the oldest change acknowledged and not yet seen, at the end of the interval",      \
        seconds_of_us, taps[tap].behind_us, 3),

#define SPILLED(tap, tap_name, traits, label, name, what)                                          \
    INTEGER(name "_spilled_txns", "transactions",                                                  \
            "transactions written to disk for " what " since it was made",                         \
            slots[tap].spilled_txns),

#define PROCESS(name, what)                                                                        \
    ROW(#name "_cpu_percent", "% of one core", "CPU time of " what, percent_of_permille,           \
        name##_cpu_permille, 1),                                                                   \
        INTEGER(#name "_rss_bytes", "bytes", "resident memory of " what, name##_rss_bytes)

#define SLOT(tap, tap_name, traits, label, name, what)                                             \
    INTEGER(name "_retained_bytes", "bytes", "WAL that the server keeps for " what,                \
            slots[tap].retained_bytes),                                                            \
        INTEGER(name "_unconfirmed_bytes", "bytes",                                                \
                "WAL that the reader of " what " has not confirmed",                               \
                slots[tap].unconfirmed_bytes),                                                     \
        INTEGER(name "_spilled_bytes", "bytes",                                                    \
                "decoded changes written to disk for " what " since it was made",                  \
                slots[tap].spilled_bytes),                                                         \
        INTEGER(name "_streamed_bytes", "bytes",                                                   \
                "decoded changes streamed before their commit for " what " since it was made",     \
                slots[tap].streamed_bytes),

static const csv_column_t timeline_columns[] = {
    ROW("second", "s", "since the run's start, at the end of the interval", csv_real, second, 3),
    ROW("interval_s", "s", "length of the interval that the counts are of", csv_real, interval_s,
        3),
    CSV_TEXT(timeline_record_t, phase, "the phase's name"),
    OPERATION(OP_INSERT, "insert", "inserts"),
    OPERATION(OP_UPDATE, "update", "updates"),
    OPERATION(OP_DELETE, "delete", "deletes"),
    OPERATION(STREAM_MIX, "transaction", "changes of mixed transactions"),
    TAP_EACH(TAP) TAP_EACH(SLOT) PROCESS(client, "this tool"),
    PROCESS(server, "all of the server's processes"),
    PROCESS(walsender, "the walsender"),
    PROCESS(broker, "the broker"),
    PROCESS(connect, "Kafka Connect"),
    INTEGER("clock_offset_us", "µs", "the server's clock minus the client's", clock_offset_us),
    INTEGER("clock_uncertainty_us", "µs", "the offset is right within plus or minus this",
            clock_uncertainty_us),
    TAP_EACH(BEHIND) INTEGER(
        "kafka_unread_messages", "messages",
        "records in the topic that the kafka tap has not received, at the end of the interval",
        kafka_unread_messages),
    TAP_EACH(SPILLED) PROCESS(debezium_walsender, "Debezium's walsender"),
    INTEGER("wal_written_bytes", "bytes", "WAL that the server wrote, for whomever",
            wal_written_bytes),
    INTEGER("checkpoints_timed", "checkpoints", "checkpoints that the clock began",
            checkpoints.timed),
    INTEGER("checkpoints_requested", "checkpoints",
            "checkpoints that were asked for: by max_wal_size, for one", checkpoints.requested),
    INTEGER("checkpoint_written_bytes", "bytes", "pages that checkpoints wrote",
            checkpoints.written_bytes),
    INTEGER("overload_us", "µs",
            "for how much of the interval the backlog was past its bound; empty without one",
            overload_us),
};
const csv_table_t table_timeline =
    TABLE("timeline.csv", "One row a second, while the run goes. Counts are of the interval.",
          timeline_columns);

timeline_record_t timeline_record(const scenario_t *scenario, const timeline_row_t *row)
{
    bool known = row->phase < scenario->n_phases;
    return (timeline_record_t){known ? scenario->phases[row->phase].name : NULL, row};
}

/* --- all of them ------------------------------------------------------------------------------ */

bool table_each(const csv_table_t *table, const result_t *result, table_visit_t *visit, void *ctx)
{
    return table == &table_summary  ? each_summary(result, visit, ctx)
           : table == &table_verify ? each_verify(result, visit, ctx)
                                    : each_lag(&(walk_t){table, result, visit, ctx});
}
