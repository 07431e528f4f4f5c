#include "run/meter.h"

#include "run/process.h"
#include "run/server_stats.h"

static int64_t minus(int64_t a, int64_t b)
{
    return a == NOT_MEASURED || b == NOT_MEASURED || a < b ? NOT_MEASURED : a - b;
}

/* A process of this host; 0: it is none, or not known. */
static int64_t cpu_us(int pid)
{
    return pid > 0 ? process_usage(pid).cpu_us : NOT_MEASURED;
}

/* All of the server's processes but the walsenders, which have figures of their own. They are left
 * out of the sum and not taken off it: read at another moment they would have gone on by then. */
static int64_t server_cpu_us(const monitor_opts_t *processes, int debezium_walsender_pid)
{
    int walsenders[] = {processes->walsender_pid, debezium_walsender_pid};
    return processes->server_pid > 0
               ? process_tree_usage_without(processes->server_pid, walsenders, 2).cpu_us
               : NOT_MEASURED;
}

static void read_log(const meter_t *meter, meter_reading_t *out)
{
    slot_stats_t slot;
    checkpoint_row_t checkpoints;
    uint64_t insert_lsn;
    bool answered =
        server_stats_slot(meter->admin, meter->processes->slots[TAP_KAFKA], &slot, &insert_lsn);
    out->total.wal_bytes = answered ? (int64_t)insert_lsn : NOT_MEASURED;
    out->debezium_walsender_pid = meter->processes->server_pid > 0 ? slot.active_pid : 0;
    out->total.checkpoints = server_stats_checkpoints(meter->admin, &checkpoints)
                                 ? checkpoints.timed + checkpoints.requested
                                 : NOT_MEASURED;
}

meter_reading_t meter_read(const meter_t *meter)
{
    const monitor_opts_t *processes = meter->processes;
    meter_reading_t reading = {.debezium_walsender_pid = 0};
    usage_t *total = &reading.total;
    read_log(meter, &reading);
    total->walsender_cpu_us = cpu_us(processes->walsender_pid);
    total->debezium_walsender_cpu_us = cpu_us(reading.debezium_walsender_pid);
    total->server_cpu_us = server_cpu_us(processes, reading.debezium_walsender_pid);
    total->client_cpu_us = process_self_cpu_us();
    total->connect_cpu_us = cpu_us(processes->connect_pid);
    total->broker_cpu_us = cpu_us(processes->broker_pid);
    total->kafka_bytes = meter->kafka != NULL ? (int64_t)tap_bytes(meter->kafka) : NOT_MEASURED;
    return reading;
}

usage_t meter_between(const meter_reading_t *from, const meter_reading_t *to)
{
    const usage_t *a = &from->total, *b = &to->total;
    bool same_walsender = from->debezium_walsender_pid == to->debezium_walsender_pid;
    return (usage_t){
        .wal_bytes = minus(b->wal_bytes, a->wal_bytes),
        .checkpoints = minus(b->checkpoints, a->checkpoints),
        /* What a walsender that is gone has used counts as its parent's: not the rest's share. */
        .server_cpu_us = same_walsender ? minus(b->server_cpu_us, a->server_cpu_us) : NOT_MEASURED,
        .walsender_cpu_us = minus(b->walsender_cpu_us, a->walsender_cpu_us),
        .debezium_walsender_cpu_us =
            same_walsender ? minus(b->debezium_walsender_cpu_us, a->debezium_walsender_cpu_us)
                           : NOT_MEASURED,
        .client_cpu_us = minus(b->client_cpu_us, a->client_cpu_us),
        .connect_cpu_us = minus(b->connect_cpu_us, a->connect_cpu_us),
        .broker_cpu_us = minus(b->broker_cpu_us, a->broker_cpu_us),
        .kafka_bytes = minus(b->kafka_bytes, a->kafka_bytes),
    };
}
