/* The verdict and the faults, in the summary. */
#include <inttypes.h>
#include <math.h>

#include "report/terminal/summary.h"
#include "report/text/text.h"
#include "result/verdict.h"

/* Of lines behind the verdict's word. */
static const char indent[] = "            ";

/* --- the transactions' ENDs ------------------------------------------------------------------- */

/* Why a tap may be brought again what it was brought (verdict_may_repeat). */
static const char *why_repeats(const result_t *result)
{
    return result->restarts_seen ? "Kafka Connect or its brokers were away during the run"
                                 : "--delivery at-least-once";
}

static void print_faulty_ends(FILE *out, const end_counts_t *ends, tap_id_t tap)
{
    uint64_t faulty = end_counts_faulty(ends);
    fprintf(out, "%s of %s transactions on %s are not what their ENDs count",
            units_count(faulty).text, units_count(ends->agree + faulty + ends->undecided).text,
            tap_rows[tap].name);
}

static void print_ends_failed(FILE *out, const result_t *result, tap_id_t tap)
{
    const end_counts_t *ends = &result->taps[tap].ends;
    if (end_counts_faulty(ends) > 0) {
        print_faulty_ends(out, ends, tap);
    } else {
        fprintf(out, "the ENDs of transactions on %s are not in order", tap_rows[tap].name);
    }
}

/* What is not right, kind by kind; and why it is no fault, if it is none. */
static void print_end_kinds(FILE *out, const result_t *result, tap_id_t tap)
{
    const end_counts_t *ends = &result->taps[tap].ends;
    const struct {
        uint64_t count;
        const char *what;
    } kinds[] = {
        {ends->faults[END_DIFFERS], "with other counts"},
        {ends->faults[END_MISSING], "without an END"},
        {ends->faults[END_UNSEEN], "with an END and no event"},
        {ends->repeated, ends->repeated == 1 ? "END repeated" : "ENDs repeated"},
        {ends->unreadable, "unreadable"},
        {ends->undecided, "not over when the tap stopped"},
    };
    const char *before = indent;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].count > 0) {
            fprintf(out, "%s%s %s", before, units_count(kinds[i].count).text, kinds[i].what);
            before = ", ";
        }
    }
    if (ends->overflowed) {
        fprintf(out, "%smore were open at once than can be kept", before);
        before = ", ";
    }
    if (!end_counts_clean(ends) && !verdict_ends_failed(result, tap)) {
        fprintf(out, ", which is no fault: %s", why_repeats(result));
    }
    fputs(before == indent ? "" : "\n", out);
}

/* A line of what was proven, where no failure said so before, and one more on what is not right;
 * nothing without ENDs. */
static void print_ends(FILE *out, const result_t *result, tap_id_t tap)
{
    const end_counts_t *ends = &result->taps[tap].ends;
    if (ends->nameless > 0) {
        fprintf(out, "%s%s events on %s name no transaction: no END could be held against them\n",
                indent, units_count(ends->nameless).text, tap_rows[tap].name);
    }
    if (ends->measured && !verdict_ends_failed(result, tap)) {
        fputs(indent, out);
        if (end_counts_faulty(ends) > 0) {
            print_faulty_ends(out, ends, tap);
        } else {
            fprintf(out, "%s transactions on %s, each with the events that its END counts",
                    units_count(ends->agree).text, tap_rows[tap].name);
        }
        putc('\n', out);
    }
    if (ends->measured) {
        print_end_kinds(out, result, tap);
    }
}

/* "transaction 752, public.transactions: its END counts 10, seen 9" */
static void print_end_fault(FILE *out, const end_fault_t *fault)
{
    fprintf(out, "  %-14stransaction %" PRIu64 ", ", "end count", fault->txid);
    text_print_visible(out, fault->collection[0] != '\0' ? fault->collection : "in all");
    if (fault->kind == END_MISSING) {
        fputs(": it has no END", out);
    } else {
        fprintf(out, ": its END counts %s", units_count(fault->told).text);
    }
    fprintf(out, ", seen %s\n", units_count(fault->seen).text);
}

/* The first ten counts that differ, where they are a fault. */
static void print_end_faults(FILE *out, const result_t *result, tap_id_t tap)
{
    const end_counts_t *ends = &result->taps[tap].ends;
    if (!verdict_ends_failed(result, tap) || ends->n_kept == 0) {
        return;
    }
    fprintf(out, "transactions on %s that are not what their ENDs count\n", tap_rows[tap].name);
    for (size_t i = 0; i < ends->n_kept; i++) {
        print_end_fault(out, &ends->kept[i]);
    }
    if (ends->n_kept == END_FAULTS_KEPT) {
        fprintf(out, "  the first %d; %s transactions in all\n", END_FAULTS_KEPT,
                units_count(end_counts_faulty(ends)).text);
    }
    putc('\n', out);
}

/* --- whether the taps kept up ----------------------------------------------------------------- */

/* Of a phase and a tap. */
typedef void print_one_t(FILE *out, const char *phase, const char *tap, const pace_t *pace);

