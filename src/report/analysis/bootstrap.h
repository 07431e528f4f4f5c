/*
 * bootstrap: how far a difference between two samples may be off, by resampling them (B. Efron and
 * R. Tibshirani, An Introduction to the Bootstrap, chapters 8 and 13: percentile intervals). The
 * same samples give the same interval. Pure; any thread.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_BOOTSTRAP_H
#define CDCBENCH_REPORT_ANALYSIS_BOOTSTRAP_H

#include <stdbool.h>
#include <stddef.h>

#define BOOTSTRAP_RESAMPLES 2000
#define BOOTSTRAP_PERCENT   95

typedef struct {
    const double *values;
    size_t n;
} sample_t;

typedef enum {
    BOOTSTRAP_EACH,   /* each side by itself: values that have nothing to do with one another */
    BOOTSTRAP_PAIRS,  /* the i-th of both together, n alike: what made both slow cancels out */
    BOOTSTRAP_BLOCKS, /* each side in runs of `block` neighbours, around the end (a circular block
                         bootstrap): values that follow one another in time */
} bootstrap_how_t;

typedef struct {
    double a, b;       /* the medians */
    double difference; /* b − a; of pairs, the median of their differences */
    double low, high;  /* its interval */
} bootstrap_t;

/* The difference of medians. False when memory is out; both samples have at least one value. */
bool bootstrap_medians(sample_t a, sample_t b, bootstrap_how_t how, bootstrap_t *out);

/* How long blocks are for n values: their square root, at least 5 (or all of them). */
size_t bootstrap_block(size_t n);

#endif
