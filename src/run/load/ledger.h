/*
 * ledger: what was sent, and when: one FIFO a connection, an entry a transaction, in send order.
 * The connection's thread appends and acknowledges; each tap walks every FIFO with cursors of its
 * own and so finds the transaction that an event belongs to. An entry lives until every tap has
 * passed it. No locks: entries are published by a release store of their chunk's count.
 *
 *   connection 3:  [chunk: 1024 entries] ─▶ [chunk] ─▶ [chunk, being filled]
 *                     ▲ kafka's cursor         ▲ wal's cursor
 *
 * A chunk is freed by the tap that passes it last.
 */
#ifndef CDCBENCH_RUN_LOAD_LEDGER_H
#define CDCBENCH_RUN_LOAD_LEDGER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "model/change.h"

#define LEDGER_UNACKED INT64_C(0)
#define LEDGER_VOID    INT64_C(-1) /* undone: the server refused it; no tap will see it */

typedef struct {
    int64_t intended_ns;      /* CLOCK_MONOTONIC */
    _Atomic int64_t acked_ns; /* LEDGER_UNACKED, LEDGER_VOID, or when it was acknowledged */
    _Atomic int64_t
        first_end_ns;   /* when the first of two taps had its last event; 0: neither has */
    uint64_t first_row; /* the row of its first change … */
    uint32_t rows;
    uint16_t first_version; /* … and the version that this change makes; 0: it is a delete */
    uint8_t phase;
    uint8_t op; /* op_t of the first change */
} ledger_entry_t;

typedef struct ledger ledger_t;

/* `taps` 0: nothing is kept, and ledger_append returns NULL. `max_entries` bounds all FIFOs
 * together. NULL when memory is out. */
ledger_t *ledger_new(uint32_t connections, uint32_t taps, uint64_t max_entries);
void ledger_free(ledger_t *ledger); /* after all threads have been joined */

/* The connection's thread, before the first byte of the transaction is sent. NULL when the ledger
 * is full (counted in ledger_dropped), memory is out (ledger_no_memory), or nothing is kept. */
ledger_entry_t *ledger_append(ledger_t *ledger, uint32_t connection, const ledger_entry_t *entry);

/* The connection's thread; NULL entry: nothing. After this call the entry is no more the writer's.
 */
void ledger_close(ledger_entry_t *entry, int64_t acked_ns);

uint64_t ledger_live(const ledger_t *ledger);    /* entries held now, in whole chunks; any thread */
uint64_t ledger_peak(const ledger_t *ledger);    /* the most there ever were */
uint64_t ledger_dropped(const ledger_t *ledger); /* transactions that found it full */
bool ledger_no_memory(const ledger_t *ledger);   /* memory for an entry was out, once at least */

/* A tap's walk over all FIFOs. One thread. */
typedef struct ledger_reader ledger_reader_t;
ledger_reader_t *ledger_reader_new(ledger_t *ledger); /* NULL when memory is out */

/* A tap has the last event of the entry's transaction. True when the other of two taps had it
 * before: then *other_ns is when. */
bool ledger_entry_ended(ledger_entry_t *entry, int64_t receipt_ns, int64_t *other_ns);
void ledger_reader_free(ledger_reader_t *reader); /* skips what is left */

/* The entry whose first change is this one, and its connection; it and all before it in its FIFO
 * are then behind the cursor, but the entry found stays readable until ledger_reader_pass is called
 * for that connection. NULL when there is none within a bounded search: not this run's, or dropped.
 */
ledger_entry_t *ledger_reader_find(ledger_reader_t *reader, op_t op, uint64_t row, uint32_t version,
                                   uint32_t *connection);

/* Gives up all that was written so far but each FIFO's last chunk: for a tap that has ended early,
 * so that it holds nothing back. All entries of a full chunk are closed: a connection has one
 * transaction at a time under way. */
void ledger_reader_skip(ledger_reader_t *reader);

/* This tap needs nothing behind the cursor of that connection any more. */
void ledger_reader_pass(ledger_reader_t *reader, uint32_t connection);

#endif
