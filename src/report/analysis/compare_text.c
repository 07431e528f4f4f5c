/* A comparison in words and a table. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "report/analysis/compare.h"
#include "report/text/text.h"

static const char *const verdict_marks[] = {
    [COMPARE_REAL] = "real", [COMPARE_NOISE] = "noise", [COMPARE_UNKNOWN] = "too few"};

const char compare_limits[] =
    "An interval holds 95 of 100 such differences; of twenty figures that do not differ, one looks "
    "real.\n"
    "Over repeats the figures are those of whole runs. Over seconds, where a side has fewer than "
    "three runs, they are of a typical\n"
    "second (the median of the phase's), and the interval knows only what changes within a run: "
    "what differs from one start to\n"
    "the next is not in it, so it may be too narrow. Three repeats a side, in turns, tell more.\n";

/* A figure, with its sign where it is a difference. */
static units_text_t figure_text(const char *unit, double value, bool sign)
{
    units_text_t out;
    uint64_t magnitude = (uint64_t)llround(fabs(value));
    const char *mark = value < 0 ? "−" : sign && value > 0 ? "+" : "";
    bool is_time = strcmp(unit, "µs") == 0;
    units_text_t text = is_time ? units_us((int64_t)magnitude) : units_count(magnitude);
    snprintf(out.text, sizeof out.text, "%s%.26s%s", mark, text.text, is_time ? "" : "/s");
    return out;
}

static units_text_t percent_text(const bootstrap_t *figures)
{
    units_text_t out = {"–"};
    double percent = 100 * figures->difference / figures->a;
    if (figures->a > 0) {
        snprintf(out.text, sizeof out.text, "%s%.*f %%", percent < 0 ? "−" : "+",
                 fabs(percent) < 10 ? 1 : 0, fabs(percent));
    }
    return out;
}

void compare_basis(const compare_row_t *row, char *out, size_t size)
{
    switch (row->how) {
    case BOOTSTRAP_PAIRS:
        snprintf(out, size, "%zu pairs of repeats", row->n_a);
        break;
    case BOOTSTRAP_EACH:
        snprintf(out, size, "%zu and %zu repeats", row->n_a, row->n_b);
        break;
    case BOOTSTRAP_BLOCKS:
        snprintf(out, size, "%zu and %zu seconds, in blocks of %zu and %zu", row->n_a, row->n_b,
                 bootstrap_block(row->n_a), bootstrap_block(row->n_b));
        break;
    }
}

static const char *verdict_words(const compare_row_t *row)
{
    switch (row->verdict) {
    case COMPARE_REAL:
        return row->how == BOOTSTRAP_BLOCKS ? "is real, as far as so few runs tell" : "is real";
    case COMPARE_NOISE:
        return "is within the noise";
    case COMPARE_UNKNOWN:
        break;
    }
    return "cannot be judged: too few values";
}

void compare_sentence(const compare_row_t *row, char *out, size_t size)
{
    const bootstrap_t *figures = &row->figures;
    snprintf(out, size, "%s: %s with %s, %s with %s; the difference of %s (%s) %s.", row->metric,
             figure_text(row->unit, figures->a, false).text, row->a,
             figure_text(row->unit, figures->b, false).text, row->b,
             figure_text(row->unit, figures->difference, true).text, percent_text(figures).text,
             verdict_words(row));
}

static void print_row(FILE *out, const compare_row_t *row)
{
    char interval[80];
    const bootstrap_t *figures = &row->figures;
    snprintf(interval, sizeof interval, "%s to %s", figure_text(row->unit, figures->low, true).text,
             figure_text(row->unit, figures->high, true).text);
    text_print_padded(out, row->metric, -24);
    text_print_padded(out, figure_text(row->unit, figures->a, false).text, 12);
    text_print_padded(out, figure_text(row->unit, figures->b, false).text, 12);
    text_print_padded(out, figure_text(row->unit, figures->difference, true).text, 12);
    text_print_padded(out, percent_text(figures).text, 9);
    text_print_padded(out, row->verdict == COMPARE_UNKNOWN ? "–" : interval, 26);
    fprintf(out, "  %s\n", verdict_marks[row->verdict]);
}

/* A heading for each pair of labels. */
static void print_heading(FILE *out, const compare_row_t *row)
{
    fputs("\n", out);
    text_print_padded(out, "", -24);
    text_print_padded(out, row->a, 12);
    text_print_padded(out, row->b, 12);
    text_print_padded(out, "difference", 12);
    text_print_padded(out, "", 9);
    text_print_padded(out, "95 % interval", 26);
    fputs("\n", out);
}

static void print_runs(FILE *out, const compare_t *compare)
{
    fprintf(out, "Phase %s:\n", compare->phase);
    for (size_t i = 0; i < compare->n_runs; i++) {
        fprintf(out, "  %s = %s\n", compare->runs[i].label, compare->runs[i].folder);
    }
}

void compare_print(FILE *out, const compare_t *compare)
{
    char text[512], basis[96];
    print_runs(out, compare);
    for (size_t label = 1; label < compare->n_labels; label++) {
        const compare_row_t *any = NULL;
        for (size_t i = 0; i < compare->n_rows; i++) {
            const compare_row_t *row = &compare->rows[i];
            if (row->b != compare->labels[label]) {
                continue;
            }
            if (any == NULL) {
                print_heading(out, row);
            }
            any = row;
            print_row(out, row);
        }
        if (any != NULL) {
            compare_basis(any, basis, sizeof basis);
            fprintf(out, "over %s\n", basis);
        }
    }
    fputs("\n", out);
    for (size_t i = 0; i < compare->n_rows; i++) {
        compare_sentence(&compare->rows[i], text, sizeof text);
        fprintf(out, "%s\n", text);
    }
    fprintf(out, "\n%s", compare_limits);
}
