/*
 * Which version a change made, and where that stands in its row's sequence.
 *
 * The amount alone would say the version; but if the amount is what was damaged, one wrong column
 * would look like thousands of lost versions. So everything in the event that tells a version has a
 * vote: the amounts before and after and the trigger's record of the new amount; what is next in
 * the row's sequence has half a vote, which breaks ties and decides alone where nothing in the
 * event can be read. The column that was outvoted is then found to be mismatched.
 *
 * A version that was passed over is a gap, which may still be filled: a set of rows and versions.
 */
#include "model/verify/verify_internal.h"

#define EVIDENCE_MAX 4

typedef struct {
    uint32_t versions[EVIDENCE_MAX];
    size_t n;
} evidence_t;

static void add_cents(evidence_t *evidence, const event_t *event, uint32_t cents, uint32_t later)
{
    uint32_t version;
    if (row_version_of_cents(event->v->opts.space, event->amount_base, cents, &version))
        evidence->versions[evidence->n++] = (version + later) % ROW_VERSIONS;
}

/* What one side of the event tells; the version made is `later` (0 or 1) than the side's own. */
static void add_side(evidence_t *evidence, const event_t *event, const field_t *fields,
                     uint32_t later)
{
    uint32_t cents;
    const use_t *use = event->use;
    const field_t *amount = &fields[use->column_of[ROLE_AMOUNT]];
    if (amount->bytes != NULL && row_amount_parse(amount->bytes, amount->len, &cents))
        add_cents(evidence, event, cents, later);

    if (!(use->triggers & TRIGGERS_COLUMNS))
        return;
    const field_t *info = &fields[use->column_of[ROLE_CHANGE_INFO]];
    if (info->kind == FIELD_NULL) /* as it was inserted */
        evidence->versions[evidence->n++] = later;
    else if (info->bytes != NULL && change_info_new_cents(info->bytes, info->len, &cents))
        add_cents(evidence, event, cents, later);
}

/* The version with the most votes; of equals, the one named first. Next is -1 where it is not
 * known. */
static uint32_t elect(const evidence_t *evidence, int64_t next)
{
    int64_t elected = next;
    unsigned votes_max = 0; /* halves */
    for (size_t candidate = 0; candidate < evidence->n; candidate++) {
        uint32_t version = evidence->versions[candidate];
        unsigned votes = version == next;
        for (size_t e = 0; e < evidence->n; e++)
            votes += evidence->versions[e] == version ? 2 : 0;
        if (votes > votes_max) {
            votes_max = votes;
            elected = version;
        }
    }
    return elected < 0 ? 0 : (uint32_t)elected;
}

uint32_t verify_version(const event_t *event, uint16_t state)
{
    const change_t *change = event->change;
    if (change->op == OP_INSERT && !change->snapshot)
        return 0;

    bool whole_before = change->before_kind == BEFORE_FULL;
    evidence_t evidence = {.n = 0};
    int64_t next = -1;
    if (change->op == OP_DELETE) {
        if (state < ROW_VERSIONS)
            next = state;
        if (whole_before)
            add_side(&evidence, event, change->before, 0);
        uint32_t version = elect(&evidence, next);
        /* An old row behind what was seen is no version to be deleted: it is held against the last.
         */
        bool behind = next >= 0 && version_distance(state, version) > VERSION_AHEAD_MAX;
        return behind ? state : version;
    }
    if (state < ROW_VERSIONS)
        next = (state + 1) % ROW_VERSIONS;
    else if (state == ROW_STATE_NEVER && !change->snapshot)
        next = 1;
    add_side(&evidence, event, change->after, 0);
    if (change->op == OP_UPDATE && whole_before)
        add_side(&evidence, event, change->before, 1);
    return elect(&evidence, next);
}

/* ---- gaps and places */

/* What is no longer exact because there was no room to keep it. */
static void lose_track(verifier_t *v)
{
    relaxed_set(&v->gaps_overflowed, true);
}

static void set_state(verifier_t *v, uint64_t row, uint32_t value)
{
    if (!row_state_set(v->state, row, (uint16_t)value))
        lose_track(v);
}

static void publish_gaps(verifier_t *v)
{
    relaxed_set(&v->counts[COUNT_OPEN_GAPS], v->gaps.n);
}

/* False when the bound is reached or memory is out: this gap is then not kept. */
static bool open_gap(verifier_t *v, uint64_t row, uint32_t version)
{
    uint64_t key = gap_key(row, version);
    return hash_table_find(&v->gaps, key) != NULL ||
           (v->gaps.n < v->opts.gaps_max && hash_table_add(&v->gaps, key) != NULL);
}

static void open_gaps(verifier_t *v, uint64_t row, uint32_t first, uint32_t n)
{
    if (n == 0)
        return;
    for (uint32_t k = 0; k < n; k++) {
        if (!open_gap(v, row, (first + k) % ROW_VERSIONS)) {
            lose_track(v);
            break;
        }
    }
    publish_gaps(v);
}

static place_t place_behind(verifier_t *v, uint64_t row, uint32_t version)
{
    void *gap = hash_table_find(&v->gaps, gap_key(row, version));
    if (gap == NULL)
        return PLACE_REPEATED;
    hash_table_remove(&v->gaps, gap);
    publish_gaps(v);
    return PLACE_LATE;
}

/* How many versions after `state` (a version, or NEVER) this one is; 0: at or behind it. Nothing
 * can be behind a row that was never seen. */
static uint32_t versions_ahead(uint16_t state, uint32_t version)
{
    if (state == ROW_STATE_NEVER)
        return version + 1;
    uint32_t distance = version_distance(state, version);
    return distance <= VERSION_AHEAD_MAX ? distance : 0;
}

static uint32_t version_after(uint16_t state)
{
    return state == ROW_STATE_NEVER ? 0 : (state + 1u) % ROW_VERSIONS;
}

/* Inserts, updates, and rows that a snapshot read. */
static place_t place_version(verifier_t *v, const change_t *change, uint64_t row, uint32_t version)
{
    uint16_t state = row_state_get(v->state, row);
    bool inserted_again = change->op == OP_INSERT && !change->snapshot && state != ROW_STATE_NEVER;
    if (state == ROW_STATE_DELETED || inserted_again)
        return place_behind(v, row, version);
    uint32_t ahead = versions_ahead(state, version);
    if (ahead == 0)
        return place_behind(v, row, version);
    if (change->snapshot)
        v->skipped_by_snapshot += ahead - 1;
    else
        open_gaps(v, row, version_after(state), ahead - 1);
    set_state(v, row, version);
    return PLACE_IN_SEQUENCE;
}

/* A delete of `version`, which must have been seen: if not, it and what lies before it are gaps. */
static place_t place_delete(verifier_t *v, uint64_t row, uint32_t version)
{
    uint16_t state = row_state_get(v->state, row);
    if (state == ROW_STATE_DELETED)
        return PLACE_REPEATED;
    open_gaps(v, row, version_after(state), versions_ahead(state, version));
    set_state(v, row, ROW_STATE_DELETED);
    return PLACE_IN_SEQUENCE;
}

place_t verify_place(const event_t *event)
{
    const change_t *change = event->change;
    return change->op == OP_DELETE ? place_delete(event->v, event->row, event->version)
                                   : place_version(event->v, change, event->row, event->version);
}
