#include "run/tap/transaction_ends.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/counter.h"
#include "base/hash_table.h"
#include "kafka/format/transaction_meta.h"
#include "model/table.h"

typedef struct {
    uint64_t seen, told;
} count_t;

typedef struct {
    uint64_t txid; /* the key */
    uint64_t
        told; /* of all the run's tables together: the END's event_count, less those of others */
    bool has_end, agrees;
    count_t of[]; /* each of the run's tables */
} txn_t;

struct transaction_ends {
    const char *const *collections;
    uint32_t n_tables;
    uint64_t floor_lsn;
    transaction_reader_t *reader;

    hash_table_t txns;   /* txn_t each */
    uint64_t n_agreeing; /* of them */
    uint64_t *recent;    /* a ring of the last that agreed, by number */
    size_t n_recent, next_recent;

    uint64_t agree, repeated, unreadable, nameless;
    bool overflowed;
    counter_t read, waiting;
};

transaction_ends_t *transaction_ends_new(const char *const *collections, uint32_t n_tables,
                                         uint64_t floor_lsn)
{
    transaction_ends_t *ends = calloc(1, sizeof *ends);
    if (ends == NULL)
        return NULL;
    ends->collections = collections;
    ends->n_tables = n_tables;
    ends->floor_lsn = floor_lsn;
    ends->txns.item_bytes = sizeof(txn_t) + n_tables * sizeof(count_t);
    ends->recent = calloc(TRANSACTION_ENDS_RECENT, sizeof *ends->recent);
    ends->reader = transaction_reader_new();
    if (ends->recent == NULL || ends->reader == NULL) {
        transaction_ends_free(ends);
        return NULL;
    }
    return ends;
}

void transaction_ends_free(transaction_ends_t *ends)
{
    if (ends == NULL)
        return;
    transaction_reader_free(ends->reader);
    hash_table_free(&ends->txns);
    free(ends->recent);
    free(ends);
}

/* NULL: there is no room for it. */
static txn_t *find_or_make(transaction_ends_t *ends, uint64_t txid)
{
    txn_t *txn = hash_table_find(&ends->txns, txid);
    if (txn == NULL && ends->txns.n - ends->n_agreeing < TRANSACTION_ENDS_OPEN_MAX)
        txn = hash_table_add(&ends->txns, txid);
    ends->overflowed = ends->overflowed || txn == NULL;
    return txn;
}

/* ---- agreeing ------------------------------------------------------------------------------- */

static uint64_t seen_in_all(const transaction_ends_t *ends, const txn_t *txn)
{
    uint64_t seen = 0;
    for (uint32_t t = 0; t < ends->n_tables; t++)
        seen += txn->of[t].seen;
    return seen;
}

static bool counts_agree(const transaction_ends_t *ends, const txn_t *txn)
{
    bool agree = txn->has_end && txn->told == seen_in_all(ends, txn);
    for (uint32_t t = 0; agree && t < ends->n_tables; t++)
        agree = txn->of[t].seen == txn->of[t].told;
    return agree;
}

/* Into the ring, and the oldest out of it, unless something has come of that one since. */
static void remember(transaction_ends_t *ends, uint64_t txid)
{
    uint64_t *slot = &ends->recent[ends->next_recent];
    uint64_t oldest = *slot;
    *slot = txid;
    ends->next_recent = (ends->next_recent + 1) % TRANSACTION_ENDS_RECENT;
    txn_t *txn = oldest == 0 || oldest == txid ? NULL : hash_table_find(&ends->txns, oldest);
    if (txn != NULL && txn->agrees) {
        hash_table_remove(&ends->txns, txn);
        ends->n_agreeing--;
    }
}

/* After anything has come of it. The pointer is good no longer then. */
static void settle(transaction_ends_t *ends, txn_t *txn)
{
    bool agreed = txn->agrees;
    txn->agrees = counts_agree(ends, txn);
    if (txn->agrees && !agreed) {
        ends->n_agreeing++;
        ends->agree++;
        remember(ends, txn->txid);
    } else if (agreed && !txn->agrees) {
        ends->n_agreeing--;
        ends->agree--;
    }
    relaxed_set(&ends->waiting, ends->txns.n - ends->n_agreeing);
}

/* ---- what comes ----------------------------------------------------------------------------- */

/* A flattened row has no transaction block, but can have been given its source's. */
static uint64_t txid_of(const envelope_t *envelope)
{
    uint64_t txid, lsn;
    if (transaction_id_read(&envelope->transaction.id, &txid, &lsn))
        return txid;
    return envelope->flattened ? envelope->source.txid : 0;
}

void transaction_ends_event(transaction_ends_t *ends, const envelope_t *envelope, uint32_t table)
{
    if (envelope_is_snapshot(envelope))
        return;
    uint64_t txid = txid_of(envelope);
    if (txid == 0) {
        ends->nameless++;
        return;
    }
    txn_t *txn = find_or_make(ends, txid);
    if (txn == NULL)
        return;
    txn->of[table].seen++;
    settle(ends, txn);
}

