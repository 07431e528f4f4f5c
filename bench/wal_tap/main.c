/*
 * Reads what was written to the WAL since a replication slot was made, as fast as it comes, and
 * says how fast that was:
 *
 *     wal_tap frames|unverified|tap DSN SLOT PUBLICATION EVENTS ROWS
 *
 * `frames` takes the frames from the connection and looks at nothing but their length and type;
 * `tap` is the wal tap in its own thread, as a run has it, every event verified in full;
 * `unverified` is the same with its events decoded and their stages recorded alone. Ends at the
 * last of EVENTS changes. Prints one line: events, seconds (connecting included, as in a program's
 * whole time), CPU seconds, bytes, faults.
 */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "full_tap.h"
#include "run/monitor/process.h"
#include "run/tap/wal_tap.h"

#define LOOK_EVERY_NS NS_PER_MS
#define PATIENCE_NS   (60 * NS_PER_S) /* without a single event */

typedef struct {
    uint64_t events, bytes, faults;
} reading_t;

static bool is_change(const char *bytes, size_t len)
{
    wal_frame_t frame;
    return wal_frame_decode(bytes, len, &frame, NULL) && frame.kind == WAL_DATA &&
           frame.payload_len > 0 && strchr("IUD", frame.payload[0]) != NULL;
}

static bool read_frames(pg_replication_t *r, uint64_t events, reading_t *out, err_t *err)
{
    while (out->events < events) {
        struct pollfd fd = {.fd = pg_replication_fd(r), .events = POLLIN};
        if (poll(&fd, 1, (int)(PATIENCE_NS / NS_PER_MS)) != 1)
            return err_set(err, ERR_RUN, "nothing came after %" PRIu64 " events", out->events);
        if (!pg_replication_read(r, err))
            return false;
        const char *bytes;
        size_t len;
        do {
            if (!pg_replication_next(r, &bytes, &len, err))
                return false;
            out->bytes += len;
            out->events += bytes != NULL && is_change(bytes, len);
        } while (bytes != NULL);
    }
    return true;
}

/* The tap's thread reads; this one looks on. */
static bool await_events(tap_t *tap, uint64_t events, err_t *err)
{
    uint64_t before = 0;
    int64_t since_ns = clock_now_ns();
    for (;;) {
        uint64_t seen = tap_events(tap);
        int64_t now_ns = clock_now_ns();
        if (seen >= events)
            return true;
        if (tap_failed(tap))
            return err_set(err, ERR_RUN, "%s", tap_error(tap));
        if (seen != before)
            since_ns = now_ns;
        if (now_ns - since_ns > PATIENCE_NS)
            return err_set(err, ERR_RUN, "nothing came after %" PRIu64 " events", seen);
        before = seen;
        clock_sleep_until_ns(now_ns + LOOK_EVERY_NS);
    }
}

static bool read_by_tap(pg_replication_t *r, uint64_t events, uint64_t rows, bool unverified,
                        reading_t *out, err_t *err)
{
    static full_tap_t full;
    full_tap_prepare(&full, rows, false, unverified);
    wal_tap_t *tap = wal_tap_start(r, &full.opts, err);
    if (tap == NULL)
        return false;
    bool good = await_events(wal_tap_core(tap), events, err);
    wal_tap_stop(tap);
    out->events = tap_events(wal_tap_core(tap));
    out->bytes = tap_bytes(wal_tap_core(tap));
    out->faults = full_tap_faults(wal_tap_core(tap));
    wal_tap_free(tap);
    return good;
}

static int run(char **argv, err_t *err)
{
    bool unverified = strcmp(argv[0], "unverified") == 0;
    bool by_tap = unverified || strcmp(argv[0], "tap") == 0;
    uint64_t events = strtoull(argv[4], NULL, 10), rows = strtoull(argv[5], NULL, 10);
    reading_t reading = {0};
    int64_t start_ns = clock_now_ns();
    pg_target_t *target = pg_target_new(argv[1], err);
    pg_replication_t *r =
        target == NULL ? NULL : pg_replication_open_existing(target, argv[2], argv[3], err);
    bool good = r != NULL && (by_tap ? read_by_tap(r, events, rows, unverified, &reading, err)
                                     : read_frames(r, events, &reading, err));
    int64_t taken_ns = clock_now_ns() - start_ns;
    if (good)
        printf("%" PRIu64 " %.6f %.6f %" PRIu64 " %" PRIu64 "\n", reading.events,
               (double)taken_ns / (double)NS_PER_S,
               (double)process_self_cpu_us() / (double)US_PER_S, reading.bytes, reading.faults);
    if (!by_tap)
        pg_replication_close(r);
    pg_target_free(target);
    return good ? 0 : 1;
}

int main(int argc, char **argv)
{
    err_t err = {0};
    if (argc != 7) {
        fprintf(stderr, "usage: wal_tap frames|unverified|tap DSN SLOT PUBLICATION EVENTS ROWS\n");
        return 1;
    }
    int code = run(argv + 1, &err);
    if (code != 0)
        fprintf(stderr, "wal_tap: %s\n", err.text);
    return code;
}
