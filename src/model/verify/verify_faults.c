#include "model/verify/verify_internal.h"

#include <stdio.h>
#include <string.h>

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
