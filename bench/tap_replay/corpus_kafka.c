/* Messages as Debezium 3.6 writes them: model/encode/envelope makes the bytes. */
#include <stdlib.h>

#include "corpus.h"
#include "model/encode/envelope.h"
#include "row_values.h"

/* The transaction of the n-th commit; Debezium handles its changes 0.3 s and more later, and sends
 * them in batches of 300. */
static envelope_event_t event_of(const corpus_t *corpus, const corpus_change_t *change,
                                 const row_text_t *row)
{
    int64_t made_us = row_values_time_us(change->version), commit_us = made_us + 200;
    envelope_event_t event = {
        .op = change->version > 0 ? OP_UPDATE : OP_INSERT,
        .row = row,
        .timestamp_us = row_timestamp_us(&corpus->space, change->row),
        .commit_us = commit_us,
        .event_ns = (commit_us + 300000) * 1000 + (int64_t)(change->number % 1000) * 7123,
        .txn_id = (uint32_t)change->txn + 700,
        .lsn = CORPUS_FLOOR_LSN + change->number * 400,
        .last_commit_lsn = CORPUS_FLOOR_LSN - 1 + change->txn * 40000,
    };
    event.after = envelope_state(&corpus->space, change->row, change->version,
                                 change->version > 0 ? made_us : ENVELOPE_NEVER_UPDATED);
    if (change->version > 0)
        event.before = envelope_state(&corpus->space, change->row, change->version - 1,
                                      change->version > 1 ? row_values_time_us(change->version - 1)
                                                          : ENVELOPE_NEVER_UPDATED);
    return event;
}

static void put_message(corpus_t *corpus, const envelope_encoder_t *encoder,
                        const corpus_change_t *change)
{
    row_text_t row;
    row_text(&corpus->space, change->row, &row);
    envelope_event_t event = event_of(corpus, change, &row);
    char *to = buf_room(&corpus->bytes, envelope_key_max(encoder));
    corpus_need(to != NULL);
    corpus->bytes.len += envelope_key_write(encoder, &row, to);
    corpus_close(corpus);
    to = buf_room(&corpus->bytes, envelope_value_max(encoder));
    corpus_need(to != NULL);
    corpus->bytes.len += envelope_value_write(encoder, &event, to);
    corpus_close(corpus);
}

/* Once the bytes stay where they are. */
static void set_messages(corpus_t *corpus, size_t n)
{
    size_t from = 0;
    for (size_t i = 0; i < n; i++) {
        size_t value = corpus->ends[2 * i], end = corpus->ends[2 * i + 1];
        corpus->messages[i] = (kafka_message_t){
            .key = corpus->bytes.data + from,
            .key_len = value - from,
            .value = corpus->bytes.data + value,
            .value_len = end - value,
            .offset = (int64_t)i,
            .timestamp_ms = ROW_VALUES_START_US / 1000 + 1000 + (int64_t)(i / 300),
            .timestamp_kind = KAFKA_TIME_CREATE,
        };
        from = end;
    }
    corpus->n = n;
}

void corpus_make_kafka(corpus_t *corpus, uint64_t inserts, uint64_t updates, bool schemas)
{
    static const envelope_form_t form = {.server = "cdc",
                                         .database = "postgres",
                                         .version = ENVELOPE_VERSION,
                                         .user = ROW_VALUES_USER,
                                         .replica_identity_full = true};
    envelope_form_t wanted = form;
    wanted.schemas = schemas;
    *corpus = (corpus_t){.inserts = inserts, .updates = updates};
    size_t n = inserts + updates;
    row_space_init(&corpus->space, 42, KEY_UUID4);
    corpus->ends = calloc(2 * n, sizeof *corpus->ends);
    corpus->messages = calloc(n, sizeof *corpus->messages);
    envelope_encoder_t *encoder = envelope_encoder_new(&wanted);
    corpus_need(corpus->ends != NULL && corpus->messages != NULL && encoder != NULL);
    for (size_t i = 0; i < n; i++) {
        corpus_change_t change = corpus_change(corpus, i);
        put_message(corpus, encoder, &change);
    }
    envelope_encoder_free(encoder);
    set_messages(corpus, n);
}
