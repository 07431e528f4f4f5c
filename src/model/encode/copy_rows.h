/*
 * copy_rows: rows as COPY takes them, compiled once for each instruction set: copy_portable.c and
 * copy_avx2.c name the table of its encoders in ENCODE_VARIANT (src/CMakeLists.txt gives each its
 * flags); whatever else includes this has the pieces alone. All of it is inlined, so nothing
 * compiled for the one is called by the other. Private to the layer. Pure; any thread.
 *
 * First a batch of rows is drawn, hashes and keys, as arrays that vector units can work on: the
 * definition of docs/rows.md once more, in plain arithmetic on 64-bit lanes, equal to row_draw.h's
 * row by row (tests/unit/model/encode/test_encode.c). The compiler turns these loops into the lanes
 * of either. Then each row is written as copies of slots out of tables (copy_tables.h).
 */
#ifndef CDCBENCH_MODEL_ENCODE_COPY_ROWS_H
#define CDCBENCH_MODEL_ENCODE_COPY_ROWS_H

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#include "base/clock.h"
#include "model/encode/copy_tables.h"
#include "model/encode/encode.h"
#include "model/row_draw.h"

typedef size_t encode_fn(const row_space_t *space, uint64_t first, size_t n, char *out);

extern encode_fn *const encode_portable[ENCODE_FORMATS], *const encode_avx2[ENCODE_FORMATS];

/* ---- what a batch of rows is made from */

#define ALWAYS_INLINE static inline __attribute__((always_inline))

/* Two vectors of eight lanes: enough to keep the multipliers busy, and what is drawn stays in the
 * first-level cache until it is written. */
#define DRAW_ROWS 16

typedef struct {
    uint64_t hash[DRAW_ROWS];
    uint64_t times[DRAW_ROWS];   /* WORD_TIME_AND_IP */
    uint64_t choices[DRAW_ROWS]; /* WORD_CHOICES */
    uint64_t key[DRAW_ROWS][2];  /* UUIDs: high and low half */
    uint64_t affiliate[DRAW_ROWS][2];
} __attribute__((aligned(64))) draw_t;

/* hash_u64 in arithmetic: XXH3 of 8 bytes (xxhash.h: XXH3_len_4to8_64b, XXH3_rrmxmx), of which the
 * seed's part is made once. */
ALWAYS_INLINE uint64_t draw_hash_flip(uint64_t seed)
{
    /* bytes 8 to 15 and 16 to 23 of XXH3's default secret, as little-endian numbers */
    const uint64_t secret = UINT64_C(0x1cad21f72c81017c) ^ UINT64_C(0xdb979083e96dd4de);
    return secret - (seed ^ (uint64_t)__builtin_bswap32((uint32_t)seed) << 32);
}

ALWAYS_INLINE uint64_t draw_hash(uint64_t flip, uint64_t x)
{
    const uint64_t prime = UINT64_C(0x9FB21C651E98DF25);
    uint64_t h = (x << 32 | x >> 32) ^ flip;
    h ^= (h << 49 | h >> 15) ^ (h << 24 | h >> 40);
    h *= prime;
    h ^= (h >> 35) + sizeof x;
    h *= prime;
    return h ^ h >> 28;
}

/* Where the output goes to memory that no cache holds, the stores of a line wait for it; asked for
 * this far ahead, it is there (measured: 27 → 33 million rows/s; nothing lost where it is cached).
 * An address past the buffer's end does no harm. */
#define PREFETCH_BYTES 512

ALWAYS_INLINE void encode_prefetch(const char *at)
{
    for (size_t line = 0; line < 3; line++) /* a row is 188 bytes in the mean */
        __builtin_prefetch(at + PREFETCH_BYTES + 64 * line, 1);
}

/* Draws rows first … first + DRAW_ROWS − 1. */
ALWAYS_INLINE void draw_rows(const row_space_t *space, uint64_t first, draw_t *draw)
{
    uint64_t flip = draw_hash_flip(space->row_seed);
    for (unsigned i = 0; i < DRAW_ROWS; i++)
        draw->hash[i] = draw_hash(flip, first + i);
    for (unsigned i = 0; i < DRAW_ROWS; i++) {
        uint64_t hash = draw->hash[i];
        draw->times[i] = hash_word(hash, WORD_TIME_AND_IP);
        draw->choices[i] = hash_word(hash, WORD_CHOICES);
    }
    for (unsigned i = 0; i < DRAW_ROWS; i++) {
        uuid_t uuid = uuid_of_words(hash_word(draw->hash[i], WORD_AFFILIATE_HIGH),
                                    hash_word(draw->hash[i], WORD_AFFILIATE_LOW));
        draw->affiliate[i][0] = uuid.high;
        draw->affiliate[i][1] = uuid.low;
    }
    uint64_t check_flip = draw_hash_flip(space->check_seed);
    bool random_order = space->key_kind == KEY_UUID4;
    uint64_t version = random_order ? 4 : 7;
    for (unsigned i = 0; i < DRAW_ROWS; i++) {
        uint64_t bits = random_order ? row_permute(space, first + i) : row_time_bits(first + i);
        draw->key[i][0] = (bits >> 12) << 16 | version << 12 | (bits & 0xfff);
        draw->key[i][1] = UINT64_C(1) << 63 | draw_hash(check_flip, bits) >> 2;
    }
}

