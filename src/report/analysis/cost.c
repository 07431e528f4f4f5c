#include "report/analysis/cost.h"

#include <math.h>
#include <string.h>

#include "result/verdict.h"

/* The one stream of a phase; -1: it has none, several, or one of several operations. */
static int only_stream(const phase_t *phase)
{
    int found = -1;
    for (int i = 0; i < STREAM_COUNT; i++) {
        if (phase->streams[i].kind == STREAM_OFF) {
            continue;
        }
        if (found >= 0 || i >= OP_COUNT) {
            return -1;
        }
        found = i;
    }
    return found;
}

bool cost_is_told(const phase_t *phase)
{
    return phase->kind == PHASE_WORK && !phase->warm_up && only_stream(phase) >= 0;
}

static bool is_whole(const result_t *result)
{
    run_verdict_t verdict = verdict_of(result);
    return (verdict == VERDICT_VERIFIED || verdict == VERDICT_UNVERIFIED) && !result->interrupted &&
           result->failure.code == ERR_NONE;
}

static int64_t plus(int64_t a, int64_t b)
{
    return a == NOT_MEASURED || b == NOT_MEASURED ? NOT_MEASURED : a + b;
}

static void add_usage(usage_t *sum, const usage_t *more)
{
    for (usage_kind_t kind = 0; kind < USAGE_KINDS; kind++) {
        sum->of[kind] = plus(sum->of[kind], more->of[kind]);
    }
}

/* The drains behind a phase are of its changes too: until then they are on their way. */
static cost_t cost_of(const cost_condition_t *condition, const result_t *result, uint32_t number)
{
    const phase_t *phases = result->scenario->phases;
    int stream = only_stream(&phases[number]);
    cost_t cost = {.condition = *condition,
                   .operation = (op_t)stream,
                   .changes = result->phases[number].ops[stream].rows,
                   .used = result->phases[number].used};
    memcpy(cost.phase, phases[number].name, sizeof cost.phase);
    for (uint32_t p = number + 1; p < result->scenario->n_phases && phases[p].kind == PHASE_DRAIN;
         p++) {
        add_usage(&cost.used, &result->phases[p].used);
    }
    return cost;
}

void costs_take(costs_t *costs, const cost_condition_t *condition, const result_t *result)
{
    const scenario_t *scenario = result->scenario;
    for (uint32_t p = 0; is_whole(result) && p < scenario->n_phases; p++) {
        if (cost_is_told(&scenario->phases[p])) {
            costs->items[costs->n++] = cost_of(condition, result, p);
        }
    }
}

static bool is_plainest(const cost_condition_t *condition)
{
    return !condition->triggers && !condition->full && !condition->schemas;
}

cost_record_t cost_record(const costs_t *costs, size_t number)
{
    cost_record_t record = {.cost = &costs->items[number]};
    for (size_t i = 0; i < costs->n; i++) {
        if (is_plainest(&costs->items[i].condition) &&
            strcmp(costs->items[i].phase, record.cost->phase) == 0) {
            record.plain = &costs->items[i];
        }
    }
    return record;
}

double cost_per_change(const cost_t *cost, usage_kind_t kind)
{
    int64_t sum = cost->used.of[kind];
    return sum == NOT_MEASURED || cost->changes == 0 ? NAN : (double)sum / (double)cost->changes;
}

double cost_ratio(const cost_record_t *record, usage_kind_t kind)
{
    return record->plain == NULL
               ? NAN
               : cost_per_change(record->cost, kind) / cost_per_change(record->plain, kind);
}

/* ---- cost.csv ----------------------------------------------------------------------------------
 */

static const cost_t *cost_in(const void *record)
{
    return ((const cost_record_t *)record)->cost;
}

const char *cost_triggers(const cost_condition_t *condition)
{
    return condition->triggers ? "both" : "none";
}

const char *cost_identity(const cost_condition_t *condition)
{
    return condition->full ? "full" : "default";
}

const char *cost_schemas(const cost_condition_t *condition)
{
    return condition->schemas ? "on" : "off";
}

static cell_t get_phase(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_text(cost_in(record)->phase);
}

static cell_t get_operation(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_text(stream_names[cost_in(record)->operation]);
}

static cell_t get_triggers(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_text(cost_triggers(&cost_in(record)->condition));
}

