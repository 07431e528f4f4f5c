#include "run/tap/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SILENT_NS NS_PER_S

typedef struct {
    merge_txn_t id;
    int64_t last_ns; /* receipt of its last event so far */
    tap_event_t *events;
    size_t n, cap;
} open_t;

struct merge {
    tap_t *tap;
    uint32_t ways;
    uint64_t come_to[TABLES_MAX]; /* the last commit before the transaction that a way is at */
    open_t **open;                /* in the order of the commits */
    size_t n, cap;
    open_t **spare; /* handed over, their room kept: as many as there is room for in `open` */
    size_t n_spare;
};

merge_t *merge_new(tap_t *tap, uint32_t ways)
{
    merge_t *merge = calloc(1, sizeof *merge);
    if (merge == NULL)
        return NULL;
    merge->tap = tap;
    merge->ways = ways;
    return merge;
}

static void open_free(open_t *txn)
{
    free(txn->events);
    free(txn);
}

void merge_free(merge_t *merge)
{
    if (merge == NULL)
        return;
    for (size_t i = 0; i < merge->n; i++)
        open_free(merge->open[i]);
    for (size_t i = 0; i < merge->n_spare; i++)
        open_free(merge->spare[i]);
    free(merge->open);
    free(merge->spare);
    free(merge);
}

void merge_come_to(merge_t *merge, uint32_t way, const merge_txn_t *txn)
{
    /* A restarted source steps back; what it sends again has been seen. */
    if (txn->last_commit > merge->come_to[way])
        merge->come_to[way] = txn->last_commit;
}

static int compare(const merge_txn_t *a, const merge_txn_t *b)
{
    if (a->last_commit != b->last_commit)
        return a->last_commit < b->last_commit ? -1 : 1;
    return a->txid == b->txid ? 0 : a->txid < b->txid ? -1 : 1;
}

static void *grown(void *items, size_t n, size_t size)
{
    void *more = realloc(items, n * size);
    if (more == NULL)
        abort();
    return more;
}

static open_t *take_spare(merge_t *merge)
{
    if (merge->n_spare > 0)
        return merge->spare[--merge->n_spare];
    open_t *txn = calloc(1, sizeof *txn);
    if (txn == NULL)
        abort();
    return txn;
}

/* The open transaction of that name, made if need be. Most come at the end. */
static open_t *find(merge_t *merge, const merge_txn_t *id)
{
    size_t low = 0, high = merge->n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = compare(&merge->open[middle]->id, id);
        if (order == 0)
            return merge->open[middle];
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (merge->n == merge->cap) {
        merge->cap = merge->cap == 0 ? 64 : merge->cap * 2;
        merge->open = grown(merge->open, merge->cap, sizeof *merge->open);
        merge->spare = grown(merge->spare, merge->cap, sizeof *merge->spare);
    }
    open_t *txn = take_spare(merge);
    txn->id = *id;
    txn->n = 0;
    memmove(merge->open + low + 1, merge->open + low, (merge->n - low) * sizeof *merge->open);
    merge->open[low] = txn;
    merge->n++;
    return txn;
}

void merge_add(merge_t *merge, const merge_txn_t *id, const tap_event_t *event)
{
    open_t *txn = find(merge, id);
    if (txn->n == txn->cap) {
        txn->cap = txn->cap == 0 ? 16 : txn->cap * 2;
        txn->events = grown(txn->events, txn->cap, sizeof *txn->events);
    }
    txn->events[txn->n++] = *event;
    txn->last_ns = event->way.receipt_ns;
}

static int by_position(const void *a, const void *b)
{
    uint64_t x = ((const tap_event_t *)a)->position, y = ((const tap_event_t *)b)->position;
    return x < y ? -1 : x > y;
}

/* The first in the log tells whose it is; the rest are measured as they came. */
static void hand_over(merge_t *merge, open_t *txn)
{
    size_t first = 0;
    for (size_t i = 1; i < txn->n; i++)
        if (by_position(&txn->events[i], &txn->events[first]) < 0)
            first = i;
    tap_measure_begin(merge->tap, txn->id.commit_us);
    tap_measure_whose(merge->tap, &txn->events[first]);
    for (size_t i = 0; i < txn->n; i++)
        tap_measure(merge->tap, &txn->events[i]);
    tap_end(merge->tap);
}

static bool is_whole(const merge_t *merge, const open_t *txn, int64_t now_ns)
{
    if (now_ns - txn->last_ns >= SILENT_NS)
        return true;
    for (uint32_t way = 0; way < merge->ways; way++)
        if (merge->come_to[way] <= txn->id.last_commit)
            return false;
    return true;
}

void merge_settle(merge_t *merge, int64_t now_ns, bool all)
{
    size_t done = 0;
    while (done < merge->n && (all || is_whole(merge, merge->open[done], now_ns))) {
        open_t *txn = merge->open[done++];
        hand_over(merge, txn);
        merge->spare[merge->n_spare++] = txn;
    }
    if (done == 0)
        return; /* `open` may not be there yet */
    merge->n -= done;
    memmove(merge->open, merge->open + done, merge->n * sizeof *merge->open);
}
