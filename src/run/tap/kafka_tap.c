#include "run/tap/kafka_tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define WAIT_MS 50 /* for acknowledgements that came after their events, and for the stop */

struct kafka_tap {
    kafka_consumer_t *consumer;
    tap_t *core;
    kafka_reader_t *readers[TABLES_MAX]; /* one a topic */
    uint32_t n_readers;
    kafka_reader_t *at; /* the reader of the message before */
    merge_t *merge;     /* NULL: there is one topic, or their partitions tell nothing of order */
    transaction_ends_t *ends; /* NULL: there is no topic of the transactions */
    foreign_clock_t clocks[CLOCK_COUNT];
    pthread_t thread;
    _Atomic bool stop;
};

static kafka_reader_t *reader_of(kafka_tap_t *tap, const kafka_message_t *message)
{
    kafka_reader_t *reader = tap->readers[message->topic];
    if (reader != tap->at)
        kafka_reader_turn(tap->at, reader);
    tap->at = reader;
    return reader;
}

/* The highest LSN of any topic. */
static uint64_t highest_lsn(const kafka_tap_t *tap)
{
    uint64_t highest = 0;
    for (uint32_t t = 0; t < tap->n_readers; t++) {
        uint64_t lsn = kafka_reader_lsn(tap->readers[t]);
        highest = lsn > highest ? lsn : highest;
    }
    return highest;
}

static void take(kafka_tap_t *tap, const kafka_batch_t *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        const kafka_message_t *message = &batch->messages[i];
        int64_t floor = kafka_consumer_floor(tap->consumer, message->topic, message->partition);
        bool below_floor = message->offset < floor;
        if (message->topic < tap->n_readers)
            kafka_reader_feed(reader_of(tap, message), message, batch->receipt_ns, below_floor);
        else if (!below_floor)
            transaction_ends_record(tap->ends, message->value, message->value_len);
    }
    if (batch->n == 0)
        return;
    kafka_consumer_stats_t stats;
    kafka_consumer_stats(tap->consumer, &stats);
    tap_publish(tap->core, stats.bytes, highest_lsn(tap));
}

static bool consume(kafka_tap_t *tap, err_t *err)
{
    kafka_batch_t batch;
    do {
        if (!kafka_consumer_next(tap->consumer, WAIT_MS, &batch, err))
            return false;
        take(tap, &batch);
        kafka_consumer_release(tap->consumer);
        if (tap->merge != NULL)
            merge_settle(tap->merge, clock_now_ns(), false);
        tap_settle(tap->core, false);
    } while (batch.n > 0 || !atomic_load_explicit(&tap->stop, memory_order_acquire));
    return true;
}

/* After a failure the thread stays, to give up what the loader goes on writing into the ledger. */
static void linger(kafka_tap_t *tap)
{
    do {
        tap_give_up(tap->core);
        clock_sleep_until_ns(clock_now_ns() + WAIT_MS * NS_PER_MS);
    } while (!atomic_load_explicit(&tap->stop, memory_order_acquire));
}

/* All has been read: what is under way ends here. */
static void end_reading(kafka_tap_t *tap)
{
    for (uint32_t t = 0; t < tap->n_readers; t++)
        kafka_reader_end(tap->readers[t]);
    if (tap->merge != NULL)
        merge_settle(tap->merge, clock_now_ns(), true);
    tap_settle(tap->core, true);
}

static void *run(void *arg)
{
    kafka_tap_t *tap = arg;
    err_t err = {0};
    if (consume(tap, &err)) {
        end_reading(tap);
        return NULL;
    }
    err_wrap(&err, "the kafka tap ended");
    tap_fail(tap->core, &err);
    linger(tap);
    return NULL;
}

/* A reader for each table's topic. Transactions are put together over several topics where each has
 * one partition, and so is in order. */
static bool make_readers(kafka_tap_t *tap, const tap_opts_t *opts, uint64_t floor_lsn)
{
    const tables_t *tables = &opts->verify->tables;
    bool in_order = tables->n > 1;
    for (uint32_t t = 0; t < tables->n; t++)
        in_order = in_order && kafka_consumer_partitions(tap->consumer, t) == 1;
    if (in_order && (tap->merge = merge_new(tap->core, tables->n)) == NULL)
        return false;
    for (uint32_t t = 0; t < tables->n; t++) {
        kafka_reader_opts_t reader = {.tap = tap->core,
                                      .use = &tables->use[t],
                                      .table = t,
                                      .floor_lsn = floor_lsn,
                                      .partitions = kafka_consumer_partitions(tap->consumer, t),
                                      .merge = tap->merge,
                                      .ends = tap->ends,
                                      .clocks = tap->clocks};
        if (tables->n > 1 && tap->merge == NULL)
            reader.partitions = 2; /* each event stands alone, as over several partitions */
        memcpy(reader.clients_clock, opts->clients_clock, sizeof reader.clients_clock);
        tap->readers[t] = kafka_reader_new(&reader);
        if (tap->readers[t] == NULL)
            return false;
        tap->n_readers++;
    }
    tap->at = tap->readers[0];
    return true;
}

