/* cdcbench gen: the rows themselves, to stdout or a file. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/units.h"
#include "cli/command.h"
#include "model/encode/encode.h"
#include "model/encode/envelope.h"
#include "plan/schedule/shard.h"

/* --- emitting rows ---------------------------------------------------------------------------- */

/* Rows into a file descriptor, in order, encoded by several threads: the caller's writes what they
 * encode, and they end before emit_rows returns. Nothing grows with the number of rows. */

typedef struct {
    const row_space_t *space;
    encode_format_t format;
    const envelope_encoder_t *envelope; /* not NULL: Debezium's JSON, a message a line, instead */
    uint64_t first, rows;
    unsigned threads; /* 1: the caller encodes by itself */
    int fd;
    const char *destination;      /* for errors: "stdout", or a file's name */
    const atomic_int *interrupts; /* above 0: stop; a write that blocks must then see EINTR */
    /* NULL, or called from the caller's thread every now and then with what was written so far. */
    void (*on_progress)(void *ctx, uint64_t rows, uint64_t bytes);
    void *ctx;
} emit_opts_t;

typedef struct {
    uint64_t rows, bytes; /* written; of rows those that are there in full */
} emitted_t;

/* A chunk is encoded and written while it lies in the second-level cache. */
#define CHUNK_BYTES 262144

/* Each thread has one chunk under its hands and one that waits to be written. */
#define CHUNKS_PER_THREAD 2

typedef struct {
    char *bytes;
    size_t len;
    uint64_t rows;
    bool ready; /* encoded, and not yet written */
} chunk_t;

typedef struct {
    const emit_opts_t *o;
    uint64_t chunk_rows, n_chunks;
    chunk_t *chunks; /* a ring: chunk number n lies in chunks[n % n_slots] */
    unsigned n_slots;
    /* the threads' */
    pthread_mutex_t mutex;
    pthread_cond_t encoded, written;
    uint64_t next;      /* chunk number that nobody encodes yet */
    uint64_t n_written; /* chunks that were written */
    bool stop;
} emitter_t;

static void encode_chunk(const emitter_t *e, uint64_t number, chunk_t *chunk)
{
    const emit_opts_t *o = e->o;
    uint64_t done = number * e->chunk_rows, left = o->rows - done;
    chunk->rows = left < e->chunk_rows ? left : e->chunk_rows;
    if (o->envelope != NULL)
        chunk->len =
            envelope_rows_write(o->envelope, o->space, o->first + done, chunk->rows, chunk->bytes);
    else
        chunk->len = encode_rows(o->format, o->space, o->first + done, chunk->rows, chunk->bytes);
}

static void *encode_in_turn(void *arg)
{
    emitter_t *e = arg;
    pthread_mutex_lock(&e->mutex);
    while (!e->stop && e->next < e->n_chunks) {
        uint64_t number = e->next++;
        chunk_t *chunk = &e->chunks[number % e->n_slots];
        while (!e->stop && number >= e->n_written + e->n_slots)
            pthread_cond_wait(&e->written, &e->mutex);
        if (e->stop)
            break;
        pthread_mutex_unlock(&e->mutex);
        encode_chunk(e, number, chunk);
        pthread_mutex_lock(&e->mutex);
        chunk->ready = true;
        pthread_cond_signal(&e->encoded);
    }
    pthread_mutex_unlock(&e->mutex);
    return NULL;
}

static chunk_t *await_chunk(emitter_t *e, uint64_t number)
{
    chunk_t *chunk = &e->chunks[number % e->n_slots];
    if (e->o->threads == 1) {
        encode_chunk(e, number, chunk);
        return chunk;
    }
    pthread_mutex_lock(&e->mutex);
    while (!chunk->ready)
        pthread_cond_wait(&e->encoded, &e->mutex);
    pthread_mutex_unlock(&e->mutex);
    return chunk;
}

static void give_back(emitter_t *e, chunk_t *chunk)
{
    pthread_mutex_lock(&e->mutex);
    chunk->ready = false;
    e->n_written++;
    pthread_cond_broadcast(&e->written);
    pthread_mutex_unlock(&e->mutex);
}

static bool write_all(const emit_opts_t *o, const char *bytes, size_t len, emitted_t *done,
                      err_t *err)
{
    while (len > 0) {
        if (atomic_load_explicit(o->interrupts, memory_order_relaxed) > 0)
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        ssize_t wrote = write(o->fd, bytes, len);
        if (wrote < 0 && errno != EINTR)
            return err_set(err, ERR_RUN, "could not write to %s: %s", o->destination,
                           strerror(errno));
        if (wrote > 0) {
            bytes += wrote;
            len -= (size_t)wrote;
            done->bytes += (uint64_t)wrote;
        }
    }
    return true;
}

