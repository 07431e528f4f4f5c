/*
 * keys: which rows a transaction of updates (or deletes) changes: a pure function of seed, stream
 * and transaction number, the same whatever the threads and connections. Any thread.
 *
 * Rows are dealt into lanes (row mod KEYS_LANES); a lane belongs to one connection (lane mod
 * connections) for the whole phase, and all rows of a transaction are of one lane. So no two
 * connections touch one row, nothing deadlocks, and a transaction has exactly the rows that the
 * schedule gives it (docs/decisions/0002-lanes.md). Within a lane the rows of one transaction are
 * distinct as long as the lane has that many.
 *
 * A transaction too large for a lane (of several rows, and more than half a lane holds) is drawn
 * from all rows; then the stream runs on one connection (`whole`).
 *
 * Uniform: a first row is drawn evenly from all rows, and its lane is the transaction's; from there
 * it walks round the lane with a stride that is coprime to the lane's size, so it comes back to its
 * first row only after all others.
 *
 * Zipf, latest, hotspot: a row has a rank, 0 for the most popular. One draw by popularity from all
 * rows decides the lane; the transaction's rows are then spread over the lane's own distribution,
 * one from each of rows_per_txn equally probable parts. A row that would come twice (it is more
 * than a part itself) gives way to the next rank. So a transaction of one row draws each row with
 * just its probability, and a larger one has each row with rows_per_txn times that, at most once.
 * Ranks are dealt to lanes one after another, so the hottest rows are in different lanes; within
 * its lane a rank lies anywhere (but with `latest`, where rank 0 is the newest row). A hot lane
 * keeps one connection busy and no other: so does a hot row, whose updates wait for each other on
 * the server.
 *
 * Sequential: transaction n is of lane n mod lanes, and takes up where the one before in that lane
 * left off. With one row a transaction that is row after row.
 *
 * Deletes (keys_init_once) go through each lane in an order of their own, sequentially in that
 * order, so that none takes a row that another took.
 *
 * Nothing here is a table: a draw costs a few powers at most, whatever the number of rows.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_KEYS_H
#define CDCBENCH_PLAN_SCHEDULE_KEYS_H

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

/*
 * Ranks are drawn by popularity by inverting the sum of their weights, which is worked out and not
 * kept: a few powers whatever the number of ranks. Rank q of a zipf_t has the weight
 * (q + first)^-theta. With first = 1 that is Zipf's law over all rows; every lanes-th rank of it,
 * from class a on, is the same with first = (a + 1) / lanes, but for a factor. The sum of n weights
 * is that of the first four, and then Euler and Maclaurin's formula (DLMF 2.10.1) with three
 * derivatives, which is off by less than 10^-7 of the fifth weight.
 */
#define ZIPF_HEAD 4

typedef struct {
    double theta, first;
    uint64_t size;              /* ranks; at least 1 */
    double head[ZIPF_HEAD + 1]; /* the sums of the first weights */
    double base;                /* what the formula has to be lessened by */
    double total;               /* of all weights */
} zipf_t;

/* The sum of the weights of ranks 0 … n − 1. */
double zipf_sum(const zipf_t *zipf, uint64_t n);

/* The rank in which a share of the whole weight falls, 0 ≤ share < 1. */
uint64_t zipf_rank(const zipf_t *zipf, double share);

typedef struct {
    keys_spec_t spec;
    uint64_t seed; /* of this stream: made from the scenario's seed and the stream's id */
    uint64_t
        scatter; /* of the order of ranks within lanes: the same for all streams of a scenario */
    uint64_t rows; /* the population: rows 0 … rows − 1, all acknowledged before the phase began */
    uint32_t rows_per_txn;
    uint32_t lanes; /* KEYS_LANES, or rows where there are fewer, or 1 where `whole` */
    bool whole;
    bool once;       /* keys_init_once */
    uint64_t passed; /* then: rows of each lane that earlier phases took */
    uint64_t hot;    /* KEYS_HOTSPOT: rows that are hot */
    zipf_t zipf;     /* KEYS_ZIPF, KEYS_LATEST: over all rows */
} keys_t;

/* Whether transactions of so many rows are too large for a lane. One such stream of a phase makes
 * all its streams `whole`: they would share rows over different lanes. */
bool keys_need_whole(uint64_t rows, uint32_t rows_per_txn);

/* stream_id tells apart the streams of one scenario (phase number × OP_COUNT + operation).
 * rows and rows_per_txn ≥ 1; `whole` where keys_need_whole. */
void keys_init(keys_t *keys, const keys_spec_t *spec, uint64_t seed, uint32_t stream_id,
               uint64_t rows, uint32_t rows_per_txn, bool whole);

/* Rows of which none comes twice, while no lane is walked to its end: KEYS_UNIFORM (in an order
 * that a hash gives) or KEYS_SEQUENTIAL. `passed` rows of each lane are left out, which earlier
 * phases took with the same rows, seed and spec. */
void keys_init_once(keys_t *keys, const keys_spec_t *spec, uint64_t seed, uint64_t rows,
                    uint32_t rows_per_txn, bool whole, uint64_t passed);

/* How many rows of each lane `txns` transactions of keys_init_once take at most. */
uint64_t keys_once_per_lane(const keys_t *keys, uint64_t txns);

/* The lane of transaction n; 0 where `whole`. */
uint32_t keys_txn_lane(const keys_t *keys, uint64_t n);

/* Which of `connections` (at least 1) runs transaction n. Connections beyond `lanes` get none. */
uint32_t keys_txn_connection(const keys_t *keys, uint64_t n, uint32_t connections);

/* The row of a rank, of KEYS_ZIPF, KEYS_LATEST and KEYS_HOTSPOT. rank < rows. */
uint64_t keys_row_of_rank(const keys_t *keys, uint64_t rank);

/* The rows of transaction n, one after another: begin, then next for each. More than rows_per_txn
 * may be asked for: all rows of the lane come before one comes again. The fields are its own. */
typedef struct {
    const keys_t *keys;
    uint64_t lane, size; /* the lane, and its rows */
    uint64_t at,
        stride;    /* a walk round it; with ranks: the place of rank 0, and from rank to rank */
    double offset; /* of the draws within their parts, 0 … 1 */
    zipf_t zipf;   /* the lane's own distribution */
    uint64_t hot;
    double hot_share;
    uint64_t part, next_rank; /* parts drawn from; the first rank that no draw had yet */
    uint64_t passed, passed_part,
        passed_next; /* behind the last part: ranks that draws passed over */
    bool wrapped;
} keys_cursor_t;
void keys_txn_begin(const keys_t *keys, uint64_t n, keys_cursor_t *cursor);
uint64_t keys_txn_next(keys_cursor_t *cursor);

#endif
