/* What a change costs, as a table for people. */
#include <math.h>
#include <string.h>

#include "base/units.h"
#include "report/analysis/cost.h"
#include "report/text/text.h"

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
