#include "model/encode/encode_envelope.h"

#include <string.h>

#include "model/encode/encode_envelope_internal.h"
#include "model/timestamp.h"

/* Values are copied as slots of this size: no word is longer (row_tables.h). */
#define VALUE_SLOT 48

/* What a message needs beside its pieces: numbers, values of two rows with their labels, the slots
 * that are copied past the end. */
#define VALUES_MAX (2 * (ROW_TEXT_MAX + TX_LOADED * sizeof(label_t)) + 1024)

#define LITERAL(at, text) (memcpy((at), (text), sizeof(text) - 1), (at) + sizeof(text) - 1)

static char *put(const envelope_encoder_t *encoder, piece_number_t number, char *at)
{
    const piece_t *piece = &encoder->pieces[number];
    memcpy(at, piece->bytes, piece->len);
    return at + piece->len;
}

/* A number's decimal digits, minus included, for writing it more than once. */
typedef struct {
    char bytes[24];
    size_t len;
} digits_t;

static void eight_digits(const row_tables_t *tables, uint32_t value, char out[8])
{
    uint32_t high = value / 10000, low = value % 10000;
    memcpy(out, tables->pairs[high / 100], 2);
    memcpy(out + 2, tables->pairs[high % 100], 2);
    memcpy(out + 4, tables->pairs[low / 100], 2);
    memcpy(out + 6, tables->pairs[low % 100], 2);
}

static digits_t digits_of(const row_tables_t *tables, uint64_t value)
{
    const uint64_t eight = 100000000;
    char all[24]; /* 2^64 has 20 digits */
    eight_digits(tables, (uint32_t)(value / eight / eight), all);
    eight_digits(tables, (uint32_t)(value / eight % eight), all + 8);
    eight_digits(tables, (uint32_t)(value % eight), all + 16);
    size_t zeros = value >= eight * eight ? 0 : value >= eight ? 8 : 16;
    while (zeros < sizeof all - 1 && all[zeros] == '0')
        zeros++;
    digits_t digits = {.len = sizeof all - zeros};
    memcpy(digits.bytes, all + zeros, digits.len);
    return digits;
}

/* All but the last `omitted` digits: a time in a larger unit, cut. */
static char *put_digits(const digits_t *digits, size_t omitted, char *at)
{
    memcpy(at, digits->bytes, sizeof digits->bytes);
    return digits->len > omitted ? at + digits->len - omitted : LITERAL(at, "0");
}

static char *put_number(const row_tables_t *tables, uint64_t value, char *at)
{
    digits_t digits = digits_of(tables, value);
    return put_digits(&digits, 0, at);
}

static char *put_signed(const row_tables_t *tables, int64_t value, char *at)
{
    if (value < 0)
        *at++ = '-';
    return put_number(tables, value < 0 ? 0 - (uint64_t)value : (uint64_t)value, at);
}

/* An amount of the row function comes out of the tables; those of what is rolled back do not. */
static char *put_amount(const row_tables_t *tables, uint32_t cents, char *at)
{
    if (cents - ROW_CENTS_MIN >= ROW_CENTS_COUNT)
        return at + row_amount_text(cents, at);
    const slot8_t *whole = &tables->wholes[cents / 100 - ROW_CENTS_MIN / 100];
    memcpy(at, whole->text, sizeof whole->text);
    memcpy(at + whole->len, tables->pairs[cents % 100], 2);
    return at + whole->len + 2;
}

static char *put_time(int64_t unix_us, char *at)
{
    return at + timestamp_write(unix_us, 'T', at);
}

/* {"new": 912.07, "old": 812.07}, where the update changed it. */
static char *put_change_info(const envelope_encoder_t *encoder, const envelope_state_t *state,
                             char *at)
{
    at = LITERAL(at, ",\"change_info\":\"{");
    if (state->cents != state->old_cents) {
        at = LITERAL(at, "\\\"amount\\\": {\\\"new\\\": ");
        at = put_amount(encoder->tables, state->cents, at);
        at = LITERAL(at, ", \\\"old\\\": ");
        at = put_amount(encoder->tables, state->old_cents, at);
        at = LITERAL(at, "}, ");
    }
    at = LITERAL(at, "\\\"modified_at\\\": \\\"");
    at = put_time(state->modified_at_us, at);
    return put(encoder, PIECE_CHANGE_INFO, at);
}

static char *put_key(const envelope_encoder_t *encoder, const row_text_t *row, char *at)
{
    const label_t *label = &encoder->labels[TX_TRANSACTION_ID];
    memcpy(at, label->bytes, sizeof label->bytes);
    at += label->len;
    memcpy(at, row->text, VALUE_SLOT);
    return at + ROW_KEY_LEN;
}

