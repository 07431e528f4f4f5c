/*
 * keys: which rows a transaction of updates (or deletes) changes: a pure function of seed, stream
 * and transaction number, the same whatever the threads and connections. Any thread.
 *
 * Rows are dealt into lanes (row mod KEYS_LANES); a lane belongs to one connection (lane mod
 * connections) for the whole phase, and all rows of a transaction are of one lane. So no two
 * connections touch one row, nothing deadlocks, and a transaction has exactly the rows that the
 * schedule gives it (decision 1; docs/decisions/0002-lanes.md). Within a lane the rows of one
 * transaction are distinct as long as the lane has that many.
 *
 * A transaction too large for a lane (of several rows, and more than half a lane holds) is drawn
 * from all rows; then the stream runs on one connection (`whole`).
 *
 * A transaction's first row is drawn evenly from all rows, and its lane is the one that row is in;
 * from there it walks round the lane with a stride that is coprime to the lane's size, so it comes
 * back to its first row only after all others. Every row is as likely as any other.
 */
#ifndef CDCBENCH_PLAN_KEYS_H
#define CDCBENCH_PLAN_KEYS_H

#include <stdbool.h>
#include <stdint.h>

#define KEYS_LANES 192u /* divides evenly by 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64 connections */

/* How often each row is drawn. */
typedef enum {
    KEYS_UNIFORM,    /* every row as often as any other */
    KEYS_ZIPF,       /* the row of rank r in proportion to r^-theta */
    KEYS_LATEST,     /* the same, and the newest row has rank 1, the next newest 2, … */
    KEYS_HOTSPOT,    /* `share` of the rows are drawn with `probability`, each as often */
    KEYS_SEQUENTIAL, /* one row after another, and from the start again */
    KEYS_KIND_COUNT,
} keys_kind_t;

typedef struct {
    keys_kind_t kind;
    double theta; /* KEYS_ZIPF, KEYS_LATEST */
    double share, probability;
} keys_spec_t;

typedef struct {
    uint64_t seed; /* of this stream: made from the scenario's seed and the stream's id */
    uint64_t rows; /* the population: rows 0 … rows − 1, all acknowledged before the phase began */
    uint32_t lanes; /* KEYS_LANES, or rows where there are fewer, or 1 where `whole` */
    bool whole;
} keys_t;

/* stream_id tells apart the streams of one scenario (phase number × OP_COUNT + operation).
 * rows and rows_per_txn ≥ 1. */
void keys_init(keys_t *keys, const keys_spec_t *spec, uint64_t seed, uint32_t stream_id,
               uint64_t rows, uint32_t rows_per_txn);

/* The lane of transaction n; 0 where `whole`. */
uint32_t keys_txn_lane(const keys_t *keys, uint64_t n);

/* Which of `connections` (at least 1) runs transaction n. Connections beyond `lanes` get none. */
uint32_t keys_txn_connection(const keys_t *keys, uint64_t n, uint32_t connections);

/* The rows of transaction n, one after another: begin, then next for each. The fields are its own.
 */
typedef struct {
    uint64_t at, stride, size, lane, lanes;
} keys_cursor_t;
void keys_txn_begin(const keys_t *keys, uint64_t n, keys_cursor_t *cursor);
uint64_t keys_txn_next(keys_cursor_t *cursor);

#endif
