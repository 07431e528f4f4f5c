#include "run/tap/wal_tap.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "run/tap/wal_reader.h"

#include "base/lsn.h"

#define CONFIRM_EVERY_NS (200 * NS_PER_MS)
#define FRAMES_MAX       16384
/* For acknowledgements that came after their events, and confirmations. */
#define WAKE_EVERY_MS 100

/* A flood: more events a second than this, by the last window. The walsender sends each event by
 * itself, and pays for waking whoever sleeps on its socket, up to a tenth of what the event costs
 * it; in a flood the tap sleeps by the clock instead, and takes what has come meanwhile. Below, it
 * is woken by the event: a receipt is never later than the event by more than a thread's waking. */
#define FLOOD_PER_S     100000
#define FLOOD_WINDOW_NS (10 * NS_PER_MS)
#define FLOOD_NAP_NS    (10 * NS_PER_US)

struct wal_tap {
    pg_replication_t *replication;
    tap_t *core;
    wal_reader_t *reader;
    const clocksync_t *clock;
    pthread_t thread;
    int stop_fd;
    int64_t confirmed_ns; /* when the last status update was sent */
    bool flood;
    int64_t window_ns; /* when the present one began */
    uint64_t window_events;
};

static void publish(wal_tap_t *tap)
{
    tap_publish(tap->core, wal_reader_bytes(tap->reader), wal_reader_done_lsn(tap->reader));
}

static bool confirm(wal_tap_t *tap, int64_t now_ns, err_t *err)
{
    tap->confirmed_ns = now_ns;
    return pg_replication_confirm(tap->replication, wal_reader_done_lsn(tap->reader),
                                  clock_unix_us(&tap->clock->anchor, now_ns), err);
}

/* Reads once, and deals with what came, up to a bound, so that confirmations and a stop are not put
 * off by a flood: *more says that there may be more already. One receipt time for what one read
 * brought. */
static bool take(wal_tap_t *tap, bool *more, err_t *err)
{
    bool reply = false;
    const bool stamp_each = pg_replication_encrypted(tap->replication);
    if (!pg_replication_read(tap->replication, err))
        return false;
    int64_t receipt_ns = clock_now_ns();
    *more = true;
    for (int i = 0; *more && i < FRAMES_MAX; i++) {
        const char *bytes;
        size_t len;
        if (!pg_replication_next(tap->replication, &bytes, &len, err))
            return false;
        *more = bytes != NULL;
        if (stamp_each)
            receipt_ns = clock_now_ns();
        if (*more && !wal_reader_feed(tap->reader, bytes, len, receipt_ns, &reply, err))
            return false;
    }
    publish(tap);
    return !reply || confirm(tap, clock_now_ns(), err);
}

static bool keep_up(wal_tap_t *tap, err_t *err)
{
    int64_t now_ns = clock_now_ns();
    tap_settle(tap->core, false);
    if (pg_replication_wants_write(tap->replication) &&
        !pg_replication_flush(tap->replication, err))
        return false;
    if (now_ns - tap->confirmed_ns >= CONFIRM_EVERY_NS)
        return confirm(tap, now_ns, err);
    return true;
}

static void nap_in_flood(wal_tap_t *tap)
{
    int64_t now_ns = clock_now_ns(), taken_ns = now_ns - tap->window_ns;
    if (taken_ns >= FLOOD_WINDOW_NS) {
        uint64_t events = tap_events(tap->core);
        tap->flood =
            (events - tap->window_events) * (uint64_t)NS_PER_S > FLOOD_PER_S * (uint64_t)taken_ns;
        tap->window_ns = now_ns;
        tap->window_events = events;
    }
    if (tap->flood)
        clock_sleep_until_ns(now_ns + FLOOD_NAP_NS);
}

static bool stream(wal_tap_t *tap, err_t *err)
{
    for (bool more = false;;) {
        struct pollfd fds[2] = {{.fd = tap->stop_fd, .events = POLLIN},
                                {.fd = pg_replication_fd(tap->replication), .events = POLLIN}};
        if (pg_replication_wants_write(tap->replication))
            fds[1].events |= POLLOUT;
        if (poll(fds, 2, more ? 0 : WAKE_EVERY_MS) < 0 && errno != EINTR)
            return err_set(err, ERR_RUN, "poll: %s", strerror(errno));
        if ((more || fds[1].revents != 0) && !take(tap, &more, err))
            return false;
        if (!keep_up(tap, err))
            return false;
        if (fds[0].revents != 0)
            return true;
        if (!more)
            nap_in_flood(tap);
    }
}

/* After a failure the thread stays, to give up what the loader goes on writing into the ledger. */
static void linger(wal_tap_t *tap)
{
    struct pollfd stop = {.fd = tap->stop_fd, .events = POLLIN};
    do
        tap_give_up(tap->core);
    while (poll(&stop, 1, WAKE_EVERY_MS) <= 0);
}

static void *run(void *arg)
{
    wal_tap_t *tap = arg;
    err_t err = {0};
    prctl(PR_SET_TIMERSLACK, 1UL, 0, 0, 0); /* 50 µs by default: five naps */
    if (!stream(tap, &err)) {
        uint64_t done = wal_reader_done_lsn(tap->reader);
        err_wrap(&err, "the wal tap is complete up to LSN %s and ended there", lsn_text(done).text);
        publish(tap);
        tap_fail(tap->core, &err);
        linger(tap);
    }
    tap_settle(tap->core, true);
    pg_replication_close(tap->replication);
    tap->replication = NULL;
    return NULL;
}

wal_tap_t *wal_tap_start(pg_replication_t *replication, const tap_opts_t *opts, err_t *err)
{
    wal_tap_t *tap = calloc(1, sizeof *tap);
    if (tap == NULL) {
        pg_replication_close(replication);
        err_set(err, ERR_RUN, "the wal tap: out of memory");
        return NULL;
    }
    tap->stop_fd = -1;
    tap->replication = replication;
    tap->clock = opts->clock;
    tap->core = tap_new(opts);
    if (tap->core != NULL)
        tap->reader =
            wal_reader_new(tap->core, &opts->verify->tables, pg_replication_start_lsn(replication));
    if (tap->reader != NULL)
        wal_reader_set_schema(tap->reader, opts->schema);
    tap->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (tap->reader == NULL || tap->stop_fd < 0) {
        err_set(err, ERR_RUN, "the wal tap: out of memory or descriptors");
        goto fail;
    }
    publish(tap);
    int failed = pthread_create(&tap->thread, NULL, run, tap);
    if (failed == 0)
        return tap;
    err_set(err, ERR_RUN, "the wal tap: a thread could not be started: %s", strerror(failed));
fail:
    pg_replication_close(replication);
    wal_tap_free(tap);
    return NULL;
}

void wal_tap_stop(wal_tap_t *tap)
{
    eventfd_write(tap->stop_fd, 1);
    pthread_join(tap->thread, NULL);
}

void wal_tap_free(wal_tap_t *tap)
{
    if (tap == NULL)
        return;
    if (tap->stop_fd >= 0)
        close(tap->stop_fd);
    wal_reader_free(tap->reader);
    tap_free(tap->core);
    free(tap);
}

tap_t *wal_tap_core(wal_tap_t *tap)
{
    return tap->core;
}
