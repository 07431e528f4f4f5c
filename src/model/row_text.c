#include "model/row_draw.h"

/* Copies a whole slot (its size is a constant, so this is a move or two) and keeps `len` of it. */
#define SLOT_APPEND(at, slot) (memcpy((at), (slot)->text, sizeof(slot)->text), (at) + (slot)->len)

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