static bool write_frame(const emit_opts_t *o,
                        size_t (*frame)(encode_format_t, char[ENCODE_FRAME_MAX]), emitted_t *done,
                        err_t *err)
{
    char bytes[ENCODE_FRAME_MAX];
    return o->envelope != NULL || write_all(o, bytes, frame(o->format, bytes), done, err);
}

static bool write_chunks(emitter_t *e, emitted_t *done, err_t *err)
{
    const emit_opts_t *o = e->o;
    if (!write_frame(o, encode_head, done, err))
        return false;
    for (uint64_t number = 0; number < e->n_chunks; number++) {
        chunk_t *chunk = await_chunk(e, number);
        if (!write_all(o, chunk->bytes, chunk->len, done, err))
            return false;
        done->rows += chunk->rows;
        give_back(e, chunk);
        if (o->on_progress != NULL)
            o->on_progress(o->ctx, done->rows, done->bytes);
    }
    return write_frame(o, encode_tail, done, err);
}

static bool make_chunks(emitter_t *e)
{
    const emit_opts_t *o = e->o;
    size_t row_max = o->envelope != NULL ? envelope_rows_max(o->envelope) : (size_t)ENCODE_ROW_MAX;
    e->chunk_rows = CHUNK_BYTES / row_max > 0 ? CHUNK_BYTES / row_max : 1;
    e->n_chunks = (o->rows + e->chunk_rows - 1) / e->chunk_rows;
    e->n_slots = o->threads == 1 ? 1 : CHUNKS_PER_THREAD * o->threads;
    e->chunks = calloc(e->n_slots, sizeof *e->chunks);
    if (e->chunks == NULL)
        return false;
    for (unsigned slot = 0; slot < e->n_slots; slot++) {
        e->chunks[slot].bytes = malloc(e->chunk_rows * row_max);
        if (e->chunks[slot].bytes == NULL)
            return false;
    }
    return true;
}

static void free_chunks(emitter_t *e)
{
    for (unsigned slot = 0; e->chunks != NULL && slot < e->n_slots; slot++)
        free(e->chunks[slot].bytes);
    free(e->chunks);
}

