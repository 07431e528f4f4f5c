/*
 * counter: a figure that one thread writes and any thread reads at any time, by itself: no order is
 * kept between it and anything else. A counter has one writer, so that counting needs no locked
 * instruction.
 */
#ifndef CDCBENCH_BASE_COUNTER_H
#define CDCBENCH_BASE_COUNTER_H

#include <stdatomic.h>
#include <stdint.h>

/* Of any atomic type. */
#define relaxed_get(figure)        atomic_load_explicit((figure), memory_order_relaxed)
#define relaxed_set(figure, value) atomic_store_explicit((figure), (value), memory_order_relaxed)

typedef _Atomic uint64_t counter_t;

/* The writer's. */
static inline void counter_add(counter_t *counter, uint64_t more)
{
    relaxed_set(counter, relaxed_get(counter) + more);
}

/* Anybody's. */
static inline uint64_t counter_get(const counter_t *counter)
{
    return relaxed_get(counter);
}

#endif
