/*
 * ddl: a change of the tables in mid-run: a thread with a connection of its own that adds a column
 * to each table at a given moment. Nothing writes to that column; the taps pass it over by its
 * name, and go on over the new Relation message and Debezium's new schema. Started and stopped by
 * the controller.
 */
#ifndef CDCBENCH_RUN_CONTROL_DDL_H
#define CDCBENCH_RUN_CONTROL_DDL_H

#include "run/load/work.h"

#define DDL_COLUMN "cdcbench_added"

typedef struct ddl ddl_t;

/* At at_ns (CLOCK_MONOTONIC). A table that cannot be changed ends the load with work_fail. NULL
 * with *err. */
ddl_t *ddl_start(work_t *work, int64_t at_ns, err_t *err);

/* Waits for a change under way; one whose moment has not come is not made. Frees it; NULL is
 * allowed. When the last table had been changed, CLOCK_MONOTONIC; 0: they were not. */
int64_t ddl_stop(ddl_t *ddl);

#endif
