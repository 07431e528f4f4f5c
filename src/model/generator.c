#include "model/generator.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "model/row.h"
#include "model/row_draw.h"
#include "model/timestamp.h"

/* Which word of a column's draw is for what; longer values go on drawing from DRAW_MORE. The lowest
 * 16 bits of word 0 decide on NULL. */
enum { DRAW_NULL, DRAW_VALUE, DRAW_MORE };

#define SHORT_VALUE_MAX 64 /* of every generator but those with a length, and choices */

/* 64 characters, so that 6 bits choose one: no text of them is made smaller by pglz or lz4. */
static const char random_alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
#define RANDOM_CHARS_PER_WORD 10 /* 60 of 64 bits */

/* A draw of 64 bits mapped to [0, n): as hash_below. */
static uint64_t below64(uint64_t draw, uint64_t n)
{
    return (uint64_t)(((unsigned __int128)draw * n) >> 64);
}

static int64_t between(const generator_t *generator, uint64_t draw)
{
    uint64_t n = (uint64_t)generator->max - (uint64_t)generator->min + 1;
    return (int64_t)((uint64_t)generator->min + below64(hash_word(draw, DRAW_VALUE), n));
}

static size_t put(char *out, const char *text, size_t len)
{
    memcpy(out, text, len);
    return len;
}

static size_t put_string(char *out, const char *text)
{
    return put(out, text, strlen(text));
}