static char *put_row(const envelope_encoder_t *encoder, const envelope_event_t *event,
                     const envelope_state_t *state, char *at)
{
    const row_text_t *row = event->row;
    for (unsigned column = 0; column < TX_LOADED; column++) {
        const label_t *label = &encoder->labels[column];
        memcpy(at, label->bytes, sizeof label->bytes);
        at += label->len;
        if (column == TX_TIMESTAMP) {
            at = put_signed(encoder->tables, event->timestamp_us, at);
        } else if (column == TX_AMOUNT) {
            at = put_amount(encoder->tables, state->cents, at);
        } else {
            memcpy(at, row->text + row->start[column], VALUE_SLOT);
            at += row->start[column + 1] - row->start[column] - 1;
        }
    }
    if (state->modified_at_us == ENVELOPE_NEVER_UPDATED)
        return put(encoder, PIECE_NO_UPDATE, at);
    at = put(encoder, PIECE_MODIFIED, at);
    at = put_signed(encoder->tables, state->modified_at_us, at);
    return put_change_info(encoder, state, at);
}

/* What the log holds of the old row. */
static char *put_before(const envelope_encoder_t *encoder, const envelope_event_t *event, char *at)
{
    if (event->op != OP_INSERT && encoder->replica_identity_full)
        return put_row(encoder, event, &event->before, at);
    if (event->op == OP_DELETE)
        return put(encoder, PIECE_KEY_ONLY, put_key(encoder, event->row, at));
    return LITERAL(at, "null");
}

static char *put_source(const envelope_encoder_t *encoder, const envelope_event_t *event, char *at)
{
    const row_tables_t *tables = encoder->tables;
    digits_t commit = digits_of(tables, (uint64_t)event->commit_us);
    digits_t lsn = digits_of(tables, event->lsn);
    at = put(encoder, PIECE_SOURCE, at);
    at = put_digits(&commit, 3, at);
    at = put(encoder, PIECE_SNAPSHOT, at);
    if (event->last_commit_lsn == 0) {
        at = LITERAL(at, "null");
    } else {
        at = LITERAL(at, "\\\"");
        at = put_number(tables, event->last_commit_lsn, at);
        at = LITERAL(at, "\\\"");
    }
    at = LITERAL(at, ",\\\"");
    at = put_digits(&lsn, 0, at);
    at = LITERAL(at, "\\\"]\",\"ts_us\":");
    at = put_digits(&commit, 0, at);
    at = LITERAL(at, ",\"ts_ns\":");
    at = put_digits(&commit, 0, at);
    at = LITERAL(at, "000");
    at = put(encoder, PIECE_TABLE, at);
    at = put_number(tables, event->txn_id, at);
    at = LITERAL(at, ",\"lsn\":");
    at = put_digits(&lsn, 0, at);
    return LITERAL(at, ",\"xmin\":null,\"origin\":null,\"origin_lsn\":null}");
}

size_t envelope_key_max(const envelope_encoder_t *encoder)
{
    return encoder->pieces[PIECE_KEY_HEAD].len + sizeof(label_t) + VALUE_SLOT +
           encoder->pieces[PIECE_KEY_TAIL].len;
}

size_t envelope_value_max(const envelope_encoder_t *encoder)
{
    size_t bytes = VALUES_MAX;
    for (int number = PIECE_HEAD; number < PIECES; number++)
        bytes += 2 * encoder->pieces[number].len; /* a row's pieces stand in it twice */
    return bytes;
}

size_t envelope_key_write(const envelope_encoder_t *encoder, const row_text_t *row, char *out)
{
    char *at = put(encoder, PIECE_KEY_HEAD, out);
    at = put_key(encoder, row, at);
    return (size_t)(put(encoder, PIECE_KEY_TAIL, at) - out);
}

size_t envelope_value_write(const envelope_encoder_t *encoder, const envelope_event_t *event,
                            char *out)
{
    static const char letters[OP_COUNT] = {[OP_INSERT] = 'c', [OP_UPDATE] = 'u', [OP_DELETE] = 'd'};
    digits_t made = digits_of(encoder->tables, (uint64_t)event->event_ns);
    char *at = put(encoder, PIECE_HEAD, out);
    at = put_before(encoder, event, at);
    at = LITERAL(at, ",\"after\":");
    at = event->op == OP_DELETE ? LITERAL(at, "null") : put_row(encoder, event, &event->after, at);
    at = put_source(encoder, event, at);
    at = LITERAL(at, ",\"transaction\":null,\"op\":\"");
    *at++ = letters[event->op];
    at = LITERAL(at, "\",\"ts_ms\":");
    at = put_digits(&made, 6, at);
    at = LITERAL(at, ",\"ts_us\":");
    at = put_digits(&made, 3, at);
    at = LITERAL(at, ",\"ts_ns\":");
    at = put_digits(&made, 0, at);
    return (size_t)(put(encoder, PIECE_END, at) - out);
}

envelope_state_t envelope_state(const row_space_t *space, uint64_t row, uint32_t version,
                                int64_t modified_at_us)
{
    uint32_t before = (version % ROW_VERSIONS + ROW_VERSIONS - 1) % ROW_VERSIONS;
    return (envelope_state_t){.cents = row_amount_cents(space, row, version),
                              .old_cents = row_amount_cents(space, row, before),
                              .modified_at_us = modified_at_us};
}
