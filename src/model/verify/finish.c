/* Faults in words, and the end of the proof: what the tap saw, held against what the writer had
 * acknowledged. */
#include <assert.h>
#include <inttypes.h>
#include <stdio.h>

#include "model/verify/verify_internal.h"

/* ---- faults */

const char *const fault_names[FAULT_KINDS] = {
    [FAULT_MISSING] = "missing",           [FAULT_DUPLICATED] = "duplicated",
    [FAULT_OUT_OF_ORDER] = "out_of_order", [FAULT_MISMATCHED] = "mismatched",
    [FAULT_ROLLED_BACK] = "rolled_back",   [FAULT_UNKNOWN] = "unknown",
};

fault_t *verify_fault_add(verifier_t *v, fault_kind_t kind)
{
    if (v->fault_counts[kind] == VERIFY_FAULTS_MAX)
        return NULL;
    fault_t *fault = &v->faults[kind][v->fault_counts[kind]++];
    *fault = (fault_t){.kind = kind};
    return fault;
}

void verify_fault_set_row(const verifier_t *v, fault_t *fault, uint64_t row, uint32_t version)
{
    fault->has_row = true;
    fault->row = row;
    fault->version = version;
    row_key(v->opts.space, row, fault->key);
    fault->key[ROW_KEY_LEN] = '\0';
}

fault_t *verify_fault_of_event(const event_t *event, fault_kind_t kind)
{
    fault_t *fault = verify_fault_add(event->v, kind);
    if (fault == NULL)
        return NULL;
    fault->op = event->change->op;
    fault->position = event->change->position;
    verify_fault_set_row(event->v, fault, event->row, event->version);
    return fault;
}

void verify_field_text(const field_t *field, char *out, size_t size)
{
    switch (field->kind) {
    case FIELD_ABSENT:
        snprintf(out, size, "(absent)");
        break;
    case FIELD_NULL:
        snprintf(out, size, "NULL");
        break;
    case FIELD_UNCHANGED:
        snprintf(out, size, "(unchanged)");
        break;
    case FIELD_TEXT:
    case FIELD_INTEGER:
    case FIELD_NUMBER:
        snprintf(out, size, "%.*s", (int)field->len, field->bytes);
    }
}

size_t verify_fault_count(const verifier_t *v, fault_kind_t kind)
{
    return v->fault_counts[kind];
}

const fault_t *verify_fault(const verifier_t *v, fault_kind_t kind, size_t i)
{
    return i < v->fault_counts[kind] ? &v->faults[kind][i] : NULL;
}

/* ---- totals */

void verify_totals_peek(const verifier_t *v, verify_totals_t *out)
{
    *out = (verify_totals_t){
        .delivered = counter_get(&v->counts[COUNT_DELIVERED]),
        .missing = counter_get(&v->counts[COUNT_OPEN_GAPS]),
        .duplicated = counter_get(&v->counts[COUNT_DUPLICATED]),
        .out_of_order = counter_get(&v->counts[COUNT_OUT_OF_ORDER]),
        .mismatched = counter_get(&v->counts[COUNT_MISMATCHED]),
        .untriggered = counter_get(&v->counts[COUNT_UNTRIGGERED]),
        .rolled_back = counter_get(&v->counts[COUNT_ROLLED_BACK]),
        .unknown = counter_get(&v->counts[COUNT_UNKNOWN]),
        .before_run = counter_get(&v->counts[COUNT_BEFORE_RUN]),
        .gaps_overflowed = relaxed_get(&v->gaps_overflowed),
    };
}

bool verify_clean(const verify_totals_t *totals)
{
    return totals->missing == 0 && totals->duplicated == 0 && totals->out_of_order == 0 &&
           totals->mismatched == 0 && totals->rolled_back == 0 && totals->unknown == 0 &&
           !totals->gaps_overflowed;
}

static void missing_fault(verifier_t *v, op_t op, uint64_t row, uint32_t version)
{
    fault_t *fault = verify_fault_add(v, FAULT_MISSING);
    if (fault == NULL)
        return;
    fault->op = op;
    verify_fault_set_row(v, fault, row, version);
    snprintf(fault->expected, sizeof fault->expected, "the %s that made version %" PRIu32,
             op_names[op], version);
    if (op == OP_DELETE)
        snprintf(fault->expected, sizeof fault->expected, "the row's delete");
    snprintf(fault->found, sizeof fault->found, "nothing");
}