static units_text_t rounded_text(double value)
{
    units_text_t out, magnitude = units_count((uint64_t)llround(fabs(value)));
    snprintf(out.text, sizeof out.text, "%s%.28s", value < 0 ? "−" : "", magnitude.text);
    return out;
}

static void print_fell_behind(FILE *out, const char *phase, const char *tap, const pace_t *pace)
{
    fprintf(out,
            "DID NOT KEEP UP  %s in %s: sent %s/s, sustained %s/s, behind by %s events and growing "
            "by %s/s\n%sthe lag below depends on how long the phase was\n",
            tap, phase, rounded_text(pace->sent_per_s).text,
            rounded_text(pace->sustained_per_s).text, rounded_text(pace->behind).text,
            rounded_text(pace->growth_per_s).text, indent);
}

static void print_undecided(FILE *out, const char *phase, const char *tap, const pace_t *pace)
{
    fprintf(out, "NOT DECIDED  whether %s kept up in %s: ", tap, phase);
    if (isnan(pace->growth_per_s)) {
        fputs("the phase was too short", out);
    } else {
        fprintf(out, "behind by %s events, growing by %s to %s/s", rounded_text(pace->behind).text,
                rounded_text(pace->growth_low).text, rounded_text(pace->growth_high).text);
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
                print(out, phase->name, tap_rows[tap].name, &result->phases[p].pace[tap]);
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
                fprintf(out, "%s%s %s/s", any ? " and " : before, tap_rows[tap].name,
                        rounded_text(pace->sustained_per_s).text);
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

/* The second verdict: a line for each phase and tap that did not keep up or is not decided, else
 * one for all; nothing where no phase has a rate. Warm-ups are left out. */
static void print_pace(FILE *out, const result_t *result)
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

/* --- the verdict ------------------------------------------------------------------------------ */

/* "3 missing, 1 mismatched (1 where a trigger did not run) on wal (of 320,000 changes)" */
static void print_tap_faults(FILE *out, const result_t *result, tap_id_t id)
{
    const tap_result_t *tap = &result->taps[id];
    const char *before = "";
    for (fault_kind_t kind = 0; kind < FAULT_KINDS; kind++) {
        uint64_t count = verdict_fault_count(tap, kind);
        bool may_be_more =
            tap->verify.gaps_overflowed && (kind == FAULT_MISSING || kind == FAULT_DUPLICATED);
        if (count > 0) {
            fprintf(out, "%s%s%s %s", before, may_be_more ? "at least " : "",
                    units_count(count).text, text_fault_kind(kind));
            before = ", ";
        }
        if (count > 0 && kind == FAULT_MISMATCHED && tap->verify.untriggered > 0) {
            fprintf(out, " (%s where a trigger did not run)",
                    units_count(tap->verify.untriggered).text);
        }
    }
    if (before[0] == '\0' && tap->verify.gaps_overflowed) {
        fputs("more gaps than could be kept", out);
    } else if (before[0] == '\0') {
        fprintf(out, "%s verified", units_count(tap->verify.expected).text);
    }
    fprintf(out, " on %s (of %s changes)", tap_rows[id].name,
            units_count(result->acknowledged).text);
}

static void print_failed(FILE *out, const result_t *result)
{
    const char *before = "FAILED  ";
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on && verdict_tap_failed(result, &result->taps[tap])) {
            fputs(before, out);
            print_tap_faults(out, result, tap);
            before = "; ";
        }
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (verdict_ends_failed(result, tap)) {
            fputs(before, out);
            print_ends_failed(out, result, tap);
            before = "; ";
        }
    }
    putc('\n', out);
}

/* Why the run is not whole, a line each; the first stands behind `before`. A tap may have read all
 * that came and still say why it stopped: no more had come in time. */
static void print_why_incomplete(FILE *out, const result_t *result, const char *before)
{
    if (result->interrupted) {
        fprintf(out, "%sinterrupted after %.1f s\n", before,
                (double)result->end_ns / (double)NS_PER_S);
        before = indent;
    }
    if (result->failure.code != ERR_NONE) {
        fprintf(out, "%sthe load ended early: ", before);
        text_print_visible(out, result->failure.text);
        putc('\n', out);
        before = indent;
    }
    for (tap_id_t id = 0; id < TAP_COUNT; id++) {
        const tap_result_t *tap = &result->taps[id];
        if (tap->on && (!tap->complete || tap->error[0] != '\0')) {
            fprintf(out, "%s%s%s: ", before, tap_rows[id].name,
                    tap->complete ? "" : " ended early");
            text_print_visible(out, tap->error[0] != '\0' ? tap->error : "no reason was given");
            putc('\n', out);
            before = indent;
        }
    }
}

