/*
 * sources: what feeds each tap, a row of functions a tap (the table is in sources.c): the
 * controller opens, starts and ends a source, and asks it what only a source can tell, by its tap's
 * number alone. Opened, started, stopped and freed by the controller; the rest as it says.
 */
#ifndef CDCBENCH_RUN_TAP_SOURCES_H
#define CDCBENCH_RUN_TAP_SOURCES_H

#include "kafka/kafka_consumer.h"
#include "postgres/target.h"
#include "run/tap/tap.h"

typedef struct source source_t;

/* Where to read. Each source takes what concerns it; all outlives source_start. */
typedef struct {
    const pg_target_t *server; /* of the log */
    const char *slot;          /* to be made */
    const char *publication;
    kafka_consumer_opts_t topics; /* the tables', in their order, and that of the ENDs */
} source_opts_t;

/* Makes what has to be there before the run's floor is noted. NULL with *err. */
source_t *source_open(tap_id_t tap, const source_opts_t *opts, err_t *err);

/* Starts the thread. What lies below the floor is no part of the run. */
bool source_start(source_t *source, const tap_opts_t *opts, uint64_t floor_lsn, err_t *err);

/* Ends the thread, after what has been received is dealt with; nothing where none was started. */
void source_stop(source_t *source);
void source_free(source_t *source); /* after source_stop; NULL is allowed */

/* The tap that it feeds, once started. */
tap_t *source_tap(source_t *source);

/* The server's process that serves it; 0: there is none, or it is not known. Once opened. */
int source_backend_pid(const source_t *source);

/* Records read beside the changes, and what is waited for of them: without end both, a source that
 * brings nothing but changes. Any thread. */
uint64_t source_others(const source_t *source);
uint64_t source_waiting(const source_t *source);

/* Records there that have not been received yet; NOT_MEASURED: nobody can tell. Any thread. */
int64_t source_unread(const source_t *source);

/* Of the first of its topics; 0: it reads none. And where it stands in a partition: the offset of
 * the next record, and the partition's end. Any thread. */
int source_partitions(const source_t *source);
void source_position(const source_t *source, int32_t partition, int64_t *position, int64_t *end);

/* What it alone knows, into the tap's result, whose `complete` is decided; and what it learnt of
 * others' clocks, of CLOCK_COUNT. After source_stop. */
void source_describe(const source_t *source, tap_result_t *out, foreign_clock_t *clocks);

#endif
