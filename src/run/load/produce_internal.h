/*
 * produce_internal: what produce.c (writers, taking, deliveries) and produce_send.c (a
 * transaction's records) share. Nobody else includes it.
 */
#ifndef CDCBENCH_RUN_LOAD_PRODUCE_INTERNAL_H
#define CDCBENCH_RUN_LOAD_PRODUCE_INTERNAL_H

#include "kafka/kafka_producer.h"
#include "run/load/produce.h"
#include "run/load/txn_count.h"
#include "run/load/txn_rows.h"

/* One transaction's place. */
typedef struct {
    uint32_t connection;
    int64_t next_ns, idle_since_ns;
    uint32_t done_phase; /* 1 + the phase in which there was nothing left to take */

    bool has_task; /* `task` is under way */
    task_t task;
    txn_t txn;
    ledger_entry_t *entry; /* NULL: not kept */
    int64_t sent_ns;
    uint64_t bytes;
    /* how far it has come */
    uint32_t step, filled; /* the step under way, and how many of its changes were made */
    uint32_t copied;       /* rows of its insert: what own updates go round */
    lane_walk_t walk;
    bool all_sent, failed;
    uint64_t waiting; /* records sent whose delivery is not told yet */
} writer_t;

/* The record that is to be handed over next. */
typedef struct {
    bool ready;     /* it is made, and not taken yet */
    bool tombstone; /* without its value; else one may follow … */
    bool deleted;   /* … since it is of a delete */
    char *key, *value;
    size_t key_len, value_len;
} record_t;

struct produce {
    produce_opts_t o;
    const produce_form_t *form;
    kafka_producer_t *producer;
    envelope_encoder_t *encoder;
    watch_t *watch;
    int64_t *changed_us; /* by row: when it was last updated; 0: never */
    uint32_t n_writers, turn;
    writer_t *writers;

    writer_t *sending; /* its records come now, and no other's between; NULL: none */
    record_t record;
    int64_t commit_us; /* of the transaction that is being sent */
    uint32_t txn_id;
    uint64_t lsn, last_commit_lsn;
    uint32_t unpolled; /* records handed over since deliveries were last looked at */
};

/* A step in the log, as an ordinary change makes it: positions alone, nobody reads between. */
#define PRODUCE_LSN_STEP 256u

/* From has_task: lays the transaction out and enters it in the ledger. False: it cannot be sent,
 * and the load ends. */
bool produce_begin(produce_t *p, writer_t *w, int64_t now_ns);

/* Hands over what the queue takes of p->sending; false when it is full. At the end of the
 * transaction p->sending is NULL. */
bool produce_send(produce_t *p);

static inline op_stats_t *produce_stats(produce_t *p, const writer_t *w)
{
    return &p->o.stats->ops[w->task.phase][w->task.stream];
}

#endif
