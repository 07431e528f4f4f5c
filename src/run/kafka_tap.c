#include "run/kafka_tap.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define WAIT_MS 50 /* for acknowledgements that came after their events, and for the stop */

struct kafka_tap {
    kafka_consumer_t *consumer;
    tap_t *core;
    kafka_reader_t *reader;
    pthread_t thread;
    _Atomic bool stop;
};

static void take(kafka_tap_t *tap, const kafka_batch_t *batch)
{
    for (size_t i = 0; i < batch->n; i++) {
        const kafka_message_t *message = &batch->messages[i];
        int64_t floor = kafka_consumer_floor(tap->consumer, message->topic, message->partition);
        kafka_reader_feed(tap->reader, message, batch->receipt_ns, message->offset < floor);
    }
    if (batch->n == 0)
        return;
    kafka_consumer_stats_t stats;
    kafka_consumer_stats(tap->consumer, &stats);
    tap_publish(tap->core, stats.bytes, kafka_reader_lsn(tap->reader));
}

static bool consume(kafka_tap_t *tap, err_t *err)
{
    kafka_batch_t batch;
    do {
        if (!kafka_consumer_next(tap->consumer, WAIT_MS, &batch, err))
            return false;
        take(tap, &batch);
        kafka_consumer_release(tap->consumer);
        tap_settle(tap->core, false);
    } while (batch.n > 0 || !atomic_load_explicit(&tap->stop, memory_order_acquire));
    return true;
}

/* After a failure the thread stays, to give up what the loader goes on writing into the ledger. */
static void linger(kafka_tap_t *tap)
{
    while (!atomic_load_explicit(&tap->stop, memory_order_acquire)) {
        tap_give_up(tap->core);
        clock_sleep_until_ns(clock_now_ns() + WAIT_MS * NS_PER_MS);
    }
}

static void *run(void *arg)
{
    kafka_tap_t *tap = arg;
    err_t err = {0};
    if (!consume(tap, &err)) {
        err_wrap(&err, "the kafka tap ended");
        tap_fail(tap->core, &err);
        linger(tap);
    }
    kafka_reader_end(tap->reader);
    tap_settle(tap->core, true);
    return NULL;
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
    kafka_reader_opts_t reader = {.tap = tap->core,
                                  .use = &opts->verify->tables.use[0],
                                  .floor_lsn = floor_lsn,
                                  .partitions = kafka_consumer_partitions(consumer, 0)};
    memcpy(reader.clients_clock, opts->clients_clock, sizeof reader.clients_clock);
    if (tap->core != NULL)
        tap->reader = kafka_reader_new(&reader);
    if (tap->reader == NULL) {
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
    kafka_reader_free(tap->reader);
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
    return kafka_reader_tombstones(tap->reader);
}

const foreign_clock_t *kafka_tap_clock(const kafka_tap_t *tap, foreign_clock_id_t id)
{
    return kafka_reader_clock(tap->reader, id);
}

uint64_t kafka_tap_unreadable(const kafka_tap_t *tap)
{
    return kafka_reader_unreadable(tap->reader);
}
