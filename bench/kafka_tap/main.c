/*
 * Reads a topic that a run has filled, from its beginning to its end, as fast as it goes, and says
 * how fast that was:
 *
 *     kafka_tap bare|unverified|tap BROKERS TOPIC EVENTS ROWS
 *
 * `bare` takes the batches and looks at nothing; `tap` reads every envelope and has it verified in
 * full, as a run does (full_tap.h); `unverified` reads them and records their stages alone. The
 * clock runs from the first batch, so that connecting is not in it. Prints one line: events,
 * seconds, CPU seconds, bytes, faults.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "full_tap.h"
#include "run/monitor/process.h"
#include "run/tap/kafka_reader.h"

#define IDLE_MS 10000 /* no message for so long: the topic has less than was asked for */

typedef struct {
    uint64_t events, bytes;
    int64_t start_ns, end_ns, start_cpu_us, end_cpu_us;
} reading_t;

static bool read_topic(kafka_consumer_t *consumer, kafka_reader_t *reader, uint64_t events,
                       reading_t *out, err_t *err)
{
    while (out->events < events) {
        kafka_batch_t batch;
        if (!kafka_consumer_next(consumer, IDLE_MS, &batch, err))
            return false;
        if (batch.n == 0)
            return err_set(err, ERR_RUN, "the topic ended after %" PRIu64 " events", out->events);
        if (out->events == 0) {
            out->start_ns = clock_now_ns();
            out->start_cpu_us = process_self_cpu_us();
        }
        for (size_t i = 0; i < batch.n; i++) {
            out->bytes += batch.messages[i].key_len + batch.messages[i].value_len;
            if (reader != NULL)
                kafka_reader_feed(reader, &batch.messages[i], batch.receipt_ns, false);
        }
        out->events += batch.n;
        kafka_consumer_release(consumer);
    }
    out->end_ns = clock_now_ns();
    out->end_cpu_us = process_self_cpu_us();
    return true;
}

static int run(const char *const *argv, err_t *err)
{
    bool unverified = strcmp(argv[0], "unverified") == 0;
    bool with_tap = unverified || strcmp(argv[0], "tap") == 0;
    kafka_topic_t topic = {.name = argv[2], .from = KAFKA_FROM_BEGINNING};
    kafka_consumer_opts_t opts = {.target = {.brokers = argv[1]}, .topics = &topic, .n_topics = 1};
    kafka_consumer_t *consumer = kafka_consumer_open(&opts, err);
    if (consumer == NULL)
        return 1;
    static full_tap_t full;
    kafka_reader_t *reader = NULL;
    tap_t *tap = NULL;
    full_tap_prepare(&full, strtoull(argv[4], NULL, 10), true, unverified);
    if (with_tap && (tap = tap_new(&full.opts)) != NULL) {
        kafka_reader_opts_t reader_opts = {
            .tap = tap, .use = &full.verify.tables.use[0], .partitions = 1};
        reader = kafka_reader_new(&reader_opts);
    }
    reading_t reading = {0};
    bool good = (!with_tap || reader != NULL) &&
                read_topic(consumer, reader, strtoull(argv[3], NULL, 10), &reading, err);
    if (good)
        printf("%" PRIu64 " %.6f %.6f %" PRIu64 " %" PRIu64 "\n", reading.events,
               (double)(reading.end_ns - reading.start_ns) / (double)NS_PER_S,
               (double)(reading.end_cpu_us - reading.start_cpu_us) / (double)US_PER_S,
               reading.bytes, with_tap ? full_tap_faults(tap) : 0);
    kafka_reader_free(reader);
    tap_free(tap);
    kafka_consumer_close(consumer);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    err_t err = {0};
    if (argc != 6) {
        fprintf(stderr, "usage: kafka_tap bare|unverified|tap BROKERS TOPIC EVENTS ROWS\n");
        return 1;
    }
    int code = run((const char *const *)argv + 1, &err);
    if (code != 0)
        fprintf(stderr, "kafka_tap: %s\n", err.text);
    return code;
}
