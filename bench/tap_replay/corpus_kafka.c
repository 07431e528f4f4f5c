/* Messages as Debezium 3.6 writes them: tests/envelopes has recorded ones. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "row_values.h"

static void put_string(buf_t *out, const char *text)
{
    corpus_need(buf_puts(out, "\""));
    for (; *text != '\0'; text++)
        corpus_need((*text != '"' || buf_puts(out, "\\")) && buf_put(out, text, 1));
    corpus_need(buf_puts(out, "\""));
}

static void put_row(buf_t *out, const row_values_t *row)
{
    for (int c = 0; c < TX_COLUMNS; c++) {
        corpus_need(
            buf_printf(out, "%c\"%s\":", c == 0 ? '{' : ',', table_transactions.columns[c].name));
        if (row->values[c] == NULL)
            corpus_need(buf_puts(out, "null"));
        else if (c == TX_TIMESTAMP || c == TX_MODIFIED_AT)
            corpus_need(buf_printf(out, "%" PRId64,
                                   c == TX_TIMESTAMP ? row->timestamp_us : row->modified_us));
        else
            put_string(out, row->values[c]);
    }
    corpus_need(buf_puts(out, "}"));
}

static void put_source(buf_t *out, const corpus_change_t *change, int64_t commit_us)
{
    uint64_t lsn = CORPUS_FLOOR_LSN + change->number * 400;
    uint64_t last_commit = CORPUS_FLOOR_LSN - 1 + (change->txn > 0 ? change->txn * 40000 : 0);
    corpus_need(buf_printf(
        out,
        ",\"source\":{\"version\":\"3.6.0.Final\",\"connector\":\"postgresql\",\"name\":\"cdc\","
        "\"ts_ms\":%" PRId64
        ",\"snapshot\":\"false\",\"db\":\"postgres\",\"sequence\":\"[\\\"%" PRIu64
        "\\\",\\\"%" PRIu64 "\\\"]\",\"ts_us\":%" PRId64 ",\"ts_ns\":%" PRId64
        "000,\"schema\":\"public\",\"table\":\"transactions\",\"txId\":%" PRIu64 ",\"lsn\":%" PRIu64
        ",\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,",
        commit_us / 1000, last_commit, lsn, commit_us, commit_us, change->txn + 700, lsn));
}

static void put_value(corpus_t *corpus, const corpus_change_t *change)
{
    static row_values_t before, after;
    buf_t *out = &corpus->bytes;
    row_values_make(&corpus->space, change->row, change->version, &after);
    corpus_need(buf_puts(out, "{\"before\":"));
    if (change->version > 0) {
        row_values_make(&corpus->space, change->row, change->version - 1, &before);
        put_row(out, &before);
    } else {
        corpus_need(buf_puts(out, "null"));
    }
    corpus_need(buf_puts(out, ",\"after\":"));
    put_row(out, &after);
    int64_t commit_us = row_values_time_us(change->version) + 200;
    put_source(out, change, commit_us);
    int64_t debezium_us = commit_us + 300000 + (int64_t)(change->number % 1000) * 7;
    corpus_need(buf_printf(
        out, "\"op\":\"%c\",\"ts_ms\":%" PRId64 ",\"ts_us\":%" PRId64 ",\"ts_ns\":%" PRId64 "%03d}",
        change->version > 0 ? 'u' : 'c', debezium_us / 1000, debezium_us, debezium_us,
        (int)(change->number % 1000)));
}

static void put_key(corpus_t *corpus, const corpus_change_t *change)
{
    char key[ROW_KEY_LEN];
    row_key(&corpus->space, change->row, key);
    corpus_need(buf_puts(&corpus->bytes, "{\"transaction_id\":\"") &&
                buf_put(&corpus->bytes, key, sizeof key) && buf_puts(&corpus->bytes, "\"}"));
}

void corpus_make_kafka(corpus_t *corpus, uint64_t inserts, uint64_t updates, const char *schema)
{
    *corpus = (corpus_t){.inserts = inserts, .updates = updates};
    size_t n = inserts + updates;
    row_space_init(&corpus->space, 42, KEY_UUID4);
    corpus->ends = calloc(2 * n, sizeof *corpus->ends);
    corpus->messages = calloc(n, sizeof *corpus->messages);
    corpus_need(corpus->ends != NULL && corpus->messages != NULL);
    for (size_t i = 0; i < n; i++) {
        corpus_change_t change = corpus_change(corpus, i);
        put_key(corpus, &change);
        corpus_close(corpus);
        corpus_need(schema == NULL || buf_puts(&corpus->bytes, schema));
        put_value(corpus, &change);
        corpus_need(schema == NULL || buf_puts(&corpus->bytes, "}"));
        corpus_close(corpus);
        corpus->messages[i] = (kafka_message_t){
            .offset = (int64_t)i,
            .timestamp_ms = row_values_time_us(change.version) / 1000 + 700 + (int64_t)(i / 300),
            .timestamp_kind = KAFKA_TIME_CREATE,
        };
    }
    for (size_t i = 0; i < n; i++) {
        size_t from = i > 0 ? corpus->ends[2 * i - 1] : 0;
        size_t value = corpus->ends[2 * i], end = corpus->ends[2 * i + 1];
        corpus->messages[i].key = corpus->bytes.data + from;
        corpus->messages[i].key_len = value - from;
        corpus->messages[i].value = corpus->bytes.data + value;
        corpus->messages[i].value_len = end - value;
    }
    corpus->n = n;
}
