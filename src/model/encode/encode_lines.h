/*
 * encode_lines: rows as lines of COPY text or csv: both are the same copies of slots, out of tables
 * that hold the words of either form. Inlined into each encoder's variants. Pure; any thread.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_LINES_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_LINES_H

#include "model/encode/encode_hex.h"
#include "model/encode/encode_tables.h"

/* Copies a whole slot (its size is a constant, so this is a move or two) and keeps `len` of it. */
#define SLOT_COPY(at, slot) (memcpy((at), (slot)->text, sizeof(slot)->text), (at) + (slot)->len)

/* The same where all slots of a table are equally long: nothing waits for a length. */
#define SLOT_COPY_LEN(at, slot, length)                                                            \
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
    at = SLOT_COPY_LEN(at, &tables->dates[days >> 32], DATE_LEN);
    at = SLOT_COPY_LEN(at, &tables->minutes[minutes >> 32], MINUTE_LEN);
    return SLOT_COPY_LEN(at, &tables->seconds[seconds >> 32], SECOND_LEN);
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
        at = SLOT_COPY(at, &tables->users[choices & 0xfff]);
        return SLOT_COPY(at, &tables->user_ends[(choices >> 52) & 0xff]);
    case TX_TIMESTAMP:
        return line_timestamp(tables, (uint32_t)(times >> 32), at);
    case TX_AMOUNT: /* and currency */
        at = SLOT_COPY(at, &tables->wholes[cents / 100 - ROW_CENTS_MIN / 100]);
        return SLOT_COPY_LEN(at, &tables->cents[(choices >> 60) & 1][cents % 100], CENTS_LEN);
    case TX_CITY:
        return SLOT_COPY(at, &tables->cities[(choices >> 12) & 0xfff]);
    case TX_COUNTRY:
        return SLOT_COPY(at,
                         &tables->countries[(((choices >> 36) & 0xffff) * ROW_COUNTRIES) >> 16]);
    case TX_MERCHANT_NAME:
        memcpy(at, merchant, merchant_slot);
        return at + merchant[merchant_slot - 1];
    case TX_PAYMENT_METHOD:
        return SLOT_COPY(at, &tables->payments[choices >> 62]);
    case TX_IP_ADDRESS: /* and voucher_code */
        at = SLOT_COPY(at, &tables->first_octets[(times >> 24) & 0xff]);
        at = SLOT_COPY(at, &tables->octets[(times >> 16) & 0xff]);
        at = SLOT_COPY(at, &tables->octets[(times >> 8) & 0xff]);
        return SLOT_COPY(at, &tables->ends[(choices >> 61) & 1][times & 0xff]);
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

ALWAYS_INLINE size_t lines_write(const row_space_t *space, uint64_t first, size_t n, char *out,
                                 const line_tables_t *tables, size_t merchant_slot)
{
    draw_t draw;
    char *at = out;
    for (size_t done = 0; done < n; done += DRAW_ROWS) {
        unsigned rows = n - done < DRAW_ROWS ? (unsigned)(n - done) : DRAW_ROWS;
        draw_rows(space, first + done, &draw);
        for (unsigned i = 0; i < rows; i++) {
            encode_prefetch(at);
            at = line_write(tables, merchant_slot, &draw, i, at);
        }
    }
    return (size_t)(at - out);
}

#endif
