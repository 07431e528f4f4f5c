#include "run/control/run_now.h"

#include "run/control/run_internal.h"

void run_now(const run_t *run, run_now_t *out)
{
    *out = (run_now_t){.connector = NULL};
    if (run->timeline != NULL)
        out->rows = timeline_rows(run->timeline, &out->n_rows);
    for (uint32_t i = 0; run->timeline != NULL && i < STREAM_COUNT; i++)
        out->latency[i] = timeline_latency(run->timeline, i);
    for (tap_id_t tap = 0; run->timeline != NULL && tap < TAP_COUNT; tap++)
        out->lag[tap] = run->taps[tap] == NULL ? NULL : timeline_lag(run->timeline, tap);
    if (run->debezium != NULL) {
        out->connector = debezium_connector(run->debezium);
        out->connector_state = debezium_connector_state(run->debezium);
        out->task_state = debezium_task_state(run->debezium);
        out->topic = debezium_topics(run->debezium)->at[0].name;
    }
    if (run->opts.produce && run->kafka_tap != NULL)
        out->topic = run->produce.topic;
    out->partitions = run->kafka_tap == NULL ? 0 : kafka_tap_partitions(run->kafka_tap);
}

void run_now_position(const run_t *run, int32_t partition, int64_t *position, int64_t *end)
{
    kafka_tap_position(run->kafka_tap, partition, position, end);
}
