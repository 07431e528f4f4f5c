#include "fields.h"

#include "model/encode/copy_rows.h"

/* Keeps what was drawn alive where no column reads it. */
#define KEEP(draw) __asm__ volatile("" : : "r"(&(draw)) : "memory")

ALWAYS_INLINE size_t write_part(const row_space_t *space, uint64_t first, size_t n, char *out,
                                int column)
{
    const line_tables_t *tables = line_tables_text();
    draw_t draw;
    char *at = out;
    for (size_t done = 0; done < n; done += DRAW_ROWS) {
        unsigned rows = n - done < DRAW_ROWS ? (unsigned)(n - done) : DRAW_ROWS;
        draw_rows(space, first + done, &draw);
        KEEP(draw);
        for (unsigned i = 0; i < rows; i++)
            at = line_column(tables, TEXT_MERCHANT_SLOT, &draw, i, column, at);
    }
    return (size_t)(at - out);
}

#define PART(name, column)                                                                         \
    static size_t name(const row_space_t *space, uint64_t first, size_t n, char *out)              \
    {                                                                                              \
        return write_part(space, first, n, out, column);                                           \
    }

PART(draw, -1)
PART(transaction_id, TX_TRANSACTION_ID)
PART(user_id, TX_USER_ID)
PART(timestamp, TX_TIMESTAMP)
PART(amount_currency, TX_AMOUNT)
PART(city, TX_CITY)
PART(country, TX_COUNTRY)
PART(merchant_name, TX_MERCHANT_NAME)
PART(payment_method, TX_PAYMENT_METHOD)
PART(ip_voucher, TX_IP_ADDRESS)
PART(affiliateid, TX_AFFILIATEID)

const field_part_t field_parts[] = {
    {"draw", draw},
    {"transaction_id", transaction_id},
    {"user_id", user_id},
    {"timestamp", timestamp},
    {"amount+currency", amount_currency},
    {"city", city},
    {"country", country},
    {"merchant_name", merchant_name},
    {"payment_method", payment_method},
    {"ip_address+voucher_code", ip_voucher},
    {"affiliateid", affiliateid},
};
const size_t n_field_parts = sizeof field_parts / sizeof *field_parts;
