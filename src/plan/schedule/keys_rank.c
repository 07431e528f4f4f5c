#include "plan/schedule/keys_rank.h"

#include <math.h>

/* The integral of x^-theta, and its inverse; up to a constant, so that theta = 1 is no pole. */
static double integral(double theta, double log_x)
{
    return theta == 1 ? log_x : expm1((1 - theta) * log_x) / (1 - theta);
}

static double integral_inverse(double theta, double y)
{
    if (theta == 1) {
        return exp(y);
    }
    double z = (1 - theta) * y;
    return z > -1 ? exp(log1p(z) / (1 - theta)) : INFINITY;
}

/* Euler and Maclaurin: the sum of f(a), f(a + 1), … below f(b) is formula(b) − formula(a). */
static double formula(double theta, double x)
{
    double log_x = log(x), f = exp(-theta * log_x), f1 = theta * f / x;
    double f3 = f1 * (theta + 1) * (theta + 2) / (x * x);
    double f5 = f3 * (theta + 3) * (theta + 4) / (x * x);
    return integral(theta, log_x) - f / 2 - f1 / 12 + f3 / 720 - f5 / 30240;
}

void zipf_init(zipf_t *zipf, double theta, double first, uint64_t size)
{
    *zipf = (zipf_t){.theta = theta, .first = first, .size = size};
    for (int i = 0; i < ZIPF_HEAD; i++) {
        zipf->head[i + 1] = zipf->head[i] + pow(first + i, -theta);
    }
    zipf->base = formula(theta, first + ZIPF_HEAD);
    zipf->total = zipf_sum(zipf, size);
}

double zipf_sum(const zipf_t *zipf, uint64_t n)
{
    if (n <= ZIPF_HEAD) {
        return zipf->head[n];
    }
    return zipf->head[ZIPF_HEAD] + formula(zipf->theta, zipf->first + (double)n) - zipf->base;
}

/* Where the sum is about `weight`: it is nearly the integral up to half a rank before. */
static uint64_t guess(const zipf_t *zipf, double weight)
{
    double y = weight - zipf->head[ZIPF_HEAD] + zipf->base;
    double x = integral_inverse(zipf->theta, y) - zipf->first + 0.5;
    double last = (double)(zipf->size - 1);
    return x > last ? zipf->size - 1 : x > 0 ? (uint64_t)x : 0;
}

/* The last rank with zipf_sum(rank) ≤ weight, looked for from the guess on in growing steps. */
uint64_t zipf_rank(const zipf_t *zipf, double share)
{
    double weight = share * zipf->total;
    uint64_t low = weight < zipf->head[ZIPF_HEAD] ? 0 : guess(zipf, weight), high = low + 1;
    for (uint64_t step = 1; low > 0 && zipf_sum(zipf, low) > weight; step *= 2) {
        high = low;
        low -= step < low ? step : low;
    }
    for (uint64_t step = 1; high < zipf->size && zipf_sum(zipf, high) <= weight; step *= 2) {
        low = high;
        high = step < zipf->size - high ? high + step : zipf->size;
    }
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        *(zipf_sum(zipf, middle) <= weight ? &low : &high) = middle;
    }
    return low;
}

static uint64_t part(double share, uint64_t n)
{
    uint64_t at = (uint64_t)(share * (double)n);
    return at < n ? at : n - 1;
}

uint64_t hotspot_rank(uint64_t hot, uint64_t size, double hot_share, double share)
{
    if (hot == size || (hot > 0 && share < hot_share)) {
        return part(hot == size ? share : share / hot_share, hot);
    }
    return hot + part((share - hot_share) / (1 - hot_share), size - hot);
}
