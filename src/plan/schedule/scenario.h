/*
 * scenario: what a run does, as data: phases one after another, each with its streams at once. Made
 * by the cli from options (scenario files come to the same structure), checked once, then only
 * read: any thread. The intended times are all fixed by it before the run.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_SCENARIO_H
#define CDCBENCH_PLAN_SCHEDULE_SCENARIO_H

#include "model/change.h"
#include "model/row.h"
#include "model/verify/verify.h"
#include "plan/schedule/keys.h"
#include "plan/schedule/schedule.h"

#define SCENARIO_PHASES_MAX      32
#define SCENARIO_NAME_MAX        64
#define SCENARIO_CONNECTIONS_MAX 1024

typedef enum {
    PHASE_WORK,  /* its streams; ends when all that they hold is acknowledged */
    PHASE_DRAIN, /* waits until every tap has seen every acknowledged change, at most at_most_ns */
    PHASE_WATCH, /* listens to others: for duration_ns, or until it is interrupted; alone */
} phase_kind_t;

/* The streams of a phase: one for each operation (op_t), and one of transactions that mix them. */
enum { STREAM_MIX = OP_COUNT, STREAM_COUNT };
extern const char *const stream_names[STREAM_COUNT]; /* as op_names, then "transaction" */

/* How a transaction's updates (or deletes) are sent. */
typedef enum {
    SEND_PIPELINE, /* one statement a row, in pipeline mode */
    SEND_ARRAY,    /* one statement a transaction, over unnested keys and amounts */
} send_mode_t;

/* What one transaction of the stream STREAM_MIX does, in this order. Its stream's rows_per_txn is
 * the sum. */
typedef struct {
    uint32_t inserts;     /* new rows, by COPY */
    uint32_t own_updates; /* updates of the rows that it has just made */
    uint32_t updates;     /* updates of older rows */
    uint32_t deletes;     /* of older rows */
} mix_t;

typedef struct {
    char name[SCENARIO_NAME_MAX];
    phase_kind_t kind;
    bool warm_up;        /* verified like any other, but its times are recorded nowhere */
    int64_t duration_ns; /* bounds the streams that have no number of rows; 0: none needs it */
    int64_t at_most_ns;  /* PHASE_DRAIN */
    stream_t streams[STREAM_COUNT];
    send_mode_t mode[STREAM_COUNT];
    double rollback_share[STREAM_COUNT];  /* of its transactions: sent in full, then rolled back */
    double savepoint_share[STREAM_COUNT]; /* of its transactions: a part of it is rolled back to a
                                             savepoint and then done */
    mix_t mix;                            /* of STREAM_MIX */
    keys_spec_t key_specs[STREAM_COUNT];  /* which rows are changed; not of OP_INSERT */
    /* Resolved by scenario_resolve: */
    uint64_t first_row;        /* number of the first row that its insert stream makes */
    uint64_t row_end;          /* one past the last number that it may make */
    uint64_t mix_first_row;    /* transaction n of STREAM_MIX makes mix.inserts rows, */
    uint64_t mix_row_end;      /* from mix_first_row + n × mix.inserts on, below this end */
    uint64_t rows_before;      /* rows surely there when it begins: the population of its updates */
    keys_t keys[STREAM_COUNT]; /* for updates and deletes; a mix's updates, then its deletes, are
                                  one walk */
} phase_t;

typedef struct {
    char name[SCENARIO_NAME_MAX];
    uint64_t seed;
    key_kind_t key_kind;
    bool replica_identity_full; /* of tables that do not say theirs, as `triggers` */
    triggers_t triggers;
    bool copy_binary;     /* asked for: scenario_copies_binary says where it is so */
    tables_t tables;      /* n 0: transactions alone, which scenario_resolve puts there */
    uint32_t connections; /* at most KEYS_LANES of them run updates */
    uint32_t n_phases;
    phase_t phases[SCENARIO_PHASES_MAX];
    /* Resolved: */
    uint64_t rows; /* row numbers 0 … rows − 1 may be made */
} scenario_t;

/* Whether a scenario may have that name, which becomes part of a folder's. False with *err
 * (ERR_USAGE). */
bool scenario_name_check(const char *name, err_t *err);

/* Whether a stream's transactions belong to lanes (its keys): those that touch older rows. */
bool scenario_has_lanes(const phase_t *phase, uint32_t stream);

/* Whether rows go to COPY in binary form: where that was asked for and there is an encoder for it,
 * which `transactions` has, as the only table (whose rows then follow one another). */
bool scenario_copies_binary(const scenario_t *scenario);

/* Where a mistake is: phase n_phases, in none; stream STREAM_COUNT, in the whole phase. */
typedef struct {
    uint32_t phase;
    int stream;
} scenario_place_t;

/* Checks everything that does not add up and fills in what follows from it (first_row, rows_before,
 * keys, rows). A closed insert stream that only a duration ends reserves the row numbers that
 * SCENARIO_CLOSED_ROWS_PER_S would make; since nobody knows how many of them it will make, neither
 * its rows nor any later ones join the population (rows_before stays). ERR_USAGE, with the place
 * beside it. */
#define SCENARIO_CLOSED_ROWS_PER_S 2000000
bool scenario_resolve(scenario_t *scenario, scenario_place_t *place, err_t *err);

#endif
