#include "report/analysis/bootstrap.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* splitmix64 (S. Vigna, public domain): enough for drawing indices. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static size_t draw(uint64_t *state, size_t n)
{
    return (size_t)(next_random(state) % n);
}

static int compare_doubles(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts the values. */
static double median_of(double *values, size_t n)
{
    qsort(values, n, sizeof *values, compare_doubles);
    return n % 2 == 1 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

static double bootstrap_median(sample_t sample)
{
    double *copy = malloc(sample.n * sizeof *copy);
    if (copy == NULL) {
        return NAN;
    }
    memcpy(copy, sample.values, sample.n * sizeof *copy);
    double median = median_of(copy, sample.n);
    free(copy);
    return median;
}

size_t bootstrap_block(size_t n)
{
    size_t block = (size_t)ceil(sqrt((double)n));
    block = block < 5 ? 5 : block;
    return block > n ? n : block;
}

/* As many values as there are, in blocks. */
static double resample_median(sample_t sample, size_t block, uint64_t *state, double *into)
{
    for (size_t i = 0; i < sample.n;) {
        size_t from = draw(state, sample.n);
        for (size_t j = 0; j < block && i < sample.n; j++) {
            into[i++] = sample.values[(from + j) % sample.n];
        }
    }
    return median_of(into, sample.n);
}

typedef struct {
    sample_t a, b;
    bootstrap_how_t how;
    double *scratch;
} work_t;

static double resample(const work_t *work, uint64_t *state)
{
    if (work->how == BOOTSTRAP_PAIRS) {
        for (size_t i = 0; i < work->a.n; i++) {
            size_t pair = draw(state, work->a.n);
            work->scratch[i] = work->b.values[pair] - work->a.values[pair];
        }
        return median_of(work->scratch, work->a.n);
    }
    bool blocks = work->how == BOOTSTRAP_BLOCKS;
    double a =
        resample_median(work->a, blocks ? bootstrap_block(work->a.n) : 1, state, work->scratch);
    double b =
        resample_median(work->b, blocks ? bootstrap_block(work->b.n) : 1, state, work->scratch);
    return b - a;
}

/* The difference as it is, not resampled. */
static double plain_difference(const work_t *work, const bootstrap_t *out)
{
    if (work->how != BOOTSTRAP_PAIRS) {
        return out->b - out->a;
    }
    for (size_t i = 0; i < work->a.n; i++) {
        work->scratch[i] = work->b.values[i] - work->a.values[i];
    }
    return median_of(work->scratch, work->a.n);
}

bool bootstrap_medians(sample_t a, sample_t b, bootstrap_how_t how, bootstrap_t *out)
{
    size_t most = a.n > b.n ? a.n : b.n;
    double *differences = malloc(BOOTSTRAP_RESAMPLES * sizeof *differences);
    work_t work = {.a = a, .b = b, .how = how, .scratch = malloc(most * sizeof(double))};
    bool done = differences != NULL && work.scratch != NULL;
    if (done) {
        uint64_t state = 42;
        out->a = bootstrap_median(a);
        out->b = bootstrap_median(b);
        out->difference = plain_difference(&work, out);
        for (size_t i = 0; i < BOOTSTRAP_RESAMPLES; i++) {
            differences[i] = resample(&work, &state);
        }
        qsort(differences, BOOTSTRAP_RESAMPLES, sizeof *differences, compare_doubles);
        size_t tail = BOOTSTRAP_RESAMPLES * (100 - BOOTSTRAP_PERCENT) / 200;
        out->low = differences[tail];
        out->high = differences[BOOTSTRAP_RESAMPLES - 1 - tail];
        done = isfinite(out->a) && isfinite(out->b);
    }
    free(differences);
    free(work.scratch);
    return done;
}
