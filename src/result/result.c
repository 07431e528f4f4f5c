#include "result/result.h"

#include <math.h>

const char *const lag_scope_names[SCOPE_COUNT] = {"event", "first", "last"};

const usage_t usage_unknown = {{[0 ... USAGE_KINDS - 1] = NOT_MEASURED}};

static double seconds_between(int64_t from_ns, int64_t to_ns)
{
    return (double)(to_ns - from_ns) / (double)NS_PER_S;
}

double result_op_seconds(const op_result_t *op)
{
    bool any = op->first_sent_ns != NOT_MEASURED && op->last_acked_ns != NOT_MEASURED;
    return any ? seconds_between(op->first_sent_ns, op->last_acked_ns) : NAN;
}

double result_op_rows_per_s(const op_result_t *op)
{
    double seconds = result_op_seconds(op);
    return seconds > 0 ? (double)op->rows / seconds : NAN;
}

double result_phase_seconds(const phase_result_t *phase)
{
    int64_t first_ns = INT64_MAX, last_ns = INT64_MIN;
    for (int stream = 0; stream < STREAM_COUNT; stream++) {
        const op_result_t *op = &phase->ops[stream];
        if (isfinite(result_op_seconds(op))) {
            first_ns = op->first_sent_ns < first_ns ? op->first_sent_ns : first_ns;
            last_ns = op->last_acked_ns > last_ns ? op->last_acked_ns : last_ns;
        }
    }
    return last_ns >= first_ns ? seconds_between(first_ns, last_ns) : NAN;
}

double result_drain_per_s(const phase_result_t *phase, tap_id_t tap)
{
    int64_t events = phase->drain[tap].events, us = phase->drain[tap].us;
    return events > 0 && us > 0 ? (double)events * 1e6 / (double)us : NAN;
}

const char *const end_fault_names[END_FAULT_KINDS] = {
    [END_DIFFERS] = "end_differs",
    [END_MISSING] = "end_missing",
    [END_UNSEEN] = "end_unseen",
};

uint64_t end_counts_faulty(const end_counts_t *counts)
{
    uint64_t faulty = 0;
    for (end_fault_kind_t kind = 0; kind < END_FAULT_KINDS; kind++)
        faulty += counts->faults[kind];
    return faulty;
}

bool end_counts_clean(const end_counts_t *counts)
{
    return end_counts_faulty(counts) + counts->repeated + counts->unreadable == 0 &&
           !counts->overflowed;
}
