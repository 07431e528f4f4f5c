/*
 * schedule_poisson: arrivals at random, at random access. N transactions lie in a span, each of
 * them anywhere in it with equal probability: the Poisson process, given that it brings N in that
 * span. So an hour has exactly its transactions, and every part of it has as many as chance gives.
 *
 * The span is halved again and again. How many of a part's transactions are in its left half is a
 * binomial draw, made from a hash of the part's place; a part with few of them draws their places
 * and sorts them. So the n-th transaction's time, and how many there are by a time, cost a walk
 * from the whole span down to one part, and are exact inverses. Pure; any thread.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_POISSON_H
#define CDCBENCH_PLAN_SCHEDULE_POISSON_H

#include <stdint.h>

typedef struct {
    uint64_t seed;
    uint64_t span_ns; /* at least 1 */
    uint64_t txns;
} poisson_t;

/* ns after the span's start, for n < txns. Never falls as n rises. */
uint64_t poisson_time_ns(const poisson_t *poisson, uint64_t n);

/* Transactions with time ≤ t_ns. */
uint64_t poisson_due(const poisson_t *poisson, uint64_t t_ns);

#endif
