#include "run/load/loader.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "base/clock.h"
#include "run/load/produce.h"
#include "run/load/session.h"

struct loader {
    work_t *work;
    uint32_t index;
    pthread_t thread;
    bool started;
    loop_t *loop;
    taker_t *taker;
    stats_t *stats;
    char *piece;
    uint32_t done_phase; /* 1 + the phase reported as done last */
    /* What does the work: connections, or a producer. */
    uint32_t n_sessions;
    session_t **sessions;
    produce_t *produce; /* NULL: the connections */
};

/* The loop wakes when the first of its sessions wants to be looked at. */
static void set_deadline(loader_t *loader)
{
    int64_t next_ns = loader->produce != NULL ? produce_next_ns(loader->produce) : LOOP_NO_DEADLINE;
    for (uint32_t i = 0; i < loader->n_sessions; i++)
        if (session_next_ns(loader->sessions[i]) < next_ns)
            next_ns = session_next_ns(loader->sessions[i]);
    loop_deadline(loader->loop, next_ns);
}

/* Tells the controller, once a phase, that nothing of it is left for this thread. */
static void report_done(loader_t *loader)
{
    uint32_t phase = atomic_load_explicit(&loader->work->phase, memory_order_acquire);
    if (loader->done_phase == phase + 1)
        return;
    for (uint32_t i = 0; i < loader->n_sessions; i++)
        if (!session_done(loader->sessions[i], phase))
            return;
    if (loader->produce != NULL && !produce_done(loader->produce, phase))
        return;
    loader->done_phase = phase + 1;
    atomic_fetch_add_explicit(&loader->work->done[phase], 1, memory_order_release);
    eventfd_write(loader->work->wake_fd, 1);
}

static void on_wake(void *ctx)
{
    loader_t *loader = ctx;
    if (atomic_load_explicit(&loader->work->quit, memory_order_acquire)) {
        loop_stop(loader->loop);
        return;
    }
    for (uint32_t i = 0; i < loader->n_sessions; i++)
        session_pump(loader->sessions[i]);
    if (loader->produce != NULL)
        produce_pump(loader->produce);
    report_done(loader);
    set_deadline(loader);
}

/* A session that finished may have made room for another's transactions in the taker's queues. */
static void on_progress(void *ctx, bool finished)
{
    loader_t *loader = ctx;
    if (finished) {
        uint32_t phase = atomic_load_explicit(&loader->work->phase, memory_order_acquire);
        for (uint32_t i = 0; i < loader->n_sessions; i++)
            if (session_waits(loader->sessions[i]) && !session_done(loader->sessions[i], phase))
                session_pump(loader->sessions[i]);
    }
    report_done(loader);
    set_deadline(loader);
}

static void on_delivered(void *ctx)
{
    loader_t *loader = ctx;
    report_done(loader);
    set_deadline(loader);
}

static void *run(void *arg)
{
    loader_t *loader = arg;
    on_wake(loader);
    loop_run(loader->loop);
    for (uint32_t i = 0; i < loader->n_sessions; i++) {
        session_free(loader->sessions[i]);
        loader->sessions[i] = NULL;
    }
    produce_free(loader->produce);
    loader->produce = NULL;
    return NULL;
}

static bool make_produce(loader_t *loader, err_t *err)
{
    produce_opts_t opts = {.work = loader->work,
                           .loop = loader->loop,
                           .taker = loader->taker,
                           .stats = loader->stats,
                           .on_progress = on_delivered,
                           .ctx = loader};
    loader->produce = produce_new(&opts, err);
    return loader->produce != NULL;
}

static bool make_sessions(loader_t *loader)
{
    work_t *work = loader->work;
    uint32_t n = (work->scenario->connections - loader->index + work->threads - 1) / work->threads;
    loader->sessions = calloc(n, sizeof *loader->sessions);
    if (loader->sessions == NULL)
        return false;
    for (uint32_t i = 0; i < n; i++) {
        session_opts_t opts = {.work = work,
                               .loop = loader->loop,
                               .taker = loader->taker,
                               .stats = loader->stats,
                               .piece = loader->piece,
                               .connection = loader->index + i * work->threads,
                               .on_progress = on_progress,
                               .ctx = loader};
        loader->sessions[i] = session_new(&opts);
        if (loader->sessions[i] == NULL)
            return false;
        loader->n_sessions++;
    }
    return true;
}

loader_t *loader_start(work_t *work, uint32_t index, err_t *err)
{
    loader_t *loader = calloc(1, sizeof *loader);
    if (loader == NULL)
        goto no_memory;
    loader->work = work;
    loader->index = index;
    loader->loop = loop_new(on_wake, loader, err);
    if (loader->loop == NULL)
        goto fail;
    loader->taker = taker_new(work, index, work->threads);
    loader->stats = stats_new();
    loader->piece = malloc(session_piece_bytes(&work->scenario->tables));
    if (loader->taker == NULL || loader->stats == NULL || loader->piece == NULL ||
        (work->produce == NULL && !make_sessions(loader)))
        goto no_memory;
    if (work->produce != NULL && !make_produce(loader, err))
        goto fail;
    int failed = pthread_create(&loader->thread, NULL, run, loader);
    if (failed == 0) {
        loader->started = true;
        return loader;
    }
    err_set(err, ERR_RUN, "a loader thread could not be started: %s", strerror(failed));
    goto fail;
no_memory:
    err_set(err, ERR_RUN, "a loader thread: out of memory");
fail:
    loader_free(loader);
    return NULL;
}

void loader_wake(loader_t *loader)
{
    loop_wake(loader->loop);
}

void loader_join(loader_t *loader)
{
    if (loader->started)
        pthread_join(loader->thread, NULL);
    loader->started = false;
}

void loader_free(loader_t *loader)
{
    if (loader == NULL)
        return;
    for (uint32_t i = 0; i < loader->n_sessions; i++)
        session_free(loader->sessions[i]);
    free(loader->sessions);
    produce_free(loader->produce);
    loop_free(loader->loop);
    taker_free(loader->taker);
    stats_free(loader->stats);
    free(loader->piece);
    free(loader);
}

const stats_t *loader_stats(const loader_t *loader)
{
    return loader->stats;
}