/* "WATCHED  public.orders: 1,234 changes seen on wal (1,000 insert, 200 update, 34 delete)" */
static void print_watched(FILE *out, const result_t *result)
{
    fputs("WATCHED  ", out);
    text_print_visible(out, result->watched);
    const char *before = ": ";
    for (tap_id_t id = 0; id < TAP_COUNT; id++) {
        const uint64_t *seen = result->taps[id].seen;
        if (!result->taps[id].on) {
            continue;
        }
        fprintf(out, "%s%s changes seen on %s (", before,
                units_count(seen[OP_INSERT] + seen[OP_UPDATE] + seen[OP_DELETE]).text,
                tap_rows[id].name);
        for (op_t op = 0; op < OP_COUNT; op++) {
            fprintf(out, "%s%s %s%s", op > 0 ? ", " : "", units_count(seen[op]).text, op_names[op],
                    seen[op] == 1 ? "" : "s");
        }
        fputs(")", out);
        before = "; ";
    }
    fputs("\n         what they hold is not verified: others wrote them\n", out);
}

/* What a run that is not whole has shown nevertheless. */
static void print_seen(FILE *out, const result_t *result)
{
    if (result->watched[0] != '\0') {
        print_watched(out, result);
        return;
    }
    for (tap_id_t id = 0; id < TAP_COUNT; id++) {
        const tap_result_t *tap = &result->taps[id];
        if (tap->on && !verdict_tap_failed(result, tap)) {
            fprintf(out, "%s%s of %s changes seen on %s, no fault in them\n", indent,
                    units_count(tap->verify.delivered).text, units_count(result->acknowledged).text,
                    tap_rows[id].name);
        }
    }
}

/* Whether changes came again on the tap, and it is no fault. */
static bool has_repeats(const result_t *result, tap_id_t id)
{
    const tap_result_t *tap = &result->taps[id];
    return tap->on && tap->verify.duplicated > 0 && !verdict_tap_failed(result, tap);
}

static void print_repeats(FILE *out, const result_t *result)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (has_repeats(result, tap)) {
            fprintf(out, "%s%s duplicated on %s, which is no fault: %s\n", indent,
                    units_count(result->taps[tap].verify.duplicated).text, tap_rows[tap].name,
                    why_repeats(result));
        }
    }
}

static void print_verified(FILE *out, const result_t *result)
{
    const char *before = "";
    bool once = true;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        once = once && !has_repeats(result, tap);
    }
    fprintf(out, "VERIFIED  %s changes, each seen%s, in order and as written, on ",
            units_count(result->acknowledged).text, once ? " once" : "");
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on) {
            fprintf(out, "%s%s", before, tap_rows[tap].name);
            before = " and ";
        }
    }
    putc('\n', out);
    print_repeats(out, result);
}

void summary_print_verdict(FILE *out, const result_t *result)
{
    switch (verdict_of(result)) {
    case VERDICT_VERIFIED:
        print_verified(out, result);
        break;
    case VERDICT_FAILED:
        print_failed(out, result);
        print_why_incomplete(out, result, indent);
        break;
    case VERDICT_INCOMPLETE:
        print_why_incomplete(out, result, "INCOMPLETE  ");
        print_seen(out, result);
        print_repeats(out, result);
        break;
    case VERDICT_UNVERIFIED:
        if (result->watched[0] != '\0') {
            print_watched(out, result);
        } else {
            fprintf(out, "UNVERIFIED  %s changes acknowledged, none read back: no tap was on\n",
                    units_count(result->acknowledged).text);
        }
        break;
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        print_ends(out, result, tap);
    }
    print_pace(out, result);
    putc('\n', out);
}

/* --- the faults ------------------------------------------------------------------------------- */

/* A mismatched event is kept once for each column: how many events the kept faults are of. */
static size_t kept_events(const verifier_t *verifier, fault_kind_t kind, size_t kept)
{
    size_t events = kept > 0;
    for (size_t i = 1; i < kept; i++) {
        const fault_t *one = verify_fault(verifier, kind, i - 1);
        const fault_t *next = verify_fault(verifier, kind, i);
        events += kind != FAULT_MISMATCHED || one->position != next->position ||
                  one->row != next->row || one->version != next->version;
    }
    return events;
}

static void print_faults(FILE *out, const tap_result_t *tap, fault_kind_t kind)
{
    uint64_t total = verdict_fault_count(tap, kind);
    size_t kept = total > 0 ? verify_fault_count(tap->verifier, kind) : 0;
    size_t events = kept_events(tap->verifier, kind, kept);
    for (size_t i = 0; i < kept; i++) {
        fprintf(out, "  %-14s", text_fault_kind(kind));
        text_print_fault(out, verify_fault(tap->verifier, kind, i));
        putc('\n', out);
    }
    if (kept > 0 && total > events) {
        fprintf(out, "                … and %s more\n", units_count(total - events).text);
    }
}

void summary_print_faults(FILE *out, const result_t *result)
{
    for (tap_id_t id = 0; id < TAP_COUNT; id++) {
        const tap_result_t *tap = &result->taps[id];
        if (!tap->on || tap->verifier == NULL || !verdict_tap_failed(result, tap)) {
            continue;
        }
        fprintf(out, "faults on %s\n", tap_rows[id].name);
        for (fault_kind_t kind = 0; kind < FAULT_KINDS; kind++) {
            print_faults(out, tap, kind);
        }
        putc('\n', out);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        print_end_faults(out, result, tap);
    }
}
