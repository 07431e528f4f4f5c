/*
 * expect: what a user expects of a run, as text: "lag_p99 < 2s", "mixed.kafka_lag_max <= 10s",
 * "missing == 0". Measured and judged by result/expectation.h. Pure; any thread.
 *
 *   [PHASE.][wal_|kafka_]MEASURE  <|<=|>|>=|==|!=  VALUE
 *   [PHASE.][wal_|kafka_]kept_up
 */
#ifndef CDCBENCH_PLAN_OPTIONS_EXPECT_H
#define CDCBENCH_PLAN_OPTIONS_EXPECT_H

#include "plan/schedule/scenario.h"

typedef enum {
    EXPECT_LAG,          /* commit to receipt, by event */
    EXPECT_LATENCY,      /* from the intended time */
    EXPECT_SERVICE,      /* from the send */
    EXPECT_SCHEDULE_LAG, /* how late the tool sent what it could have sent */
    EXPECT_MISSING,      /* these six: of a tap's verification */
    EXPECT_DUPLICATED,
    EXPECT_OUT_OF_ORDER,
    EXPECT_MISMATCHED,
    EXPECT_ROLLED_BACK,
    EXPECT_UNKNOWN,
    EXPECT_ERRORS, /* these two: of the writers */
    EXPECT_RETRIES,
    EXPECT_KEPT_UP, /* of a tap, in the phases with a rate; 1 or 0, and always expected to be 1 */
    EXPECT_MEASURES
} expect_measure_t;

typedef enum {
    EXPECT_BELOW,
    EXPECT_AT_MOST,
    EXPECT_ABOVE,
    EXPECT_AT_LEAST,
    EXPECT_EQUAL,
    EXPECT_UNEQUAL,
} expect_relation_t;

typedef struct {
    char phase[SCENARIO_NAME_MAX]; /* "": where it does not say */
    int tap;                       /* a tap_id_t; -1: where it does not say */
    expect_measure_t measure;
    double percent; /* of a time: 50 … 99.9; 100: the largest; 0: the mean */
    expect_relation_t relation;
    int64_t value; /* µs of a time, else a count */
} expect_t;

/* ERR_USAGE says what was read and what is allowed. */
bool expect_parse(const char *text, expect_t *out, err_t *err);

/* The same, when what was read is of no interest. */
bool expect_is_readable(const char *text, err_t *err);

/* Whether the measure is a time, in µs. */
bool expect_is_time(const expect_t *expect);

/* Whether a measured value is as expected. */
bool expect_holds(const expect_t *expect, double measured);

#endif
