/* Whether the taps kept up, in the summary. */
#include <math.h>

#include "base/units.h"
#include "report/terminal/summary.h"
#include "result/verdict.h"

static const char indent[] = "            ";

/* Of a phase and a tap. */
typedef void print_one_t(FILE *out, const char *phase, const char *tap, const pace_t *pace);

static void print_rounded(FILE *out, double value)
{
    fprintf(out, "%s%s", value < 0 ? "−" : "", units_count((uint64_t)llround(fabs(value))).text);
}

static void print_fell_behind(FILE *out, const char *phase, const char *tap, const pace_t *pace)
{
    fprintf(out, "DID NOT KEEP UP  %s in %s: sent ", tap, phase);
    print_rounded(out, pace->sent_per_s);
    fputs("/s, sustained ", out);
    print_rounded(out, pace->sustained_per_s);
    fputs("/s, behind by ", out);
    print_rounded(out, pace->behind);
    fputs(" events and growing by ", out);
    print_rounded(out, pace->growth_per_s);
    fprintf(out, "/s\n%sthe lag below depends on how long the phase was\n", indent);
}

static void print_undecided(FILE *out, const char *phase, const char *tap, const pace_t *pace)
{
    fprintf(out, "NOT DECIDED  whether %s kept up in %s: ", tap, phase);
    if (isnan(pace->growth_per_s)) {
        fputs("the phase was too short", out);
    } else {
        fputs("behind by ", out);
        print_rounded(out, pace->behind);
        fputs(" events, growing by ", out);
        print_rounded(out, pace->growth_low);
        fputs(" to ", out);
        print_rounded(out, pace->growth_high);
        fputs("/s", out);
    }
    if (pace->decided_by_s > 0) {
        fprintf(out, "; a phase of %.0f s would tell", pace->decided_by_s);
    }
    putc('\n', out);
}

static void print_each(FILE *out, const result_t *result, pace_verdict_t verdict,
                       print_one_t *print)
{
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        const phase_t *phase = &result->scenario->phases[p];
        for (int tap = 0; tap < TAP_COUNT && !phase->warm_up; tap++) {
            if (result->phases[p].pace[tap].verdict == verdict) {
                print(out, phase->name, tap_names[tap], &result->phases[p].pace[tap]);
            }
        }
    }
}

/* "wal 3,000/s and kafka 2,999/s in mixed" */
static void print_kept_up(FILE *out, const result_t *result)
{
    const char *before = "KEPT UP   ";
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        const phase_t *phase = &result->scenario->phases[p];
        bool any = false;
        for (int tap = 0; tap < TAP_COUNT && !phase->warm_up; tap++) {
            const pace_t *pace = &result->phases[p].pace[tap];
            if (pace->verdict == PACE_KEPT_UP) {
                fprintf(out, "%s%s ", any ? " and " : before, tap_names[tap]);
                print_rounded(out, pace->sustained_per_s);
                fputs("/s", out);
                any = true;
            }
        }
        if (any) {
            fprintf(out, " in %s", phase->name);
            before = ", ";
        }
    }
    putc('\n', out);
}

void summary_print_pace(FILE *out, const result_t *result)
{
    switch (verdict_pace(result)) {
    case PACE_UNKNOWN:
        break;
    case PACE_KEPT_UP:
        print_kept_up(out, result);
        break;
    case PACE_FELL_BEHIND:
    case PACE_UNDECIDED:
        print_each(out, result, PACE_FELL_BEHIND, print_fell_behind);
        print_each(out, result, PACE_UNDECIDED, print_undecided);
        break;
    }
}
