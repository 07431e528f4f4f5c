#include "report/analysis/size.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>

const char *const size_origin_names[4] = {"assumed", "given", "measured", "computed"};

const size_quantity_t size_input_quantities[SIZE_INPUTS] = {
    [SIZE_EVENTS_PER_S] = {"events_per_s", "events/s", "changes, in the mean"},
    [SIZE_BYTES_PER_EVENT] = {"bytes_per_event", "bytes", "on the wire, as compressed as it is"},
    [SIZE_PEAK] = {"peak", "", "the 95th percentile minute over the mean"},
    [SIZE_RETENTION_S] = {"retention_s", "s", "how long records are kept"},
    [SIZE_REPLICATION] = {"replication", "", "replicas of each partition"},
    [SIZE_CONSUMERS] = {"consumers", "", "groups that read everything"},
    [SIZE_GROWTH] = {"growth", "", "room for more, in partitions"},
    [SIZE_OUTAGE_S] = {"outage_s", "s", "how long the connector stands still"},
    [SIZE_DRAIN_PER_S] = {"drain_per_s", "events/s", "as fast as the connector goes"},
    [SIZE_WAL_PER_EVENT] = {"wal_bytes_per_event", "bytes", "WAL that a change makes"},
    [SIZE_PARTITION_PRODUCE] = {"partition_produce_bytes_per_s", "bytes/s",
                                "what one partition takes"},
    [SIZE_PARTITION_CONSUME] = {"partition_consume_bytes_per_s", "bytes/s",
                                "what one partition gives"},
    [SIZE_BROKER_NIC] = {"broker_nic_bytes_per_s", "bytes/s", "a broker's network, either way"},
    [SIZE_BROKER_DISK] = {"broker_disk_bytes", "bytes", "a broker's disk"},
    [SIZE_BROKER_WRITE] = {"broker_write_bytes_per_s", "bytes/s", "what a broker's disk takes"},
    [SIZE_BROKER_REPLICAS] = {"broker_replicas", "", "partitions' replicas on one broker"},
};

const size_quantity_t size_result_quantities[SIZE_RESULTS] = {
    [SIZE_INGRESS_MEAN] = {"ingress_mean_bytes_per_s", "bytes/s", "from the producer, in the mean"},
    [SIZE_INGRESS_PEAK] = {"ingress_peak_bytes_per_s", "bytes/s", "W: from the producer, at peak"},
    [SIZE_EGRESS_PEAK] = {"egress_peak_bytes_per_s", "bytes/s",
                          "W × (consumers + replication − 1)"},
    [SIZE_DISK_WRITE_PEAK] = {"disk_write_peak_bytes_per_s", "bytes/s", "W × replication"},
    [SIZE_DISK] = {"disk_bytes", "bytes", "mean × retention × replication × 1.02 ÷ 0.70"},
    [SIZE_PARTITIONS] = {"partitions", "",
                         "the most that produce, consume and consumers ask for, × growth"},
    [SIZE_FOR_NIC_IN] = {"brokers_for_nic_in", "brokers", "W × replication ÷ network"},
    [SIZE_FOR_NIC_OUT] = {"brokers_for_nic_out", "brokers", "egress ÷ network"},
    [SIZE_FOR_DISK_WRITE] = {"brokers_for_disk_write", "brokers", "disk write ÷ a disk's"},
    [SIZE_FOR_DISK] = {"brokers_for_disk", "brokers", "disk ÷ a broker's"},
    [SIZE_FOR_REPLICATION] = {"brokers_for_replication", "brokers", "a replica each"},
    [SIZE_FOR_REPLICAS] = {"brokers_for_replicas", "brokers",
                           "partitions × replication ÷ replicas of a broker"},
    [SIZE_BROKERS] = {"brokers", "brokers", "the largest of these"},
    [SIZE_BACKLOG_EVENTS] = {"backlog_events", "events", "what an outage leaves to do"},
    [SIZE_BACKLOG_WAL] = {"backlog_wal_bytes", "bytes", "WAL that the slot keeps by then"},
    [SIZE_CATCH_UP_S] = {"catch_up_s", "s",
                         "backlog ÷ (drain − events); empty: it never catches up, or not known"},
};

/* What of a disk is used: the rest is for segments that end late, and for rebalancing. Indexes take
 * 2 % more. */
#define DISK_FILL      0.70
#define DISK_OVERHEAD  1.02
#define ROUNDING_ERROR 1e-9

/* At least 1; a whole number's rounding errors do not make it one more. */
static double whole(double value)
{
    return fmax(1, ceil(value * (1 - ROUNDING_ERROR)));
}

