#include "model/encode/copy_array.h"

#include <assert.h>

#include "model/encode/copy_rows.h"

/* src/include/catalog/pg_type.dat */
enum { TYPE_TEXT = 25, TYPE_NUMERIC = 1700 };

#define COUNT_OFFSET 12 /* of the number of elements */

static void begin(array_writer_t *array, uint32_t type, char *out)
{
    *array = (array_writer_t){.begin = out};
    out = binary_u32(1, out);
    out = binary_u32(0, out);
    out = binary_u32(type, out);
    out = binary_u32(0, out);
    array->at = binary_u32(1, out);
}

void array_begin_keys(array_writer_t *array, char *out)
{
    begin(array, TYPE_TEXT, out);
}

void array_begin_amounts(array_writer_t *array, char *out)
{
    begin(array, TYPE_NUMERIC, out);
}

void array_add_key(array_writer_t *array, const row_space_t *space, uint64_t row)
{
    array->at = binary_u32(ROW_KEY_LEN, array->at);
    row_key(space, row, array->at);
    array->at += ROW_KEY_LEN;
    array->n++;
}

void array_add_amount(array_writer_t *array, uint32_t cents)
{
    assert(cents < 1000000); /* one digit to the base of 10,000 before the point */
    array->at = binary_amount(cents, array->at);
    array->n++;
}

size_t array_end(array_writer_t *array)
{
    assert(array->n > 0);
    binary_u32(array->n, array->begin + COUNT_OFFSET);
    return (size_t)(array->at - array->begin);
}
