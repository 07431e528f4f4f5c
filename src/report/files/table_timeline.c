#include "report/files/tables.h"

static const timeline_row_t *row_of(const void *record)
{
    return ((const timeline_record_t *)record)->row;
}

static cell_t get_phase(const csv_column_t *column, const void *record)
{
    (void)column;
    const scenario_t *scenario = ((const timeline_record_t *)record)->scenario;
    uint32_t phase = row_of(record)->phase;
    return phase < scenario->n_phases ? cell_text(scenario->phases[phase].name) : CELL_NONE;
}

/* The double at the column's offset in timeline_row_t. */
static cell_t get_seconds(const csv_column_t *column, const void *record)
{
    const char *row = (const char *)row_of(record);
    return cell_real(*(const double *)(const void *)(row + column->offset), 3);
}

static int64_t integer_at(const csv_column_t *column, const void *record)
{
    const char *row = (const char *)row_of(record);
    return *(const int64_t *)(const void *)(row + column->offset);
}

static cell_t get_integer(const csv_column_t *column, const void *record)
{
    return cell_integer(integer_at(column, record));
}

static cell_t get_seconds_of_us(const csv_column_t *column, const void *record)
{
    int64_t us = integer_at(column, record);
    return us == NOT_MEASURED ? CELL_NONE : cell_real((double)us / (double)US_PER_S, 3);
}

/* From permille. */
static cell_t get_percent(const csv_column_t *column, const void *record)
{
    int64_t permille = integer_at(column, record);
    return permille == NOT_MEASURED ? CELL_NONE : cell_real((double)permille / 10, 1);
}

#define INTEGER(name, unit, meaning, field)                                                        \
    {                                                                                              \
        name, unit, meaning, get_integer, offsetof(timeline_row_t, field), 0                       \
    }

#define OPERATION(op, name, what)                                                                  \
    INTEGER(name "_due_rows", "rows", what " due by the clock; empty when as fast as it goes",     \
            ops[op].due_rows),                                                                     \
        INTEGER(name "_sent_rows", "rows", what " sent", ops[op].sent_rows),                       \
        INTEGER(name "_acked_rows", "rows", what " acknowledged", ops[op].acked_rows),             \
        INTEGER(name "_backlog_rows", "rows",                                                      \
                what " due and not yet acknowledged, at the end of the interval",                  \
                ops[op].backlog_rows),                                                             \
        INTEGER(name "_latency_p50_us", "µs", "median latency, from the intended time",            \
                ops[op].p50_us),                                                                   \
        INTEGER(name "_latency_p99_us", "µs", "99th percentile of it", ops[op].p99_us),            \
        INTEGER(name "_latency_max_us", "µs", "largest of it", ops[op].max_us),                    \
        INTEGER(name "_errors", "errors", "errors of " what, ops[op].errors)

#define TAP(tap, name)                                                                             \
    INTEGER(name "_seen_rows", "events", "events that the " name " tap saw", taps[tap].seen_rows), \
        INTEGER(name "_behind_rows", "events",                                                     \
                "changes acknowledged and not yet seen, at the end of the interval",               \
                taps[tap].behind_rows),                                                            \
        INTEGER(name "_lag_p50_us", "µs", "median lag from commit to receipt", taps[tap].p50_us),  \
        INTEGER(name "_lag_p99_us", "µs", "99th percentile of it", taps[tap].p99_us),              \
        INTEGER(name "_lag_max_us", "µs", "largest of it", taps[tap].max_us)

#define BEHIND(tap, name)                                                                          \
    {                                                                                              \
        name "_behind_s", "s",                                                                     \
            "age of the oldest change acknowledged and not yet seen, at the end of the interval",  \
            get_seconds_of_us, offsetof(timeline_row_t, taps[tap].behind_us), 0                    \
    }

#define SPILLED(tap, name, what)                                                                   \
    INTEGER(name "_spilled_txns", "transactions",                                                  \
            "transactions written to disk for " what " since it was made",                         \
            slots[tap].spilled_txns)

#define PROCESS(name, what)                                                                        \
    {#name "_cpu_percent",                                                                         \
     "% of one core",                                                                              \
     "CPU time of " what,                                                                          \
     get_percent,                                                                                  \
     offsetof(timeline_row_t, name##_cpu_permille),                                                \
     0},                                                                                           \
        INTEGER(#name "_rss_bytes", "bytes", "resident memory of " what, name##_rss_bytes)

#define SLOT(tap, name, what)                                                                      \
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
                slots[tap].streamed_bytes)

static const csv_column_t columns[] = {
    {"second", "s", "since the run's start, at the end of the interval", get_seconds,
     offsetof(timeline_row_t, second), 0},
    {"interval_s", "s", "length of the interval that the counts are of", get_seconds,
     offsetof(timeline_row_t, interval_s), 0},
    {"phase", "", "the phase's name", get_phase, 0, 0},
    OPERATION(OP_INSERT, "insert", "inserts"),
    OPERATION(OP_UPDATE, "update", "updates"),
    OPERATION(OP_DELETE, "delete", "deletes"),
    OPERATION(STREAM_MIX, "transaction", "changes of mixed transactions"),
    TAP(TAP_WAL, "wal"),
    TAP(TAP_KAFKA, "kafka"),
    SLOT(TAP_WAL, "slot", "the wal tap's slot"),
    SLOT(TAP_KAFKA, "debezium_slot", "Debezium's slot"),
    PROCESS(client, "this tool"),
    PROCESS(server, "all of the server's processes"),
    PROCESS(walsender, "the walsender"),
    PROCESS(broker, "the broker"),
    PROCESS(connect, "Kafka Connect"),
    INTEGER("clock_offset_us", "µs", "the server's clock minus the client's", clock_offset_us),
    INTEGER("clock_uncertainty_us", "µs", "the offset is right within plus or minus this",
            clock_uncertainty_us),
    BEHIND(TAP_WAL, "wal"),
    BEHIND(TAP_KAFKA, "kafka"),
    INTEGER("kafka_unread_messages", "messages",
            "records in the topic that the kafka tap has not received, at the end of the interval",
            kafka_unread_messages),
    SPILLED(TAP_WAL, "slot", "the wal tap's slot"),
    SPILLED(TAP_KAFKA, "debezium_slot", "Debezium's slot"),
    PROCESS(debezium_walsender, "Debezium's walsender"),
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

const csv_table_t table_timeline = {
    "timeline.csv",
    "One row a second, while the run goes. Counts are of the interval.",
    columns,
    sizeof columns / sizeof columns[0],
};