static bool make_ends(kafka_tap_t *tap, const tap_opts_t *opts, uint64_t floor_lsn)
{
    if (opts->collections != NULL)
        tap->ends = transaction_ends_new(opts->collections, opts->verify->tables.n, floor_lsn);
    return opts->collections == NULL || tap->ends != NULL;
}

kafka_tap_t *kafka_tap_start(kafka_consumer_t *consumer, const tap_opts_t *opts, uint64_t floor_lsn,
                             err_t *err)
{
    kafka_tap_t *tap = calloc(1, sizeof *tap);
    if (tap == NULL) {
        kafka_consumer_close(consumer);
        err_set(err, ERR_RUN, "the kafka tap: out of memory");
        return NULL;
    }
    tap->consumer = consumer;
    tap->core = tap_new(opts);
    if (tap->core == NULL || !make_ends(tap, opts, floor_lsn) ||
        !make_readers(tap, opts, floor_lsn)) {
        err_set(err, ERR_RUN, "the kafka tap: out of memory");
        goto fail;
    }
    int failed = pthread_create(&tap->thread, NULL, run, tap);
    if (failed == 0)
        return tap;
    err_set(err, ERR_RUN, "the kafka tap: a thread could not be started: %s", strerror(failed));
fail:
    kafka_tap_free(tap);
    return NULL;
}

void kafka_tap_stop(kafka_tap_t *tap)
{
    atomic_store_explicit(&tap->stop, true, memory_order_release);
    pthread_join(tap->thread, NULL);
}

void kafka_tap_free(kafka_tap_t *tap)
{
    if (tap == NULL)
        return;
    kafka_consumer_close(tap->consumer);
    for (uint32_t t = 0; t < tap->n_readers; t++)
        kafka_reader_free(tap->readers[t]);
    merge_free(tap->merge);
    transaction_ends_free(tap->ends);
    tap_free(tap->core);
    free(tap);
}

tap_t *kafka_tap_core(kafka_tap_t *tap)
{
    return tap->core;
}

void kafka_tap_stats(const kafka_tap_t *tap, kafka_consumer_stats_t *out)
{
    kafka_consumer_stats(tap->consumer, out);
}

int kafka_tap_partitions(const kafka_tap_t *tap)
{
    return kafka_consumer_partitions(tap->consumer, 0);
}

void kafka_tap_position(const kafka_tap_t *tap, int32_t partition, int64_t *position, int64_t *end)
{
    kafka_consumer_position(tap->consumer, 0, partition, position, end);
}

uint64_t kafka_tap_tombstones(const kafka_tap_t *tap)
{
    uint64_t tombstones = 0;
    for (uint32_t t = 0; t < tap->n_readers; t++)
        tombstones += kafka_reader_tombstones(tap->readers[t]);
    return tombstones;
}

const foreign_clock_t *kafka_tap_clock(const kafka_tap_t *tap, foreign_clock_id_t id)
{
    return &tap->clocks[id];
}

uint64_t kafka_tap_ends(const kafka_tap_t *tap)
{
    return tap->ends == NULL ? 0 : transaction_ends_read(tap->ends);
}

uint64_t kafka_tap_ends_waiting(const kafka_tap_t *tap)
{
    return tap->ends == NULL ? 0 : transaction_ends_waiting(tap->ends);
}

void kafka_tap_end_counts(const kafka_tap_t *tap, bool complete, end_counts_t *out)
{
    *out = (end_counts_t){.measured = false};
    if (tap->ends != NULL)
        transaction_ends_result(tap->ends, complete, out);
}

uint64_t kafka_tap_unreadable(const kafka_tap_t *tap)
{
    uint64_t unreadable = 0;
    for (uint32_t t = 0; t < tap->n_readers; t++)
        unreadable += kafka_reader_unreadable(tap->readers[t]);
    return unreadable;
}