/* ---- a UUID as its 36 characters and one more behind them: by AVX2, or by a table of byte pairs.
 * (AVX-512's byte permutations were tried, and were no faster: docs/performance.md.)
 *
 *   character   0…7  8  9…12  13  14…17  18  19…22  23  24…35  36
 *   is          hex  -  hex    -  hex     -  hex     -  hex    end
 */

#if defined(__AVX2__)

/* Characters 0 to 31 in one register, 24 to 36 once more in a half. */
ALWAYS_INLINE char *hex_uuid(const uint64_t uuid[2], char end, char *out)
{
    /* Which byte of {high, low}, as they lie in memory (little-endian), holds the digit at a
     * character: byte 7 is the first two digits', byte 15 the 17th and 18th; −1: none. */
    const __m256i from = _mm256_setr_epi8(7, 7, 6, 6, 5, 5, 4, 4, -1, 3, 3, 2, 2, -1, 1, 1, 0, 0,
                                          -1, 15, 15, 14, 14, -1, 13, 13, 12, 12, 11, 11, 10, 10);
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m128i digits = _mm_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b',
                                         'c', 'd', 'e', 'f');
    enum { H = -1 }; /* the first digit of a byte is its high nibble */
    const __m256i high = _mm256_setr_epi8(H, 0, H, 0, H, 0, H, 0, 0, H, 0, H, 0, 0, H, 0, H, 0, 0,
                                          H, 0, H, 0, 0, H, 0, H, 0, H, 0, H, 0);
    const __m256i dashes = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, '-', 0, 0, 0, 0, '-', 0, 0, 0,
                                            0, '-', 0, 0, 0, 0, '-', 0, 0, 0, 0, 0, 0, 0, 0);
    __m128i bytes = _mm_loadu_si128((const __m128i *)uuid);
    __m256i spread = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), from);
    __m256i nibbles =
        _mm256_and_si256(_mm256_blendv_epi8(spread, _mm256_srli_epi16(spread, 4), high), nibble);
    __m256i text = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(digits), nibbles);
    text = _mm256_blendv_epi8(text, dashes, _mm256_cmpgt_epi8(dashes, _mm256_setzero_si256()));
    _mm256_storeu_si256((__m256i *)out, text);

    __m128i tail = _mm_shuffle_epi8(
        bytes, _mm_setr_epi8(13, 13, 12, 12, 11, 11, 10, 10, 9, 9, 8, 8, -1, -1, -1, -1));
    tail = _mm_and_si128(
        _mm_blendv_epi8(tail, _mm_srli_epi16(tail, 4),
                        _mm_setr_epi8(H, 0, H, 0, H, 0, H, 0, H, 0, H, 0, 0, 0, 0, 0)),
        _mm256_castsi256_si128(nibble));
    tail = _mm_shuffle_epi8(digits, tail);
    tail = _mm_insert_epi8(tail, end, 12);
    _mm_storeu_si128((__m128i *)(out + 24), tail);
    return out + ROW_KEY_LEN + 1;
}

#else

ALWAYS_INLINE char *hex_uuid(const uint64_t uuid[2], char end, char *out)
{
    out = uuid_write(row_tables(), (uuid_t){uuid[0], uuid[1]}, out);
    *out++ = end;
    return out;
}

#endif

/* ---- lines of COPY text or csv: the same copies of slots, out of tables that hold the words of
 * either form */

/* SLOT_APPEND where all slots of a table are equally long: nothing waits for a length. */
#define SLOT_APPEND_LEN(at, slot, length)                                                          \
    (memcpy((at), (slot)->text, sizeof(slot)->text), (at) + (length))

#define DATE_LEN   11 /* "2023-01-01 " */
#define MINUTE_LEN 6  /* "00:00:" */
#define SECOND_LEN 3  /* "17|" */
#define CENTS_LEN  7  /* "05|USD|" */

