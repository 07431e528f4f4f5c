#include "report/terminal/summary_load.h"

#include <math.h>

#include "base/units.h"
#include "report/terminal/summary_verdict.h"

/* A shorter drain had nothing to catch up with, and its rate would say nothing. */
#define DRAIN_SHOWN_US 100000

/* Stalls listed one by one. */
#define STALLS_SHOWN 5

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

static void print_warm_up(FILE *out, const result_t *result)
{
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        if (result->scenario->phases[p].warm_up && result->phases[p].start_ns != NOT_MEASURED) {
            fprintf(out,
                    "warm-up: the times of phase %s are recorded nowhere; its changes are "
                    "verified\n",
                    result->scenario->phases[p].name);
        }
    }
}

static void print_rolled_back(FILE *out, const result_t *result)
{
    uint64_t transactions = 0, rows = 0;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            transactions += result->phases[p].ops[stream].rolled_back;
            rows += result->phases[p].ops[stream].rows_rolled_back;
        }
    }
    if (transactions == 0) {
        return;
    }
    fputs("rolled back as the scenario asks: ", out);
    summary_print_count(out, transactions);
    fputs(" transactions of ", out);
    summary_print_count(out, rows);
    fputs(" changes\n", out);
}

static void print_drain(FILE *out, const char *name, const phase_result_t *phase)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        double per_s = result_drain_per_s(phase, tap);
        if (isfinite(per_s) && phase->drain[tap].us >= DRAIN_SHOWN_US) {
            fprintf(out, "waited for %s in phase %s: ", tap_names[tap], name);
            summary_print_count(out, (uint64_t)phase->drain[tap].events);
            fprintf(out, " events in %.1f s, ", (double)phase->drain[tap].us / 1e6);
            summary_print_count(out, (uint64_t)llround(per_s));
            fputs(" per second\n", out);
        }
    }
}

static void print_overload(FILE *out, const char *name, const phase_result_t *phase)
{
    if (phase->overload_from_ns == NOT_MEASURED) {
        return;
    }
    fprintf(out,
            "OVERLOADED: in phase %s the backlog passed its bound at second %.1f, for %.1f s; "
            "at most ",
            name, seconds(phase->overload_from_ns), (double)phase->overload_us / 1e6);
    summary_print_count(out, phase->backlog_peak_rows);
    fprintf(out, " rows, %.1f s old\n", (double)phase->backlog_peak_us / 1e6);
}

static void print_stalls(FILE *out, const result_t *result)
{
    for (uint64_t i = 0; i < result->n_stalls && i < STALLS_SHOWN; i++) {
        const stall_t *stall = &result->stalls[i];
        fprintf(out,
                "STALLED: from second %.2f on nothing was acknowledged for %.2f s, though it "
                "was due (phase %s)\n",
                seconds(stall->from_ns), seconds(stall->to_ns - stall->from_ns),
                result->scenario->phases[stall->phase].name);
    }
    if (result->n_stalls > STALLS_SHOWN) {
        fputs("STALLED: ", out);
        summary_print_count(out, result->n_stalls - STALLS_SHOWN);
        fputs(" more times (run.json)\n", out);
    }
}

void summary_load_print(FILE *out, const result_t *result)
{
    print_warm_up(out, result);
    print_rolled_back(out, result);
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        print_drain(out, result->scenario->phases[p].name, &result->phases[p]);
    }
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        print_overload(out, result->scenario->phases[p].name, &result->phases[p]);
    }
    print_stalls(out, result);
}
