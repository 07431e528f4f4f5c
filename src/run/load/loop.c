#include "run/load/loop.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <unistd.h>
#include <uv.h>

#include "base/clock.h"

struct loop {
    uv_loop_t uv;
    uv_async_t wake;
    uv_poll_t deadline_poll;
    int timer_fd;
    int64_t deadline_ns;
    void (*on_wake)(void *ctx);
    void *ctx;
};

/* A uv handle's memory may be freed only in its close callback, so a watch lets its handle go and
 * makes a new one whenever its descriptor changes. */
struct watch {
    loop_t *loop;
    uv_poll_t *poll; /* NULL: no descriptor */
    int fd;
    int events;
    void (*on_ready)(void *ctx, bool readable, bool writable);
    void *ctx;
};

static void on_wake(uv_async_t *async)
{
    loop_t *loop = async->data;
    loop->on_wake(loop->ctx);
}

static void on_deadline(uv_poll_t *poll, int status, int events)
{
    loop_t *loop = poll->data;
    uint64_t expirations;
    (void)status;
    (void)events;
    if (read(loop->timer_fd, &expirations, sizeof expirations) < 0)
        return; /* EAGAIN: set anew since */
    loop->deadline_ns = LOOP_NO_DEADLINE;
    loop->on_wake(loop->ctx);
}

loop_t *loop_new(void (*on_wake_fn)(void *ctx), void *ctx, err_t *err)
{
    loop_t *loop = calloc(1, sizeof *loop);
    if (loop == NULL) {
        err_set(err, ERR_RUN, "an event loop: out of memory");
        return NULL;
    }
    loop->on_wake = on_wake_fn;
    loop->ctx = ctx;
    loop->deadline_ns = LOOP_NO_DEADLINE;
    loop->timer_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (loop->timer_fd < 0) {
        err_set(err, ERR_RUN, "an event loop: timerfd_create: %s", strerror(errno));
        free(loop);
        return NULL;
    }
    int failed = uv_loop_init(&loop->uv);
    if (failed != 0) {
        err_set(err, ERR_RUN, "an event loop: %s", uv_strerror(failed));
        close(loop->timer_fd);
        free(loop);
        return NULL;
    }
    loop->wake.data = loop;
    loop->deadline_poll.data = loop;
    failed = uv_async_init(&loop->uv, &loop->wake, on_wake);
    if (failed == 0)
        failed = uv_poll_init(&loop->uv, &loop->deadline_poll, loop->timer_fd);
    if (failed == 0)
        failed = uv_poll_start(&loop->deadline_poll, UV_READABLE, on_deadline);
    if (failed != 0) {
        /* Out of descriptors at the very start: the process ends, and the kernel takes them back.
         */
        err_set(err, ERR_RUN, "an event loop: %s", uv_strerror(failed));
        return NULL;
    }
    return loop;
}

static void close_handle(uv_handle_t *handle, void *arg)
{
    (void)arg;
    if (!uv_is_closing(handle))
        uv_close(handle, NULL);
}

void loop_free(loop_t *loop)
{
    if (loop == NULL)
        return;
    uv_walk(&loop->uv, close_handle, NULL);
    uv_run(&loop->uv, UV_RUN_DEFAULT);
    int closed = uv_loop_close(&loop->uv);
    assert(closed == 0);
    (void)closed;
    close(loop->timer_fd);
    free(loop);
}

void loop_run(loop_t *loop)
{
    uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void loop_stop(loop_t *loop)
{
    uv_stop(&loop->uv);
}

void loop_wake(loop_t *loop)
{
    uv_async_send(&loop->wake);
}

void loop_deadline(loop_t *loop, int64_t monotonic_ns)
{
    if (monotonic_ns == loop->deadline_ns)
        return;
    loop->deadline_ns = monotonic_ns;
    struct itimerspec at = {0}; /* all zero disarms */
    if (monotonic_ns != LOOP_NO_DEADLINE) {
        if (monotonic_ns < 1)
            monotonic_ns = 1;
        at.it_value.tv_sec = monotonic_ns / NS_PER_S;
        at.it_value.tv_nsec = monotonic_ns % NS_PER_S;
    }
    timerfd_settime(loop->timer_fd, TFD_TIMER_ABSTIME, &at, NULL);
}

static void on_poll(uv_poll_t *poll, int status, int events)
{
    watch_t *watch = poll->data;
    /* An error on the descriptor is found out by reading it. */
    bool failed = status < 0;
    if (failed)
        watch->events = 0; /* libuv has stopped the handle: the next watch_set starts it again */
    watch->on_ready(watch->ctx, failed || (events & UV_READABLE) != 0,
                    failed || (events & UV_WRITABLE) != 0);
}

watch_t *watch_new(loop_t *loop, void (*on_ready)(void *ctx, bool readable, bool writable),
                   void *ctx)
{
    watch_t *watch = calloc(1, sizeof *watch);
    if (watch == NULL)
        return NULL;
    watch->loop = loop;
    watch->fd = -1;
    watch->on_ready = on_ready;
    watch->ctx = ctx;
    return watch;
}

static void free_handle(uv_handle_t *handle)
{
    free(handle);
}

static void let_go(watch_t *watch)
{
    if (watch->poll != NULL) {
        uv_poll_stop(watch->poll);
        uv_close((uv_handle_t *)watch->poll, free_handle);
    }
    watch->poll = NULL;
    watch->fd = -1;
    watch->events = 0;
}

static bool take_up(watch_t *watch, int fd)
{
    uv_poll_t *poll = malloc(sizeof *poll);
    if (poll == NULL)
        return false;
    if (uv_poll_init(&watch->loop->uv, poll, fd) != 0) {
        free(poll);
        return false;
    }
    poll->data = watch;
    watch->poll = poll;
    watch->fd = fd;
    return true;
}

bool watch_set(watch_t *watch, int fd, bool readable, bool writable)
{
    int events = (readable ? UV_READABLE : 0) | (writable ? UV_WRITABLE : 0);
    if (fd < 0 || events == 0) {
        let_go(watch);
        return true;
    }
    if (fd == watch->fd && events == watch->events)
        return true;
    if (fd != watch->fd) {
        let_go(watch);
        if (!take_up(watch, fd))
            return false;
    }
    watch->events = events;
    return uv_poll_start(watch->poll, events, on_poll) == 0;
}

void watch_free(watch_t *watch)
{
    if (watch == NULL)
        return;
    let_go(watch);
    free(watch);
}

const char *loop_library_version(void)
{
    return uv_version_string();
}
