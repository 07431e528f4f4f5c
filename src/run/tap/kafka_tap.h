/*
 * kafka_tap: the tap on Kafka, behind Debezium: a thread that reads a consumer into a kafka_reader.
 * Started and stopped by the controller; the rest from any thread.
 */
#ifndef CDCBENCH_RUN_TAP_KAFKA_TAP_H
#define CDCBENCH_RUN_TAP_KAFKA_TAP_H

#include "run/tap/kafka_reader.h"

typedef struct kafka_tap kafka_tap_t;

/* Takes the open consumer over (and closes it at the end), and starts the thread. Its topics are
 * the tables', in their order, and behind them that of the transactions (opts->collections). NULL
 * with *err. */
kafka_tap_t *kafka_tap_start(kafka_consumer_t *consumer, const tap_opts_t *opts, uint64_t floor_lsn,
                             err_t *err);

/* Ends the thread after what has been received is dealt with. */
void kafka_tap_stop(kafka_tap_t *tap);
void kafka_tap_free(kafka_tap_t *tap); /* after kafka_tap_stop; NULL is allowed */

tap_t *kafka_tap_core(kafka_tap_t *tap); /* any thread; whether it failed: run/tap/tap.h */

/* Null values read: what follows a delete. After kafka_tap_stop. */
uint64_t kafka_tap_tombstones(const kafka_tap_t *tap);

/* Records that are no event. After kafka_tap_stop. */
uint64_t kafka_tap_unreadable(const kafka_tap_t *tap);

/* The transactions' ENDs (run/tap/transaction_ends.h): read so far, and what still waits, an END
 * for its events or events for their END. 0 without such a topic. Any thread. */
uint64_t kafka_tap_ends(const kafka_tap_t *tap);
uint64_t kafka_tap_ends_waiting(const kafka_tap_t *tap);

/* After kafka_tap_stop. `complete`: it was given all it needed. Not measured without such a topic.
 */
void kafka_tap_end_counts(const kafka_tap_t *tap, bool complete, end_counts_t *out);

/* Of the topic that it reads. Any thread. */
int kafka_tap_partitions(const kafka_tap_t *tap);
void kafka_tap_position(const kafka_tap_t *tap, int32_t partition, int64_t *position, int64_t *end);

/* What causality says of a clock. After kafka_tap_stop. */
const foreign_clock_t *kafka_tap_clock(const kafka_tap_t *tap, foreign_clock_id_t id);

/* What the consumer counts, now or when it was closed. Any thread. */
void kafka_tap_stats(const kafka_tap_t *tap, kafka_consumer_stats_t *out);

#endif