/* hash_below(draw, 731 × 86400) in mixed radix: days, minutes and seconds fall out of one
 * multiplication each, the fraction carried on; no division. */
ALWAYS_INLINE char *line_timestamp(const line_tables_t *tables, uint32_t draw, char *at)
{
    uint64_t days = (uint64_t)draw * ROW_DAYS;
    uint64_t minutes = (days & UINT32_MAX) * UINT64_C(1440);
    uint64_t seconds = (minutes & UINT32_MAX) * 60;
    at = SLOT_APPEND_LEN(at, &tables->dates[days >> 32], DATE_LEN);
    at = SLOT_APPEND_LEN(at, &tables->minutes[minutes >> 32], MINUTE_LEN);
    return SLOT_APPEND_LEN(at, &tables->seconds[seconds >> 32], SECOND_LEN);
}

/* One column with what stands behind it; `column` is a constant wherever this is inlined. */
ALWAYS_INLINE char *line_column(const line_tables_t *tables, size_t merchant_slot,
                                const draw_t *draw, unsigned i, int column, char *at)
{
    uint64_t choices = draw->choices[i], times = draw->times[i];
    uint32_t cents = ROW_CENTS_MIN + row_draw_amount(draw->hash[i]);
    const char *merchant = tables->merchants + ((choices >> 24) & 0xfff) * merchant_slot;
    switch (column) {
    case TX_TRANSACTION_ID:
        return hex_uuid(draw->key[i], tables->key_end, at);
    case TX_USER_ID:
        at = SLOT_APPEND(at, &tables->users[choices & 0xfff]);
        return SLOT_APPEND(at, &tables->user_ends[(choices >> 52) & 0xff]);
    case TX_TIMESTAMP:
        return line_timestamp(tables, (uint32_t)(times >> 32), at);
    case TX_AMOUNT: /* and currency */
        at = SLOT_APPEND(at, &tables->wholes[cents / 100 - ROW_CENTS_MIN / 100]);
        return SLOT_APPEND_LEN(at, &tables->cents[(choices >> 60) & 1][cents % 100], CENTS_LEN);
    case TX_CITY:
        return SLOT_APPEND(at, &tables->cities[(choices >> 12) & 0xfff]);
    case TX_COUNTRY:
        return SLOT_APPEND(at,
                           &tables->countries[(((choices >> 36) & 0xffff) * ROW_COUNTRIES) >> 16]);
    case TX_MERCHANT_NAME:
        memcpy(at, merchant, merchant_slot);
        return at + merchant[merchant_slot - 1];
    case TX_PAYMENT_METHOD:
        return SLOT_APPEND(at, &tables->payments[choices >> 62]);
    case TX_IP_ADDRESS: /* and voucher_code */
        at = SLOT_APPEND(at, &tables->first_octets[(times >> 24) & 0xff]);
        at = SLOT_APPEND(at, &tables->octets[(times >> 16) & 0xff]);
        at = SLOT_APPEND(at, &tables->octets[(times >> 8) & 0xff]);
        return SLOT_APPEND(at, &tables->ends[(choices >> 61) & 1][times & 0xff]);
    case TX_AFFILIATEID:
        return hex_uuid(draw->affiliate[i], tables->line_end, at);
    default: /* written with the column before */
        return at;
    }
}

ALWAYS_INLINE char *line_write(const line_tables_t *tables, size_t merchant_slot,
                               const draw_t *draw, unsigned i, char *at)
{
#define COLUMN(number) at = line_column(tables, merchant_slot, draw, i, (number), at)
    COLUMN(TX_TRANSACTION_ID);
    COLUMN(TX_USER_ID);
    COLUMN(TX_TIMESTAMP);
    COLUMN(TX_AMOUNT);
    COLUMN(TX_CITY);
    COLUMN(TX_COUNTRY);
    COLUMN(TX_MERCHANT_NAME);
    COLUMN(TX_PAYMENT_METHOD);
    COLUMN(TX_IP_ADDRESS);
    COLUMN(TX_AFFILIATEID);
#undef COLUMN
    return at;
}

/* ---- tuples of COPY binary (PostgreSQL's documentation, "COPY", "Binary Format")
 *
 *   i16 12 · { i32 length · bytes } for each column, all big-endian
 *   timestamp  i64 µs since 2000-01-01 (src/backend/utils/adt/timestamp.c: timestamp_recv)
 *   amount     i16 digits · i16 weight 0 · i16 sign 0 · i16 scale 2 · base-10000 digits: the whole
 *              part, and the cents × 100 unless they are 0 (numeric.c: numeric_recv), as the server
 *              itself writes them
 */

