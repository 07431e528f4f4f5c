/* An encoder's constant texts, the schemas among them: made once, slowly. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "model/change.h"
#include "model/encode/encode_envelope_internal.h"

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

/* ---- schemas: Connect's JsonConverter.asJsonSchema ------------------------------------------- */

/* {"type":…,"optional":…,NAMED"field":…}; `named`: name, version and parameters of a logical type,
 * with a comma behind. */
static void say_field(draft_t *draft, const char *type, bool optional, const char *named,
                      const char *field)
{
    draft->failed |=
        !buf_printf(&draft->buf, "{\"type\":\"%s\",\"optional\":%s,%s\"field\":\"%s\"}", type,
                    optional ? "true" : "false", named, field);
}

#define LOGICAL(name) "\"name\":\"" name "\",\"version\":1,"

/* A column's type as the connector maps it, with decimal.handling.mode=string. */
static void say_column_field(draft_t *draft, const column_t *column)
{
    bool optional = column->role != ROLE_KEY;
    if (strcmp(column->sql_type, "timestamp") == 0)
        say_field(draft, "int64", optional, LOGICAL("io.debezium.time.MicroTimestamp"),
                  column->name);
    else if (strcmp(column->sql_type, "jsonb") == 0)
        say_field(draft, "string", optional, LOGICAL("io.debezium.data.Json"), column->name);
    else
        say_field(draft, "string", optional, "", column->name);
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
    say(draft, "{\"type\":\"struct\",\"fields\":[");
    for (size_t column = 0; column < TX_COLUMNS; column++) {
        say(draft, column == 0 ? "" : ",");
        say_column_field(draft, &table_transactions.columns[column]);
    }
    say_struct_end(draft, true, server, "Value", rest);
}

static void say_source_schema(draft_t *draft)
{
    static const struct {
        const char *type;
        bool optional;
        const char *name;
    } fields[] = {
        {"string", false, "db"},    {"string", true, "sequence"},  {"int64", true, "ts_us"},
        {"int64", true, "ts_ns"},   {"string", false, "schema"},   {"string", false, "table"},
        {"int64", true, "txId"},    {"int64", true, "lsn"},        {"int64", true, "xmin"},
        {"string", true, "origin"}, {"int64", true, "origin_lsn"},
    };
    say(draft, "{\"type\":\"struct\",\"fields\":[");
    say_field(draft, "string", false, "", "version");
    say(draft, ",");
    say_field(draft, "string", false, "", "connector");
    say(draft, ",");
    say_field(draft, "string", false, "", "name");
    say(draft, ",");
    say_field(draft, "int64", false, "", "ts_ms");
    say(draft, ",");
    say_field(draft, "string", true,
              LOGICAL("io.debezium.data.Enum") "\"parameters\":{\"allowed\":\"true,first,first_in_"
                                               "data_collection,"
                                               "last_in_data_collection,last,false,incremental\"},"
                                               "\"default\":\"false\",",
              "snapshot");
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        say(draft, ",");
        say_field(draft, fields[i].type, fields[i].optional, "", fields[i].name);
    }
    say(draft, "],\"optional\":false," LOGICAL(
                   "io.debezium.connector.postgresql.Source") "\"field\":\"source\"}");
}

static void say_transaction_schema(draft_t *draft)
{
    say(draft, "{\"type\":\"struct\",\"fields\":[");
    say_field(draft, "string", false, "", "id");
    say(draft, ",");
    say_field(draft, "int64", false, "", "total_order");
    say(draft, ",");
    say_field(draft, "int64", false, "", "data_collection_order");
    say(draft, "],\"optional\":true," LOGICAL("event.block") "\"field\":\"transaction\"}");
}

static void say_value_schema(draft_t *draft, const char *server)
{
    static const char *const times[] = {"ts_ms", "ts_us", "ts_ns"};
    say(draft, "{\"type\":\"struct\",\"fields\":[");
    say_row_schema(draft, server, ",\"field\":\"before\"");
    say(draft, ",");
    say_row_schema(draft, server, ",\"field\":\"after\"");
    say(draft, ",");
    say_source_schema(draft);
    say(draft, ",");
    say_transaction_schema(draft);
    say(draft, ",");
    say_field(draft, "string", false, "", "op");
    for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
        say(draft, ",");
        say_field(draft, "int64", true, "", times[i]);
    }
    say_struct_end(draft, false, server, "Envelope", ",\"version\":2");
}

static void say_key_schema(draft_t *draft, const char *server)
{
    say(draft, "{\"type\":\"struct\",\"fields\":[");
    say_column_field(draft, &table_transactions.columns[TX_TRANSACTION_ID]);
    say_struct_end(draft, false, server, "Key", "");
}

/* ---- payloads -------------------------------------------------------------------------------- */

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
