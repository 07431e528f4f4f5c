/*
 * What a tap costs for an event, without a server or a broker: feeds made-up messages of a run
 * (corpus.h) to the tap's own readers, as its thread does:
 *
 *     tap_replay kafka|kafka-schema|wal INSERTS UPDATES ROUNDS
 *
 * Every event is verified in full and its stages are recorded; its transaction is not looked for in
 * a ledger, since there is none. Prints a line a round: events, ns an event, faults. Under
 * valgrind --tool=callgrind --toggle-collect='replay_round*' it counts the instructions.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "corpus.h"
#include "full_tap.h"
#include "run/tap/kafka_reader.h"
#include "run/tap/wal_reader.h"

typedef struct {
    bool is_kafka;
    corpus_t corpus;
} played_t;

/* One moment of receipt for so many messages, as a batch or a read of the socket has. */
enum { MESSAGES_PER_RECEIPT = 256 };

static void feed_kafka(played_t *replay, kafka_reader_t *reader)
{
    int64_t receipt_ns = 0;
    for (size_t i = 0; i < replay->corpus.n; i++) {
        if (i % MESSAGES_PER_RECEIPT == 0)
            receipt_ns = clock_now_ns();
        kafka_reader_feed(reader, &replay->corpus.messages[i], receipt_ns, false);
    }
    kafka_reader_end(reader);
}

static void feed_wal(played_t *replay, wal_reader_t *reader)
{
    int64_t receipt_ns = 0;
    bool reply = false;
    size_t from = 0;
    err_t err = {0};
    for (size_t i = 0; i < replay->corpus.n; i++) {
        if (i % MESSAGES_PER_RECEIPT == 0)
            receipt_ns = clock_now_ns();
        size_t end = replay->corpus.ends[i];
        if (!wal_reader_feed(reader, replay->corpus.bytes.data + from, end - from, receipt_ns,
                             &reply, &err)) {
            fprintf(stderr, "tap_replay: %s\n", err.text);
            exit(1);
        }
        from = end;
    }
}

__attribute__((noinline)) static void replay_round(played_t *replay, kafka_reader_t *kafka,
                                                   wal_reader_t *wal)
{
    if (replay->is_kafka)
        feed_kafka(replay, kafka);
    else
        feed_wal(replay, wal);
}

static void round_of(played_t *replay)
{
    static full_tap_t full;
    full_tap_prepare(&full, replay->corpus.inserts, replay->is_kafka, false);
    tap_t *tap = tap_new(&full.opts);
    corpus_need(tap != NULL);
    kafka_reader_opts_t opts = {.tap = tap, .use = &full.verify.tables.use[0], .partitions = 1};
    kafka_reader_t *kafka = replay->is_kafka ? kafka_reader_new(&opts) : NULL;
    wal_reader_t *wal =
        replay->is_kafka ? NULL : wal_reader_new(tap, &full.verify.tables, CORPUS_FLOOR_LSN);
    corpus_need(kafka != NULL || wal != NULL);
    int64_t start_ns = clock_now_ns();
    replay_round(replay, kafka, wal);
    int64_t taken_ns = clock_now_ns() - start_ns;
    uint64_t events = tap_events(tap);
    printf("%" PRIu64 " %.1f %" PRIu64 "\n", events, (double)taken_ns / (double)events,
           full_tap_faults(tap));
    fflush(stdout);
    kafka_reader_free(kafka);
    wal_reader_free(wal);
    tap_free(tap);
}

int main(int argc, char **argv)
{
    static played_t replay;
    bool schemas = argc == 5 && strcmp(argv[1], "kafka-schema") == 0;
    bool is_wal = argc == 5 && strcmp(argv[1], "wal") == 0;
    if (!schemas && !is_wal && (argc != 5 || strcmp(argv[1], "kafka") != 0)) {
        fprintf(stderr, "usage: tap_replay kafka|kafka-schema|wal INSERTS UPDATES ROUNDS\n");
        return 1;
    }
    uint64_t inserts = strtoull(argv[2], NULL, 10), updates = strtoull(argv[3], NULL, 10);
    replay.is_kafka = !is_wal;
    if (replay.is_kafka)
        corpus_make_kafka(&replay.corpus, inserts, updates, schemas);
    else
        corpus_make_wal(&replay.corpus, inserts, updates);
    for (int rounds = atoi(argv[4]); rounds > 0; rounds--)
        round_of(&replay);
    corpus_free(&replay.corpus);
    return 0;
}
