/*
 * monitor: a thread that asks, on a connection of its own: the server's clock (some readings a
 * second, into a clocksync), the slots, checkpoints, and the processes' CPU and memory, once a
 * second. A server that does not answer costs a second's figures (they are then NOT_MEASURED), not
 * the run. Started and stopped by the controller; readings from any thread.
 */
#ifndef CDCBENCH_RUN_MONITOR_MONITOR_H
#define CDCBENCH_RUN_MONITOR_MONITOR_H

#include "postgres/target.h"
#include "result/result.h"
#include "run/clock/clocksync.h"

typedef struct monitor monitor_t;

typedef struct {
    const pg_target_t *target; /* NULL: there is no server, and this host's clock is the one */
    clocksync_t *clock;        /* written by the monitor alone */
    char slots[TAP_COUNT][64]; /* the one that each tap hangs on; "" when there is none */
    int server_pid;            /* the postmaster, when it runs on this host; else 0 */
    int walsender_pid;         /* likewise: the wal tap's */
    int broker_pid;            /* of processes of this host; 0: not known */
    int connect_pid;
    /* NULL, or asked once a second; false means it is over, which on_failed is told. In the
     * monitor's thread. */
    bool (*check)(void *ctx, err_t *err);
    void (*on_failed)(void *ctx, const err_t *why);
    void *ctx;
} monitor_opts_t;

/* What it saw last. */
typedef struct {
    slot_row_t slots[TAP_COUNT];
    int64_t client_cpu_permille, client_rss_bytes; /* of one core, since the reading before */
    int64_t server_cpu_permille, server_rss_bytes;
    int64_t walsender_cpu_permille, walsender_rss_bytes;
    int64_t broker_cpu_permille, broker_rss_bytes;
    int64_t connect_cpu_permille, connect_rss_bytes;
    int64_t debezium_walsender_cpu_permille, debezium_walsender_rss_bytes;
    uint64_t insert_lsn;          /* pg_current_wal_insert_lsn; 0: never read */
    checkpoint_row_t checkpoints; /* cumulative */
} monitor_reading_t;

/* Reads the clock some times before it returns, so that no lag is recorded without. NULL with *err.
 */
monitor_t *monitor_start(const monitor_opts_t *opts, err_t *err);
void monitor_read(monitor_t *monitor, monitor_reading_t *out);
void monitor_stop(monitor_t *monitor); /* and frees it; NULL is allowed */

#endif
