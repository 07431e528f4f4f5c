/*
 * meter: what a run uses up, read at the edges of its phases: WAL, CPU time of every process that
 * takes part, what Kafka brought. Owned and read by the controller, over its own connection.
 */
#ifndef CDCBENCH_RUN_CONTROL_METER_H
#define CDCBENCH_RUN_CONTROL_METER_H

#include "postgres/admin.h"
#include "result/result.h"
#include "run/monitor/monitor.h"
#include "run/tap/tap.h"

/* All outlive it. */
typedef struct {
    pg_admin_t *admin;
    const monitor_opts_t *processes; /* which ones, and Debezium's slot */
    const tap_t *topics;             /* the tap that reads them; NULL: off */
} meter_t;

/* Everything so far, from some zero of its own; what cannot be read is NOT_MEASURED. */
typedef struct {
    usage_t total;
    int debezium_walsender_pid; /* another one after each restart of the connector; 0: none */
} meter_reading_t;

meter_reading_t meter_read(const meter_t *meter);

/* What was used from one reading to a later one. */
usage_t meter_between(const meter_reading_t *from, const meter_reading_t *to);

#endif
