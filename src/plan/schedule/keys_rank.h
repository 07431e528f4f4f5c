/*
 * keys_rank: ranks drawn by popularity, by inverting the sum of their weights, which is worked out
 * and not kept: a few powers whatever the number of ranks. Pure; any thread.
 *
 * Rank q of a zipf_t has the weight (q + first)^-theta. With first = 1 that is Zipf's law over all
 * rows; every lanes-th rank of it, from class a on, is the same with first = (a + 1) / lanes, but
 * for a factor. The sum of n weights is that of the first four, and then Euler and Maclaurin's
 * formula (DLMF 2.10.1) with three derivatives, which is off by less than 10^-7 of the fifth
 * weight.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_KEYS_RANK_H
#define CDCBENCH_PLAN_SCHEDULE_KEYS_RANK_H

#include <stdint.h>

#define ZIPF_HEAD 4

typedef struct {
    double theta, first;
    uint64_t size;              /* ranks; at least 1 */
    double head[ZIPF_HEAD + 1]; /* the sums of the first weights */
    double base;                /* what the formula has to be lessened by */
    double total;               /* of all weights */
} zipf_t;

/* theta ≥ 0 (0: all weights are equal), first above 0. */
void zipf_init(zipf_t *zipf, double theta, double first, uint64_t size);

/* The sum of the weights of ranks 0 … n − 1. */
double zipf_sum(const zipf_t *zipf, uint64_t n);

/* The rank in which a share of the whole weight falls, 0 ≤ share < 1. */
uint64_t zipf_rank(const zipf_t *zipf, double share);

/* The same for `size` ranks of which the first `hot` have hot_share of the weight, evenly. */
uint64_t hotspot_rank(uint64_t hot, uint64_t size, double hot_share, double share);

#endif
