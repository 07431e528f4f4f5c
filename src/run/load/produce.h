/*
 * produce: writes the scenario straight into Kafka: each change as the record that Debezium would
 * make of it (model/encode/envelope.h), in the place of a PostgreSQL and its connector. What
 * a connection is there is a writer here: it has one transaction under way, which is acknowledged
 * when the last of its records is. A transaction's records are handed over one behind the other,
 * with one transaction number and rising positions, so a partition looks as a connector leaves it.
 * Belongs to its loader's thread; of all writers there is one, since they share the order of
 * positions.
 */
#ifndef CDCBENCH_RUN_LOAD_PRODUCE_H
#define CDCBENCH_RUN_LOAD_PRODUCE_H

#include "base/clock.h"
#include "kafka/kafka_target.h"
#include "model/encode/envelope.h"
#include "run/load/loop.h"
#include "run/load/stats.h"
#include "run/load/work.h"

/* Where to and as what; outlives it. */
struct produce_form { /* produce_form_t */
    kafka_target_t target;
    const char *topic;
    envelope_form_t envelope;
    clock_anchor_t anchor; /* what its records' times are by */
    uint64_t first_lsn;    /* its records' positions begin here */
};

typedef struct produce produce_t;

typedef struct {
    work_t *work; /* work->produce is what it produces */
    loop_t *loop;
    taker_t *taker;
    stats_t *stats;
    void (*on_progress)(void *ctx); /* deliveries were dealt with, and it has done what it could */
    void *ctx;
} produce_opts_t;

/* Connects; all writers are ready then. NULL with *err. */
produce_t *produce_new(const produce_opts_t *opts, err_t *err);

/* What is not acknowledged is undetermined. NULL is allowed. */
void produce_free(produce_t *p);

void produce_pump(produce_t *p);                       /* does what can be done now */
int64_t produce_next_ns(const produce_t *p);           /* as session_next_ns */
bool produce_done(const produce_t *p, uint32_t phase); /* as session_done, of all writers */

#endif
