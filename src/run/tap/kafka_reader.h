/*
 * kafka_reader: messages of a Debezium topic in, changes into a tap: reads the envelope, maps its
 * columns to the table's by name, finds where a transaction begins, and lays out the event's way.
 * No sockets, so tests can feed it bytes. One thread.
 *
 * Order: of a topic's one partition the position of the last commit (`sequence[0]`) never falls,
 * and the LSN rises within a transaction; what a restarted connector sends again is known by its
 * versions and counted as duplicated. With several partitions order holds for each key alone. Over
 * the topics of several tables order holds within each topic; their transactions are put together
 * again by a merge_t that the readers share.
 */
#ifndef CDCBENCH_RUN_TAP_KAFKA_READER_H
#define CDCBENCH_RUN_TAP_KAFKA_READER_H

#include "kafka/format/format.h"
#include "kafka/kafka_consumer.h"
#include "run/tap/merge.h"
#include "run/tap/transaction_ends.h"

typedef struct kafka_reader kafka_reader_t;

typedef struct {
    tap_t *tap;
    const table_use_t *use;          /* the table whose topic it is; outlives the reader */
    uint32_t table;                  /* its number among the run's */
    uint64_t floor_lsn;              /* changes below it are before_run */
    int partitions;                  /* of the topic */
    merge_t *merge;                  /* of all readers; NULL: this topic is all there is */
    transaction_ends_t *ends;        /* of all readers; NULL: there are none */
    foreign_clock_t *clocks;         /* what causality says of Connect's and the broker's clock:
                                        CLOCK_COUNT of them, of all readers; NULL: its own */
    bool clients_clock[CLOCK_COUNT]; /* stamps of it are of this host's clock */
} kafka_reader_opts_t;

kafka_reader_t *kafka_reader_new(const kafka_reader_opts_t *opts); /* NULL when memory is out */
void kafka_reader_free(kafka_reader_t *reader);

/* One message, received at receipt_ns (CLOCK_MONOTONIC). What cannot be read as an envelope is an
 * unknown event; why the first one could not be read is logged; reading goes on. `below_floor`: it
 * lay in the topic before the run. */
void kafka_reader_feed(kafka_reader_t *reader, const kafka_message_t *message, int64_t receipt_ns,
                       bool below_floor);

/* Messages of another topic come now: of readers that share a merge, the first one is `from` at the
 * beginning. */
void kafka_reader_turn(kafka_reader_t *from, kafka_reader_t *to);

/* The end of what is there for now is no end of a transaction; the end of the run is. */
void kafka_reader_end(kafka_reader_t *reader);

uint64_t kafka_reader_unreadable(const kafka_reader_t *reader); /* records that are no event */

uint64_t kafka_reader_lsn(const kafka_reader_t *reader); /* the highest seen */
uint64_t
kafka_reader_tombstones(const kafka_reader_t *reader); /* null values: no change of a row */

#endif
