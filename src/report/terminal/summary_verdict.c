#include "report/terminal/summary_verdict.h"

#include "base/units.h"
#include "report/terminal/summary_ends.h"
#include "report/text/fault_text.h"
#include "report/text/text.h"
#include "result/verdict.h"

const char *summary_why_repeats(const result_t *result)
{
    return result->restarts_seen ? "Kafka Connect or its brokers were away during the run"
                                 : "--delivery at-least-once";
}

void summary_print_count(FILE *out, uint64_t count)
{
    char text[32];
    units_format_count(count, text, sizeof text);
    fputs(text, out);
}

/* "wal and kafka": the taps that were on. */
static void print_taps(FILE *out, const result_t *result)
{
    const char *before = "";
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on) {
            fprintf(out, "%s%s", before, tap_names[tap]);
            before = " and ";
        }
    }
}

/* " (2 where a trigger did not run)", of mismatched. */
static void print_untriggered(FILE *out, fault_kind_t kind, uint64_t untriggered)
{
    if (kind == FAULT_MISMATCHED && untriggered > 0) {
        fputs(" (", out);
        summary_print_count(out, untriggered);
        fputs(" where a trigger did not run)", out);
    }
}

/* "3 missing, 1 mismatched on wal (of 320,000 changes)" */
static void print_tap_faults(FILE *out, const result_t *result, tap_id_t id)
{
    const tap_result_t *tap = &result->taps[id];
    const char *before = "";
    for (fault_kind_t kind = 0; kind < FAULT_KINDS; kind++) {
        uint64_t count = verdict_fault_count(tap, kind);
        bool may_be_more =
            tap->verify.gaps_overflowed && (kind == FAULT_MISSING || kind == FAULT_DUPLICATED);
        if (count > 0) {
            fprintf(out, "%s%s", before, may_be_more ? "at least " : "");
            summary_print_count(out, count);
            fprintf(out, " %s", fault_words(kind));
            print_untriggered(out, kind, tap->verify.untriggered);
            before = ", ";
        }
    }
    if (before[0] == '\0' && tap->verify.gaps_overflowed) {
        fputs("more gaps than could be kept", out);
    } else if (before[0] == '\0') {
        summary_print_count(out, tap->verify.expected);
        fputs(" verified", out);
    }
    fprintf(out, " on %s (of ", tap_names[id]);
    summary_print_count(out, result->acknowledged);
    fputs(" changes)", out);
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
    if (verdict_ends_failed(result)) {
        fputs(before, out);
        summary_ends_print_failed(out, result);
    }
    putc('\n', out);
}

/* Why the run is not whole, a line each; the first stands behind `before`. A tap may have read all
 * that came and still say why it stopped: no more had come in time. */
static void print_why_incomplete(FILE *out, const result_t *result, const char *before)
{
    static const char indent[] = "            ";
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
            fprintf(out, "%s%s%s: ", before, tap_names[id], tap->complete ? "" : " ended early");
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
        fputs(before, out);
        summary_print_count(out, seen[OP_INSERT] + seen[OP_UPDATE] + seen[OP_DELETE]);
        fprintf(out, " changes seen on %s (", tap_names[id]);
        for (op_t op = 0; op < OP_COUNT; op++) {
            fputs(op > 0 ? ", " : "", out);
            summary_print_count(out, seen[op]);
            fprintf(out, " %s%s", op_names[op], seen[op] == 1 ? "" : "s");
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
            fprintf(out, "            ");
            summary_print_count(out, tap->verify.delivered);
            fputs(" of ", out);
            summary_print_count(out, result->acknowledged);
            fprintf(out, " changes seen on %s, no fault in them\n", tap_names[id]);
        }
    }
}

/* Duplicates that are no fault, and why. */
static void print_repeats(FILE *out, const result_t *result)
{
    const tap_result_t *tap = &result->taps[TAP_KAFKA];
    if (!tap->on || tap->verify.duplicated == 0 || verdict_tap_failed(result, tap)) {
        return;
    }
    fputs("            ", out);
    summary_print_count(out, tap->verify.duplicated);
    fprintf(out, " duplicated on %s, which is no fault: %s\n", tap_names[TAP_KAFKA],
            summary_why_repeats(result));
}

static void print_verified(FILE *out, const result_t *result)
{
    bool repeats = result->taps[TAP_KAFKA].on && result->taps[TAP_KAFKA].verify.duplicated > 0;
    fputs("VERIFIED  ", out);
    summary_print_count(out, result->acknowledged);
    fprintf(out, " changes, each seen%s, in order and as written, on ", repeats ? "" : " once");
    print_taps(out, result);
    putc('\n', out);
    print_repeats(out, result);
}

void summary_verdict_print(FILE *out, const result_t *result)
{
    switch (verdict_of(result)) {
    case VERDICT_VERIFIED:
        print_verified(out, result);
        break;
    case VERDICT_FAILED:
        print_failed(out, result);
        print_why_incomplete(out, result, "            ");
        break;
    case VERDICT_INCOMPLETE:
        print_why_incomplete(out, result, "INCOMPLETE  ");
        print_seen(out, result);
        print_repeats(out, result);
        break;
    case VERDICT_UNVERIFIED:
        if (result->watched[0] != '\0') {
            print_watched(out, result);
            break;
        }
        fputs("UNVERIFIED  ", out);
        summary_print_count(out, result->acknowledged);
        fputs(" changes acknowledged, none read back: no tap was on\n", out);
        break;
    }
    summary_ends_print(out, result);
    putc('\n', out);
}
