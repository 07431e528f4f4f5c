/*
 * kafka_consumer: reads every partition of some topics from known offsets on, in batches of slices
 * into librdkafka's own memory. It assigns partitions to itself: it joins no consumer group,
 * commits no offset, and leaves no trace on the brokers. One thread (it may be opened by one and
 * handed to another); kafka_consumer_stats is for any thread.
 *
 * A broker that is gone is no error here: librdkafka goes on trying, batches stay empty, and the
 * statistics say `unreachable`; how long is too long is the owner's business.
 */
#ifndef CDCBENCH_KAFKA_KAFKA_CONSUMER_H
#define CDCBENCH_KAFKA_KAFKA_CONSUMER_H

#include <stdint.h>

#include "base/err.h"
#include "kafka/kafka_target.h"

typedef struct kafka_consumer kafka_consumer_t;

/* A batch has this many messages at most, unless the options say else. */
#define KAFKA_BATCH_MESSAGES 1024

typedef enum {
    KAFKA_FROM_END,       /* what is appended after kafka_consumer_open has noted the end offsets */
    KAFKA_FROM_BEGINNING, /* what is there, and what is appended */
    KAFKA_FROM_OFFSETS,   /* from the offsets given, one a partition */
} kafka_from_t;

typedef struct {
    const char *name;
    kafka_from_t from;
    const int64_t *offsets; /* for KAFKA_FROM_OFFSETS: n_offsets, as many as there are partitions */
    int n_offsets;
} kafka_topic_t;

typedef struct {
    kafka_target_t target; /* its strings are needed during kafka_consumer_open alone */
    const kafka_topic_t *topics;
    size_t n_topics;       /* at least one */
    size_t batch_messages; /* 0: KAFKA_BATCH_MESSAGES */
} kafka_consumer_opts_t;

/* Connects, looks the topics up, notes each partition's first and end offset, and starts to fetch.
 * Blocks for some round trips, for target.patience_ms at most each. The target's properties go
 * before our own settings, but for those that the code relies on. NULL with *err: ERR_USAGE for a
 * property that librdkafka refuses; ERR_RUN for a broker that is not there or a topic that does not
 * exist, with what to do. */
kafka_consumer_t *kafka_consumer_open(const kafka_consumer_opts_t *opts, err_t *err);

/* Stops fetching and releases everything, the last batch included. NULL is allowed. */
void kafka_consumer_close(kafka_consumer_t *c);

typedef enum {
    KAFKA_TIME_NONE,       /* the record has no timestamp */
    KAFKA_TIME_CREATE,     /* the producer's clock when it was sent */
    KAFKA_TIME_LOG_APPEND, /* the broker's when it was appended (message.timestamp.type) */
} kafka_time_t;

typedef struct {
    const char *key; /* NULL: the record has no key */
    size_t key_len;
    const char *value; /* NULL: a tombstone; an empty value is not NULL and has length 0 */
    size_t value_len;
    int64_t offset;
    int64_t timestamp_ms; /* Unix ms; -1 with KAFKA_TIME_NONE */
    kafka_time_t timestamp_kind;
    int32_t partition;
    uint32_t topic; /* index into the options' topics */
} kafka_message_t;

typedef struct {
    const kafka_message_t *messages; /* partitions mixed, in offset order within each */
    size_t n;                        /* 0: nothing came in time */
    int64_t receipt_ns;              /* CLOCK_MONOTONIC, when the batch was taken from librdkafka */
} kafka_batch_t;

/* Waits for a message for timeout_ms at most (0: not at all), and then takes what has been fetched,
 * up to the batch's size: it never waits for a batch to fill. The slices are good until the next
 * call, kafka_consumer_release or kafka_consumer_close. Call it at least twice a second or so even
 * when nothing is expected: it is what brings the statistics up to date. False with *err (ERR_RUN)
 * when reading on makes no sense: a topic that was deleted, no right to read, a batch whose
 * checksum is wrong. What was fetched before it has been handed out then. */
bool kafka_consumer_next(kafka_consumer_t *c, int timeout_ms, kafka_batch_t *batch, err_t *err);

/* Gives the last batch's memory back before the next call. */
void kafka_consumer_release(kafka_consumer_t *c);

int kafka_consumer_partitions(const kafka_consumer_t *c, uint32_t topic);

/* The end offset that kafka_consumer_open noted: a record below it is older than that. */
int64_t kafka_consumer_floor(const kafka_consumer_t *c, uint32_t topic, int32_t partition);

/* Asks the broker for a partition's first offset and the one that the next record will get. False
 * with *err. The owner's thread; blocks for patience_ms at most. */
bool kafka_consumer_watermarks(kafka_consumer_t *c, uint32_t topic, int32_t partition,
                               int64_t *first, int64_t *end, err_t *err);

typedef struct {
    uint64_t messages;        /* handed out */
    uint64_t bytes;           /* of their keys and values, uncompressed */
    uint64_t behind_messages; /* offsets between what was handed out and the partitions' ends, as of
                                 the last fetch */

    /* From librdkafka's statistics, once a second. */
    uint64_t wire_bytes;      /* received from brokers, as compressed as they were; requests other
                                 than fetches included */
    uint64_t queued_messages; /* fetched, not handed out yet */
    uint64_t queued_bytes;
    uint64_t removed_offsets; /* how far the partitions' first offsets have moved since
                                 kafka_consumer_open: retention, compaction, deleted records */

    /* What should not be. */
    uint64_t skipped_offsets; /* passed over without a record. A transaction's marker takes one
                                 offset; else the records were removed before they were read */
    uint64_t rewinds;         /* offsets that went back: a topic made anew, or a log cut short */
    uint64_t outages;         /* how often the last connected broker was lost */
    bool unreachable;         /* no broker is connected now */
} kafka_consumer_stats_t;

/* A partition's next offset to be handed out, and its end as of the last fetch. Any thread, between
 * open and close. */
void kafka_consumer_position(const kafka_consumer_t *c, uint32_t topic, int32_t partition,
                             int64_t *position, int64_t *end);

/* Any thread, between open and close. Each number is right by itself; they need not be of one
 * moment. */
void kafka_consumer_stats(const kafka_consumer_t *c, kafka_consumer_stats_t *out);

#endif
