/* cdcbench size: a Kafka cluster for what a run measured. */
#include <math.h>
#include <stdio.h>

#include "base/units.h"
#include "cli/command.h"
#include "plan/options/capacity.h"
#include "report/analysis/size.h"
#include "report/page/page.h"

static void give(size_input_t *input, const char *option, double value)
{
    size_set(input, value, SIZE_GIVEN, "--%s", option);
}

/* A list such as --broker, into the inputs from `first` on. */
static bool take_list(const char *option, const char *text, const char *const *names,
                      const size_input_id_t *ids, size_t n, size_input_t *inputs, err_t *err)
{
    capacity_t known[4] = {0};
    double values[4] = {0};
    bool given[4] = {false};
    if (text == NULL)
        return true;
    for (size_t i = 0; i < n; i++)
        known[i] = (capacity_t){names[i], &values[i], &given[i]};
    if (!capacity_parse(text, known, n, err))
        return err_wrap(err, "--%s", option);
    for (size_t i = 0; i < n; i++)
        if (given[i])
            give(&inputs[ids[i]], option, values[i]);
    return true;
}

typedef bool parse_t(const char *text, double *out, err_t *err);

static bool take_number(const char *option, const char *text, parse_t *parse, size_input_t *input,
                        err_t *err)
{
    double value;
    if (text == NULL)
        return true;
    if (!parse(text, &value, err))
        return err_wrap(err, "--%s", option);
    give(input, option, value);
    return true;
}

/* What the options say, over what the run measured. */
static bool take_options(const config_t *config, size_input_t *inputs, err_t *err)
{
    static const char *const broker_names[] = {"nic", "disk", "write", "replicas"};
    static const size_input_id_t brokers[] = {SIZE_BROKER_NIC, SIZE_BROKER_DISK, SIZE_BROKER_WRITE,
                                              SIZE_BROKER_REPLICAS};
    static const char *const partition_names[] = {"produce", "consume"};
    static const size_input_id_t partitions[] = {SIZE_PARTITION_PRODUCE, SIZE_PARTITION_CONSUME};
    if (config->size.retention_given)
        give(&inputs[SIZE_RETENTION_S], "retention", (double)config->size.retention_ns / 1e9);
    if (config->size.outage_given)
        give(&inputs[SIZE_OUTAGE_S], "outage", (double)config->size.outage_ns / 1e9);
    if (config->size.replication_given)
        give(&inputs[SIZE_REPLICATION], "replication", (double)config->size.replication);
    if (config->size.consumers_given)
        give(&inputs[SIZE_CONSUMERS], "consumers", (double)config->size.consumers);
    if (config->size.event_bytes > 0)
        give(&inputs[SIZE_BYTES_PER_EVENT], "event-bytes", (double)config->size.event_bytes);
    return take_number("peak", config->size.peak, capacity_parse_factor, &inputs[SIZE_PEAK], err) &&
           take_number("growth", config->size.growth, capacity_parse_factor, &inputs[SIZE_GROWTH],
                       err) &&
           take_number("events", config->size.events, units_parse_rate, &inputs[SIZE_EVENTS_PER_S],
                       err) &&
           take_number("drain", config->size.drain, units_parse_rate, &inputs[SIZE_DRAIN_PER_S],
                       err) &&
           take_list("broker", config->size.broker, broker_names, brokers, 4, inputs, err) &&
           take_list("partition", config->size.partition, partition_names, partitions, 2, inputs,
                     err);
}

static bool is_known(const size_input_t *inputs, const char *folder, err_t *err)
{
    if (!isfinite(inputs[SIZE_EVENTS_PER_S].value))
        return err_set(err, ERR_USAGE,
                       "%s made no changes: say how many come a second with --events", folder);
    if (!isfinite(inputs[SIZE_BYTES_PER_EVENT].value))
        return err_set(err, ERR_USAGE,
                       "%s has no kafka tap that counted bytes: say with --event-bytes how much an "
                       "event weighs, or take a run with --brokers",
                       folder);
    return true;
}

static bool size_folder(const char *path, const config_t *config, err_t *err)
{
    size_run_t run;
    folder_t *folder = folder_reopen(path, err);
    bool done = folder != NULL && size_run_read(path, &run, err) &&
                take_options(config, run.inputs, err) && is_known(run.inputs, path, err);
    if (done && config->output.json)
        size_print_json(stdout, &run);
    else if (done)
        size_print(stdout, &run);
    done = done && size_write_files(folder, &run, err) && page_write_report(folder, err);
    folder_free(folder);
    return done;
}

int command_size(const line_t *line, const config_t *config)
{
    err_t err = {0};
    if (line->n_rest != 1)
        err_set(&err, ERR_USAGE, "size takes the folder of one run, such as results/<time>-<name>");
    else if (size_folder(line->rest[0], config, &err))
        return 0;
    return command_fail(&err);
}
