/* run.json: whether each tap kept up. */
#include <math.h>

#include "report/files/run_json_parts.h"
#include "result/verdict.h"

json_t *run_json_pace_word(const result_t *result)
{
    pace_verdict_t pace = verdict_pace(result);
    return pace == PACE_UNKNOWN ? json_null() : json_string(pace_verdict_names[pace]);
}

static json_t *whole(double value)
{
    return isnan(value) ? json_null() : json_integer((json_int_t)llround(value));
}

static json_t *pace_json(tap_id_t tap, const pace_t *pace)
{
    return run_json_object((const run_json_field_t[]){
        {"tap", json_string(tap_names[tap])},
        {"verdict", json_string(pace_verdict_names[pace->verdict])},
        {"seconds", run_json_real(pace->seconds, 1)},
        {"sent_per_s", whole(pace->sent_per_s)},
        {"sustained_per_s", whole(pace->sustained_per_s)},
        {"behind", whole(pace->behind)},
        {"growth_per_s", run_json_real(pace->growth_per_s, 1)},
        {"growth_low_per_s", run_json_real(pace->growth_low, 1)},
        {"growth_high_per_s", run_json_real(pace->growth_high, 1)},
        {"decided_by_s", pace->decided_by_s > 0 ? whole(pace->decided_by_s) : json_null()},
        {NULL, NULL},
    });
}

json_t *run_json_pace(const phase_result_t *phase)
{
    json_t *paces = json_array();
    bool complete = paces != NULL;
    for (tap_id_t tap = 0; complete && tap < TAP_COUNT; tap++) {
        if (phase->pace[tap].verdict != PACE_UNKNOWN) {
            complete = run_json_append(paces, pace_json(tap, &phase->pace[tap]));
        }
    }
    return run_json_whole(paces, complete);
}
