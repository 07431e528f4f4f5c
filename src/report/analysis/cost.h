/*
 * cost: what a change costs under one condition: triggers, replica identity, the messages' schemas.
 * A row of cost.csv, and of the table on the terminal. Plain data taken from a result; one thread.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_COST_H
#define CDCBENCH_REPORT_ANALYSIS_COST_H

#include <stdio.h>

#include "report/files/csv.h"
#include "result/result.h"

typedef struct {
    bool triggers, full;
    bool kafka, schemas; /* without Kafka there is no such choice */
} cost_condition_t;

/* One phase of one condition: a stream of changes, and the drain behind it. */
typedef struct {
    cost_condition_t condition;
    char phase[SCENARIO_NAME_MAX];
    op_t operation;
    uint64_t changes;
    usage_t used; /* by all of them */
} cost_t;

/* The costs of all conditions so far, each condition's in the order of its phases. */
#define COST_CONDITIONS_MAX 8
typedef struct {
    cost_t items[COST_CONDITIONS_MAX * SCENARIO_PHASES_MAX];
    size_t n;
} costs_t;

/* Whether a phase's cost is told: it has one stream, and is no warm-up. */
bool cost_is_told(const phase_t *phase);

/* Appends what the run came to; one that is not whole (a fault, a tap that ended early, an
 * interrupt) has no cost. At most COST_CONDITIONS_MAX times. */
void costs_take(costs_t *costs, const cost_condition_t *condition, const result_t *result);

/* A row of cost.csv. */
typedef struct {
    const cost_t *cost;
    const cost_t
        *plain; /* the same phase's without triggers, full and schemas; NULL: not measured */
} cost_record_t;
extern const csv_table_t table_cost;
cost_record_t cost_record(const costs_t *costs, size_t number);

/* What a change used of that; NAN: not measured. And how many times the plainest's it is. */
double cost_per_change(const cost_t *cost, usage_kind_t kind);
double cost_ratio(const cost_record_t *record, usage_kind_t kind);

/* As cost.csv and the table call them: "none", "both"; "default", "full"; "off", "on". */
const char *cost_triggers(const cost_condition_t *condition);
const char *cost_identity(const cost_condition_t *condition);
const char *cost_schemas(const cost_condition_t *condition);

/* A block a phase, a line a condition. */
void costs_print(FILE *out, const costs_t *costs);

#endif
