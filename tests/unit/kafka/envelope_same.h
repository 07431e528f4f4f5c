/*
 * envelope_same: whether two readers read the same, for tests and fuzz targets: every member but
 * names_version, which is a reader's own.
 */
#ifndef CDCBENCH_TESTS_ENVELOPE_SAME_H
#define CDCBENCH_TESTS_ENVELOPE_SAME_H

#include <string.h>

#include "kafka/format/envelope.h"

static inline bool slice_same(slice_t a, slice_t b)
{
    return (a.bytes == NULL) == (b.bytes == NULL) && a.len == b.len &&
           (a.len == 0 || memcmp(a.bytes, b.bytes, a.len) == 0);
}

static inline bool row_same(const envelope_row_t *a, const envelope_row_t *b)
{
    bool same = a->present == b->present && a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++)
        same = a->fields[i].kind == b->fields[i].kind &&
               slice_same(a->fields[i].name, b->fields[i].name) &&
               slice_same(a->fields[i].value, b->fields[i].value);
    return same;
}

static inline bool time_same(const envelope_time_t *a, const envelope_time_t *b)
{
    return a->ms == b->ms && a->us == b->us && a->ns == b->ns;
}

static inline bool source_same(const envelope_source_t *a, const envelope_source_t *b)
{
    return slice_same(a->version, b->version) && slice_same(a->connector, b->connector) &&
           slice_same(a->name, b->name) && slice_same(a->db, b->db) &&
           slice_same(a->schema, b->schema) && slice_same(a->table, b->table) &&
           slice_same(a->snapshot, b->snapshot) && a->lsn == b->lsn && a->txid == b->txid &&
           a->last_commit_lsn == b->last_commit_lsn && a->sequence_lsn == b->sequence_lsn &&
           time_same(&a->time, &b->time);
}

static inline bool envelope_same(const envelope_t *a, const envelope_t *b)
{
    return a->op == b->op && a->flattened == b->flattened && a->with_schema == b->with_schema &&
           row_same(&a->key, &b->key) && row_same(&a->before, &b->before) &&
           row_same(&a->after, &b->after) && source_same(&a->source, &b->source) &&
           slice_same(a->transaction.id, b->transaction.id) &&
           a->transaction.total_order == b->transaction.total_order &&
           a->transaction.data_collection_order == b->transaction.data_collection_order &&
           time_same(&a->time, &b->time);
}

#endif
