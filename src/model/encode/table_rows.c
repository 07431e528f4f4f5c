#include "model/encode/table_rows.h"

#include "base/hash.h"
#include "model/encode/encode.h"

uint64_t table_row_hash(const row_space_t *space, uint64_t row)
{
    return hash_u64(space->table_seed, row);
}

static uint64_t column_draw(uint64_t row_hash, size_t column)
{
    return hash_word(row_hash, column + 1);
}

/* The key and the amount are those of any table; both look the same in COPY text. */
static size_t role_value(const row_space_t *space, const column_t *column, uint64_t row, char *out)
{
    if (column->role == ROLE_AMOUNT)
        return row_amount_text(row_amount_cents(space, row, 0), out);
    row_key(space, row, out);
    return ROW_KEY_LEN;
}

size_t table_value(const row_space_t *space, const table_t *table, uint64_t row, uint64_t row_hash,
                   size_t column, char *out)
{
    const column_t *c = &table->columns[column];
    if (c->role != ROLE_GENERATED)
        return role_value(space, c, row, out);
    return generate(&c->generator, space->tables, row, column_draw(row_hash, column), out);
}

static char *put_row(const row_space_t *space, const table_t *table, uint64_t row, char *at)
{
    uint64_t row_hash = table_row_hash(space, row);
    for (size_t c = 0; c < table->n_loaded; c++) {
        const column_t *column = &table->columns[c];
        at += column->role != ROLE_GENERATED
                  ? role_value(space, column, row, at)
                  : generate_copy_text(&column->generator, space->tables, row,
                                       column_draw(row_hash, c), at);
        *at++ = c + 1 < table->n_loaded ? '\t' : '\n';
    }
    return at;
}

size_t table_copy_text(const row_space_t *space, const table_t *table, uint64_t first,
                       uint64_t step, size_t n, char *out, size_t room, size_t *rows)
{
    size_t fit = room / table->row_bytes_max;
    char *at = out;
    *rows = n < fit ? n : fit;
    if (table->is_transactions && step == 1)
        return encode_rows(ENCODE_COPY_TEXT, space, first, *rows, out);
    for (size_t i = 0; i < *rows; i++) {
        uint64_t row = first + i * step;
        if (table->is_transactions)
            at += encode_rows(ENCODE_COPY_TEXT, space, row, 1, at);
        else
            at = put_row(space, table, row, at);
    }
    return (size_t)(at - out);
}
