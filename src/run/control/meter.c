#include "run/control/meter.h"

#include "run/monitor/process.h"
#include "run/monitor/server_stats.h"

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
    const char *pipelines = meter->processes->slots[tap_with(TAP_BEHIND_PIPELINE)];
    bool answered = server_stats_slot(meter->admin, pipelines, &slot, &insert_lsn);
    out->total.of[USAGE_WAL_BYTES] = answered ? (int64_t)insert_lsn : NOT_MEASURED;
    out->debezium_walsender_pid = meter->processes->server_pid > 0 ? slot.active_pid : 0;
    out->total.of[USAGE_CHECKPOINTS] = server_stats_checkpoints(meter->admin, &checkpoints)
                                           ? checkpoints.timed + checkpoints.requested
                                           : NOT_MEASURED;
}

meter_reading_t meter_read(const meter_t *meter)
{
    const monitor_opts_t *processes = meter->processes;
    meter_reading_t reading = {.debezium_walsender_pid = 0};
    usage_t *total = &reading.total;
    read_log(meter, &reading);
    total->of[USAGE_WALSENDER_CPU_US] = cpu_us(processes->walsender_pid);
    total->of[USAGE_DEBEZIUM_WALSENDER_CPU_US] = cpu_us(reading.debezium_walsender_pid);
    total->of[USAGE_SERVER_CPU_US] = server_cpu_us(processes, reading.debezium_walsender_pid);
    total->of[USAGE_CLIENT_CPU_US] = process_self_cpu_us();
    total->of[USAGE_CONNECT_CPU_US] = cpu_us(processes->connect_pid);
    total->of[USAGE_BROKER_CPU_US] = cpu_us(processes->broker_pid);
    total->of[USAGE_KAFKA_BYTES] =
        meter->topics != NULL ? (int64_t)tap_bytes(meter->topics) : NOT_MEASURED;
    return reading;
}

usage_t meter_between(const meter_reading_t *from, const meter_reading_t *to)
{
    usage_t used;
    for (usage_kind_t kind = 0; kind < USAGE_KINDS; kind++)
        used.of[kind] = minus(to->total.of[kind], from->total.of[kind]);
    /* What a walsender that is gone has used counts as its parent's: not the rest's share. */
    if (from->debezium_walsender_pid != to->debezium_walsender_pid)
        used.of[USAGE_SERVER_CPU_US] = used.of[USAGE_DEBEZIUM_WALSENDER_CPU_US] = NOT_MEASURED;
    return used;
}
