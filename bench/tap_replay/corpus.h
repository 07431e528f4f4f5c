/*
 * corpus: the messages that a tap would read of a run: inserts, 1,000 a transaction, then updates,
 * 100 a transaction, of other rows each time; as Kafka's messages with a schema and without, and as
 * the frames of a replication connection. Made once, in memory, and then read again and again.
 */
#ifndef CDCBENCH_BENCH_CORPUS_H
#define CDCBENCH_BENCH_CORPUS_H

#include "base/buf.h"
#include "kafka/kafka_consumer.h"
#include "model/row.h"

#define CORPUS_FLOOR_LSN UINT64_C(0x1000000)
enum { CORPUS_INSERTS_PER_TXN = 1000, CORPUS_UPDATES_PER_TXN = 100 };

typedef struct {
    row_space_t space;
    uint64_t inserts, updates;
    size_t n; /* messages or frames: the wal's have begins, commits and a relation beside */
    buf_t bytes;
    size_t *ends;              /* where each one ends in bytes */
    kafka_message_t *messages; /* kafka's alone: keys and values point into bytes */
} corpus_t;

/* Both exit with a message when memory is out. `schemas`: Connect's schemas.enable. */
void corpus_make_kafka(corpus_t *corpus, uint64_t inserts, uint64_t updates, bool schemas);
void corpus_make_wal(corpus_t *corpus, uint64_t inserts, uint64_t updates);
void corpus_free(corpus_t *corpus);

/* For those that make one: the change's row, its version, whether it begins a transaction. */
typedef struct {
    uint64_t number, row;
    uint32_t version;
    bool begins, ends;
    uint64_t txn; /* from 0 on */
} corpus_change_t;
corpus_change_t corpus_change(const corpus_t *corpus, uint64_t number);

/* bytes, as far as they go, are the next message. */
void corpus_close(corpus_t *corpus);
void corpus_need(bool good);

#endif
