/*
 * transaction_ends: Debezium's own count of each transaction's events held against what a tap saw
 * of it. With provide.transaction.metadata the connector writes an END record for every
 * transaction, into a topic of its own; since nothing orders two topics, a count and its events
 * wait for each other here, by the transaction's number.
 *
 * Memory: 24 bytes and 16 for each table, up to 2.7 times over (three eighths to three quarters of
 * the places are taken), for a transaction that waits, up to TRANSACTION_ENDS_OPEN_MAX of them, and
 * for the last TRANSACTION_ENDS_RECENT that agreed. Those are kept so that what comes late of one
 * (an event, another END) is held against its counts; of older ones a late event is an event
 * without an END.
 *
 * The tap's thread, but for what says otherwise.
 */
#ifndef CDCBENCH_RUN_TAP_TRANSACTION_ENDS_H
#define CDCBENCH_RUN_TAP_TRANSACTION_ENDS_H

#include "kafka/format/envelope.h"
#include "result/result.h"

#define TRANSACTION_ENDS_OPEN_MAX (4u << 20)
#define TRANSACTION_ENDS_RECENT   (16u << 10)

typedef struct transaction_ends transaction_ends_t;

/* `collections`: the run's n_tables tables as ENDs name them, "public.transactions"; they outlive
 * it. An END that was written at a lower position of the log than floor_lsn is of before the run.
 * NULL when memory is out. */
transaction_ends_t *transaction_ends_new(const char *const *collections, uint32_t n_tables,
                                         uint64_t floor_lsn);
void transaction_ends_free(transaction_ends_t *ends); /* NULL is allowed */

/* An event of that table, whatever its content and however often it came: an END counts what was
 * sent. A snapshot's are of no transaction, and passed over. */
void transaction_ends_event(transaction_ends_t *ends, const envelope_t *envelope, uint32_t table);

/* The value of a record of the transaction topic. What is no END, or counts no event of the run's
 * tables, is passed over. */
void transaction_ends_record(transaction_ends_t *ends, const char *value, size_t len);

/* Any thread: ENDs read, and transactions that still wait for an END or for events. */
uint64_t transaction_ends_read(const transaction_ends_t *ends);
uint64_t transaction_ends_waiting(const transaction_ends_t *ends);

/* What came of it, after the tap's thread has been joined. `complete`: the tap was given all it
 * needed, so that what is lacking is missing; else it is undecided. */
void transaction_ends_result(const transaction_ends_t *ends, bool complete, end_counts_t *out);

#endif
