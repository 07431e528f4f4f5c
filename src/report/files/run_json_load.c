/* run.json: what the load met: backlog, drains, stalls. */
#include "report/files/run_json_parts.h"

json_t *run_json_backlog(const phase_result_t *phase)
{
    bool passed = phase->overload_from_ns != NOT_MEASURED;
    return run_json_object((const run_json_field_t[]){
        {"peak_rows", json_integer((json_int_t)phase->backlog_peak_rows)},
        {"peak_age_s", run_json_seconds(phase->backlog_peak_us * NS_PER_US)},
        {"past_bound_from_s", run_json_seconds(phase->overload_from_ns)},
        {"past_bound_s", run_json_seconds(passed ? phase->overload_us * NS_PER_US : NOT_MEASURED)},
        {NULL, NULL},
    });
}

static json_t *drain_json(const phase_result_t *phase, tap_id_t tap)
{
    return run_json_object((const run_json_field_t[]){
        {"tap", json_string(tap_names[tap])},
        {"events", run_json_integer(phase->drain[tap].events)},
        {"seconds", run_json_seconds(phase->drain[tap].us * NS_PER_US)},
        {"events_per_s", run_json_real(result_drain_per_s(phase, tap), 1)},
        {NULL, NULL},
    });
}

json_t *run_json_drains(const phase_result_t *phase)
{
    json_t *drains = json_array();
    bool complete = drains != NULL;
    for (tap_id_t tap = 0; complete && tap < TAP_COUNT; tap++) {
        if (phase->drain[tap].events != NOT_MEASURED) {
            complete = run_json_append(drains, drain_json(phase, tap));
        }
    }
    return run_json_whole(drains, complete);
}

static json_t *stall_json(const result_t *result, const stall_t *stall)
{
    return run_json_object((const run_json_field_t[]){
        {"phase", run_json_text(result->scenario->phases[stall->phase].name)},
        {"from_s", run_json_seconds(stall->from_ns)},
        {"seconds", run_json_seconds(stall->to_ns - stall->from_ns)},
        {NULL, NULL},
    });
}

json_t *run_json_stalls(const result_t *result)
{
    json_t *kept = json_array();
    bool complete = kept != NULL;
    for (uint64_t i = 0; complete && i < result->n_stalls && i < STALLS_MAX; i++) {
        complete = run_json_append(kept, stall_json(result, &result->stalls[i]));
    }
    return run_json_object((const run_json_field_t[]){
        {"count", json_integer((json_int_t)result->n_stalls)},
        {"at_least_s", run_json_seconds(STALL_MIN_NS)},
        {"kept", run_json_whole(kept, complete)},
        {NULL, NULL},
    });
}
