#include "model/encode.h"

#include "model/row_draw.h"

size_t encode_copy_text(const row_space_t *space, uint64_t first, size_t n, char *out)
{
    char *at = out;
    uint16_t start[TX_LOADED + 1];
    for (uint64_t row = first; row < first + n; row++)
        at += row_write(space, row, at, start);
    return (size_t)(at - out);
}
