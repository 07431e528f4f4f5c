/*
 * verify: the proof. A verifier is fed every change that one tap reads, turns its key back into a
 * row and its amount into a version, makes the row again and compares every column, and keeps two
 * bytes a row; at the end it is held against what the writer had acknowledged.
 *
 * One verifier a tap; used by that tap's thread alone (verify_finish by the controller, after the
 * thread has been joined), but for verify_totals_peek.
 *
 * What is counted, each event in at most one of out_of_order and duplicated, and beside it at most
 * once in mismatched:
 *   - delivered: events of this run's rows, duplicates included
 *   - missing: versions that the writer had acknowledged and the tap never saw
 *   - duplicated: a version at or below the last one seen that fills no gap
 *   - out_of_order: a late version that fills a gap; a position that falls within a transaction; a
 *     transaction whose commit position does not rise
 *   - mismatched: a column is not what the row function or the triggers make it
 *   - untriggered: of mismatched, updates whose trigger's column is as it was before
 *   - rolled_back: a change that was rolled back, never to be seen: a row from ROW_ROLLBACK_BASE
 * on, or an update to an amount of 2000.00 or more
 *   - unknown: a key that is not of this run, or not of the table it was found in; at the end, a
 * row of which more was seen than the writer had acknowledged
 *   - before_run: an event from before the run's floor
 *
 * Identity: expected + duplicated = delivered + missing, unless an unknown row hides an expected
 * one. What it shows to be lost beyond what the rows tell (a whole round of versions; the updates
 * before a delete that carries its key alone) is added to missing by verify_finish.
 *
 * How sure it is. A version is told by every part of an event that carries one (versions.c),
 * so one damaged column is one mismatch. Where the amount after is all that an event has (REPLICA
 * IDENTITY DEFAULT and no trigger of columns), a damaged amount may pass for another version, and
 * then shows as missing, out_of_order or duplicated. The time in an old row is held against its
 * twin in the same row; with one trigger alone, only its form can be checked. A late version more
 * than half of ROW_VERSIONS behind passes for one ahead.
 */
#ifndef CDCBENCH_MODEL_VERIFY_VERIFY_H
#define CDCBENCH_MODEL_VERIFY_VERIFY_H

#include "base/err.h"
#include "model/change.h"
#include "model/row.h"
#include "model/row_state.h"

typedef struct {
    const row_space_t *space; /* outlives the verifier */
    tables_t tables;
    uint64_t rows;           /* rows 0 … rows − 1 may exist in this run */
    const char *modified_by; /* the writer's current_user; outlives the verifier */
    uint32_t gaps_max; /* bound of the table of gaps; 0: the default, 1M (11 to 21 bytes each) */
} verify_opts_t;

typedef struct verifier verifier_t;

/* NULL when memory is out. The caller owns it. */
verifier_t *verifier_new(const verify_opts_t *opts);
void verifier_free(verifier_t *v);

/* What one change was found to be. */
typedef struct {
    bool ours; /* row and version below are known: counted in delivered */
    uint64_t row;
    uint32_t version; /* the version that the change made: 0 for an insert */
    bool duplicated, out_of_order, mismatched, rolled_back, unknown;
} verdict_t;

/* How far a sequence of transactions has come. A tap whose events come by one way has one, inside
 * its verifier. Where they come by several ways at once (a topic for each table), order holds
 * within each: the tap keeps one for each way, zeroed at first, and tells the verifier when it
 * turns from one to another. */
typedef struct {
    bool began;
    bool repeated; /* the transaction begun last may have been seen before */
    bool has_position;
    bool time_is_known; /* time_us is this transaction's current_timestamp */
    bool has_time;
    uint64_t commit_position;
    uint64_t position; /* of the change before */
    int64_t time_us;   /* the last one that was known, of this transaction or one before */
} verify_course_t;

/* Puts the present one into *from and goes on with *to. */
void verifier_turn(verifier_t *v, verify_course_t *from, const verify_course_t *to);

/* A transaction begins: its commit position (LSN), which must rise from call to call, strictly. */
void verifier_begin(verifier_t *v, uint64_t commit_position);

/* Likewise where delivery is at least once: a position at or below the highest so far is what a
 * restarted source sends again. It is a fault only for those of its changes that are new. */
void verifier_begin_repeatable(verifier_t *v, uint64_t commit_position);

/* One change of the transaction begun last. */
void verifier_change(verifier_t *v, const change_t *change, verdict_t *out);

/* An event from before the run's floor was passed over. */
void verifier_before_run(verifier_t *v);

typedef struct {
    uint64_t expected, delivered, missing, duplicated, out_of_order, mismatched, rolled_back,
        unknown, before_run;
    uint64_t untriggered; /* of mismatched: updates on which a trigger has not run */
    bool gaps_overflowed; /* missing is "at least"; duplicated may hold late versions */
} verify_totals_t;

/* The counts so far (expected and missing are not known before the end: missing holds the open
 * gaps). Any thread: each figure is a relaxed load. */
void verify_totals_peek(const verifier_t *v, verify_totals_t *out);

/* Holds the tap's state against the writer's: `writer` has the last acknowledged version of each
 * row, `expected` how many changes were acknowledged. A version that the tap saw and the writer
 * never had acknowledged is a FAULT_UNKNOWN; those come on top of the counts, and into `out` alone.
 * `writer` has at least as many rows as the verifier. Once per verifier. Frees nothing. */
void verify_finish(verifier_t *v, const row_state_t *writer, uint64_t expected,
                   verify_totals_t *out);

/* True when nothing but expected, delivered and before_run is above zero, and no gap was lost. */
bool verify_clean(const verify_totals_t *totals);

/* A fault in words, for people: the first VERIFY_FAULTS_MAX of each kind are kept in full. */
#define VERIFY_FAULTS_MAX 10
typedef enum {
    FAULT_MISSING,
    FAULT_DUPLICATED,
    FAULT_OUT_OF_ORDER,
    FAULT_MISMATCHED,
    FAULT_ROLLED_BACK,
    FAULT_UNKNOWN,
    FAULT_KINDS
} fault_kind_t;

extern const char *const fault_names[FAULT_KINDS]; /* as verify.csv's columns */

typedef struct {
    fault_kind_t kind;
    op_t op;
    bool has_row; /* row and version are known */
    uint64_t row;
    uint32_t version;
    char key[64];        /* the key as text: of the row, or as it was found; cut at the buffer */
    const char *column;  /* FAULT_MISMATCHED: which one, else NULL; constant text */
    const char *side;    /* "before" or "after"; NULL where it does not apply */
    const char *trigger; /* the one that sets this column and has not run; else NULL; constant */
    char expected[256];  /* as text; cut at the buffer */
    char found[256];
    uint64_t position; /* the change's LSN; 0 where there is none */
} fault_t;

/* The kept faults of a kind: their number (at most VERIFY_FAULTS_MAX), and the i-th. After the
 * tap's thread has been joined. */
size_t verify_fault_count(const verifier_t *v, fault_kind_t kind);
const fault_t *verify_fault(const verifier_t *v, fault_kind_t kind, size_t i);

#endif