/* The number of the run's table of that name, or -1. */
static int table_of(const transaction_ends_t *ends, const slice_t *name)
{
    for (uint32_t t = 0; t < ends->n_tables; t++)
        if (strlen(ends->collections[t]) == name->len &&
            memcmp(ends->collections[t], name->bytes, name->len) == 0)
            return (int)t;
    return -1;
}

/* Its counts by table, into told[], and all of them together. */
static uint64_t sort_counts(const transaction_ends_t *ends, const transaction_meta_t *meta,
                            uint64_t *told)
{
    uint64_t all = meta->event_count;
    for (size_t i = 0; i < meta->n_collections; i++) {
        const transaction_collection_t *one = &meta->collections[i];
        int table = table_of(ends, &one->name);
        if (table >= 0)
            told[table] += one->event_count;
        else
            all -= one->event_count < all ? one->event_count : all;
    }
    return all;
}

static void take_end(transaction_ends_t *ends, uint64_t txid, const transaction_meta_t *meta)
{
    uint64_t told[TABLES_MAX] = {0}, any = 0;
    uint64_t all = sort_counts(ends, meta, told);
    for (uint32_t t = 0; t < ends->n_tables; t++)
        any |= told[t];
    /* Most transactions of a server are not of this run: they are not to be kept. */
    if (all == 0 && any == 0 && hash_table_find(&ends->txns, txid) == NULL)
        return;
    counter_add(&ends->read, 1);
    txn_t *txn = find_or_make(ends, txid);
    if (txn == NULL)
        return;
    ends->repeated += txn->has_end;
    txn->has_end = true;
    txn->told = all;
    for (uint32_t t = 0; t < ends->n_tables; t++)
        txn->of[t].told = told[t];
    settle(ends, txn);
}

void transaction_ends_record(transaction_ends_t *ends, const char *value, size_t len)
{
    transaction_meta_t meta;
    uint64_t txid = 0, lsn = 0;
    bool read = transaction_meta_read(ends->reader, value, len, &meta, NULL);
    if (read && meta.status != TRANSACTION_END)
        return;
    if (!read || !transaction_id_read(&meta.id, &txid, &lsn)) {
        ends->unreadable++;
        return;
    }
    if (lsn == 0 || lsn >= ends->floor_lsn)
        take_end(ends, txid, &meta);
}

uint64_t transaction_ends_read(const transaction_ends_t *ends)
{
    return counter_get(&ends->read);
}

uint64_t transaction_ends_waiting(const transaction_ends_t *ends)
{
    return counter_get(&ends->waiting);
}

/* ---- the result ----------------------------------------------------------------------------- */

/* Keeps those of the lowest numbers, in their order. */
static void keep(end_counts_t *out, const end_fault_t *fault)
{
    size_t at = out->n_kept;
    while (at > 0 && out->kept[at - 1].txid > fault->txid)
        at--;
    if (at == END_FAULTS_KEPT)
        return;
    if (out->n_kept < END_FAULTS_KEPT)
        out->n_kept++;
    memmove(&out->kept[at + 1], &out->kept[at], (out->n_kept - at - 1) * sizeof *out->kept);
    out->kept[at] = *fault;
}

/* Each table's count that is not what was seen, and the whole where it does not follow from them.
 */
static void keep_all(const transaction_ends_t *ends, const txn_t *txn, end_fault_kind_t kind,
                     end_counts_t *out)
{
    uint64_t sum = 0;
    end_fault_t fault = {.kind = kind, .txid = txn->txid};
    for (uint32_t t = 0; t < ends->n_tables; t++) {
        const count_t *count = &txn->of[t];
        sum += count->told;
        if (count->told == count->seen)
            continue;
        snprintf(fault.collection, sizeof fault.collection, "%s", ends->collections[t]);
        fault.told = count->told;
        fault.seen = count->seen;
        keep(out, &fault);
    }
    if (sum == txn->told)
        return;
    fault.collection[0] = '\0';
    fault.told = txn->told;
    fault.seen = seen_in_all(ends, txn);
    keep(out, &fault);
}

/* More events than are counted can be no matter of time. */
static bool is_beyond(const transaction_ends_t *ends, const txn_t *txn)
{
    bool beyond = seen_in_all(ends, txn) > txn->told;
    for (uint32_t t = 0; t < ends->n_tables; t++)
        beyond = beyond || txn->of[t].seen > txn->of[t].told;
    return txn->has_end && beyond;
}

void transaction_ends_result(const transaction_ends_t *ends, bool complete, end_counts_t *out)
{
    *out = (end_counts_t){.measured = ends->nameless == 0,
                          .nameless = ends->nameless,
                          .ends = transaction_ends_read(ends),
                          .agree = ends->agree,
                          .repeated = ends->repeated,
                          .unreadable = ends->unreadable,
                          .overflowed = ends->overflowed};
    size_t at = 0;
    for (const txn_t *txn; (txn = hash_table_next(&ends->txns, &at)) != NULL;) {
        if (txn->agrees)
            continue;
        if (!complete && !is_beyond(ends, txn)) {
            out->undecided++;
            continue;
        }
        end_fault_kind_t kind = !txn->has_end                 ? END_MISSING
                                : seen_in_all(ends, txn) == 0 ? END_UNSEEN
                                                              : END_DIFFERS;
        out->faults[kind]++;
        keep_all(ends, txn, kind, out);
    }
}
