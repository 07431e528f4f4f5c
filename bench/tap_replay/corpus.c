#include "corpus.h"

#include <stdio.h>
#include <stdlib.h>

void corpus_need(bool good)
{
    if (!good) {
        fprintf(stderr, "tap_replay: memory is out\n");
        exit(1);
    }
}

/* Updates walk over the rows in an order of their own: 7919 is prime. */
corpus_change_t corpus_change(const corpus_t *corpus, uint64_t number)
{
    bool update = number >= corpus->inserts;
    uint64_t at = update ? number - corpus->inserts : number;
    uint64_t per_txn = update ? CORPUS_UPDATES_PER_TXN : CORPUS_INSERTS_PER_TXN;
    uint64_t all = update ? corpus->updates : corpus->inserts;
    uint64_t insert_txns = (corpus->inserts + CORPUS_INSERTS_PER_TXN - 1) / CORPUS_INSERTS_PER_TXN;
    return (corpus_change_t){
        .number = number,
        .row = update ? at * 7919 % corpus->inserts : at,
        .version = update ? (uint32_t)(at / corpus->inserts) + 1 : 0,
        .begins = at % per_txn == 0,
        .ends = at % per_txn == per_txn - 1 || at == all - 1,
        .txn = at / per_txn + (update ? insert_txns : 0),
    };
}

void corpus_close(corpus_t *corpus)
{
    corpus->ends[corpus->n++] = corpus->bytes.len;
}

void corpus_free(corpus_t *corpus)
{
    buf_free(&corpus->bytes);
    free(corpus->ends);
    free(corpus->messages);
}
