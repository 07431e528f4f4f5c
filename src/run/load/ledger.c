#include "run/load/ledger.h"

#include <assert.h>
#include <stdlib.h>

#define CHUNK_ENTRIES 1024u

/* How far ahead of a cursor a transaction is looked for. Behind a gap (a transaction that the tap
 * never saw) a search goes through it once; without one the head of a FIFO is the one wanted. */
#define SEARCH_ENTRIES 256u

typedef struct chunk {
    ledger_entry_t entries[CHUNK_ENTRIES];
    _Atomic uint32_t count;       /* published entries; the connection's thread */
    _Atomic(struct chunk *) next; /* set once, when this one is full */
    _Atomic uint32_t passed;      /* taps that need it no more */
} chunk_t;

/* The writer's end of a FIFO, on a cache line of its own. */
typedef struct {
    _Alignas(64) chunk_t *tail;
    chunk_t *first;
} fifo_t;

struct ledger {
    uint32_t connections, taps;
    uint64_t max_chunks;
    _Atomic uint64_t chunks, peak_chunks, dropped;
    _Atomic bool no_memory;
    fifo_t *fifos;
};

static chunk_t *chunk_new(ledger_t *ledger)
{
    if (atomic_fetch_add_explicit(&ledger->chunks, 1, memory_order_relaxed) >=
        ledger->max_chunks + ledger->connections) {
        atomic_fetch_sub_explicit(&ledger->chunks, 1, memory_order_relaxed);
        return NULL;
    }
    chunk_t *chunk = calloc(1, sizeof *chunk);
    if (chunk == NULL) {
        atomic_fetch_sub_explicit(&ledger->chunks, 1, memory_order_relaxed);
        atomic_store_explicit(&ledger->no_memory, true, memory_order_relaxed);
        return NULL;
    }
    uint64_t now = atomic_load_explicit(&ledger->chunks, memory_order_relaxed);
    uint64_t peak = atomic_load_explicit(&ledger->peak_chunks, memory_order_relaxed);
    while (now > peak &&
           !atomic_compare_exchange_weak_explicit(&ledger->peak_chunks, &peak, now,
                                                  memory_order_relaxed, memory_order_relaxed))
        ;
    return chunk;
}

static void chunk_pass(ledger_t *ledger, chunk_t *chunk)
{
    if (atomic_fetch_add_explicit(&chunk->passed, 1, memory_order_acq_rel) + 1 == ledger->taps) {
        free(chunk);
        atomic_fetch_sub_explicit(&ledger->chunks, 1, memory_order_relaxed);
    }
}

ledger_t *ledger_new(uint32_t connections, uint32_t taps, uint64_t max_entries)
{
    ledger_t *ledger = calloc(1, sizeof *ledger);
    if (ledger == NULL)
        return NULL;
    ledger->connections = connections;
    ledger->taps = taps;
    ledger->max_chunks = (max_entries + CHUNK_ENTRIES - 1) / CHUNK_ENTRIES;
    if (taps == 0)
        return ledger;
    ledger->fifos = aligned_alloc(64, connections * sizeof *ledger->fifos);
    if (ledger->fifos == NULL) {
        free(ledger);
        return NULL;
    }
    for (uint32_t i = 0; i < connections; i++)
        ledger->fifos[i] = (fifo_t){0};
    for (uint32_t i = 0; i < connections; i++) {
        ledger->fifos[i].tail = ledger->fifos[i].first = chunk_new(ledger);
        if (ledger->fifos[i].tail == NULL) {
            ledger_free(ledger);
            return NULL;
        }
    }
    return ledger;
}

void ledger_free(ledger_t *ledger)
{
    if (ledger == NULL)
        return;
    /* Readers have passed and freed all but each FIFO's last chunk; without readers (a run that
     * never began) that is the first one. */
    if (ledger->fifos != NULL)
        for (uint32_t i = 0; i < ledger->connections; i++)
            free(ledger->fifos[i].tail);
    free(ledger->fifos);
    free(ledger);
}

ledger_entry_t *ledger_append(ledger_t *ledger, uint32_t connection, const ledger_entry_t *entry)
{
    if (ledger->taps == 0)
        return NULL;
    fifo_t *fifo = &ledger->fifos[connection];
    uint32_t count = atomic_load_explicit(&fifo->tail->count, memory_order_relaxed);
    if (count == CHUNK_ENTRIES) {
        chunk_t *chunk = chunk_new(ledger);
        if (chunk == NULL) {
            if (!ledger_no_memory(ledger))
                atomic_fetch_add_explicit(&ledger->dropped, 1, memory_order_relaxed);
            return NULL;
        }
        /* Once next is published a tap may free the chunk left behind. */
        atomic_store_explicit(&fifo->tail->next, chunk, memory_order_release);
        fifo->tail = chunk;
        count = 0;
    }
    ledger_entry_t *slot = &fifo->tail->entries[count];
    slot->intended_ns = entry->intended_ns;
    slot->first_row = entry->first_row;
    slot->rows = entry->rows;
    slot->first_version = entry->first_version;
    slot->phase = entry->phase;
    slot->op = entry->op;
    atomic_store_explicit(&slot->acked_ns, LEDGER_UNACKED, memory_order_relaxed);
    atomic_store_explicit(&slot->first_end_ns, 0, memory_order_relaxed);
    atomic_store_explicit(&fifo->tail->count, count + 1, memory_order_release);
    return slot;
}