#define POSTGRES_EPOCH_S (PG_EPOCH_UNIX_US / US_PER_S)
#define LENGTH_BYTES     4

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
    at = SLOT_APPEND(at, name);
    return SLOT_APPEND(at, digits);
}

/* The last octet's slot has a dot behind it, as all have: it is left out. */
ALWAYS_INLINE char *binary_ip(const binary_tables_t *tables, uint64_t draw, char *at)
{
    char *begin = at + LENGTH_BYTES;
    char *end = SLOT_APPEND(begin, &tables->words->first_octets[(draw >> 24) & 0xff]);
    end = SLOT_APPEND(end, &tables->words->octets[(draw >> 16) & 0xff]);
    end = SLOT_APPEND(end, &tables->words->octets[(draw >> 8) & 0xff]);
    end = SLOT_APPEND(end, &tables->words->octets[draw & 0xff]) - 1;
    binary_u32((uint32_t)(end - begin), at);
    return end;
}

ALWAYS_INLINE char *binary_write(const void *the_tables, const draw_t *draw, unsigned i, char *at)
{
    const binary_tables_t *tables = the_tables;
    uint64_t choices = draw->choices[i], times = draw->times[i];
    at = SLOT_APPEND(at, &tables->head);
    at = hex_uuid(draw->key[i], 0, at) - 1;
    at = binary_user(tables, choices, at);
    at = binary_u32(sizeof(int64_t), at);
    int64_t second = ROW_TIMESTAMP_START_S - POSTGRES_EPOCH_S + row_second((uint32_t)(times >> 32));
    at = binary_u64((uint64_t)second * 1000000, at);
    at = binary_amount(ROW_CENTS_MIN + row_draw_amount(draw->hash[i]), at);
    at = SLOT_APPEND(at, &tables->currencies[(choices >> 60) & 1]);
    at = SLOT_APPEND(at, &tables->cities[(choices >> 12) & 0xfff]);
    at = SLOT_APPEND(at, &tables->countries[(((choices >> 36) & 0xffff) * ROW_COUNTRIES) >> 16]);
    at = SLOT_APPEND(at, &tables->merchants[(choices >> 24) & 0xfff]);
    at = SLOT_APPEND(at, &tables->payments[choices >> 62]);
    at = binary_ip(tables, times, at);
    at = SLOT_APPEND(at, &tables->vouchers[(choices >> 61) & 1]);
    return hex_uuid(draw->affiliate[i], 0, at) - 1;
}

/* ---- batches */

/* Writes a row, whose draws are number i of `draw`, out of tables of its own kind; returns the end.
 */
typedef char *row_writer(const void *tables, const draw_t *draw, unsigned i, char *at);

ALWAYS_INLINE size_t rows_write(row_writer *write, const void *tables, const row_space_t *space,
                                uint64_t first, size_t n, char *out)
{
    draw_t draw;
    char *at = out;
    for (size_t done = 0; done < n; done += DRAW_ROWS) {
        unsigned rows = n - done < DRAW_ROWS ? (unsigned)(n - done) : DRAW_ROWS;
        draw_rows(space, first + done, &draw);
        for (unsigned i = 0; i < rows; i++) {
            encode_prefetch(at);
            at = write(tables, &draw, i, at);
        }
    }
    return (size_t)(at - out);
}

#if defined(ENCODE_VARIANT)

ALWAYS_INLINE char *text_write(const void *tables, const draw_t *draw, unsigned i, char *at)
{
    return line_write(tables, TEXT_MERCHANT_SLOT, draw, i, at);
}

ALWAYS_INLINE char *csv_write(const void *tables, const draw_t *draw, unsigned i, char *at)
{
    return line_write(tables, CSV_MERCHANT_SLOT, draw, i, at);
}

static size_t copy_text(const row_space_t *space, uint64_t first, size_t n, char *out)
{
    return rows_write(text_write, line_tables_text(), space, first, n, out);
}

static size_t csv(const row_space_t *space, uint64_t first, size_t n, char *out)
{
    return rows_write(csv_write, line_tables_csv(), space, first, n, out);
}

static size_t copy_binary(const row_space_t *space, uint64_t first, size_t n, char *out)
{
    return rows_write(binary_write, binary_tables(), space, first, n, out);
}

encode_fn *const ENCODE_VARIANT[ENCODE_FORMATS] = {
    [ENCODE_COPY_TEXT] = copy_text,
    [ENCODE_COPY_BINARY] = copy_binary,
    [ENCODE_CSV] = csv,
};

#endif

#endif
