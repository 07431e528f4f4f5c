#include "report/terminal/summary_ends.h"

#include <inttypes.h>

#include "report/terminal/summary_verdict.h"
#include "report/text/text.h"
#include "result/verdict.h"

static const char indent[] = "            ";

static const end_counts_t *counts_of(const result_t *result)
{
    return &result->taps[TAP_KAFKA].ends;
}

static void print_share(FILE *out, const end_counts_t *ends)
{
    summary_print_count(out, end_counts_faulty(ends));
    fputs(" of ", out);
    summary_print_count(out, ends->agree + end_counts_faulty(ends) + ends->undecided);
    fprintf(out, " transactions on %s are not what their ENDs count", tap_names[TAP_KAFKA]);
}

void summary_ends_print_failed(FILE *out, const result_t *result)
{
    if (end_counts_faulty(counts_of(result)) > 0) {
        print_share(out, counts_of(result));
    } else {
        fprintf(out, "the ENDs of transactions on %s are not in order", tap_names[TAP_KAFKA]);
    }
}

static void print_some(FILE *out, uint64_t count, const char *what, const char **before)
{
    if (count > 0) {
        fputs(*before, out);
        summary_print_count(out, count);
        fprintf(out, " %s", what);
        *before = ", ";
    }
}

/* What is not right, kind by kind; and why it is no fault, if it is none. */
static void print_kinds(FILE *out, const result_t *result)
{
    const end_counts_t *ends = counts_of(result);
    const char *before = indent;
    print_some(out, ends->faults[END_DIFFERS], "with other counts", &before);
    print_some(out, ends->faults[END_MISSING], "without an END", &before);
    print_some(out, ends->faults[END_UNSEEN], "with an END and no event", &before);
    print_some(out, ends->repeated, ends->repeated == 1 ? "END repeated" : "ENDs repeated",
               &before);
    print_some(out, ends->unreadable, "unreadable", &before);
    print_some(out, ends->undecided, "not over when the tap stopped", &before);
    if (ends->overflowed) {
        fprintf(out, "%smore were open at once than can be kept", before);
        before = ", ";
    }
    if (!end_counts_clean(ends) && !verdict_ends_failed(result)) {
        fprintf(out, ", which is no fault: %s", summary_why_repeats(result));
    }
    fputs(before == indent ? "" : "\n", out);
}

void summary_ends_print(FILE *out, const result_t *result)
{
    const end_counts_t *ends = counts_of(result);
    if (ends->nameless > 0) {
        fputs(indent, out);
        summary_print_count(out, ends->nameless);
        fprintf(out, " events on %s name no transaction: no END could be held against them\n",
                tap_names[TAP_KAFKA]);
    }
    if (ends->measured && !verdict_ends_failed(result)) {
        fputs(indent, out);
        if (end_counts_faulty(ends) > 0) {
            print_share(out, ends);
        } else {
            summary_print_count(out, ends->agree);
            fprintf(out, " transactions on %s, each with the events that its END counts",
                    tap_names[TAP_KAFKA]);
        }
        putc('\n', out);
    }
    if (ends->measured) {
        print_kinds(out, result);
    }
}

/* "transaction 752, public.transactions: its END counts 10, seen 9" */
static void print_fault(FILE *out, const end_fault_t *fault)
{
    fprintf(out, "  %-14stransaction %" PRIu64, "end count", fault->txid);
    if (fault->collection[0] != '\0') {
        fputs(", ", out);
        text_print_visible(out, fault->collection);
    } else {
        fputs(", in all", out);
    }
    if (fault->kind == END_MISSING) {
        fputs(": it has no END", out);
    } else {
        fputs(": its END counts ", out);
        summary_print_count(out, fault->told);
    }
    fputs(", seen ", out);
    summary_print_count(out, fault->seen);
    putc('\n', out);
}

void summary_ends_print_faults(FILE *out, const result_t *result)
{
    const end_counts_t *ends = counts_of(result);
    if (!verdict_ends_failed(result) || ends->n_kept == 0) {
        return;
    }
    fprintf(out, "transactions on %s that are not what their ENDs count\n", tap_names[TAP_KAFKA]);
    for (size_t i = 0; i < ends->n_kept; i++) {
        print_fault(out, &ends->kept[i]);
    }
    if (ends->n_kept == END_FAULTS_KEPT) {
        fprintf(out, "  the first %d; ", END_FAULTS_KEPT);
        summary_print_count(out, end_counts_faulty(ends));
        fputs(" transactions in all\n", out);
    }
    putc('\n', out);
}
