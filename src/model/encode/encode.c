#include "model/encode/encode.h"

#include <assert.h>
#include <string.h>

#include "model/encode/copy_rows.h"

const char *const encode_path_names[ENCODE_PATHS] = {
    [ENCODE_PORTABLE] = "portable",
    [ENCODE_AVX2] = "avx2",
};

bool encode_path_runs(encode_path_t path)
{
    if (path == ENCODE_PORTABLE)
        return true;
#if defined(__x86_64__)
    return encode_avx2[0] != NULL && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

encode_path_t encode_best_path(void)
{
    return encode_path_runs(ENCODE_AVX2) ? ENCODE_AVX2 : ENCODE_PORTABLE;
}

size_t encode_rows_by(encode_path_t path, encode_format_t format, const row_space_t *space,
                      uint64_t first, size_t n, char *out)
{
    assert(encode_path_runs(path) && format < ENCODE_FORMATS);
    encode_fn *encode = path == ENCODE_AVX2 ? encode_avx2[format] : encode_portable[format];
    return encode(space, first, n, out);
}

size_t encode_rows(encode_format_t format, const row_space_t *space, uint64_t first, size_t n,
                   char *out)
{
    return encode_rows_by(encode_best_path(), format, space, first, n, out);
}

size_t encode_head(encode_format_t format, char out[ENCODE_FRAME_MAX])
{
    /* signature · i32 flags 0 · i32 length of the header's extension 0 */
    static const char binary[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    if (format != ENCODE_COPY_BINARY)
        return 0;
    memcpy(out, binary, sizeof binary);
    return sizeof binary;
}

size_t encode_tail(encode_format_t format, char out[ENCODE_FRAME_MAX])
{
    if (format != ENCODE_COPY_BINARY)
        return 0;
    memset(out, 0xff, 2); /* i16 −1 where the number of columns would stand */
    return 2;
}

/* ---- rows of any table, column by column */

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
