#include "result/verdict.h"

const char *const run_verdict_names[4] = {
    [VERDICT_VERIFIED] = "verified",
    [VERDICT_FAILED] = "failed",
    [VERDICT_INCOMPLETE] = "incomplete",
    [VERDICT_UNVERIFIED] = "unverified",
};

/* Complete and clean is not enough: a verifier that was never held against the writer is clean too.
 */
static bool is_held_against_all(const result_t *result, const tap_result_t *tap)
{
    return tap->verify.expected == result->acknowledged;
}

bool verdict_may_repeat(const result_t *result, tap_id_t tap)
{
    return tap_has(tap, TAP_BEHIND_PIPELINE) && (result->restarts_seen || result->at_least_once);
}

bool verdict_tap_failed(const result_t *result, const tap_result_t *tap)
{
    verify_totals_t held_against = tap->verify;
    if (!tap->complete) {
        held_against.missing = 0; /* what it did not read to is not lost */
    }
    if (verdict_may_repeat(result, (tap_id_t)(tap - result->taps))) {
        held_against.duplicated = 0;
    }
    return !verify_clean(&held_against) || (tap->complete && !is_held_against_all(result, tap));
}

bool verdict_ends_failed(const result_t *result, tap_id_t tap)
{
    const end_counts_t *ends = &result->taps[tap].ends;
    return ends->measured && !end_counts_clean(ends) && !verdict_may_repeat(result, tap);
}

run_verdict_t verdict_of(const result_t *result)
{
    bool on = false, complete = true;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on) {
            on = true;
            complete = complete && result->taps[tap].complete;
            if (verdict_tap_failed(result, &result->taps[tap]) ||
                verdict_ends_failed(result, tap)) {
                return VERDICT_FAILED;
            }
        }
    }
    if (!complete || result->interrupted || result->failure.code != ERR_NONE) {
        return VERDICT_INCOMPLETE;
    }
    return on && result->watched[0] == '\0' ? VERDICT_VERIFIED : VERDICT_UNVERIFIED;
}

uint64_t verdict_fault_count(const tap_result_t *tap, fault_kind_t kind)
{
    const verify_totals_t *totals = &tap->verify;
    const uint64_t counts[FAULT_KINDS] = {
        [FAULT_MISSING] = tap->complete ? totals->missing : 0,
        [FAULT_DUPLICATED] = totals->duplicated,
        [FAULT_OUT_OF_ORDER] = totals->out_of_order,
        [FAULT_MISMATCHED] = totals->mismatched,
        [FAULT_ROLLED_BACK] = totals->rolled_back,
        [FAULT_UNKNOWN] = totals->unknown,
    };
    return counts[kind];
}

pace_verdict_t verdict_pace(const result_t *result)
{
    pace_verdict_t worst = PACE_UNKNOWN;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        for (int tap = 0; tap < TAP_COUNT && !result->scenario->phases[p].warm_up; tap++) {
            worst = pace_worse(worst, result->phases[p].pace[tap].verdict);
        }
    }
    return worst;
}

static bool has_errors(const result_t *result)
{
    uint64_t errors = 0;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++)
        for (int stream = 0; stream < STREAM_COUNT; stream++)
            errors += result->phases[p].ops[stream].errors;
    return errors > 0;
}

int verdict_exit_code(const result_t *result, bool expectations_met)
{
    run_verdict_t verdict = verdict_of(result);
    if (verdict == VERDICT_FAILED)
        return ERR_VERIFY;
    if (result->failure.code != ERR_NONE)
        return (int)result->failure.code;
    if (result->interrupted)
        return ERR_INTERRUPTED;
    if (verdict == VERDICT_INCOMPLETE || has_errors(result))
        return ERR_RUN;
    return expectations_met ? 0 : ERR_EXPECT;
}
