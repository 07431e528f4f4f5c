#include "model/encode/envelope.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/timestamp.h"

/* A text that stands in every message. */
typedef struct {
    char *bytes; /* owned */
    size_t len;
} piece_t;

typedef enum {
    PIECE_KEY_HEAD,    /* a key, up to its first brace of columns */
    PIECE_KEY_TAIL,    /* … and behind its value */
    PIECE_HEAD,        /* a value, up to that of "before" */
    PIECE_SOURCE,      /* from behind "after"'s value to that of the source's ts_ms */
    PIECE_SNAPSHOT,    /* … to the first position of its sequence */
    PIECE_TABLE,       /* … to its txId, from behind its ts_ns */
    PIECE_END,         /* from behind ts_ns */
    PIECE_NO_UPDATE,   /* the triggers' columns of a row that was never updated, and the brace */
    PIECE_MODIFIED,    /* from behind the last loaded column to modified_at's value */
    PIECE_CHANGE_INFO, /* from behind change_info's time to the brace */
    PIECE_KEY_ONLY,    /* the columns of an old row of which only the key is known, and the brace */
    PIECES
} piece_number_t;

/* What stands before a column's value: short enough to be copied as one slot. */
typedef struct {
    char bytes[31];
    uint8_t len;
} label_t;

struct envelope_encoder {
    bool replica_identity_full;
    const row_tables_t *tables; /* the process's; not owned */
    label_t labels[TX_LOADED];
    piece_t pieces[PIECES];
};

/* ---- an encoder's constant texts, the schemas among them: made once, slowly */

/* A text under way. Once memory was out it stays failed: looked at when the text is taken. */
typedef struct {
    buf_t buf;
    bool failed;
} draft_t;

static void say(draft_t *draft, const char *text)
{
    draft->failed |= !buf_puts(&draft->buf, text);
}

