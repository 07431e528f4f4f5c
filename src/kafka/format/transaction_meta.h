/*
 * transaction_meta: reads the messages of Debezium's transaction topic
 * (provide.transaction.metadata=true): BEGIN and END of each transaction, the END with the number
 * of its events, which a consumer can be held against. Source: Debezium's documentation,
 * "PostgreSQL connector: Transaction metadata". With and without schemas, as envelope.h reads them.
 *
 * One thread for each reader. Results point into the message and the reader, and live until the
 * reader reads again or is freed, or the message is freed.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_TRANSACTION_META_H
#define CDCBENCH_KAFKA_FORMAT_TRANSACTION_META_H

#include "kafka/format/envelope.h"

/* How many of a transaction's events are one table's. */
typedef struct {
    slice_t name; /* "public.transactions" */
    uint64_t event_count;
} transaction_collection_t;

typedef enum {
    TRANSACTION_OTHER, /* null, or a status that is not known */
    TRANSACTION_BEGIN,
    TRANSACTION_END,
} transaction_status_t;

typedef struct {
    transaction_status_t status;
    slice_t id;           /* "txId:LSN" */
    uint64_t event_count; /* TRANSACTION_END only, as the collections */
    size_t n_collections;
    const transaction_collection_t *collections;
    envelope_time_t time;
} transaction_meta_t;

typedef struct transaction_reader transaction_reader_t;

/* NULL when memory is out. */
transaction_reader_t *transaction_reader_new(void);
void transaction_reader_free(transaction_reader_t *reader);

/* Reads a message's value (its key only repeats the id). A length of 0 is null: TRANSACTION_OTHER.
 * False with *err (ERR_RUN): where in it, what is wrong. */
bool transaction_meta_read(transaction_reader_t *reader, const char *value, size_t len,
                           transaction_meta_t *out, err_t *err);

/* The two halves of "752:37283904": the transaction's number, and a position of it in the log: an
 * event's, or the commit's. Connectors before 1.9 write the number alone; *lsn is 0 then. False:
 * there is no number, or it is 0, which no transaction has. */
bool transaction_id_read(const slice_t *id, uint64_t *txid, uint64_t *lsn);

#endif