static size_t put_uuid(const row_tables_t *tables, uint64_t draw, char *out)
{
    uuid_t uuid = {
        .high = (hash_word(draw, DRAW_VALUE) & ~UINT64_C(0xf000)) | UINT64_C(0x4000),
        .low = (hash_word(draw, DRAW_MORE) & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63,
    };
    return (size_t)(uuid_write(tables, uuid, out) - out);
}

static size_t put_unsigned(uint64_t value, char *out)
{
    char reversed[20];
    size_t len = 0;
    do
        reversed[len++] = (char)('0' + value % 10);
    while ((value /= 10) > 0);
    for (size_t at = 0; at < len; at++)
        out[at] = reversed[len - 1 - at];
    return len;
}

/* -0.05: always a digit before the point, and as many behind it as the scale says. */
static size_t put_decimal(int64_t value, unsigned scale, char *out)
{
    size_t len = 0;
    uint64_t unscaled = (uint64_t)value, power = 1;
    if (value < 0) {
        out[len++] = '-';
        unscaled = 0 - unscaled;
    }
    for (unsigned i = 0; i < scale; i++)
        power *= 10;
    len += put_unsigned(unscaled / power, out + len);
    if (scale == 0)
        return len;
    out[len++] = '.';
    uint64_t rest = unscaled % power;
    for (power /= 10; power > 0; power /= 10)
        out[len++] = (char)('0' + rest / power % 10);
    return len;
}

/* Surnames with spaces between them, cut at the length; where that leaves a space at the end, a
 * full stop. */
static size_t put_words(const generator_t *generator, uint64_t draw, char *out)
{
    size_t want = (size_t)between(generator, draw), len = 0;
    uint64_t word = 0;
    for (uint64_t n = 0; len < want; n++) {
        word = n % 4 == 0 ? hash_word(draw, DRAW_MORE + n / 4) : word >> 16;
        const char *name = words_surnames[((word & 0xffff) * words_surnames_count) >> 16];
        size_t name_len = strlen(name), room = want - len;
        len += put(out + len, name, name_len < room ? name_len : room);
        if (len < want) {
            out[len] = len + 1 < want ? ' ' : '.';
            len++;
        }
    }
    return len;
}

static size_t put_random_text(const generator_t *generator, uint64_t draw, char *out)
{
    size_t want = (size_t)between(generator, draw);
    uint64_t word = 0;
    for (size_t at = 0; at < want; at++) {
        word = at % RANDOM_CHARS_PER_WORD == 0
                   ? hash_word(draw, DRAW_MORE + at / RANDOM_CHARS_PER_WORD)
                   : word >> 6;
        out[at] = random_alphabet[word & 63];
    }
    return want;
}

/* bytea's hex form. */
static size_t put_bytes(const generator_t *generator, const row_tables_t *tables, uint64_t draw,
                        char *out)
{
    size_t want = (size_t)between(generator, draw), len = put(out, "\\x", 2);
    uint64_t word = 0;
    for (size_t at = 0; at < want; at++) {
        word = at % 8 == 0 ? hash_word(draw, DRAW_MORE + at / 8) : word >> 8;
        len += put(out + len, tables->hex[word & 0xff], 2);
    }
    return len;
}

/* The last octet's slot ends with a dot too, which is left out. */
static size_t put_ipv4(const row_tables_t *tables, uint32_t draw, char *out)
{
    const slot8_t *slots[] = {
        &tables->first_octets[draw >> 24],
        &tables->octets[(draw >> 16) & 0xff],
        &tables->octets[(draw >> 8) & 0xff],
        &tables->octets[draw & 0xff],
    };
    size_t len = 0;
    for (size_t i = 0; i < 4; i++)
        len += put(out + len, slots[i]->text, slots[i]->len);
    return len - 1;
}

/* As jsonb has it: shorter keys first, then by their bytes. */
static size_t put_json(uint64_t draw, char *out)
{
    uint64_t value = hash_word(draw, DRAW_VALUE);
    const char *name = words_first_names[((value & 0xffff) * words_first_names_count) >> 16];
    return (size_t)snprintf(out, SHORT_VALUE_MAX, "{\"id\": %u, \"ok\": %s, \"name\": \"%s\"}",
                            hash_below((uint32_t)(value >> 32), 1000000),
                            (value >> 16) & 1 ? "true" : "false", name);
}

static const choice_t *choose(const generator_t *generator, uint64_t draw)
{
    return &generator->choices[below64(hash_word(draw, DRAW_VALUE), generator->n_choices)];
}

static bool is_null(const generator_t *generator, uint64_t draw)
{
    return (hash_word(draw, DRAW_NULL) & 0xffff) < generator->null_share;
}

size_t generate(const generator_t *generator, const row_tables_t *tables, uint64_t row,
                uint64_t draw, char *out)
{
    if (is_null(generator, draw))
        return GENERATED_NULL;
    uint64_t value = hash_word(draw, DRAW_VALUE);
    uint32_t composed = (uint32_t)(value & (ROW_COMPOSED - 1)), draw16 = value & 0xffff;
    switch (generator->kind) {
    case GENERATOR_ROW_NUMBER:
        return put_unsigned(row, out);
    case GENERATOR_UUID:
        return put_uuid(tables, draw, out);
    case GENERATOR_INTEGER:
    case GENERATOR_DECIMAL:
        return put_decimal(between(generator, draw), generator->scale, out);
    case GENERATOR_TEXT:
        return put_words(generator, draw, out);
    case GENERATOR_RANDOM_TEXT:
        return put_random_text(generator, draw, out);
    case GENERATOR_USER:
        return put(out, tables->users[composed].text, tables->users[composed].len);
    case GENERATOR_CITY:
        return put(out, tables->cities[composed].text, tables->cities[composed].len);
    case GENERATOR_MERCHANT:
        return put(out, tables->merchants[composed].text, tables->merchants[composed].len);
    case GENERATOR_COUNTRY:
        return put_string(out, words_countries[(draw16 * words_countries_count) >> 16]);
    case GENERATOR_FIRST_NAME:
        return put_string(out, words_first_names[(draw16 * words_first_names_count) >> 16]);
    case GENERATOR_SURNAME:
        return put_string(out, words_surnames[(draw16 * words_surnames_count) >> 16]);
    case GENERATOR_CHOICE:
        return put(out, choose(generator, draw)->text, choose(generator, draw)->len);
    case GENERATOR_TIMESTAMP:
        return timestamp_write(between(generator, draw) * 1000000, ' ', out);
    case GENERATOR_BOOLEAN:
        return put(out, value & 1 ? "t" : "f", 1);
    case GENERATOR_IPV4:
        return put_ipv4(tables, (uint32_t)(value >> 32), out);
    case GENERATOR_JSON:
        return put_json(draw, out);
    case GENERATOR_BYTES:
        return put_bytes(generator, tables, draw, out);
    case GENERATOR_NONE:
    case GENERATORS:
        break;
    }
    return GENERATED_NULL;
}

/* Of all that is generated only these hold a backslash or a control character: a user's choices,
 * which were escaped beforehand, and bytea's \x. */
size_t generate_copy_text(const generator_t *generator, const row_tables_t *tables, uint64_t row,
                          uint64_t draw, char *out)
{
    if (is_null(generator, draw))
        return put(out, "\\N", 2);
    if (generator->kind == GENERATOR_CHOICE)
        return put(out, choose(generator, draw)->copy_text, choose(generator, draw)->copy_len);
    if (generator->kind != GENERATOR_BYTES)
        return generate(generator, tables, row, draw, out);
    out[0] = '\\';
    return 1 + generate(generator, tables, row, draw, out + 1);
}

size_t generator_bytes_max(const generator_t *generator)
{
    size_t longest = SHORT_VALUE_MAX;
    switch (generator->kind) {
    case GENERATOR_TEXT:
    case GENERATOR_RANDOM_TEXT:
        return (size_t)generator->max + 2;
    case GENERATOR_BYTES:
        return 2 * (size_t)generator->max + 3;
    case GENERATOR_CHOICE:
        for (uint32_t i = 0; i < generator->n_choices; i++)
            if (generator->choices[i].copy_len > longest)
                longest = generator->choices[i].copy_len;
        return longest;
    default:
        return longest;
    }
}
