/*
 * shard: a machine's share of a range of rows, "2/3" the second of three. Shares are ranges too, as
 * equal as can be, and one after another are the whole: machines have nothing to coordinate. Pure;
 * any thread.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_SHARD_H
#define CDCBENCH_PLAN_SCHEDULE_SHARD_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

#define SHARD_COUNT_MAX 65536

typedef struct {
    uint64_t index; /* from 1 to count */
    uint64_t count;
} shard_t;

/* Reads "I/N". ERR_USAGE with what was read and what is allowed. NULL is the whole: 1/1. */
bool shard_parse(const char *text, shard_t *out, err_t *err);

/* Narrows a range of rows (of at most 2^59) to the shard's. */
void shard_narrow(const shard_t *shard, uint64_t *first, uint64_t *rows);

#endif
