#include "cli/emit.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "model/encode/envelope.h"

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

bool emit_rows(const emit_opts_t *opts, emitted_t *done, err_t *err)
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
