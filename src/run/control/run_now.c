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
    const source_t *topics = run->sources[tap_with(TAP_READS_TOPIC)];
    if (run->opts.produce && topics != NULL)
        out->topic = run->produce.topic;
    out->partitions = topics == NULL ? 0 : source_partitions(topics);
}

void run_now_position(const run_t *run, int32_t partition, int64_t *position, int64_t *end)
{
    source_position(run->sources[tap_with(TAP_READS_TOPIC)], partition, position, end);
}
