/*
 * verify_internal: what the parts of the verifier share: verify.c (an event's course), versions.c
 * (which version it made), columns.c (its content), finish.c (faults in words, tap against writer).
 * Private to the layer; the tap's thread.
 */
#ifndef CDCBENCH_MODEL_VERIFY_VERIFY_INTERNAL_H
#define CDCBENCH_MODEL_VERIFY_VERIFY_INTERNAL_H

#include "base/counter.h"
#include "base/hash_table.h"
#include "model/change.h"
#include "model/verify/verify.h"

/* What verify_totals_peek reads from other threads; written by the tap's thread alone. */
typedef enum {
    COUNT_DELIVERED,
    COUNT_OPEN_GAPS,
    COUNT_DUPLICATED,
    COUNT_OUT_OF_ORDER,
    COUNT_MISMATCHED,
    COUNT_UNTRIGGERED,
    COUNT_ROLLED_BACK,
    COUNT_UNKNOWN,
    COUNT_BEFORE_RUN,
    COUNTS
} count_t;

/* A table of the run, as an event of it is looked at. */
typedef struct {
    const table_t *table;
    triggers_t triggers;
    bool replica_identity_full;
    int column_of[ROLE_CHANGE_INFO + 1]; /* by role; the last of its kind; −1: it has none */
} use_t;

struct verifier {
    verify_opts_t opts;
    use_t uses[TABLES_MAX];
    char *value;                /* room for one value of any table but `transactions` */
    change_info_end_t info_end; /* of opts.modified_by */
    row_state_t *state;
    hash_table_t gaps; /* of gap_key; at most opts.gaps_max */
    counter_t counts[COUNTS];
    _Atomic bool gaps_overflowed;

    /* versions that a snapshot's row stood for, and so were neither delivered nor missed */
    uint64_t skipped_by_snapshot;

    verify_course_t course;

    size_t fault_counts[FAULT_KINDS];
    fault_t faults[FAULT_KINDS][VERIFY_FAULTS_MAX];
};

/* One change on its way through the verifier. */
typedef struct {
    verifier_t *v;
    const change_t *change;
    const use_t *use;
    uint64_t row;
    uint32_t amount_base; /* of the row: row_amount_base */
    uint32_t version;     /* that the change made; a delete's: the last one of the row */
    bool in_sequence;     /* neither late nor repeated: it belongs to this transaction */
    bool mismatched;
    bool untriggered; /* a trigger has not run on it */
} event_t;

static inline void verify_count(verifier_t *v, count_t count)
{
    counter_add(&v->counts[count], 1);
}

/* versions are numbers modulo ROW_VERSIONS: `to` is this much ahead of `from`. */
static inline uint32_t version_distance(uint32_t from, uint32_t to)
{
    return to >= from ? to - from : to + ROW_VERSIONS - from;
}

/* Serial-number arithmetic (RFC 1982): up to half of the numbers is ahead, the rest behind. */
#define VERSION_AHEAD_MAX (ROW_VERSIONS / 2)

/* A gap: a row, below ROW_STATE_ROWS_MAX, and a version of it, in one number that is not 0. */
static inline uint64_t gap_key(uint64_t row, uint32_t version)
{
    return (row << 16 | version) + 1;
}

static inline uint64_t gap_row(uint64_t gap)
{
    return (gap - 1) >> 16;
}

static inline uint32_t gap_version(uint64_t gap)
{
    return (uint32_t)((gap - 1) & UINT16_MAX);
}

/* Where a change stands in its row's sequence. */
typedef enum {
    PLACE_IN_SEQUENCE, /* next, or ahead with a gap behind it */
    PLACE_LATE,        /* fills a gap */
    PLACE_REPEATED,    /* neither */
} place_t;

/* ---- versions.c */

/* The version that this change of its row made, from all that it carries; `state` is the row's. */
uint32_t verify_version(const event_t *event, uint16_t state);

/* Takes the row's state to where event->version leaves it, with the gaps that this opens or fills.
 */
place_t verify_place(const event_t *event);

/* ---- columns.c */

/* Compares every column on both sides; keeps faults and sets event->mismatched. */
void verify_columns(event_t *event);

/* ---- finish.c */

/* The next fault of a kind, zeroed but for its kind; NULL when VERIFY_FAULTS_MAX are kept. */
fault_t *verify_fault_add(verifier_t *v, fault_kind_t kind);

/* The same with op, position, row, version and key of the event filled in. */
fault_t *verify_fault_of_event(const event_t *event, fault_kind_t kind);

/* Row, version and the row's key. */
void verify_fault_set_row(const verifier_t *v, fault_t *fault, uint64_t row, uint32_t version);

/* Writes a field as text, cut at size: its bytes, "NULL", "(absent)", "(unchanged)". */
void verify_field_text(const field_t *field, char *out, size_t size);

#endif
