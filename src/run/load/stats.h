/*
 * stats: what one loader thread counts. Written by that thread alone, read by the controller at any
 * time: counters (base/counter.h) and histograms (base/hist.h). Differences between two readings
 * give a second's figures; nothing is swapped and nobody waits.
 */
#ifndef CDCBENCH_RUN_LOAD_STATS_H
#define CDCBENCH_RUN_LOAD_STATS_H

#include "base/counter.h"
#include "base/hist.h"
#include "plan/schedule/scenario.h"

typedef _Atomic(hist_t *) hist_slot_t;

typedef struct {
    counter_t transactions; /* acknowledged */
    counter_t rows_sent, rows_acked, errors, retries;
    counter_t rolled_back;      /* transactions rolled back as the scenario asks … */
    counter_t rows_rolled_back; /* … and their rows: in none of the figures above but rows_sent */
    counter_t bytes;            /* of acknowledged transactions, as handed to libpq */
    _Atomic int64_t first_sent_ns; /* CLOCK_MONOTONIC; 0: none */
    _Atomic int64_t last_acked_ns;
    hist_slot_t latency, service; /* allocated when first used */
} op_stats_t;

typedef struct {
    op_stats_t ops[SCENARIO_PHASES_MAX][STREAM_COUNT];
    hist_slot_t schedule_lag[SCENARIO_PHASES_MAX];
    counter_t reconnects, in_doubt, in_doubt_committed;
    counter_t undetermined; /* transactions whose outcome was never learnt */
} stats_t;

stats_t *stats_new(void); /* NULL when memory is out */
void stats_free(stats_t *stats);

/* The writer's. */
void stats_record(hist_slot_t *slot,
                  int64_t ns); /* as µs; a negative one is a broken clock: aborts */

/* Anybody's. */
const hist_t *stats_hist(const hist_slot_t *slot); /* NULL: nothing recorded yet */

#endif
