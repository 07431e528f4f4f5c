/* What jsmn would cost with the work that the tap needs done: its tokens turned into the operation,
 * source and columns of envelope.h, with the same memory for names as cdcbench's own reader has (by
 * the token's number), the same unescaping, the same conversion of numbers. Messages without schema
 * alone, and nothing but well-formed ones: jsmn takes {"a":1,} and {"a" "b"} for objects. */
#define JSMN_STATIC
#define JSMN_STRICT
#define JSMN_PARENT_LINKS
#include <jsmn.h>

#include <string.h>

#include "candidate.h"
#include "kafka/format/envelope_internal.h"

#define TOKENS_MAX  2048
#define COLUMNS_MAX 64
#define NAME_BYTES  64

typedef struct {
    char text[NAME_BYTES];
    size_t len;
    const meta_t *meta;
} remembered_t;

typedef struct {
    const char *bytes;
    const jsmntok_t *tokens;
    int n;
    envelope_t *envelope;
    meta_state_t state;
    char *room;
    size_t room_bytes;
} reading_t;

static remembered_t remembered[TOKENS_MAX];
static envelope_field_t fields[2][COLUMNS_MAX];

typedef const meta_t *lookup_t(const char *name, size_t len);

static const meta_t *meaning(const reading_t *r, int token, lookup_t *lookup)
{
    const char *name = r->bytes + r->tokens[token].start;
    size_t len = (size_t)(r->tokens[token].end - r->tokens[token].start);
    remembered_t *known = &remembered[token];
    if (known->len == len && memcmp(known->text, name, len) == 0) {
        return known->meta;
    }
    const meta_t *meta = lookup ? lookup(name, len) : NULL;
    if (len < NAME_BYTES) {
        memcpy(known->text, name, len);
        known->len = len;
        known->meta = meta;
    }
    return meta;
}

/* A reader over one token, which has its quotes if it is a string. */
static bool begin_token(const reading_t *r, const jsmntok_t *token, json_reader_t *json)
{
    int quote = token->type == JSMN_STRING;
    json_begin(json, r->bytes + token->start - quote,
               (size_t)(token->end - token->start + 2 * quote), r->room, r->room_bytes);
    return true;
}

static bool read_column(reading_t *r, const jsmntok_t *token, envelope_field_t *field)
{
    const char *at = r->bytes + token->start;
    uint32_t len = (uint32_t)(token->end - token->start);
    field->value = (slice_t){at, len};
    switch (token->type) {
    case JSMN_STRING:
        field->kind = ENVELOPE_STRING;
        if (memchr(at, '\\', len)) {
            json_reader_t json;
            json_value_t value;
            if (!begin_token(r, token, &json) || !json_value(&json, &value)) {
                return false;
            }
            field->value = (slice_t){value.bytes, value.len};
            r->room_bytes -= (size_t)(json.room - r->room);
            r->room = json.room;
        }
        return true;
    case JSMN_PRIMITIVE:
        if (*at == 'n') {
            field->kind = ENVELOPE_NULL;
            field->value = (slice_t){0};
        } else {
            field->kind = *at == 't' || *at == 'f' ? ENVELOPE_BOOL : ENVELOPE_INTEGER;
        }
        return true;
    default:
        field->kind = ENVELOPE_RAW;
        return true;
    }
}

static int skip(const reading_t *r, int token)
{
    int end = r->tokens[token].end;
    while (token < r->n && r->tokens[token].start < end) {
        token++;
    }
    return token;
}

/* The token behind the row; 0 when it cannot be read. */
static int read_row(reading_t *r, int token, envelope_row_t *row, envelope_field_t *into)
{
    int members = r->tokens[token].size;
    row->fields = into;
    row->present = true;
    token++;
    for (int i = 0; i < members && i < COLUMNS_MAX; i++) {
        envelope_field_t *field = &into[row->n++];
        meaning(r, token, NULL);
        field->name = (slice_t){remembered[token].text, (uint32_t)remembered[token].len};
        if (!read_column(r, &r->tokens[token + 1], field)) {
            return 0;
        }
        token = skip(r, token + 1);
    }
    return token;
}

static int read_metadata(reading_t *r, int token, lookup_t *lookup);

static int read_member(reading_t *r, int token, const meta_t *meta)
{
    const jsmntok_t *value = &r->tokens[token];
    json_reader_t json;
    if (meta && value->type == JSMN_OBJECT) {
        switch (meta->type) {
        case META_BEFORE:
            return read_row(r, token, &r->envelope->before, fields[0]);
        case META_AFTER:
            return read_row(r, token, &r->envelope->after, fields[1]);
        case META_SOURCE:
            return read_metadata(r, token, meta_of_source);
        default:
            return skip(r, token);
        }
    }
    if (meta && (!begin_token(r, value, &json) || !meta_read(meta, &json, &r->state))) {
        return 0;
    }
    return skip(r, token);
}

static int read_metadata(reading_t *r, int token, lookup_t *lookup)
{
    int members = r->tokens[token].size;
    token++;
    for (int i = 0; i < members && token > 0; i++) {
        token = read_member(r, token + 1, meaning(r, token, lookup));
    }
    return token;
}

static size_t read_all(const corpus_t *corpus)
{
    static jsmntok_t tokens[TOKENS_MAX];
    static char room[65536];
    size_t columns = 0;
    for (size_t i = 0; i < corpus->n; i++) {
        const corpus_message_t *message = &corpus->messages[i];
        envelope_t envelope = {0};
        jsmn_parser parser;
        jsmn_init(&parser);
        int n = jsmn_parse(&parser, message->bytes, message->len, tokens, TOKENS_MAX);
        reading_t r = {message->bytes,     tokens, n,           &envelope,
                       {.out = &envelope}, room,   sizeof(room)};
        if (n <= 0 || read_metadata(&r, 0, meta_of_envelope) == 0 || r.state.wrong) {
            return 0;
        }
        columns += envelope.before.n + envelope.after.n;
    }
    return columns;
}

const candidate_t candidate_jsmn_envelope = {"jsmn+envelope", "1.1.0", true, read_all};