/* Signals are for the caller's thread alone, whose write they are to interrupt. */
static unsigned start_threads(emitter_t *e, pthread_t *threads, unsigned n, err_t *err)
{
    sigset_t all, before;
    unsigned started = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    while (started < n) {
        int failed = pthread_create(&threads[started], NULL, encode_in_turn, e);
        if (failed != 0) {
            err_set(err, ERR_RUN, "could not start a thread: %s", strerror(failed));
            break;
        }
        started++;
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

static void end_threads(emitter_t *e, pthread_t *threads, unsigned n)
{
    pthread_mutex_lock(&e->mutex);
    e->stop = true;
    pthread_cond_broadcast(&e->written);
    pthread_mutex_unlock(&e->mutex);
    for (unsigned t = 0; t < n; t++)
        pthread_join(threads[t], NULL);
}

/* Writes the rows. False with ERR_RUN when the destination cannot be written to (a full disk), or
 * memory is out; with ERR_INTERRUPTED when it was stopped. *done is filled in any case. */
static bool emit_rows(const emit_opts_t *opts, emitted_t *done, err_t *err)
{
    emitter_t e = {.o = opts};
    unsigned wanted = opts->threads == 1 ? 0 : opts->threads;
    pthread_t *threads = calloc(opts->threads, sizeof *threads);
    *done = (emitted_t){0};
    pthread_mutex_init(&e.mutex, NULL);
    pthread_cond_init(&e.encoded, NULL);
    pthread_cond_init(&e.written, NULL);
    bool ok = threads != NULL && make_chunks(&e);
    if (!ok) {
        err_set(err, ERR_RUN, "buffers for the rows: out of memory");
    } else {
        unsigned started = start_threads(&e, threads, wanted, err);
        ok = started == wanted && write_chunks(&e, done, err);
        end_threads(&e, threads, started);
    }
    free_chunks(&e);
    free(threads);
    pthread_cond_destroy(&e.written);
    pthread_cond_destroy(&e.encoded);
    pthread_mutex_destroy(&e.mutex);
    return ok;
}

/* --- the command ------------------------------------------------------------------------------ */

typedef struct {
    int64_t began_ns, told_ns;
    int64_t every_ns;
} progress_t;

static void tell(const progress_t *progress, uint64_t rows, uint64_t bytes)
{
    int64_t took_ns = clock_now_ns() - progress->began_ns;
    double seconds = (double)(took_ns > 0 ? took_ns : 1) / 1e9;
    log_info("%s rows, %s in %s: %s rows/s, %s/s", units_count(rows).text, units_bytes(bytes).text,
             units_us(took_ns / 1000).text, units_count((uint64_t)((double)rows / seconds)).text,
             units_bytes((uint64_t)((double)bytes / seconds)).text);
}

static void on_progress(void *ctx, uint64_t rows, uint64_t bytes)
{
    progress_t *progress = ctx;
    int64_t now_ns = clock_now_ns();
    if (now_ns - progress->told_ns < progress->every_ns)
        return;
    progress->told_ns = now_ns;
    tell(progress, rows, bytes);
}

static bool is_stdout(const config_t *config)
{
    return config->output.file == NULL || strcmp(config->output.file, "-") == 0;
}

static int open_output(const config_t *config, err_t *err)
{
    if (is_stdout(config)) {
        /* A reader that has had enough (head) ends this as it ends any filter, without a word. */
        signal(SIGPIPE, SIG_DFL);
        return STDOUT_FILENO;
    }
    int fd = open(config->output.file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        err_set(err, ERR_RUN, "--output: could not open %s for writing: %s", config->output.file,
                strerror(errno));
    return fd;
}

/* A disk's last word may come at the end (quotas over a network). */
static bool close_output(const config_t *config, int fd, err_t *err)
{
    if (fd != STDOUT_FILENO && close(fd) != 0 && err->code == ERR_NONE)
        return err_set(err, ERR_RUN, "could not write to %s: %s", config->output.file,
                       strerror(errno));
    return err->code == ERR_NONE;
}

static bool take_range(const config_t *config, uint64_t *first, uint64_t *rows, err_t *err)
{
    shard_t shard;
    *first = config->gen.first;
    *rows = config->quick.rows;
    if (!shard_parse(config->gen.shard, &shard, err))
        return err_wrap(err, "--shard");
    if (*rows > ROW_NUMBER_MAX + 1 - *first)
        return err_set(err, ERR_USAGE,
                       "--rows: %" PRIu64 " rows from row %" PRIu64
                       " on go past the last row number, %" PRIu64,
                       *rows, *first, (uint64_t)ROW_NUMBER_MAX);
    shard_narrow(&shard, first, rows);
    return true;
}

/* NULL where the format is not Debezium's; false when memory is out. */
static bool make_envelope(const config_t *config, envelope_encoder_t **out, err_t *err)
{
    envelope_form_t form = {.server = "cdc",
                            .database = "financial_db",
                            .version = ENVELOPE_VERSION,
                            .user = "postgres",
                            .schemas = config->gen.schemas,
                            .replica_identity_full = true};
    *out = NULL;
    if (config->gen.format != GEN_DEBEZIUM)
        return true;
    *out = envelope_encoder_new(&form);
    return *out != NULL || err_set(err, ERR_RUN, "messages: out of memory");
}

static bool run_generator(const config_t *config, int fd, const envelope_encoder_t *envelope,
                          uint64_t first, uint64_t rows, err_t *err)
{
    row_space_t space;
    row_space_init(&space, config->table.seed, config->table.key_kind);
    int64_t now_ns = clock_now_ns();
    progress_t progress = {now_ns, now_ns, config->output.progress_ns};
    emit_opts_t opts = {.space = &space,
                        .format = (encode_format_t)config->gen.format,
                        .envelope = envelope,
                        .first = first,
                        .rows = rows,
                        .threads = (unsigned)config->load.threads,
                        .fd = fd,
                        .destination = is_stdout(config) ? "stdout" : config->output.file,
                        .interrupts = &command_interrupts,
                        .on_progress = on_progress,
                        .ctx = &progress};
    emitted_t done;
    if (emit_rows(&opts, &done, err)) {
        tell(&progress, done.rows, done.bytes);
        return true;
    }
    char text[sizeof err->text];
    snprintf(text, sizeof text, "%s", err->text);
    return err_set(err, err->code,
                   "%.800s; of %" PRIu64 " rows %" PRIu64 " (%" PRIu64
                   " bytes) were written, and the last may be cut",
                   text, rows, done.rows, done.bytes);
}

int command_gen(const line_t *line, const config_t *config)
{
    (void)line;
    err_t err = {0};
    uint64_t first, rows;
    envelope_encoder_t *envelope = NULL;
    if (!take_range(config, &first, &rows, &err) || !make_envelope(config, &envelope, &err))
        return command_fail(&err);
    command_hear_signals();
    int fd = open_output(config, &err);
    if (fd >= 0) {
        (void)run_generator(config, fd, envelope, first, rows, &err);
        (void)close_output(config, fd, &err);
    }
    envelope_encoder_free(envelope);
    return err.code == ERR_NONE ? 0 : command_fail(&err);
}
