/*
 * txn: a transaction laid out as steps, in the order in which they are sent. A pure function of
 * scenario and transaction: what is rolled back, and what goes through a savepoint, follows from
 * the transaction's number alone. Any thread.
 *
 *   one stream:          COPY   or   UPDATE   or   DELETE, an implicit transaction
 *   several tables:      BEGIN, a COPY for each that it makes rows of, COMMIT
 *   a mix:               BEGIN, COPY, OWN_UPDATE, UPDATE, DELETE, COMMIT
 *   through a savepoint: BEGIN, SAVEPOINT, the first half of it, marked, ROLLBACK_TO, all of it,
 *                        COMMIT
 *   rolled back:         BEGIN, all of it, marked, ROLLBACK
 *
 * Marked changes must never reach a tap. They name themselves to the verifier: rows from
 * ROW_ROLLBACK_BASE on, amounts from TXN_MARK_CENTS on; a marked delete is of a row that stays, so
 * the row's next change gives it away, or the end does.
 *
 * Steps that a session sends together are a part: a COPY with the control steps before it is one;
 * a pipeline segment, up to the next COPY or behind a ROLLBACK_TO, another.
 */
#ifndef CDCBENCH_RUN_LOAD_TXN_H
#define CDCBENCH_RUN_LOAD_TXN_H

#include <assert.h>

#include "run/load/work.h"

typedef enum {
    STEP_BEGIN,
    STEP_SAVEPOINT,
    STEP_ROLLBACK_TO, /* undoes what followed SAVEPOINT */
    STEP_COMMIT,
    STEP_ROLLBACK,
    STEP_COPY,
    STEP_OWN_UPDATE, /* of rows that the transaction's COPY has made */
    STEP_UPDATE,     /* of older rows, as the walk of its keys gives them */
    STEP_DELETE,     /* likewise */
    STEP_KINDS
} step_kind_t;

typedef struct {
    step_kind_t kind;
    bool marked;   /* it will be rolled back */
    uint32_t rows; /* changes; 0 for control steps */
    uint64_t
        first_row; /* of a COPY, and its table; the others come after as many as there are tables */
    uint32_t table;
} step_t;

#define TXN_STEPS_MAX  (10 + 2 * TABLES_MAX)
#define TXN_MARK_CENTS 200000u /* added to the amount of a marked update: 2010.00 to 3000.00 */

typedef struct {
    bool block;         /* BEGIN … COMMIT or ROLLBACK; else one implicit transaction */
    bool rolled_back;   /* all of it, on purpose */
    uint64_t first_row; /* its COPY's rows begin here */
    uint32_t inserts;   /* how many they are, when it is not rolled back */
    uint32_t n_steps;
    step_t steps[TXN_STEPS_MAX];
} txn_t;

void txn_lay_out(const scenario_t *scenario, const task_t *task, txn_t *out);

static inline bool txn_is_control(step_kind_t kind)
{
    return kind <= STEP_ROLLBACK;
}

/* The part that begins with step `first`: one past its last step. A part with a COPY ends with it.
 */
uint32_t txn_part_end(const txn_t *txn, uint32_t first);

/* Changes in steps first … end − 1. */
uint64_t txn_rows(const txn_t *txn, uint32_t first, uint32_t end);

/* Changes of older rows, marked or not. */
uint64_t txn_older_rows(const txn_t *txn);

/* The first and the last step whose changes the taps will see; NULL when it is rolled back. */
const step_t *txn_first_seen(const txn_t *txn);
const step_t *txn_last_seen(const txn_t *txn);

/* The k-th own update (0-based): its row, and the version it makes. They go round the rows. */
static inline uint64_t txn_own_row(const txn_t *txn, uint32_t rows, uint32_t k, uint32_t *version)
{
    assert(rows > 0); /* own updates follow a COPY */
    *version = 1 + k / rows;
    return txn->first_row + k % rows;
}

#endif
