/*
 * merge: puts transactions together again whose events come by several ways at once, as over a
 * topic for each table: each way is in order by itself, but they are read as they come. What is
 * kept of an event is what the tap measures (its content has been verified when it was read): 100
 * bytes, until its transaction is handed to the tap, whole and in the order of the commits.
 *
 * A transaction is whole when every way has come past it. A way that is silent cannot say so: then
 * it is taken for whole a second after its last event, and what comes of it later counts as another
 * transaction, which the ledger does not know. One thread: the tap's.
 */
#ifndef CDCBENCH_RUN_TAP_MERGE_H
#define CDCBENCH_RUN_TAP_MERGE_H

#include "run/tap/tap.h"

typedef struct merge merge_t;

merge_t *merge_new(tap_t *tap, uint32_t ways); /* NULL when memory is out */
void merge_free(merge_t *merge);               /* NULL is allowed; what is left in it is dropped */

/* Names a transaction: the position of the last commit before it, and its number. */
typedef struct {
    uint64_t last_commit, txid;
    int64_t commit_us; /* or TAP_NO_TIME */
} merge_txn_t;

/* The way has come to this transaction: those before it are over, as far as this way goes. */
void merge_come_to(merge_t *merge, uint32_t way, const merge_txn_t *txn);

/* An event of this run. Aborts when memory is out: a result with events dropped in silence would be
 * worse. */
void merge_add(merge_t *merge, const merge_txn_t *txn, const tap_event_t *event);

/* Hands over what is whole by now; `all`: and the rest. */
void merge_settle(merge_t *merge, int64_t now_ns, bool all);

#endif
