/*
 * Which version a change made. The amount alone would say it; but if the amount is what was
 * damaged, one wrong column would look like thousands of lost versions. So everything in the event
 * that tells a version has a vote: the amounts before and after and the trigger's record of the new
 * amount; what is next in the row's sequence has half a vote, which breaks ties and decides alone
 * where nothing in the event can be read. The column that was outvoted is then found to be
 * mismatched.
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
