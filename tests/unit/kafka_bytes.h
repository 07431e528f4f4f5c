/*
 * kafka_bytes: makes what Debezium's connector writes of a row of `transactions` (JsonConverter
 * without schemas), for tests: envelopes and flattened rows, written out here and not by the
 * program's own encoder. Source of the forms: tests/envelopes. Out of memory is an assertion.
 */
#ifndef CDCBENCH_TESTS_KAFKA_BYTES_H
#define CDCBENCH_TESTS_KAFKA_BYTES_H

#include <inttypes.h>

#include "base/buf.h"
#include "model/change.h"
#include "model/row.h"

typedef struct {
    char op; /* as the envelope's: c, r, u, d, t … */
    uint64_t row;
    uint32_t from, to;               /* versions: of the old row, and of the new one */
    uint64_t txid, lsn, last_commit; /* 0: null */
    int64_t commit_us, event_us;     /* Unix µs; 0: not there */
    const char *table;               /* source.table; NULL: transactions */
} kafka_event_t;

static inline void kafka_key(buf_t *out, const row_space_t *space, uint64_t row)
{
    char key[ROW_KEY_LEN];
    row_key(space, row, key);
    buf_printf(out, "{\"transaction_id\":\"%.*s\"}", ROW_KEY_LEN, key);
}

/* The columns of a version of a row, as members of an object that is not closed. */
static inline void kafka_columns(buf_t *out, const row_space_t *space, uint64_t row,
                                 uint32_t version)
{
    row_text_t text;
    char amount[16];
    row_text(space, row, &text);
    amount[row_amount_text(row_amount_cents(space, row, version), amount)] = '\0';
    for (int c = 0; c < TX_LOADED; c++) {
        buf_printf(out, "%s\"%s\":", c == 0 ? "{" : ",", table_transactions.columns[c].name);
        if (c == TX_TIMESTAMP)
            buf_printf(out, "%" PRId64, row_timestamp_us(space, row));
        else if (c == TX_AMOUNT)
            buf_printf(out, "\"%s\"", amount);
        else
            buf_printf(out, "\"%.*s\"", text.start[c + 1] - text.start[c] - 1,
                       text.text + text.start[c]);
    }
    bool put = buf_puts(out, ",\"modified_by\":null,\"modified_at\":null,\"change_info\":null");
    assert_true(put);
}

static inline void kafka_number_or_null(buf_t *out, const char *name, uint64_t value)
{
    if (value == 0)
        buf_printf(out, ",\"%s\":null", name);
    else
        buf_printf(out, ",\"%s\":%" PRIu64, name, value);
}

static inline void kafka_source(buf_t *out, const kafka_event_t *event)
{
    buf_printf(out,
               ",\"source\":{\"version\":\"3.6.0.Final\",\"connector\":\"postgresql\","
               "\"name\":\"cdc\",\"snapshot\":\"%s\",\"db\":\"d\",\"schema\":\"public\","
               "\"table\":\"%s\"",
               event->op == 'r' ? "true" : "false",
               event->table != NULL ? event->table : "transactions");
    if (event->commit_us != 0)
        buf_printf(out, ",\"ts_ms\":%" PRId64 ",\"ts_us\":%" PRId64, event->commit_us / 1000,
                   event->commit_us);
    buf_printf(out, ",\"sequence\":\"[\\\"%" PRIu64 "\\\",\\\"%" PRIu64 "\\\"]\"",
               event->last_commit, event->lsn);
    kafka_number_or_null(out, "txId", event->txid);
    kafka_number_or_null(out, "lsn", event->lsn);
    assert_true(buf_puts(out, "}"));
}

/* REPLICA IDENTITY FULL: the old row is there as a whole. */
static inline void kafka_envelope(buf_t *out, const row_space_t *space, const kafka_event_t *event)
{
    buf_puts(out, "{\"before\":");
    if (event->op == 'u' || event->op == 'd') {
        kafka_columns(out, space, event->row, event->from);
        buf_puts(out, "}");
    } else {
        buf_puts(out, "null");
    }
    buf_puts(out, ",\"after\":");
    if (event->op == 'c' || event->op == 'r' || event->op == 'u') {
        kafka_columns(out, space, event->row, event->to);
        buf_puts(out, "}");
    } else {
        buf_puts(out, "null");
    }
    kafka_source(out, event);
    buf_printf(out, ",\"transaction\":null,\"op\":\"%c\"", event->op);
    if (event->event_us != 0)
        buf_printf(out, ",\"ts_ms\":%" PRId64 ",\"ts_us\":%" PRId64, event->event_us / 1000,
                   event->event_us);
    assert_true(buf_puts(out, "}"));
}

/* ExtractNewRecordState: the row alone, with such metadata ("" or ",\"__op\":\"u\"") behind it. */
static inline void kafka_flattened(buf_t *out, const row_space_t *space, uint64_t row,
                                   uint32_t version, const char *metadata)
{
    kafka_columns(out, space, row, version);
    assert_true(buf_printf(out, "%s}", metadata));
}

#endif