/* The content of a JSON string as Jackson writes it (JsonStringEncoder): UTF-8 as it is. */
static void say_escaped(draft_t *draft, const char *text)
{
    static const char plain[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    for (; *text != '\0'; text++) {
        const char *special = strchr(plain, *text);
        if (special != NULL)
            draft->failed |= !buf_printf(&draft->buf, "\\%c", letters[special - plain]);
        else if ((unsigned char)*text < ' ')
            draft->failed |= !buf_printf(&draft->buf, "\\u%04X", (unsigned)*text);
        else
            draft->failed |= !buf_put(&draft->buf, text, 1);
    }
}

static bool take(draft_t *draft, envelope_encoder_t *encoder, piece_number_t number)
{
    piece_t *piece = &encoder->pieces[number];
    piece->len = draft->buf.len;
    piece->bytes = malloc(piece->len + 1);
    if (draft->failed || piece->bytes == NULL)
        return false;
    memcpy(piece->bytes, buf_text(&draft->buf), piece->len + 1);
    buf_clear(&draft->buf);
    return true;
}

/* ---- schemas: Connect's JsonConverter.asJsonSchema */

/* A field of a struct; `named`: name, version and parameters of a logical type, with a comma
 * behind; NULL: none. */
typedef struct {
    const char *type;
    bool optional;
    const char *name, *named;
} schema_field_t;

/* {"type":…,"optional":…,NAMED"field":…} for each, commas between. */
static void say_fields(draft_t *draft, const schema_field_t *fields, size_t n)
{
    for (size_t i = 0; i < n; i++)
        draft->failed |=
            !buf_printf(&draft->buf, "%s{\"type\":\"%s\",\"optional\":%s,%s\"field\":\"%s\"}",
                        i > 0 ? "," : "", fields[i].type, fields[i].optional ? "true" : "false",
                        fields[i].named != NULL ? fields[i].named : "", fields[i].name);
}

#define LOGICAL(name) "\"name\":\"" name "\",\"version\":1,"
#define STRUCT_BEGIN  "{\"type\":\"struct\",\"fields\":["

/* A column's type as the connector maps it, with decimal.handling.mode=string. */
static void say_column_field(draft_t *draft, const column_t *column)
{
    schema_field_t field = {"string", column->role != ROLE_KEY, column->name, NULL};
    if (strcmp(column->sql_type, "timestamp") == 0) {
        field.type = "int64";
        field.named = LOGICAL("io.debezium.time.MicroTimestamp");
    } else if (strcmp(column->sql_type, "jsonb") == 0) {
        field.named = LOGICAL("io.debezium.data.Json");
    }
    say_fields(draft, &field, 1);
}

/* The end of a struct's schema: its name, "cdc.public.transactions.Value". */
static void say_struct_end(draft_t *draft, bool optional, const char *server, const char *name,
                           const char *rest)
{
    draft->failed |=
        !buf_printf(&draft->buf, "],\"optional\":%s,\"name\":\"", optional ? "true" : "false");
    say_escaped(draft, server);
    draft->failed |=
        !buf_printf(&draft->buf, ".public.%s.%s\"%s}", table_transactions.name, name, rest);
}

static void say_row_schema(draft_t *draft, const char *server, const char *rest)
{
    say(draft, STRUCT_BEGIN);
    for (size_t column = 0; column < TX_COLUMNS; column++) {
        say(draft, column == 0 ? "" : ",");
        say_column_field(draft, &table_transactions.columns[column]);
    }
    say_struct_end(draft, true, server, "Value", rest);
}

static void say_source_schema(draft_t *draft)
{
    static const char snapshot[] =
        LOGICAL("io.debezium.data.Enum") "\"parameters\":{\"allowed\":\"true,first,first_in_data_"
                                         "collection,"
                                         "last_in_data_collection,last,false,incremental\"},"
                                         "\"default\":\"false\",";
    static const schema_field_t fields[] = {
        {"string", false, "version", NULL},     {"string", false, "connector", NULL},
        {"string", false, "name", NULL},        {"int64", false, "ts_ms", NULL},
        {"string", true, "snapshot", snapshot}, {"string", false, "db", NULL},
        {"string", true, "sequence", NULL},     {"int64", true, "ts_us", NULL},
        {"int64", true, "ts_ns", NULL},         {"string", false, "schema", NULL},
        {"string", false, "table", NULL},       {"int64", true, "txId", NULL},
        {"int64", true, "lsn", NULL},           {"int64", true, "xmin", NULL},
        {"string", true, "origin", NULL},       {"int64", true, "origin_lsn", NULL},
    };
    say(draft, STRUCT_BEGIN);
    say_fields(draft, fields, sizeof fields / sizeof *fields);
    say(draft, "],\"optional\":false," LOGICAL(
                   "io.debezium.connector.postgresql.Source") "\"field\":\"source\"}");
}

static void say_transaction_schema(draft_t *draft)
{
    static const schema_field_t fields[] = {{"string", false, "id", NULL},
                                            {"int64", false, "total_order", NULL},
                                            {"int64", false, "data_collection_order", NULL}};
    say(draft, STRUCT_BEGIN);
    say_fields(draft, fields, sizeof fields / sizeof *fields);
    say(draft, "],\"optional\":true," LOGICAL("event.block") "\"field\":\"transaction\"}");
}

static void say_value_schema(draft_t *draft, const char *server)
{
    static const schema_field_t fields[] = {{"string", false, "op", NULL},
                                            {"int64", true, "ts_ms", NULL},
                                            {"int64", true, "ts_us", NULL},
                                            {"int64", true, "ts_ns", NULL}};
    say(draft, STRUCT_BEGIN);
    say_row_schema(draft, server, ",\"field\":\"before\"");
    say(draft, ",");
    say_row_schema(draft, server, ",\"field\":\"after\"");
    say(draft, ",");
    say_source_schema(draft);
    say(draft, ",");
    say_transaction_schema(draft);
    say(draft, ",");
    say_fields(draft, fields, sizeof fields / sizeof *fields);
    say_struct_end(draft, false, server, "Envelope", ",\"version\":2");
}

static void say_key_schema(draft_t *draft, const char *server)
{
    say(draft, STRUCT_BEGIN);
    say_column_field(draft, &table_transactions.columns[TX_TRANSACTION_ID]);
    say_struct_end(draft, false, server, "Key", "");
}

/* ---- payloads */

static void say_column(draft_t *draft, const char *prefix, size_t column, const char *value)
{
    draft->failed |= !buf_printf(&draft->buf, "%s\"%s\":%s", prefix,
                                 table_transactions.columns[column].name, value);
}

/* '","city":"': the quote that ends the column before, the name, the quote that begins this one. */
static bool make_labels(envelope_encoder_t *encoder, draft_t *draft)
{
    for (size_t column = 0; column < TX_LOADED; column++) {
        label_t *label = &encoder->labels[column];
        const char *before = column == 0                  ? "{"
                             : column == TX_TIMESTAMP + 1 ? "," /* a number */
                                                          : "\",";
        say_column(draft, before, column, column == TX_TIMESTAMP ? "" : "\"");
        if (draft->failed)
            return false;
        assert(draft->buf.len <= sizeof label->bytes);
        label->len = (uint8_t)draft->buf.len;
        memcpy(label->bytes, draft->buf.data, label->len);
        buf_clear(&draft->buf);
    }
    return true;
}

/* change_info from behind its time on, as the content of a JSON string. */
static void say_change_info_end(draft_t *draft, const char *user)
{
    char whole[CHANGE_INFO_TEXT_MAX + 1];
    whole[change_info_write(0, 0, user, CHANGE_INFO_ANY_TIME, whole)] = '\0';
    say_escaped(draft, strstr(whole, "...") + 3);
}

static bool make_row_pieces(envelope_encoder_t *encoder, const envelope_form_t *form,
                            draft_t *draft)
{
    for (size_t column = 1; column < TX_COLUMNS; column++)
        say_column(draft, column == 1 ? "\"," : ",", column, "null");
    say(draft, "}");
    if (!take(draft, encoder, PIECE_KEY_ONLY))
        return false;
    say_column(draft, "\",", TX_MODIFIED_BY, "null");
    say_column(draft, ",", TX_MODIFIED_AT, "null");
    say_column(draft, ",", TX_CHANGE_INFO, "null}");
    if (!take(draft, encoder, PIECE_NO_UPDATE))
        return false;
    say_column(draft, "\",", TX_MODIFIED_BY, "\"");
    say_escaped(draft, form->user);
    say_column(draft, "\",", TX_MODIFIED_AT, "");
    if (!take(draft, encoder, PIECE_MODIFIED))
        return false;
    say_change_info_end(draft, form->user);
    say(draft, "\"}");
    return take(draft, encoder, PIECE_CHANGE_INFO);
}

static bool make_source_pieces(envelope_encoder_t *encoder, const envelope_form_t *form,
                               draft_t *draft)
{
    say(draft, ",\"source\":{\"version\":\"");
    say_escaped(draft, form->version);
    say(draft, "\",\"connector\":\"postgresql\",\"name\":\"");
    say_escaped(draft, form->server);
    say(draft, "\",\"ts_ms\":");
    if (!take(draft, encoder, PIECE_SOURCE))
        return false;
    say(draft, ",\"snapshot\":\"false\",\"db\":\"");
    say_escaped(draft, form->database);
    say(draft, "\",\"sequence\":\"[");
    if (!take(draft, encoder, PIECE_SNAPSHOT))
        return false;
    say(draft, ",\"schema\":\"public\",\"table\":\"");
    say(draft, table_transactions.name);
    say(draft, "\",\"txId\":");
    return take(draft, encoder, PIECE_TABLE);
}

/* {"schema":…,"payload": and its end, where there are schemas. */
static bool make_frames(envelope_encoder_t *encoder, const envelope_form_t *form, draft_t *draft)
{
    const char *end = form->schemas ? "}}" : "}";
    if (form->schemas) {
        say(draft, "{\"schema\":");
        say_key_schema(draft, form->server);
        say(draft, ",\"payload\":");
    }
    if (!take(draft, encoder, PIECE_KEY_HEAD))
        return false;
    say(draft, "\"");
    say(draft, end);
    if (!take(draft, encoder, PIECE_KEY_TAIL))
        return false;
    if (form->schemas) {
        say(draft, "{\"schema\":");
        say_value_schema(draft, form->server);
        say(draft, ",\"payload\":");
    }
    say(draft, "{\"before\":");
    if (!take(draft, encoder, PIECE_HEAD))
        return false;
    say(draft, end);
    return take(draft, encoder, PIECE_END);
}

envelope_encoder_t *envelope_encoder_new(const envelope_form_t *form)
{
    envelope_encoder_t *encoder = calloc(1, sizeof *encoder);
    if (encoder == NULL)
        return NULL;
    encoder->replica_identity_full = form->replica_identity_full;
    encoder->tables = row_tables();
    draft_t draft = {0};
    bool made = make_labels(encoder, &draft) && make_row_pieces(encoder, form, &draft) &&
                make_source_pieces(encoder, form, &draft) && make_frames(encoder, form, &draft);
    buf_free(&draft.buf);
    if (made)
        return encoder;
    envelope_encoder_free(encoder);
    return NULL;
}

void envelope_encoder_free(envelope_encoder_t *encoder)
{
    if (encoder == NULL)
        return;
    for (int number = 0; number < PIECES; number++)
        free(encoder->pieces[number].bytes);
    free(encoder);
}

/* ---- a message */

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

/* ---- rows as messages of inserts */

#define FIRST_COMMIT_US INT64_C(1704067200000000) /* 2024-01-01 00:00:00 UTC */
#define COMMIT_MASK     ((UINT64_C(1) << 40) - 1)
#define FIRST_TXN       1000u
#define FIRST_LSN       (UINT64_C(1) << 24)
#define ROW_LSN_BYTES   256u

size_t envelope_rows_max(const envelope_encoder_t *encoder)
{
    return envelope_value_max(encoder) + 1;
}

size_t envelope_rows_write(const envelope_encoder_t *encoder, const row_space_t *space,
                           uint64_t first, size_t n, char *out)
{
    char *at = out;
    row_text_t text;
    for (uint64_t row = first; row < first + n; row++) {
        uint64_t lsn = FIRST_LSN + ROW_LSN_BYTES * row;
        int64_t commit_us = FIRST_COMMIT_US + (int64_t)(row & COMMIT_MASK);
        row_text(space, row, &text);
        envelope_event_t event = {
            .op = OP_INSERT,
            .row = &text,
            .timestamp_us = row_timestamp_us(space, row),
            .after = envelope_state(space, row, 0, ENVELOPE_NEVER_UPDATED),
            .commit_us = commit_us,
            .event_ns = (commit_us + 1000) * 1000,
            .txn_id = (uint32_t)(FIRST_TXN + row),
            .lsn = lsn,
            .last_commit_lsn = row == 0 ? 0 : lsn - ROW_LSN_BYTES,
        };
        at += envelope_value_write(encoder, &event, at);
        *at++ = '\n';
    }
    return (size_t)(at - out);
}
