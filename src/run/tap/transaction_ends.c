#include "run/tap/transaction_ends.h"

#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/format/transaction_meta.h"
#include "model/table.h"

#define CAP_AT_FIRST 1024

typedef struct {
    uint64_t seen, told;
} count_t;

/* A transaction; txid 0: the place is free. */
typedef struct {
    uint64_t txid;
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

    unsigned char *places; /* txn_t each; open addressing, linear */
    size_t size;           /* of one */
    size_t cap, n;         /* cap is a power of two; at most half of them are taken */
    uint64_t n_agreeing;   /* of the n */
    uint64_t *recent;      /* a ring of the last that agreed, by number */
    size_t n_recent, next_recent;

    uint64_t agree, repeated, unreadable, nameless;
    bool overflowed;
    _Atomic uint64_t read, waiting;
};

static txn_t *place(const transaction_ends_t *ends, size_t i)
{
    return (txn_t *)(void *)(ends->places + i * ends->size);
}

transaction_ends_t *transaction_ends_new(const char *const *collections, uint32_t n_tables,
                                         uint64_t floor_lsn)
{
    transaction_ends_t *ends = calloc(1, sizeof *ends);
    if (ends == NULL)
        return NULL;
    ends->collections = collections;
    ends->n_tables = n_tables;
    ends->floor_lsn = floor_lsn;
    ends->size = sizeof(txn_t) + n_tables * sizeof(count_t);
    ends->cap = CAP_AT_FIRST;
    ends->places = calloc(ends->cap, ends->size);
    ends->recent = calloc(TRANSACTION_ENDS_RECENT, sizeof *ends->recent);
    ends->reader = transaction_reader_new();
    if (ends->places == NULL || ends->recent == NULL || ends->reader == NULL) {
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
    free(ends->places);
    free(ends->recent);
    free(ends);
}

/* ---- the table ------------------------------------------------------------------------------ */

/* Fibonacci hashing: the numbers are consecutive. */
static size_t home(const transaction_ends_t *ends, uint64_t txid)
{
    return (size_t)((txid * UINT64_C(0x9E3779B97F4A7C15)) >> 32) & (ends->cap - 1);
}

/* Where it is, or the free place where it belongs. */
static txn_t *find(const transaction_ends_t *ends, uint64_t txid)
{
    size_t i = home(ends, txid);
    while (place(ends, i)->txid != 0 && place(ends, i)->txid != txid)
        i = (i + 1) & (ends->cap - 1);
    return place(ends, i);
}

static bool grow(transaction_ends_t *ends)
{
    unsigned char *old = ends->places, *more = calloc(ends->cap * 2, ends->size);
    size_t old_cap = ends->cap;
    if (more == NULL)
        return false;
    ends->places = more;
    ends->cap = old_cap * 2;
    for (size_t i = 0; i < old_cap; i++) {
        const txn_t *txn = (const txn_t *)(const void *)(old + i * ends->size);
        if (txn->txid != 0)
            memcpy(find(ends, txn->txid), txn, ends->size);
    }
    free(old);
    return true;
}

/* NULL: there is no room for it. */
static txn_t *find_or_make(transaction_ends_t *ends, uint64_t txid)
{
    txn_t *txn = find(ends, txid);
    if (txn->txid != 0)
        return txn;
    if (ends->n - ends->n_agreeing >= TRANSACTION_ENDS_OPEN_MAX ||
        (ends->n * 2 >= ends->cap && !grow(ends))) {
        ends->overflowed = true;
        return NULL;
    }
    txn = find(ends, txid);
    txn->txid = txid;
    ends->n++;
    return txn;
}

/* Frees its place, and moves up what had given way to it. */
static void forget(transaction_ends_t *ends, txn_t *txn)
{
    size_t mask = ends->cap - 1;
    size_t hole = (size_t)((unsigned char *)txn - ends->places) / ends->size;
    for (size_t i = (hole + 1) & mask; place(ends, i)->txid != 0; i = (i + 1) & mask) {
        size_t from_home = (i - home(ends, place(ends, i)->txid)) & mask;
        if (from_home >= ((i - hole) & mask)) {
            memcpy(place(ends, hole), place(ends, i), ends->size);
            hole = i;
        }
    }
    memset(place(ends, hole), 0, ends->size);
    ends->n--;
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
    txn_t *txn = oldest == 0 || oldest == txid ? NULL : find(ends, oldest);
    if (txn != NULL && txn->txid != 0 && txn->agrees) {
        forget(ends, txn);
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
    atomic_store_explicit(&ends->waiting, ends->n - ends->n_agreeing, memory_order_relaxed);
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
    if (all == 0 && any == 0 && find(ends, txid)->txid == 0)
        return;
    atomic_fetch_add_explicit(&ends->read, 1, memory_order_relaxed);
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
    return atomic_load_explicit(&ends->read, memory_order_relaxed);
}

uint64_t transaction_ends_waiting(const transaction_ends_t *ends)
{
    return atomic_load_explicit(&ends->waiting, memory_order_relaxed);
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
    for (size_t i = 0; i < ends->cap; i++) {
        const txn_t *txn = place(ends, i);
        if (txn->txid == 0 || txn->agrees)
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