/* n versions of a row from `first` on. */
static void missing_versions(verifier_t *v, verify_totals_t *out, uint64_t row, uint32_t first,
                             uint32_t n)
{
    out->missing += n;
    for (uint32_t k = 0; k < n && k < VERIFY_FAULTS_MAX; k++) {
        uint32_t version = (first + k) % ROW_VERSIONS;
        missing_fault(v, version == 0 ? OP_INSERT : OP_UPDATE, row, version);
    }
}

/* The tap saw more of a row than the writer ever had acknowledged. */
static void unacknowledged(verifier_t *v, verify_totals_t *out, uint64_t row, uint16_t writer,
                           uint16_t tap)
{
    out->unknown++;
    fault_t *fault = verify_fault_add(v, FAULT_UNKNOWN);
    if (fault == NULL)
        return;
    fault->op = tap == ROW_STATE_DELETED ? OP_DELETE : tap == 0 ? OP_INSERT : OP_UPDATE;
    verify_fault_set_row(v, fault, row, tap == ROW_STATE_DELETED ? 0 : tap);
    if (writer == ROW_STATE_NEVER)
        snprintf(fault->expected, sizeof fault->expected, "nothing acknowledged of this row");
    else
        snprintf(fault->expected, sizeof fault->expected,
                 "version %" PRIu16 ", the last acknowledged", writer);
    if (tap == ROW_STATE_DELETED)
        snprintf(fault->found, sizeof fault->found, "the row's delete");
    else
        snprintf(fault->found, sizeof fault->found, "version %" PRIu16, tap);
}

static void hold_row(verifier_t *v, verify_totals_t *out, uint64_t row, uint16_t writer,
                     uint16_t tap)
{
    if (writer == tap)
        return;
    if (writer == ROW_STATE_NEVER || tap == ROW_STATE_DELETED) {
        unacknowledged(v, out, row, writer, tap);
    } else if (writer == ROW_STATE_DELETED) {
        /* how many updates came between is not known: see unaccounted */
        if (tap == ROW_STATE_NEVER)
            missing_versions(v, out, row, 0, 1);
        out->missing++;
        missing_fault(v, OP_DELETE, row, tap == ROW_STATE_NEVER ? 0 : tap);
    } else if (tap == ROW_STATE_NEVER) {
        missing_versions(v, out, row, 0, writer + 1u);
    } else if (version_distance(tap, writer) <= VERSION_AHEAD_MAX) {
        missing_versions(v, out, row, (tap + 1u) % ROW_VERSIONS, version_distance(tap, writer));
    } else {
        unacknowledged(v, out, row, writer, tap);
    }
}

static void hold_rows(verifier_t *v, const row_state_t *writer, verify_totals_t *out)
{
    uint64_t rows = v->opts.rows;
    for (uint64_t chunk = 0; chunk < rows; chunk += ROW_STATE_CHUNK) {
        if (!row_state_touched(writer, chunk) && !row_state_touched(v->state, chunk))
            continue;
        uint64_t end = rows - chunk < ROW_STATE_CHUNK ? rows : chunk + ROW_STATE_CHUNK;
        for (uint64_t row = chunk; row < end; row++)
            hold_row(v, out, row, row_state_get(writer, row), row_state_get(v->state, row));
    }
}

/* Acknowledged changes that neither came nor are missed by any row: the updates of a row of which
 * only the delete is known, or a whole round of versions. The identity in verify.h shows their
 * number, unless the tap saw what was never acknowledged, or gaps were lost. */
static void hold_sum(verifier_t *v, verify_totals_t *out, bool sum_is_exact)
{
    uint64_t due = out->expected + out->duplicated;
    uint64_t found = out->delivered + out->missing + v->skipped_by_snapshot;
    if (!sum_is_exact || out->gaps_overflowed || due <= found)
        return;
    out->missing += due - found;
    fault_t *fault = verify_fault_add(v, FAULT_MISSING);
    if (fault == NULL)
        return;
    snprintf(fault->expected, sizeof fault->expected, "%" PRIu64 " changes", due);
    snprintf(fault->found, sizeof fault->found,
             "%" PRIu64 "; the rows of the other %" PRIu64 " cannot be told", found, due - found);
}

void verify_finish(verifier_t *v, const row_state_t *writer, uint64_t expected,
                   verify_totals_t *out)
{
    assert(row_state_rows(writer) >= v->opts.rows);
    verify_totals_peek(v, out);
    out->expected = expected;
    size_t at = 0;
    for (const uint64_t *gap; (gap = hash_table_next(&v->gaps, &at)) != NULL;)
        missing_fault(v, gap_version(*gap) == 0 ? OP_INSERT : OP_UPDATE, gap_row(*gap),
                      gap_version(*gap));
    uint64_t unknown = out->unknown;
    hold_rows(v, writer, out);
    hold_sum(v, out, out->unknown == unknown);
}
