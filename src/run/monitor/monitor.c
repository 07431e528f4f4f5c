#include "run/monitor/monitor.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/log.h"
#include "postgres/admin.h"
#include "result/result.h"
#include "run/monitor/process.h"
#include "run/monitor/server_stats.h"

/* The clock is read in bursts: the second of two readings finds the server's process awake, and is
 * the better one. */
#define CLOCK_BURSTS_PER_S   5
#define CLOCK_BURST          4
#define CLOCK_READINGS_FIRST 64

struct monitor {
    monitor_opts_t opts;
    pg_admin_t *admin; /* NULL: lost, to be made again */
    pthread_t thread;
    int stop_fd;
    int64_t last_ns; /* of the usage below */
    int64_t client_cpu_us, server_cpu_us, walsender_cpu_us, broker_cpu_us, connect_cpu_us;
    int64_t debezium_walsender_cpu_us;
    int debezium_walsender_pid; /* of the figure above; 0: none */
    bool over;                  /* opts.check has said so */
    pthread_mutex_t lock;
    monitor_reading_t reading; /* under lock */
};

static void read_clock(monitor_t *m, int readings)
{
    pg_clock_sample_t sample;
    err_t err = {0};
    if (m->opts.target == NULL) {
        /* Nobody stamps but this host: its clock against itself. */
        int64_t now_ns = clock_now_ns();
        clocksync_add(m->opts.clock, now_ns, now_ns, clock_unix_us(&m->opts.clock->anchor, now_ns));
        return;
    }
    for (int i = 0; i < readings; i++)
        if (m->admin != NULL && pg_admin_clock(m->admin, &sample, &err))
            clocksync_add(m->opts.clock, sample.sent_ns, sample.received_ns, sample.server_unix_us);
}

/* Thousandths of a core between two readings of CPU time; keeps the later one. */
static int64_t permille(int64_t *before_us, int64_t now_us, int64_t elapsed_us)
{
    int64_t used = *before_us == NOT_MEASURED || now_us == NOT_MEASURED || elapsed_us <= 0
                       ? NOT_MEASURED
                       : (now_us - *before_us) * 1000 / elapsed_us;
    *before_us = now_us;
    return used;
}

static process_usage_t usage_of(int pid, bool tree)
{
    if (pid <= 0)
        return (process_usage_t){NOT_MEASURED, NOT_MEASURED};
    return tree ? process_tree_usage(pid) : process_usage(pid);
}

/* Its walsender is another one after each restart of the connector. */
static void read_debezium_walsender(monitor_t *m, int pid, int64_t elapsed_us,
                                    monitor_reading_t *out)
{
    if (m->opts.server_pid == 0)
        pid = 0;
    if (pid != m->debezium_walsender_pid)
        m->debezium_walsender_cpu_us = NOT_MEASURED;
    m->debezium_walsender_pid = pid;
    process_usage_t usage = usage_of(pid, false);
    out->debezium_walsender_cpu_permille =
        permille(&m->debezium_walsender_cpu_us, usage.cpu_us, elapsed_us);
    out->debezium_walsender_rss_bytes = usage.rss_bytes;
}

static void read_processes(monitor_t *m, int debezium_walsender_pid, monitor_reading_t *out)
{
    int64_t now_ns = clock_now_ns();
    int64_t elapsed_us = (now_ns - m->last_ns) / NS_PER_US;
    m->last_ns = now_ns;
    process_usage_t client = process_usage(getpid());
    process_usage_t server = usage_of(m->opts.server_pid, true);
    process_usage_t walsender = usage_of(m->opts.walsender_pid, false);
    out->client_cpu_permille = permille(&m->client_cpu_us, process_self_cpu_us(), elapsed_us);
    out->client_rss_bytes = client.rss_bytes;
    out->server_cpu_permille = permille(&m->server_cpu_us, server.cpu_us, elapsed_us);
    out->server_rss_bytes = server.rss_bytes;
    out->walsender_cpu_permille = permille(&m->walsender_cpu_us, walsender.cpu_us, elapsed_us);
    out->walsender_rss_bytes = walsender.rss_bytes;
    process_usage_t broker = usage_of(m->opts.broker_pid, false);
    process_usage_t connect = usage_of(m->opts.connect_pid, false);
    out->broker_cpu_permille = permille(&m->broker_cpu_us, broker.cpu_us, elapsed_us);
    out->broker_rss_bytes = broker.rss_bytes;
    out->connect_cpu_permille = permille(&m->connect_cpu_us, connect.cpu_us, elapsed_us);
    out->connect_rss_bytes = connect.rss_bytes;
    read_debezium_walsender(m, debezium_walsender_pid, elapsed_us, out);
}

