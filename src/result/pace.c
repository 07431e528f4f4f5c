#include "result/pace.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

const char *const pace_verdict_names[4] = {
    [PACE_UNKNOWN] = "",
    [PACE_KEPT_UP] = "kept_up",
    [PACE_FELL_BEHIND] = "did_not_keep_up",
    [PACE_UNDECIDED] = "not_decided",
};

/* Fewer averages than this say nothing of a slope; more cost time and add nothing. */
#define POINTS_MIN 8
#define POINTS_MAX 96
#define RESAMPLES  200

/* Of the phase, at its start: what came before it is still being caught up with. */
#define LEFT_OUT 0.2

/* No phase is advised that is longer. */
#define ADVISED_MAX_S 86400.0

/* What was behind, averaged over a whole number of periods. */
typedef struct {
    double second, behind;
} point_t;

typedef struct {
    point_t points[POINTS_MAX];
    size_t n;
    double worst_early, last; /* the first half's worst average, and the last one */
    double fitted[POINTS_MAX], residuals[POINTS_MAX];
    double slopes[POINTS_MAX * (POINTS_MAX - 1) / 2];
} work_t;

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double quantile(const double *sorted, size_t n, double q)
{
    double at = q * (double)(n - 1);
    size_t below = (size_t)at;
    size_t above = below + 1 < n ? below + 1 : below;
    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

/* The k-th smallest, in place (Hoare's FIND): a tenth of what sorting costs. */
static double kth(double *values, size_t n, size_t k)
{
    size_t low = 0, high = n - 1;
    while (low < high) {
        double pivot = values[low + (high - low) / 2];
        size_t i = low, j = high;
        while (i <= j) {
            while (values[i] < pivot) {
                i++;
            }
            while (values[j] > pivot) {
                j--;
            }
            if (i <= j) {
                double swapped = values[i];
                values[i++] = values[j];
                values[j] = swapped;
                if (j == 0) {
                    break;
                }
                j--;
            }
        }
        if (k <= j) {
            high = j;
        } else if (k >= i) {
            low = i;
        } else {
            break;
        }
    }
    return values[k];
}

/* Of an even number the lower of the two in the middle. */
static double median(double *values, size_t n)
{
    return kth(values, n, (n - 1) / 2);
}

/* Theil's and Sen's, of values at the points' times. */
static double slope_of(work_t *work, const double *values)
{
    size_t n = 0;
    for (size_t i = 0; i < work->n; i++) {
        for (size_t j = i + 1; j < work->n; j++) {
            double run = work->points[j].second - work->points[i].second;
            work->slopes[n++] = (values[j] - values[i]) / run;
        }
    }
    return median(work->slopes, n);
}

/* The bins: as many whole periods long as keep them within POINTS_MAX. */
static double bin_seconds(double seconds, double period_s)
{
    double periods = ceil(seconds / period_s / POINTS_MAX);
    return period_s * fmax(periods, 1);
}

/* Averages each bin; one without a reading has no point. */
static void average(work_t *work, const pace_reading_t *readings, size_t n, double bin_s)
{
    double start = readings[0].second, sum = 0;
    size_t bin = 0, count = 0;
    for (size_t i = 0; i <= n; i++) {
        size_t of = i < n ? (size_t)((readings[i].second - start) / bin_s) : SIZE_MAX;
        if (of != bin && count > 0 && work->n < POINTS_MAX) {
            work->points[work->n++] =
                (point_t){.second = ((double)bin + 0.5) * bin_s, .behind = sum / (double)count};
        }
        if (of != bin) {
            bin = of;
            sum = 0;
            count = 0;
        }
        if (i < n) {
            sum += readings[i].acknowledged - readings[i].seen;
            count++;
        }
    }
}

/* splitmix64 (Steele, Lea, Flood 2014). */
static uint64_t draw(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The line, and what each point is off it. */
static void fit(work_t *work, double slope)
{
    for (size_t i = 0; i < work->n; i++) {
        work->residuals[i] = work->points[i].behind - slope * work->points[i].second;
    }
    double middle[POINTS_MAX];
    for (size_t i = 0; i < work->n; i++) {
        middle[i] = work->residuals[i];
    }
    double level = median(middle, work->n);
    for (size_t i = 0; i < work->n; i++) {
        work->fitted[i] = level + slope * work->points[i].second;
        work->residuals[i] -= level;
    }
}

/* The slope's interval: blocks of neighbouring residuals, put in at random places. */
static void resample(work_t *work, pace_t *out)
{
    double slopes[RESAMPLES], values[POINTS_MAX];
    size_t block = (size_t)fmax(2, cbrt((double)work->n) * 1.5);
    uint64_t state = UINT64_C(0x70616365); /* "pace" */
    for (size_t r = 0; r < RESAMPLES; r++) {
        for (size_t i = 0; i < work->n;) {
            size_t from = (size_t)(draw(&state) % (work->n - block + 1));
            for (size_t k = 0; k < block && i < work->n; k++, i++) {
                values[i] = work->fitted[i] + work->residuals[from + k];
            }
        }
        slopes[r] = slope_of(work, values);
    }
    qsort(slopes, RESAMPLES, sizeof *slopes, by_value);
    out->growth_low = quantile(slopes, RESAMPLES, 0.025);
    out->growth_high = quantile(slopes, RESAMPLES, 0.975);
}

/* Whether a phase of so many seconds would decide: the interval narrows with the time's power of
 * 3/2.
 */
static bool would_decide(const pace_t *pace, double allowance, double seconds)
{
    double half = (pace->growth_high - pace->growth_low) / 2 * pow(pace->seconds / seconds, 1.5);
    return (pace->growth_per_s + half) * seconds <= allowance ||
           (pace->growth_per_s - half) * seconds > allowance;
}

/* How long a phase would decide, in steps of a tenth; 0: none up to ADVISED_MAX_S. */
static double decided_by(const pace_t *pace, double allowance)
{
    double seconds = pace->seconds;
    while (seconds <= ADVISED_MAX_S && !would_decide(pace, allowance, seconds)) {
        seconds *= 1.1;
    }
    return seconds <= ADVISED_MAX_S ? ceil(seconds / (1 - LEFT_OUT)) : 0;
}

static void take_ends(work_t *work)
{
    work->worst_early = work->points[0].behind;
    for (size_t i = 0; i < work->n / 2; i++) {
        work->worst_early = fmax(work->worst_early, work->points[i].behind);
    }
    work->last = work->points[work->n - 1].behind;
}

static pace_verdict_t decide(const work_t *work, const pace_t *pace, double allowance)
{
    if (pace->growth_low * pace->seconds > allowance) {
        return PACE_FELL_BEHIND;
    }
    bool within = pace->growth_high * pace->seconds <= allowance;
    return within && work->last <= work->worst_early + allowance ? PACE_KEPT_UP : PACE_UNDECIDED;
}

/* Fewer averages than a slope needs. */
static void say_too_short(const pace_opts_t *opts, pace_t *out)
{
    out->verdict = PACE_UNDECIDED;
    out->decided_by_s = ceil((POINTS_MIN + 1) * opts->period_s / (1 - LEFT_OUT));
    out->growth_per_s = out->growth_low = out->growth_high = NAN;
}

bool pace_judge(const pace_reading_t *readings, size_t n, const pace_opts_t *opts, pace_t *out)
{
    *out = (pace_t){.verdict = PACE_UNKNOWN};
    size_t first = 0;
    while (n > 0 && first < n && readings[first].second < LEFT_OUT * readings[n - 1].second) {
        first++;
    }
    if (n == 0) {
        return true;
    }
    const pace_reading_t *from = &readings[first < n ? first : 0], *to = &readings[n - 1];
    out->seconds = to->second - from->second;
    out->behind = to->acknowledged - to->seen;
    if (out->seconds <= 0) {
        say_too_short(opts, out);
        return true;
    }
    out->sent_per_s = (to->acknowledged - from->acknowledged) / out->seconds;
    out->sustained_per_s = (to->seen - from->seen) / out->seconds;
    work_t *work = calloc(1, sizeof *work);
    if (work == NULL) {
        return false;
    }
    average(work, from, n - first, bin_seconds(out->seconds, opts->period_s));
    if (work->n >= POINTS_MIN) {
        double values[POINTS_MAX];
        for (size_t i = 0; i < work->n; i++) {
            values[i] = work->points[i].behind;
        }
        take_ends(work);
        out->growth_per_s = slope_of(work, values);
        fit(work, out->growth_per_s);
        resample(work, out);
        out->verdict = decide(work, out, opts->allowance);
        if (out->verdict == PACE_UNDECIDED) {
            out->decided_by_s = decided_by(out, opts->allowance);
        }
    } else {
        say_too_short(opts, out);
    }
    free(work);
    return true;
}

pace_verdict_t pace_worse(pace_verdict_t a, pace_verdict_t b)
{
    static const int badness[] = {
        [PACE_UNKNOWN] = 0, [PACE_KEPT_UP] = 1, [PACE_UNDECIDED] = 2, [PACE_FELL_BEHIND] = 3};
    return badness[a] >= badness[b] ? a : b;
}
