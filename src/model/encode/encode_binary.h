/*
 * encode_binary: rows as tuples of COPY binary (PostgreSQL's documentation, "COPY", "Binary
 * Format"), inlined into each encoder's variants. Pure; any thread.
 *
 *   i16 12 · { i32 length · bytes } for each column, all big-endian
 *   timestamp  i64 µs since 2000-01-01 (src/backend/utils/adt/timestamp.c: timestamp_recv)
 *   amount     i16 digits · i16 weight 0 · i16 sign 0 · i16 scale 2 · base-10000 digits: the whole
 *              part, and the cents × 100 unless they are 0 (numeric.c: numeric_recv), as the server
 *              itself writes them
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_BINARY_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_BINARY_H

#include "base/clock.h"
#include "model/encode/encode_hex.h"
#include "model/encode/encode_tables.h"

#define POSTGRES_EPOCH_S (PG_EPOCH_UNIX_US / US_PER_S)
#define LENGTH_BYTES     4

#define BINARY_COPY(at, slot) (memcpy((at), (slot)->text, sizeof(slot)->text), (at) + (slot)->len)

ALWAYS_INLINE char *binary_u32(uint32_t value, char *at)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

ALWAYS_INLINE char *binary_u64(uint64_t value, char *at)
{
    value = __builtin_bswap64(value);
    memcpy(at, &value, sizeof value);
    return at + sizeof value;
}

/* Length, digits, weight in one store, sign, scale, both digits in another. */
ALWAYS_INLINE char *binary_amount(uint32_t cents, char *at)
{
    uint64_t whole = cents / 100, fraction = cents % 100;
    uint32_t digits = fraction == 0 ? 1 : 2, length = 8 + 2 * digits;
    binary_u64((uint64_t)length << 32 | digits << 16, at);
    binary_u64(UINT64_C(2) << 32 | whole << 16 | fraction * 100, at + 8);
    return at + LENGTH_BYTES + length;
}

ALWAYS_INLINE char *binary_user(const binary_tables_t *tables, uint64_t choices, char *at)
{
    const slot16_t *name = &tables->words->users[choices & 0xfff];
    const slot8_t *digits = &tables->words->user_digits[(choices >> 52) & 0xff];
    at = binary_u32((uint32_t)name->len + digits->len, at);
    at = BINARY_COPY(at, name);
    return BINARY_COPY(at, digits);
}

/* The last octet's slot has a dot behind it, as all have: it is left out. */
ALWAYS_INLINE char *binary_ip(const binary_tables_t *tables, uint64_t draw, char *at)
{
    char *begin = at + LENGTH_BYTES;
    char *end = BINARY_COPY(begin, &tables->words->first_octets[(draw >> 24) & 0xff]);
    end = BINARY_COPY(end, &tables->words->octets[(draw >> 16) & 0xff]);
    end = BINARY_COPY(end, &tables->words->octets[(draw >> 8) & 0xff]);
    end = BINARY_COPY(end, &tables->words->octets[draw & 0xff]) - 1;
    binary_u32((uint32_t)(end - begin), at);
    return end;
}

ALWAYS_INLINE char *binary_write(const binary_tables_t *tables, const draw_t *draw, unsigned i,
                                 char *at)
{
    uint64_t choices = draw->choices[i], times = draw->times[i];
    at = BINARY_COPY(at, &tables->head);
    at = hex_uuid(draw->key[i], 0, at) - 1;
    at = binary_user(tables, choices, at);
    at = binary_u32(sizeof(int64_t), at);
    int64_t second = ROW_TIMESTAMP_START_S - POSTGRES_EPOCH_S + row_second((uint32_t)(times >> 32));
    at = binary_u64((uint64_t)second * 1000000, at);
    at = binary_amount(ROW_CENTS_MIN + row_draw_amount(draw->hash[i]), at);
    at = BINARY_COPY(at, &tables->currencies[(choices >> 60) & 1]);
    at = BINARY_COPY(at, &tables->cities[(choices >> 12) & 0xfff]);
    at = BINARY_COPY(at, &tables->countries[(((choices >> 36) & 0xffff) * ROW_COUNTRIES) >> 16]);
    at = BINARY_COPY(at, &tables->merchants[(choices >> 24) & 0xfff]);
    at = BINARY_COPY(at, &tables->payments[choices >> 62]);
    at = binary_ip(tables, times, at);
    at = BINARY_COPY(at, &tables->vouchers[(choices >> 61) & 1]);
    return hex_uuid(draw->affiliate[i], 0, at) - 1;
}

#endif