static void reconnect(monitor_t *m)
{
    if (m->admin != NULL && !pg_admin_alive(m->admin)) {
        pg_admin_free(m->admin);
        m->admin = NULL;
    }
    if (m->admin == NULL && m->opts.target != NULL) {
        err_t err = {0};
        m->admin = pg_admin_connect(m->opts.target, &err);
    }
}

static void look(monitor_t *m)
{
    monitor_reading_t next = {0};
    slot_stats_t slots[TAP_COUNT];
    reconnect(m);
    for (int tap = 0; tap < TAP_COUNT; tap++) {
        server_stats_slot(m->admin, m->opts.slots[tap], &slots[tap], &next.insert_lsn);
        next.slots[tap] = slots[tap].slot;
    }
    server_stats_checkpoints(m->admin, &next.checkpoints);
    read_processes(m, slots[tap_with(TAP_BEHIND_PIPELINE)].active_pid, &next);
    pthread_mutex_lock(&m->lock);
    m->reading = next;
    pthread_mutex_unlock(&m->lock);
}

static void check(monitor_t *m)
{
    err_t why = {0};
    if (m->opts.check == NULL || m->over || m->opts.check(m->opts.ctx, &why))
        return;
    m->over = true;
    m->opts.on_failed(m->opts.ctx, &why);
}

static void *run(void *arg)
{
    monitor_t *m = arg;
    struct pollfd stop = {.fd = m->stop_fd, .events = POLLIN};
    for (uint64_t tick = 0; poll(&stop, 1, 1000 / CLOCK_BURSTS_PER_S) <= 0; tick++) {
        read_clock(m, CLOCK_BURST);
        if (tick % CLOCK_BURSTS_PER_S == 0) {
            look(m);
            check(m);
        }
    }
    return NULL;
}

monitor_t *monitor_start(const monitor_opts_t *opts, err_t *err)
{
    monitor_t *m = calloc(1, sizeof *m);
    if (m == NULL) {
        err_set(err, ERR_RUN, "the monitor: out of memory");
        return NULL;
    }
    m->opts = *opts;
    m->client_cpu_us = m->server_cpu_us = m->walsender_cpu_us = NOT_MEASURED;
    m->broker_cpu_us = m->connect_cpu_us = m->debezium_walsender_cpu_us = NOT_MEASURED;
    pthread_mutex_init(&m->lock, NULL);
    m->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (m->stop_fd < 0) {
        err_set(err, ERR_RUN, "the monitor: no descriptor to stop it by: %s", strerror(errno));
        goto fail;
    }
    m->admin = opts->target == NULL ? NULL : pg_admin_connect(opts->target, err);
    if (opts->target != NULL && m->admin == NULL)
        goto fail;
    read_clock(m, CLOCK_READINGS_FIRST);
    look(m);
    int failed = pthread_create(&m->thread, NULL, run, m);
    if (failed == 0)
        return m;
    err_set(err, ERR_RUN, "the monitor: a thread could not be started: %s", strerror(failed));
fail:
    pg_admin_free(m->admin);
    pthread_mutex_destroy(&m->lock);
    if (m->stop_fd >= 0)
        close(m->stop_fd);
    free(m);
    return NULL;
}

void monitor_read(monitor_t *monitor, monitor_reading_t *out)
{
    pthread_mutex_lock(&monitor->lock);
    *out = monitor->reading;
    pthread_mutex_unlock(&monitor->lock);
}

void monitor_stop(monitor_t *monitor)
{
    if (monitor == NULL)
        return;
    eventfd_write(monitor->stop_fd, 1);
    pthread_join(monitor->thread, NULL);
    pg_admin_free(monitor->admin);
    pthread_mutex_destroy(&monitor->lock);
    close(monitor->stop_fd);
    free(monitor);
}
