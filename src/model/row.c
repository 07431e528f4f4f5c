#include "model/row.h"

#include <assert.h>

#include "base/bytes.h"
#include "base/hash.h"
#include "model/row_draw.h"

/* What is hashed with the seed to derive each constant: docs/rows.md, "From the seed". */
enum {
    LABEL_ROW = 1,
    LABEL_CHECK = 2,
    LABEL_PERM_XOR = 3,
    LABEL_PERM_MUL0 = 4,
    LABEL_PERM_MUL1 = 5,
    LABEL_AMOUNT_STEP = 6,
    LABEL_TABLE = 7,
};

/* The inverse of an odd number modulo 2^64 (and so modulo 2^60): Newton's iteration, which doubles
 * the bits that are right with each step, from the 3 that x has itself (x × x = 1 mod 8). */
static uint64_t odd_inverse(uint64_t odd)
{
    uint64_t inverse = odd;
    for (int bits = 3; bits < 64; bits *= 2)
        inverse *= 2 - odd * inverse;
    return inverse;
}

static uint32_t gcd(uint32_t a, uint32_t b)
{
    while (b != 0) {
        uint32_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The inverse of a modulo m, for gcd(a, m) = 1: extended Euclid. */
static uint32_t modular_inverse(uint32_t a, uint32_t m)
{
    int64_t r0 = m, r1 = a, t0 = 0, t1 = 1;
    while (r1 != 0) {
        int64_t quotient = r0 / r1;
        int64_t r2 = r0 - quotient * r1;
        int64_t t2 = t0 - quotient * t1;
        r0 = r1;
        r1 = r2;
        t0 = t1;
        t1 = t2;
    }
    return (uint32_t)(t0 < 0 ? t0 + m : t0);
}

void row_space_init(row_space_t *space, uint64_t seed, key_kind_t key_kind)
{
    *space = (row_space_t){
        .seed = seed,
        .key_kind = key_kind,
        .row_seed = hash_u64(seed, LABEL_ROW),
        .check_seed = hash_u64(seed, LABEL_CHECK),
        .table_seed = hash_u64(seed, LABEL_TABLE),
        .perm_xor = hash_u64(seed, LABEL_PERM_XOR) & ROW_KEY_MASK,
        .perm_mul = {hash_u64(seed, LABEL_PERM_MUL0) | 1, hash_u64(seed, LABEL_PERM_MUL1) | 1},
        .tables = row_tables(),
    };
    for (int k = 0; k < 2; k++)
        space->perm_inv[k] = odd_inverse(space->perm_mul[k]);

    uint32_t draw = (uint32_t)(hash_u64(seed, LABEL_AMOUNT_STEP) >> 32);
    uint32_t step = 1 + hash_below(draw, ROW_CENTS_COUNT - 1);
    while (gcd(step, ROW_CENTS_COUNT) != 1)
        step = step % (ROW_CENTS_COUNT - 1) + 1;
    space->amount_step = step;
    space->amount_step_inv = modular_inverse(step, ROW_CENTS_COUNT);
}

/* row_permute undone. Each step can be: a multiplication by an odd number by its inverse, x ^= x >>
 * s by folding again with s and 2s (3s is past 60). */
static uint64_t unpermute(const row_space_t *space, uint64_t x)
{
    x ^= (x >> 29) ^ (x >> 58);
    x = (x * space->perm_inv[1]) & ROW_KEY_MASK;
    x ^= x >> 31;
    x = (x * space->perm_inv[0]) & ROW_KEY_MASK;
    return x ^ space->perm_xor;
}

/* The version nibble stands in bits 12 to 15 of a UUID's high half (RFC 9562, section 4). */
static uint64_t uuid_version(key_kind_t kind)
{
    return kind == KEY_UUID4 ? 4 : 7;
}

uuid_t row_uuid(const row_space_t *space, uint64_t row)
{
    assert(row <= ROW_KEY_MASK);
    uint64_t bits = space->key_kind == KEY_UUID4 ? row_permute(space, row) : row_time_bits(row);
    return (uuid_t){
        .high = (bits >> 12) << 16 | uuid_version(space->key_kind) << 12 | (bits & 0xfff),
        .low = UINT64_C(1) << 63 | hash_u64(space->check_seed, bits) >> 2,
    };
}

void row_key(const row_space_t *space, uint64_t row, char out[ROW_KEY_LEN])
{
    uuid_write(space->tables, row_uuid(space, row), out);
}

/* The 32 bits that eight lower-case hexadecimal digits write. What a byte that is none would make
 * does not come out as that byte again: *differ is then not zero. */
static inline uint64_t hex_parse(uint64_t word, uint64_t *differ)
{
    uint64_t nibbles = (word & BYTES_ONES * 0x0f) + (word >> 6 & BYTES_ONES) * 9;
    uint64_t letters = (nibbles + BYTES_ONES * 6) >> 4 & BYTES_ONES;
    uint64_t written = nibbles + BYTES_ONES * '0' + letters * ('a' - '9' - 1);
    *differ |= (written ^ word) | (nibbles & BYTES_ONES * 0xf0);
    uint64_t bits = __builtin_bswap64(nibbles);
    bits = (bits | bits >> 4) & UINT64_C(0x00ff00ff00ff00ff);
    bits = (bits | bits >> 8) & UINT64_C(0x0000ffff0000ffff);
    return (bits | bits >> 16) & UINT32_MAX;
}

static inline uint64_t two_halves(const char *first, const char *second)
{
    return bytes_half(first) | (uint64_t)bytes_half(second) << 32;
}

/* Reads 8-4-4-4-12 lower-case hexadecimal digits. */
static bool uuid_parse(const char *text, size_t len, uuid_t *uuid)
{
    if (len != ROW_KEY_LEN || text[8] != '-' || text[13] != '-' || text[18] != '-' ||
        text[23] != '-')
        return false;
    uint64_t differ = 0;
    uuid->high = hex_parse(bytes_word(text), &differ) << 32;
    uuid->high |= hex_parse(two_halves(text + 9, text + 14), &differ);
    uuid->low = hex_parse(two_halves(text + 19, text + 24), &differ) << 32;
    uuid->low |= hex_parse(bytes_word(text + 28), &differ);
    return differ == 0;
}

bool row_of_key(const row_space_t *space, const char *key, size_t len, uint64_t *row)
{
    uuid_t uuid;
    if (!uuid_parse(key, len, &uuid))
        return false;
    uint64_t bits = (uuid.high >> 16) << 12 | (uuid.high & 0xfff);
    *row = space->key_kind == KEY_UUID4 ? unpermute(space, bits)
                                        : (bits - (UUID7_START_MS << 12)) & ROW_KEY_MASK;
    uuid_t made = row_uuid(space, *row);
    return made.high == uuid.high && made.low == uuid.low;
}

uint32_t row_amount_base(const row_space_t *space, uint64_t row)
{
    return row_draw_amount(row_hash(space, row));
}

uint32_t row_amount_cents_from(const row_space_t *space, uint32_t base, uint32_t version)
{
    uint64_t steps = (uint64_t)(version % ROW_VERSIONS) * space->amount_step;
    return ROW_CENTS_MIN + (uint32_t)((base + steps) % ROW_CENTS_COUNT);
}

uint32_t row_amount_cents(const row_space_t *space, uint64_t row, uint32_t version)
{
    return row_amount_cents_from(space, row_amount_base(space, row), version);
}

bool row_version_of_cents(const row_space_t *space, uint32_t base, uint32_t cents,
                          uint32_t *version)
{
    if (cents < ROW_CENTS_MIN || cents - ROW_CENTS_MIN >= ROW_CENTS_COUNT)
        return false;
    uint64_t distance = cents - ROW_CENTS_MIN + ROW_CENTS_COUNT - base;
    *version = (uint32_t)(distance * space->amount_step_inv % ROW_CENTS_COUNT);
    return *version < ROW_VERSIONS;
}

size_t row_amount_text(uint32_t cents, char *out)
{
    uint32_t whole = cents / 100, fraction = cents % 100;
    size_t digits = 1;
    for (uint64_t power = 10; whole >= power; power *= 10)
        digits++;
    for (size_t at = digits; at-- > 0; whole /= 10)
        out[at] = (char)('0' + whole % 10);
    out[digits] = '.';
    out[digits + 1] = (char)('0' + fraction / 10);
    out[digits + 2] = (char)('0' + fraction % 10);
    return digits + 3;
}

bool row_amount_parse(const char *text, size_t len, uint32_t *cents)
{
    uint64_t value = 0;
    size_t at = 0;
    while (at < len && text[at] >= '0' && text[at] <= '9' && at < 10)
        value = value * 10 + (uint64_t)(text[at++] - '0');
    size_t decimals = 0;
    if (at > 0 && at + 1 < len && text[at] == '.') {
        at++;
        for (; decimals < 2 && at < len && text[at] >= '0' && text[at] <= '9'; decimals++)
            value = value * 10 + (uint64_t)(text[at++] - '0');
    }
    if (at == 0 || at != len)
        return false;
    for (; decimals < 2; decimals++)
        value *= 10;
    if (value > UINT32_MAX)
        return false;
    *cents = (uint32_t)value;
    return true;
}

int64_t row_timestamp_us(const row_space_t *space, uint64_t row)
{
    uint64_t times = hash_word(row_hash(space, row), WORD_TIME_AND_IP);
    int64_t second = row_second((uint32_t)(times >> 32));
    return (ROW_TIMESTAMP_START_S + second) * 1000000;
}

/* ---- the row as text */

static uuid_t affiliate(uint64_t hash)
{
    return uuid_of_words(hash_word(hash, WORD_AFFILIATE_HIGH), hash_word(hash, WORD_AFFILIATE_LOW));
}

/* hash_below(draw, 731 × 86400) in mixed radix: days, minutes and seconds fall out of one
 * multiplication each, the fraction carried on; no division. */
static char *timestamp_write(const row_tables_t *tables, uint32_t draw, char *at)
{
    uint64_t days = (uint64_t)draw * ROW_DAYS;
    uint64_t minutes = (days & UINT32_MAX) * UINT64_C(1440);
    uint64_t seconds = (minutes & UINT32_MAX) * 60;
    at = SLOT_APPEND(at, &tables->dates[days >> 32]);
    at = SLOT_APPEND(at, &tables->minutes[minutes >> 32]);
    memcpy(at, tables->pairs[seconds >> 32], 2);
    return at + 2;
}

static char *amount_write(const row_tables_t *tables, uint32_t cents, char *at)
{
    at = SLOT_APPEND(at, &tables->wholes[cents / 100 - ROW_CENTS_MIN / 100]);
    memcpy(at, tables->pairs[cents % 100], 2);
    return at + 2;
}

/* The last octet's slot ends with a dot too, where the next column's tab will stand. */
static char *ip_write(const row_tables_t *tables, uint32_t draw, char *at)
{
    at = SLOT_APPEND(at, &tables->first_octets[draw >> 24]);
    at = SLOT_APPEND(at, &tables->octets[(draw >> 16) & 0xff]);
    at = SLOT_APPEND(at, &tables->octets[(draw >> 8) & 0xff]);
    return SLOT_APPEND(at, &tables->octets[draw & 0xff]) - 1;
}

size_t row_write(const row_space_t *space, uint64_t row, char *out, uint16_t start[TX_LOADED + 1])
{
    const row_tables_t *tables = space->tables;
    uint64_t hash = row_hash(space, row);
    uint64_t draws = hash_word(hash, WORD_TIME_AND_IP);
    uint64_t choices = hash_word(hash, WORD_CHOICES);
    char *at = out;

#define COLUMN_END(next, end) (*at++ = (end), start[next] = (uint16_t)(at - out))
    start[TX_TRANSACTION_ID] = 0;
    at = uuid_write(tables, row_uuid(space, row), at);
    COLUMN_END(TX_USER_ID, '\t');
    at = SLOT_APPEND(at, &tables->users[choices & 0xfff]);
    at = SLOT_APPEND(at, &tables->user_digits[(choices >> 52) & 0xff]);
    COLUMN_END(TX_TIMESTAMP, '\t');
    at = timestamp_write(tables, (uint32_t)(draws >> 32), at);
    COLUMN_END(TX_AMOUNT, '\t');
    at = amount_write(tables, ROW_CENTS_MIN + row_draw_amount(hash), at);
    COLUMN_END(TX_CURRENCY, '\t');
    at = SLOT_APPEND(at, &tables->currencies[(choices >> 60) & 1]);
    COLUMN_END(TX_CITY, '\t');
    at = SLOT_APPEND(at, &tables->cities[(choices >> 12) & 0xfff]);
    COLUMN_END(TX_COUNTRY, '\t');
    at = SLOT_APPEND(at, &tables->countries[(((choices >> 36) & 0xffff) * ROW_COUNTRIES) >> 16]);
    COLUMN_END(TX_MERCHANT_NAME, '\t');
    at = SLOT_APPEND(at, &tables->merchants[(choices >> 24) & 0xfff]);
    COLUMN_END(TX_PAYMENT_METHOD, '\t');
    at = SLOT_APPEND(at, &tables->payment_methods[choices >> 62]);
    COLUMN_END(TX_IP_ADDRESS, '\t');
    at = ip_write(tables, (uint32_t)draws, at);
    COLUMN_END(TX_VOUCHER_CODE, '\t');
    at = SLOT_APPEND(at, &tables->vouchers[(choices >> 61) & 1]);
    COLUMN_END(TX_AFFILIATEID, '\t');
    at = uuid_write(tables, affiliate(hash), at);
    COLUMN_END(TX_LOADED, '\n');
#undef COLUMN_END
    return (size_t)(at - out);
}

void row_text(const row_space_t *space, uint64_t row, row_text_t *out)
{
    row_write(space, row, out->text, out->start);
}