static cell_t get_identity(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_text(cost_identity(&cost_in(record)->condition));
}

static cell_t get_schemas(const csv_column_t *column, const void *record)
{
    (void)column;
    const cost_condition_t *condition = &cost_in(record)->condition;
    return condition->kafka ? cell_text(cost_schemas(condition)) : CELL_NONE;
}

static cell_t get_changes(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_count(cost_in(record)->changes);
}

static cell_t get_checkpoints(const csv_column_t *column, const void *record)
{
    (void)column;
    return cell_integer(cost_in(record)->used.of[USAGE_CHECKPOINTS]);
}

/* The column's offset is a usage_kind_t; in get_ratio too. */
static cell_t get_per_change(const csv_column_t *column, const void *record)
{
    return cell_real(cost_per_change(cost_in(record), (usage_kind_t)column->offset), 2);
}

static cell_t get_ratio(const csv_column_t *column, const void *record)
{
    return cell_real(cost_ratio(record, (usage_kind_t)column->offset), 3);
}

#define FIGURE(column, unit, kind, meaning)                                                        \
    {                                                                                              \
        column "_per_change", unit "/change", meaning, get_per_change, kind, 0                     \
    }
#define RATIO(column, kind)                                                                        \
    {                                                                                              \
        column, "", "that over the plainest condition's", get_ratio, kind, 0                       \
    }

static const csv_column_t columns[] = {
    {"phase", "", "of the scenario explain-cost", get_phase, 0, 0},
    {"operation", "", "insert, update or delete", get_operation, 0, 0},
    {"triggers", "", "none or both", get_triggers, 0, 0},
    {"replica_identity", "", "default or full", get_identity, 0, 0},
    {"schemas", "", "of the messages, off or on; empty without Kafka", get_schemas, 0, 0},
    {"changes", "changes", "that the figures are the mean of", get_changes, 0, 0},
    {"checkpoints", "", "begun meanwhile: the WAL behind each holds full page images",
     get_checkpoints, 0, 0},
    FIGURE("wal_bytes", "bytes", USAGE_WAL_BYTES, "WAL that the server wrote"),
    RATIO("wal_ratio", USAGE_WAL_BYTES),
    FIGURE("server_cpu_us", "µs", USAGE_SERVER_CPU_US,
           "CPU time of the server's processes but its walsenders"),
    RATIO("server_cpu_ratio", USAGE_SERVER_CPU_US),
    FIGURE("walsender_cpu_us", "µs", USAGE_WALSENDER_CPU_US, "CPU time of the wal tap's walsender"),
    RATIO("walsender_cpu_ratio", USAGE_WALSENDER_CPU_US),
    FIGURE("debezium_walsender_cpu_us", "µs", USAGE_DEBEZIUM_WALSENDER_CPU_US,
           "CPU time of Debezium's walsender"),
    RATIO("debezium_walsender_cpu_ratio", USAGE_DEBEZIUM_WALSENDER_CPU_US),
    FIGURE("connect_cpu_us", "µs", USAGE_CONNECT_CPU_US, "CPU time of Kafka Connect"),
    RATIO("connect_cpu_ratio", USAGE_CONNECT_CPU_US),
    FIGURE("broker_cpu_us", "µs", USAGE_BROKER_CPU_US, "CPU time of the broker"),
    RATIO("broker_cpu_ratio", USAGE_BROKER_CPU_US),
    FIGURE("client_cpu_us", "µs", USAGE_CLIENT_CPU_US,
           "CPU time of cdcbench: making, sending, reading back and verifying"),
    RATIO("client_cpu_ratio", USAGE_CLIENT_CPU_US),
    FIGURE("kafka_bytes", "bytes", USAGE_KAFKA_BYTES,
           "keys and values on Kafka, uncompressed; of a delete its tombstone too"),
    RATIO("kafka_ratio", USAGE_KAFKA_BYTES),
};

const csv_table_t table_cost = {
    "cost.csv",
    "Written by `cdcbench run --explain-cost` alone: what a change costs, one row for each "
    "condition "
    "and phase, the drain behind the phase included. Empty is what could not be read: CPU time of "
    "processes on another host, Kafka without a kafka tap.",
    columns,
    sizeof columns / sizeof columns[0],
};
