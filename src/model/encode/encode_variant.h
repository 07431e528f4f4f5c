/*
 * encode_variant: the encoders of one instruction set, in a table named ENCODE_VARIANT. Included by
 * encode_portable.c and encode_avx2.c alone, each compiled for its own (src/CMakeLists.txt);
 * whatever these headers hold is inlined, so nothing compiled for the one is called by the other.
 */
#include "model/encode/encode_binary.h"
#include "model/encode/encode_lines.h"
#include "model/encode/encode_variants.h"

static size_t copy_text(const row_space_t *space, uint64_t first, size_t n, char *out)
{
    return lines_write(space, first, n, out, line_tables_text(), TEXT_MERCHANT_SLOT);
}

static size_t csv(const row_space_t *space, uint64_t first, size_t n, char *out)
{
    return lines_write(space, first, n, out, line_tables_csv(), CSV_MERCHANT_SLOT);
}

static size_t copy_binary(const row_space_t *space, uint64_t first, size_t n, char *out)
{
    const binary_tables_t *tables = binary_tables();
    draw_t draw;
    char *at = out;
    for (size_t done = 0; done < n; done += DRAW_ROWS) {
        unsigned rows = n - done < DRAW_ROWS ? (unsigned)(n - done) : DRAW_ROWS;
        draw_rows(space, first + done, &draw);
        for (unsigned i = 0; i < rows; i++) {
            encode_prefetch(at);
            at = binary_write(tables, &draw, i, at);
        }
    }
    return (size_t)(at - out);
}

encode_fn *const ENCODE_VARIANT[ENCODE_FORMATS] = {
    [ENCODE_COPY_TEXT] = copy_text,
    [ENCODE_COPY_BINARY] = copy_binary,
    [ENCODE_CSV] = csv,
};
