#include "report/terminal/summary.h"

#include "base/units.h"
#include "report/terminal/summary_clock.h"
#include "report/terminal/summary_ends.h"
#include "report/terminal/summary_load.h"
#include "report/terminal/summary_table.h"
#include "report/terminal/summary_verdict.h"
#include "report/text/fault_text.h"
#include "result/verdict.h"

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
        fprintf(out, "  %-14s", fault_words(kind));
        fault_print(out, verify_fault(tap->verifier, kind, i));
        putc('\n', out);
    }
    if (kept > 0 && total > events) {
        fputs("                … and ", out);
        summary_print_count(out, total - events);
        fputs(" more\n", out);
    }
}

static void print_all_faults(FILE *out, const result_t *result)
{
    for (tap_id_t id = 0; id < TAP_COUNT; id++) {
        const tap_result_t *tap = &result->taps[id];
        if (!tap->on || tap->verifier == NULL || !verdict_tap_failed(result, tap)) {
            continue;
        }
        fprintf(out, "faults on %s\n", tap_names[id]);
        for (fault_kind_t kind = 0; kind < FAULT_KINDS; kind++) {
            print_faults(out, tap, kind);
        }
        putc('\n', out);
    }
}

/* "errors 3", with what sets it apart from the last one on the line; nothing when there are none.
 */
static void print_mishap(FILE *out, const char *what, uint64_t count, bool *any)
{
    if (count > 0) {
        fprintf(out, "%s%s ", *any ? " · " : "", what);
        summary_print_count(out, count);
        *any = true;
    }
}

static void print_mishaps(FILE *out, const result_t *result)
{
    uint64_t errors = 0, retries = 0;
    bool any = false;
    for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
        for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
            errors += result->phases[phase].ops[stream].errors;
            retries += result->phases[phase].ops[stream].retries;
        }
    }
    print_mishap(out, "errors", errors, &any);
    print_mishap(out, "transactions sent again", retries, &any);
    print_mishap(out, "connections made again", result->reconnects, &any);
    print_mishap(out, "transactions in doubt", result->in_doubt, &any);
    print_mishap(out, "of these committed", result->in_doubt_committed, &any);
    fputs(any ? "\n" : "", out);
}

/* Transactions that the lag leaves out. */
static void print_left_out(FILE *out, const result_t *result)
{
    if (result->ledger_dropped > 0) {
        fputs("OVERLOADED: the ledger was full; transactions without lag: ", out);
        summary_print_count(out, result->ledger_dropped);
        fputs(" (see --ledger-max)\n", out);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on && result->taps[tap].unmatched_transactions > 0) {
            fprintf(out,
                    "transactions on %s without lag against the client's clock: ", tap_names[tap]);
            summary_print_count(out, result->taps[tap].unmatched_transactions);
            putc('\n', out);
        }
    }
}

/* Of all phases; nothing when nothing was due by the clock. */
static void print_schedule_lag(FILE *out, const result_t *result)
{
    hist_t *all = hist_new();
    if (all == NULL) {
        return; /* the figure is in run.json, by phase */
    }
    for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
        if (result->phases[phase].schedule_lag != NULL) {
            hist_add(all, result->phases[phase].schedule_lag);
        }
    }
    if (hist_count(all) > 0) {
        char p99[32];
        units_format_us(hist_percentile_us(all, 99), p99, sizeof p99);
        fprintf(out, " · schedule lag p99 %s", p99);
    }
    hist_free(all);
}

static void print_client(FILE *out, const result_t *result)
{
    if (result->client_cpu_us == NOT_MEASURED || result->end_ns <= 0) {
        return;
    }
    double percent = 100 * (double)(result->client_cpu_us * NS_PER_US) / (double)result->end_ns;
    fprintf(out, " · client %.*f %% of a core", percent < 0.95 ? 1 : 0, percent);
}

void summary_print(FILE *out, const result_t *result, const char *where)
{
    summary_verdict_print(out, result);
    print_all_faults(out, result);
    summary_ends_print_faults(out, result);
    summary_table_print(out, result);
    print_mishaps(out, result);
    print_left_out(out, result);
    summary_load_print(out, result);
    summary_clock_warn(out, result);
    summary_clock_print(out, result);
    print_schedule_lag(out, result);
    print_client(out, result);
    putc('\n', out);
    if (where != NULL) {
        fprintf(out, "%s\n", where);
    }
}
