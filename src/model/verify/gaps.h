/*
 * gaps: the versions of rows that were passed over and may still come: a set of (row, version),
 * open addressing with linear probing, that grows by doubling up to a bound. Owned by a verifier;
 * one thread, but for gaps_memory_bytes. Nothing is allocated before the first gap.
 */
#ifndef CDCBENCH_MODEL_VERIFY_GAPS_H
#define CDCBENCH_MODEL_VERIFY_GAPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint64_t row;
    uint32_t version;
    bool open; /* this slot is taken */
} gap_t;

typedef struct {
    gap_t *slots;
    size_t capacity; /* a power of two, or 0 */
    size_t count;
    size_t max;
    _Atomic uint64_t memory_bytes;
} gaps_t;

/* For at most `max` gaps at a time. */
void gaps_init(gaps_t *gaps, size_t max);
void gaps_free(gaps_t *gaps);

/* False when the bound is reached or memory is out: this gap is then not kept. */
bool gaps_add(gaps_t *gaps, uint64_t row, uint32_t version);

/* False when there is no such gap. */
bool gaps_remove(gaps_t *gaps, uint64_t row, uint32_t version);

/* Walks over the gaps, in no particular order: *at starts at 0; NULL at the end. */
const gap_t *gaps_next(const gaps_t *gaps, size_t *at);

/* Any thread. */
uint64_t gaps_memory_bytes(const gaps_t *gaps);

#endif