static void compute_brokers(const size_input_t *in, double *out)
{
    out[SIZE_FOR_NIC_IN] = whole(out[SIZE_DISK_WRITE_PEAK] / in[SIZE_BROKER_NIC].value);
    out[SIZE_FOR_NIC_OUT] = whole(out[SIZE_EGRESS_PEAK] / in[SIZE_BROKER_NIC].value);
    out[SIZE_FOR_DISK_WRITE] = whole(out[SIZE_DISK_WRITE_PEAK] / in[SIZE_BROKER_WRITE].value);
    out[SIZE_FOR_DISK] = whole(out[SIZE_DISK] / in[SIZE_BROKER_DISK].value);
    out[SIZE_FOR_REPLICATION] = in[SIZE_REPLICATION].value;
    out[SIZE_FOR_REPLICAS] =
        whole(out[SIZE_PARTITIONS] * in[SIZE_REPLICATION].value / in[SIZE_BROKER_REPLICAS].value);
    out[SIZE_BROKERS] = 0;
    for (int i = SIZE_FOR_NIC_IN; i <= SIZE_FOR_REPLICAS; i++) {
        out[SIZE_BROKERS] = fmax(out[SIZE_BROKERS], out[i]);
    }
}

static void compute_outage(const size_input_t *in, double *out)
{
    double spare = in[SIZE_DRAIN_PER_S].value - in[SIZE_EVENTS_PER_S].value;
    out[SIZE_BACKLOG_EVENTS] = in[SIZE_EVENTS_PER_S].value * in[SIZE_OUTAGE_S].value;
    out[SIZE_BACKLOG_WAL] = out[SIZE_BACKLOG_EVENTS] * in[SIZE_WAL_PER_EVENT].value;
    out[SIZE_CATCH_UP_S] = spare > 0 ? out[SIZE_BACKLOG_EVENTS] / spare : NAN;
}

void size_compute(const size_input_t in[SIZE_INPUTS], double out[SIZE_RESULTS])
{
    double replication = in[SIZE_REPLICATION].value, consumers = in[SIZE_CONSUMERS].value;
    double mean = in[SIZE_EVENTS_PER_S].value * in[SIZE_BYTES_PER_EVENT].value;
    double peak = mean * in[SIZE_PEAK].value;
    out[SIZE_INGRESS_MEAN] = mean;
    out[SIZE_INGRESS_PEAK] = peak;
    out[SIZE_EGRESS_PEAK] = peak * (consumers + replication - 1);
    out[SIZE_DISK_WRITE_PEAK] = peak * replication;
    out[SIZE_DISK] = mean * in[SIZE_RETENTION_S].value * replication * DISK_OVERHEAD / DISK_FILL;
    double parallel =
        fmax(fmax(peak / in[SIZE_PARTITION_PRODUCE].value, peak / in[SIZE_PARTITION_CONSUME].value),
             consumers);
    out[SIZE_PARTITIONS] = whole(parallel * in[SIZE_GROWTH].value);
    compute_brokers(in, out);
    compute_outage(in, out);
}

void size_set(size_input_t *input, double value, size_origin_t origin, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(input->basis, sizeof input->basis, format, args);
    va_end(args);
    input->value = value;
    input->origin = origin;
}

void size_defaults(size_input_t inputs[SIZE_INPUTS])
{
    static const struct {
        size_input_id_t input;
        double value;
        const char *basis;
    } defaults[] = {
        {SIZE_PEAK, 2, "--peak says otherwise"},
        {SIZE_RETENTION_S, 7 * 86400, "Kafka's own default: --retention"},
        {SIZE_REPLICATION, 3, "--replication"},
        {SIZE_CONSUMERS, 1, "--consumers"},
        {SIZE_GROWTH, 1.5, "--growth"},
        {SIZE_OUTAGE_S, 3600, "--outage"},
        {SIZE_PARTITION_PRODUCE, 10e6, "--partition produce=…"},
        {SIZE_PARTITION_CONSUME, 20e6, "--partition consume=…"},
        {SIZE_BROKER_NIC, 10e9 / 8, "--broker nic=…"},
        {SIZE_BROKER_DISK, 2e12, "--broker disk=…"},
        {SIZE_BROKER_WRITE, 200e6, "--broker write=…"},
        {SIZE_BROKER_REPLICAS, 4000, "--broker replicas=…"},
    };
    for (int i = 0; i < SIZE_INPUTS; i++) {
        size_set(&inputs[i], NAN, SIZE_ASSUMED, "not known");
    }
    for (size_t i = 0; i < sizeof defaults / sizeof defaults[0]; i++) {
        size_set(&inputs[defaults[i].input], defaults[i].value, SIZE_ASSUMED, "%s",
                 defaults[i].basis);
    }
}
