/* Frames as a walsender sends them: tests/unit/wal_bytes.h writes the bytes. */
#include <stdlib.h>

#include "corpus.h"
#include "row_values.h"
#include "unit/wal_bytes.h"

enum { RELATION = 16384 };

static void open_frame(corpus_t *corpus, uint64_t lsn, int64_t send_us)
{
    wal_int(&corpus->bytes, 'w', 1);
    wal_int(&corpus->bytes, lsn, 8);
    wal_int(&corpus->bytes, lsn, 8);
    wal_time(&corpus->bytes, send_us);
}

static void put_relation(corpus_t *corpus)
{
    wal_column_t columns[TX_COLUMNS];
    for (int c = 0; c < TX_COLUMNS; c++)
        columns[c] = (wal_column_t){table_transactions.columns[c].name, 25, true};
    open_frame(corpus, 0, ROW_VALUES_START_US);
    wal_relation(&corpus->bytes, RELATION, "public", "transactions", 'f', TX_COLUMNS, columns);
    corpus_close(corpus);
}

static void put_change(corpus_t *corpus, const corpus_change_t *change)
{
    static row_values_t before, after;
    row_values_make(&corpus->space, change->row, change->version, &after);
    uint64_t lsn = CORPUS_FLOOR_LSN + change->number * 400;
    open_frame(corpus, lsn, row_values_time_us(change->version) + 900);
    if (change->version > 0) {
        row_values_make(&corpus->space, change->row, change->version - 1, &before);
        wal_update(&corpus->bytes, RELATION, 'O', TX_COLUMNS, before.values, TX_COLUMNS,
                   after.values);
    } else {
        wal_insert(&corpus->bytes, RELATION, TX_COLUMNS, after.values);
    }
    corpus_close(corpus);
}

void corpus_make_wal(corpus_t *corpus, uint64_t inserts, uint64_t updates)
{
    *corpus = (corpus_t){.inserts = inserts, .updates = updates};
    size_t n = inserts + updates;
    row_space_init(&corpus->space, 42, KEY_UUID4);
    corpus->ends = calloc(3 * n + 1, sizeof *corpus->ends);
    corpus_need(corpus->ends != NULL);
    put_relation(corpus);
    for (size_t i = 0; i < n; i++) {
        corpus_change_t change = corpus_change(corpus, i);
        uint64_t commit_lsn = CORPUS_FLOOR_LSN + 40000 + change.txn * 800000;
        int64_t commit_us = row_values_time_us(change.version) + 200;
        if (change.begins) {
            open_frame(corpus, commit_lsn, commit_us + 500);
            wal_begin(&corpus->bytes, commit_lsn, commit_us, (uint32_t)change.txn + 700);
            corpus_close(corpus);
        }
        put_change(corpus, &change);
        if (change.ends) {
            open_frame(corpus, commit_lsn, commit_us + 900);
            wal_commit(&corpus->bytes, commit_lsn, commit_lsn + 48, commit_us);
            corpus_close(corpus);
        }
    }
}