void ledger_close(ledger_entry_t *entry, int64_t acked_ns)
{
    if (entry != NULL)
        atomic_store_explicit(&entry->acked_ns, acked_ns, memory_order_release);
}

uint64_t ledger_live(const ledger_t *ledger)
{
    return atomic_load_explicit(&ledger->chunks, memory_order_relaxed) * CHUNK_ENTRIES;
}

uint64_t ledger_peak(const ledger_t *ledger)
{
    return atomic_load_explicit(&ledger->peak_chunks, memory_order_relaxed) * CHUNK_ENTRIES;
}

uint64_t ledger_dropped(const ledger_t *ledger)
{
    return atomic_load_explicit(&ledger->dropped, memory_order_relaxed);
}

bool ledger_no_memory(const ledger_t *ledger)
{
    return atomic_load_explicit(&ledger->no_memory, memory_order_relaxed);
}

/* Where a tap stands in a FIFO: `oldest` is the first chunk it still needs; `at`, `index` the next
 * entry it has not matched. */
typedef struct {
    chunk_t *oldest;
    chunk_t *at;
    uint32_t index;
} cursor_t;

struct ledger_reader {
    ledger_t *ledger;
    uint32_t last; /* the connection found last: the search starts behind it */
    cursor_t *cursors;
};

ledger_reader_t *ledger_reader_new(ledger_t *ledger)
{
    ledger_reader_t *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return NULL;
    reader->ledger = ledger;
    reader->cursors = calloc(ledger->connections, sizeof *reader->cursors);
    if (reader->cursors == NULL) {
        free(reader);
        return NULL;
    }
    for (uint32_t i = 0; i < ledger->connections; i++)
        reader->cursors[i].oldest = reader->cursors[i].at = ledger->fifos[i].first;
    return reader;
}

/* The entry at a place, or NULL when it is not published yet. Steps over the end of a full chunk.
 */
static ledger_entry_t *entry_at(chunk_t **at, uint32_t *index)
{
    if (*index == CHUNK_ENTRIES) {
        chunk_t *next = atomic_load_explicit(&(*at)->next, memory_order_acquire);
        if (next == NULL)
            return NULL;
        *at = next;
        *index = 0;
    }
    if (*index >= atomic_load_explicit(&(*at)->count, memory_order_acquire))
        return NULL;
    return &(*at)->entries[*index];
}

/* Looks through one FIFO, at most `most` entries from its cursor on; moves the cursor behind the
 * entry found. */
static ledger_entry_t *find_in(cursor_t *cursor, uint32_t most, op_t op, uint64_t row,
                               uint32_t version)
{
    chunk_t *at = cursor->at;
    uint32_t index = cursor->index;
    for (uint32_t looked = 0; looked < most;) {
        ledger_entry_t *entry = entry_at(&at, &index);
        if (entry == NULL)
            return NULL;
        index++;
        if (entry->first_row == row && entry->op == op && entry->first_version == version) {
            cursor->at = at;
            cursor->index = index;
            return entry;
        }
        if (atomic_load_explicit(&entry->acked_ns, memory_order_relaxed) != LEDGER_VOID)
            looked++;
    }
    return NULL;
}

ledger_entry_t *ledger_reader_find(ledger_reader_t *reader, op_t op, uint64_t row, uint32_t version,
                                   uint32_t *connection)
{
    static const uint32_t reach[] = {1, SEARCH_ENTRIES};
    uint32_t n = reader->ledger->connections;
    for (size_t pass = 0; pass < sizeof reach / sizeof *reach; pass++)
        for (uint32_t i = 1; i <= n; i++) {
            uint32_t c = (reader->last + i) % n;
            ledger_entry_t *found = find_in(&reader->cursors[c], reach[pass], op, row, version);
            if (found != NULL) {
                reader->last = c;
                *connection = c;
                return found;
            }
        }
    return NULL;
}

bool ledger_entry_ended(ledger_entry_t *entry, int64_t receipt_ns, int64_t *other_ns)
{
    *other_ns = 0;
    return !atomic_compare_exchange_strong_explicit(&entry->first_end_ns, other_ns, receipt_ns,
                                                    memory_order_relaxed, memory_order_relaxed);
}

void ledger_reader_pass(ledger_reader_t *reader, uint32_t connection)
{
    cursor_t *cursor = &reader->cursors[connection];
    while (cursor->oldest != cursor->at) {
        chunk_t *next = atomic_load_explicit(&cursor->oldest->next, memory_order_acquire);
        chunk_pass(reader->ledger, cursor->oldest);
        cursor->oldest = next;
    }
}

void ledger_reader_skip(ledger_reader_t *reader)
{
    for (uint32_t i = 0; i < reader->ledger->connections; i++) {
        cursor_t *cursor = &reader->cursors[i];
        chunk_t *next;
        while ((next = atomic_load_explicit(&cursor->at->next, memory_order_acquire)) != NULL) {
            cursor->at = next;
            cursor->index = 0;
        }
        ledger_reader_pass(reader, i);
    }
}

void ledger_reader_free(ledger_reader_t *reader)
{
    if (reader == NULL)
        return;
    ledger_reader_skip(reader);
    free(reader->cursors);
    free(reader);
}
