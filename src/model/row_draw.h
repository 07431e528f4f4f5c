/*
 * row_draw: what a row's fields are drawn from, shared by row.c and row_text.c: docs/rows.md, "The
 * row". Private to the layer. Pure; any thread.
 */
#ifndef CDCBENCH_MODEL_ROW_DRAW_H
#define CDCBENCH_MODEL_ROW_DRAW_H

#include <string.h>

#include "base/hash.h"
#include "model/row.h"

/* The words drawn from a row's hash, by number. The amount's base comes from the hash itself. */
enum {
    WORD_AFFILIATE_HIGH = 1,
    WORD_AFFILIATE_LOW = 2,
    WORD_TIME_AND_IP = 3,
    WORD_CHOICES = 4,
};

#define ROW_TIMESTAMP_START_S INT64_C(1672531200) /* 2023-01-01 00:00:00 UTC */
#define ROW_SECONDS_PER_DAY   86400u

typedef struct {
    uint64_t high, low;
} uuid_t;

#define ROW_KEY_MASK ((UINT64_C(1) << 60) - 1)

/* 2024-01-01 00:00:00 UTC in Unix milliseconds, the time in row 0's version 7 key. */
#define UUID7_START_MS UINT64_C(1704067200000)

/* The row's key: version nibble, variant and check bits in place. */
uuid_t row_uuid(const row_space_t *space, uint64_t row);

/* The permutation of 60 bits that random keys are made by; row.c undoes it. */
static inline uint64_t row_permute(const row_space_t *space, uint64_t x)
{
    x ^= space->perm_xor;
    x = (x * space->perm_mul[0]) & ROW_KEY_MASK;
    x ^= x >> 31;
    x = (x * space->perm_mul[1]) & ROW_KEY_MASK;
    return x ^ (x >> 29);
}

/* The 60 bits of a key in the order of time. */
static inline uint64_t row_time_bits(uint64_t row)
{
    return ((UUID7_START_MS << 12) + row) & ROW_KEY_MASK;
}

/* affiliateid: a version 4 UUID of 128 drawn bits. */
static inline uuid_t uuid_of_words(uint64_t high, uint64_t low)
{
    return (uuid_t){
        .high = (high & ~UINT64_C(0xf000)) | UINT64_C(0x4000),
        .low = (low & ~(UINT64_C(3) << 62)) | UINT64_C(1) << 63,
    };
}

static inline uint64_t row_hash(const row_space_t *space, uint64_t row)
{
    return hash_u64(space->row_seed, row);
}

/* base(S, i): version 0's amount, in cents above ROW_CENTS_MIN. */
static inline uint32_t row_draw_amount(uint64_t hash)
{
    return hash_below((uint32_t)(hash >> 32), ROW_CENTS_COUNT);
}

/* The row's `timestamp`, in seconds from ROW_TIMESTAMP_START_S on. */
static inline uint32_t row_second(uint32_t draw)
{
    return hash_below(draw, ROW_DAYS * ROW_SECONDS_PER_DAY);
}

/* Writes the `bytes` lowest bytes of x, the highest of them first, as hexadecimal digits. */
static inline char *hex_write(const row_tables_t *tables, uint64_t x, int bytes, char *out)
{
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8, out += 2)
        memcpy(out, tables->hex[(x >> shift) & 0xff], 2);
    return out;
}

/* Writes the 36 characters of a UUID; returns the end. */
static inline char *uuid_write(const row_tables_t *tables, uuid_t uuid, char *out)
{
    out = hex_write(tables, uuid.high >> 32, 4, out);
    *out++ = '-';
    out = hex_write(tables, uuid.high >> 16, 2, out);
    *out++ = '-';
    out = hex_write(tables, uuid.high, 2, out);
    *out++ = '-';
    out = hex_write(tables, uuid.low >> 48, 2, out);
    *out++ = '-';
    return hex_write(tables, uuid.low, 6, out);
}

/* Writes version 0 of the row as a line of COPY text; start[c] is where column c begins, and
 * start[TX_LOADED] where the next line would. Returns the line's length. Copies whole slots: up to
 * ROW_TEXT_MAX bytes of out are written to. */
size_t row_write(const row_space_t *space, uint64_t row, char *out, uint16_t start[TX_LOADED + 1]);

#endif
