/*
 * schedule_poisson: arrivals at random, at random access. N transactions lie in a span, each of
 * them anywhere in it with equal probability: the Poisson process, given that it brings N in that
 * span. So an hour has exactly its transactions, and every part of it has as many as chance gives.
 * The span is not of time but of what a shape brings in it, rows (fixed.h): places spread evenly
 * over those are spread over time as the rate goes (Cinlar 1975: a change of time), whatever it is.
 *
 * The span is halved again and again. How many of a part's transactions are in its left half is a
 * binomial draw, made from a hash of the part's place; a part with few of them draws their places
 * and sorts them. So the n-th transaction's place, and how many there are by a place, cost a walk
 * from the whole span down to one part, and are exact inverses. Pure; any thread.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_SCHEDULE_POISSON_H
#define CDCBENCH_PLAN_SCHEDULE_SCHEDULE_POISSON_H

#include "plan/schedule/fixed.h"

typedef struct {
    uint64_t seed;
    u128_t span; /* at least 1 */
    uint64_t txns;
} poisson_t;

/* Where transaction n < txns lies, from 0 up to and without span. Never falls as n rises. */
u128_t poisson_place(const poisson_t *poisson, uint64_t n);

/* Transactions whose place is at most `reach`. */
uint64_t poisson_due(const poisson_t *poisson, u128_t reach);

#endif
