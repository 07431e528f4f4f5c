#include "result/result.h"

#include <math.h>

const char *const tap_names[TAP_COUNT] = {"wal", "kafka"};

const char *const stage_names[STAGE_COUNT] = {
    [STAGE_COMMIT_TO_SEND] = "commit_to_send",
    [STAGE_SEND_TO_RECEIPT] = "send_to_receipt",
    [STAGE_COMMIT_TO_DEBEZIUM] = "commit_to_debezium",
    [STAGE_DEBEZIUM_TO_PRODUCE] = "debezium_to_produce",
    [STAGE_PRODUCE_TO_RECEIPT] = "produce_to_receipt",
    [STAGE_DEBEZIUM_TO_APPEND] = "debezium_to_append",
    [STAGE_APPEND_TO_RECEIPT] = "append_to_receipt",
    [STAGE_COMMIT_TO_RECEIPT] = "commit_to_receipt",
    [STAGE_ACK_TO_RECEIPT] = "ack_to_receipt",
    [STAGE_INTENDED_TO_RECEIPT] = "intended_to_receipt",
    [STAGE_KAFKA_MINUS_WAL] = "kafka_minus_wal",
};

const char *const lag_scope_names[SCOPE_COUNT] = {"event", "first", "last"};

const usage_t usage_unknown = {{[0 ... USAGE_KINDS - 1] = NOT_MEASURED}};

double result_drain_per_s(const phase_result_t *phase, tap_id_t tap)
{
    int64_t events = phase->drain[tap].events, us = phase->drain[tap].us;
    return events > 0 && us > 0 ? (double)events * 1e6 / (double)us : NAN;
}
