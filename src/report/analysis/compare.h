/*
 * compare: runs side by side: several runs of one label are repeats. For each figure that every run
 * has, the medians of both labels, their difference with a bootstrapped interval (bootstrap.h), and
 * whether it is real. Read from the runs' files alone. One thread.
 *
 * What the interval is of: with three repeats or more on both sides the repeats, as pairs where the
 * runs were made in turns (A B A B …); else the seconds of the phase, in blocks of neighbours. The
 * latter knows only what changes within a run: what differs from one start to the next is not in
 * it.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_COMPARE_H
#define CDCBENCH_REPORT_ANALYSIS_COMPARE_H

#include <stdio.h>

#include "base/err.h"
#include "report/analysis/bootstrap.h"

#define COMPARE_RUNS_MAX    64
#define COMPARE_LABEL_MAX   64
#define COMPARE_REPEATS_MIN 3 /* on both sides, for an interval over repeats */

/* One run. */
typedef struct {
    char label[COMPARE_LABEL_MAX];
    char *folder;
    char started[32]; /* ISO 8601: sorts by time */
} compare_run_t;

typedef enum {
    COMPARE_REAL,   /* zero is outside of the interval */
    COMPARE_NOISE,  /* it is within */
    COMPARE_UNKNOWN /* too few values for an interval */
} compare_verdict_t;

/* One figure of two labels: the first label named is `a`. */
typedef struct {
    char metric[96];  /* "kafka lag p99" */
    const char *unit; /* "µs" or "rows/s" */
    const char *a, *b;
    bootstrap_t figures;
    bootstrap_how_t how;
    size_t n_a, n_b; /* values on each side: repeats, or seconds */
    compare_verdict_t verdict;
} compare_row_t;

typedef struct {
    compare_run_t runs[COMPARE_RUNS_MAX]; /* label by label, in the order they were named */
    size_t n_runs;
    const char *labels[COMPARE_RUNS_MAX];
    size_t n_labels;
    char phase[64]; /* that the figures are of */
    compare_row_t *rows;
    size_t n_rows, cap_rows;
} compare_t;

/* Reads the runs: each word is a folder or LABEL=FOLDER; a folder of repeats (repeat-1, …) is all
 * of them; without a label a run is called by its scenario's name, or, where all are alike, by its
 * folder's. `phase` NULL: the one that changed rows for the longest time in the first. NULL with
 * ERR_USAGE (fewer than two labels; no such phase; what cannot be read) or ERR_RUN. The caller owns
 * it. */
compare_t *compare_new(char *const *words, size_t n_words, const char *phase, err_t *err);
void compare_free(compare_t *compare); /* NULL is allowed */

/* A table, a sentence for each row, and what the intervals rest on. */
void compare_print(FILE *out, const compare_t *compare);

/* "kafka lag p99: 961 ms with a, 102 ms with b; the difference of −859 ms (−89 %) is real.", or "…
 * is within the noise." */
void compare_sentence(const compare_row_t *row, char *out, size_t size);

/* What the interval of a row is of: "3 pairs of repeats". */
void compare_basis(const compare_row_t *row, char *out, size_t size);

/* What holds for all rows, in sentences, a line each. */
extern const char compare_limits[];

#endif
