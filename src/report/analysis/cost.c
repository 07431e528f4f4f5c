#include "report/analysis/cost.h"

#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/text/text.h"
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

/* --- cost.csv --------------------------------------------------------------------------------- */

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

static cell_t get_operation(const void *cost, double unused)
{
    (void)unused;
    return cell_text(stream_names[((const cost_t *)cost)->operation]);
}

static cell_t get_triggers(const void *condition, double unused)
{
    (void)unused;
    return cell_text(cost_triggers(condition));
}

static cell_t get_identity(const void *condition, double unused)
{
    (void)unused;
    return cell_text(cost_identity(condition));
}

static cell_t get_schemas(const void *condition, double unused)
{
    (void)unused;
    return ((const cost_condition_t *)condition)->kafka ? cell_text(cost_schemas(condition))
                                                        : CELL_NONE;
}

/* Of a cost_t, and of a whole record; both told which usage_kind_t. */
static cell_t get_per_change(const void *cost, double kind)
{
    return cell_real(cost_per_change(cost, (usage_kind_t)kind), 2);
}

static cell_t get_ratio(const void *record, double kind)
{
    return cell_real(cost_ratio(record, (usage_kind_t)kind), 3);
}

#define OF_COST(name, unit, meaning, type, offset, detail)                                         \
    CSV_COLUMN(name, unit, meaning, type, offsetof(cost_record_t, cost), offset, detail)
#define CONDITION(name, meaning, type)                                                             \
    OF_COST(name, "", meaning, type, offsetof(cost_t, condition), 0)
#define FIGURE(column, unit, kind, meaning)                                                        \
    OF_COST(column "_per_change", unit "/change", meaning, get_per_change, 0, kind)
#define RATIO(name, kind)                                                                          \
    CSV_COLUMN(name, "", "that over the plainest condition's", get_ratio, CSV_RECORD, 0, kind)

static const csv_column_t columns[] = {
    OF_COST("phase", "", "of the scenario explain-cost", csv_text, offsetof(cost_t, phase), 0),
    OF_COST("operation", "", "insert, update or delete", get_operation, 0, 0),
    CONDITION("triggers", "none or both", get_triggers),
    CONDITION("replica_identity", "default or full", get_identity),
    CONDITION("schemas", "of the messages, off or on; empty without Kafka", get_schemas),
    OF_COST("changes", "changes", "that the figures are the mean of", csv_count,
            offsetof(cost_t, changes), 0),
    OF_COST("checkpoints", "", "begun meanwhile: the WAL behind each holds full page images",
            csv_integer, offsetof(cost_t, used.of[USAGE_CHECKPOINTS]), 0),
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

/* --- the table on the terminal ---------------------------------------------------------------- */

/* Widths on the terminal, in columns. */
enum { LABEL_WIDTH = 10, FIGURE_WIDTH = 12, RATIO_WIDTH = 8 };

static const struct {
    const char *heading;
    usage_kind_t kind;
    bool with_ratio;
    int decimals;
} shown[] = {
    {"WAL bytes", USAGE_WAL_BYTES, true, 0},         {"server µs", USAGE_SERVER_CPU_US, true, 1},
    {"walsender", USAGE_WALSENDER_CPU_US, false, 1}, {"client", USAGE_CLIENT_CPU_US, false, 1},
    {"Connect", USAGE_CONNECT_CPU_US, false, 1},     {"Kafka bytes", USAGE_KAFKA_BYTES, true, 0},
};
enum { SHOWN = sizeof shown / sizeof *shown };

/* What nothing was measured of has no column. */
static bool is_shown(const costs_t *costs, int column)
{
    for (size_t i = 0; i < costs->n; i++) {
        if (isfinite(cost_per_change(&costs->items[i], shown[column].kind))) {
            return true;
        }
    }
    return false;
}

static void print_number(FILE *out, const char *before, double value, int decimals, int width)
{
    char text[64] = "-";
    if (isfinite(value)) {
        snprintf(text, sizeof text, "%s%.*f", before, decimals, value);
    }
    text_print_padded(out, text, width);
}

static void print_heading(FILE *out, const costs_t *costs, const cost_t *first)
{
    fprintf(out, "\n%s: %s of %s rows\n", first->phase, stream_names[first->operation],
            units_count(first->changes).text);
    text_print_padded(out, "triggers", -LABEL_WIDTH);
    text_print_padded(out, "identity", -LABEL_WIDTH);
    if (first->condition.kafka) {
        text_print_padded(out, "schemas", -LABEL_WIDTH);
    }
    for (int i = 0; i < SHOWN; i++) {
        if (is_shown(costs, i)) {
            text_print_padded(out, shown[i].heading, FIGURE_WIDTH);
            text_print_padded(out, shown[i].with_ratio ? "×" : "",
                              shown[i].with_ratio ? RATIO_WIDTH : 0);
        }
    }
    putc('\n', out);
}

static void print_line(FILE *out, const costs_t *costs, size_t number)
{
    cost_record_t record = cost_record(costs, number);
    const cost_condition_t *condition = &record.cost->condition;
    text_print_padded(out, cost_triggers(condition), -LABEL_WIDTH);
    text_print_padded(out, cost_identity(condition), -LABEL_WIDTH);
    if (condition->kafka) {
        text_print_padded(out, cost_schemas(condition), -LABEL_WIDTH);
    }
    for (int i = 0; i < SHOWN; i++) {
        if (!is_shown(costs, i)) {
            continue;
        }
        usage_kind_t kind = shown[i].kind;
        print_number(out, "", cost_per_change(record.cost, kind), shown[i].decimals, FIGURE_WIDTH);
        if (shown[i].with_ratio) {
            print_number(out, "×", cost_ratio(&record, kind), 2, RATIO_WIDTH);
        }
    }
    putc('\n', out);
}

static bool is_new_phase(const costs_t *costs, size_t number)
{
    for (size_t i = 0; i < number; i++) {
        if (strcmp(costs->items[i].phase, costs->items[number].phase) == 0) {
            return false;
        }
    }
    return true;
}

static void print_checkpoints(FILE *out, const costs_t *costs)
{
    int64_t checkpoints = 0;
    for (size_t i = 0; i < costs->n; i++) {
        int64_t more = costs->items[i].used.of[USAGE_CHECKPOINTS];
        checkpoints += more == NOT_MEASURED ? 0 : more;
    }
    if (checkpoints > 0) {
        fputs("\nA checkpoint began meanwhile: behind it the WAL holds full page images, and its "
              "bytes are not to be\ncompared (column checkpoints of cost.csv). Run it again, or "
              "raise "
              "checkpoint_timeout and max_wal_size.\n",
              out);
    }
}

void costs_print(FILE *out, const costs_t *costs)
{
    fprintf(out,
            "What each change costs; × is how many times the plainest condition's. CPU time in "
            "µs; the server's without its walsenders.\n");
    for (size_t first = 0; first < costs->n; first++) {
        if (!is_new_phase(costs, first)) {
            continue;
        }
        print_heading(out, costs, &costs->items[first]);
        for (size_t i = first; i < costs->n; i++) {
            if (strcmp(costs->items[i].phase, costs->items[first].phase) == 0) {
                print_line(out, costs, i);
            }
        }
    }
    print_checkpoints(out, costs);
}
