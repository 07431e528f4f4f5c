#include "run/tap/sources.h"

#include <stdlib.h>

#include "run/tap/kafka_tap.h"
#include "run/tap/wal_tap.h"

/* A source's functions. Those that are NULL have nothing to do or to tell. */
typedef struct {
    bool (*open)(source_t *source, err_t *err);
    bool (*start)(source_t *source, const tap_opts_t *opts, uint64_t floor_lsn, err_t *err);
    void (*stop)(source_t *source);
    void (*free)(source_t *source);
    tap_t *(*tap)(source_t *source);
    int (*backend_pid)(const source_t *source);
    uint64_t (*others)(const source_t *source);
    uint64_t (*waiting)(const source_t *source);
    int64_t (*unread)(const source_t *source);
    int (*partitions)(const source_t *source);
    void (*position)(const source_t *source, int32_t partition, int64_t *position, int64_t *end);
    void (*describe)(const source_t *source, tap_result_t *out, foreign_clock_t *clocks);
} source_row_t;

struct source {
    const source_row_t *row;
    source_opts_t opts;
    bool running;
    pg_replication_t *replication; /* opened, and not yet the wal tap's */
    int backend_pid;
    wal_tap_t *wal;
    kafka_tap_t *kafka;
};

/* ---- the server's log ------------------------------------------------------------------------ */

/* The slot, so that it holds all that the load will commit. */
static bool wal_open(source_t *source, err_t *err)
{
    const source_opts_t *opts = &source->opts;
    source->replication = pg_replication_open(opts->server, opts->slot, opts->publication, err);
    if (source->replication != NULL)
        source->backend_pid = pg_replication_backend_pid(source->replication);
    return source->replication != NULL;
}

static bool wal_start(source_t *source, const tap_opts_t *opts, uint64_t floor_lsn, err_t *err)
{
    (void)floor_lsn; /* the slot's own start */
    source->wal = wal_tap_start(source->replication, opts, err);
    source->replication = NULL;
    return source->wal != NULL;
}

static void wal_stop(source_t *source)
{
    wal_tap_stop(source->wal);
}

static void wal_free(source_t *source)
{
    pg_replication_close(source->replication);
    wal_tap_free(source->wal);
}

static tap_t *wal_core(source_t *source)
{
    return wal_tap_core(source->wal);
}

static int wal_backend_pid(const source_t *source)
{
    return source->backend_pid;
}

/* ---- Kafka ----------------------------------------------------------------------------------- */

static bool kafka_start(source_t *source, const tap_opts_t *opts, uint64_t floor_lsn, err_t *err)
{
    kafka_consumer_t *consumer = kafka_consumer_open(&source->opts.topics, err);
    if (consumer != NULL)
        source->kafka = kafka_tap_start(consumer, opts, floor_lsn, err);
    return source->kafka != NULL;
}

static void kafka_stop(source_t *source)
{
    kafka_tap_stop(source->kafka);
}

static void kafka_free(source_t *source)
{
    kafka_tap_free(source->kafka);
}

static tap_t *kafka_core(source_t *source)
{
    return kafka_tap_core(source->kafka);
}

static uint64_t kafka_others(const source_t *source)
{
    return kafka_tap_ends(source->kafka);
}

static uint64_t kafka_waiting(const source_t *source)
{
    return kafka_tap_ends_waiting(source->kafka);
}

static int64_t kafka_unread(const source_t *source)
{
    kafka_consumer_stats_t stats;
    kafka_tap_stats(source->kafka, &stats);
    return (int64_t)stats.behind_messages;
}

static int kafka_partitions(const source_t *source)
{
    return kafka_tap_partitions(source->kafka);
}

static void kafka_position(const source_t *source, int32_t partition, int64_t *position,
                           int64_t *end)
{
    kafka_tap_position(source->kafka, partition, position, end);
}

static void kafka_describe(const source_t *source, tap_result_t *out, foreign_clock_t *clocks)
{
    kafka_consumer_stats_t stats;
    kafka_tap_stats(source->kafka, &stats);
    out->wire_bytes = stats.wire_bytes;
    out->removed_offsets = stats.removed_offsets;
    out->skipped_offsets = stats.skipped_offsets;
    out->outages = stats.outages;
    out->tombstones = kafka_tap_tombstones(source->kafka);
    out->unreadable = kafka_tap_unreadable(source->kafka);
    for (foreign_clock_id_t id = 0; id < CLOCK_COUNT; id++)
        clocks[id] = *kafka_tap_clock(source->kafka, id);
    kafka_tap_end_counts(source->kafka, out->complete, &out->ends);
}

/* ---- the table ------------------------------------------------------------------------------- */

static const source_row_t rows[TAP_COUNT] = {
    [TAP_WAL] = {.open = wal_open,
                 .start = wal_start,
                 .stop = wal_stop,
                 .free = wal_free,
                 .tap = wal_core,
                 .backend_pid = wal_backend_pid},
    [TAP_KAFKA] = {.start = kafka_start,
                   .stop = kafka_stop,
                   .free = kafka_free,
                   .tap = kafka_core,
                   .others = kafka_others,
                   .waiting = kafka_waiting,
                   .unread = kafka_unread,
                   .partitions = kafka_partitions,
                   .position = kafka_position,
                   .describe = kafka_describe},
};

source_t *source_open(tap_id_t tap, const source_opts_t *opts, err_t *err)
{
    source_t *source = calloc(1, sizeof *source);
    if (source == NULL) {
        err_set(err, ERR_RUN, "the %s tap: out of memory", tap_rows[tap].name);
        return NULL;
    }
    source->row = &rows[tap];
    source->opts = *opts;
    if (source->row->open == NULL || source->row->open(source, err))
        return source;
    source_free(source);
    return NULL;
}

bool source_start(source_t *source, const tap_opts_t *opts, uint64_t floor_lsn, err_t *err)
{
    source->running = source->row->start(source, opts, floor_lsn, err);
    return source->running;
}

void source_stop(source_t *source)
{
    if (source->running)
        source->row->stop(source);
    source->running = false;
}

void source_free(source_t *source)
{
    if (source == NULL)
        return;
    source->row->free(source);
    free(source);
}

tap_t *source_tap(source_t *source)
{
    return source->row->tap(source);
}

int source_backend_pid(const source_t *source)
{
    return source->row->backend_pid == NULL ? 0 : source->row->backend_pid(source);
}

uint64_t source_others(const source_t *source)
{
    return source->row->others == NULL ? 0 : source->row->others(source);
}

uint64_t source_waiting(const source_t *source)
{
    return source->row->waiting == NULL ? 0 : source->row->waiting(source);
}

int64_t source_unread(const source_t *source)
{
    return source->row->unread == NULL ? NOT_MEASURED : source->row->unread(source);
}

int source_partitions(const source_t *source)
{
    return source->row->partitions == NULL ? 0 : source->row->partitions(source);
}

void source_position(const source_t *source, int32_t partition, int64_t *position, int64_t *end)
{
    source->row->position(source, partition, position, end);
}

void source_describe(const source_t *source, tap_result_t *out, foreign_clock_t *clocks)
{
    if (source->row->describe != NULL)
        source->row->describe(source, out, clocks);
}
