/*
 * copy_array: keys and amounts of many rows as parameters in PostgreSQL's binary form, text[] and
 * numeric[] (src/backend/utils/adt/arrayfuncs.c: array_recv): the server reads them without looking
 * at each character, which is a good part of what one UPDATE over arrays costs beside the rows.
 *
 *   i32 dimensions 1 · i32 nulls 0 · i32 type of an element · i32 elements · i32 lower bound 1
 *   { i32 length · bytes } for each element, all big-endian
 *
 * A writer is on its caller's stack and writes into memory of its caller's. Any thread.
 */
#ifndef CDCBENCH_MODEL_ENCODE_COPY_ARRAY_H
#define CDCBENCH_MODEL_ENCODE_COPY_ARRAY_H

#include "model/row.h"

#define ARRAY_HEAD_BYTES   20
#define ARRAY_KEY_BYTES    (4 + ROW_KEY_LEN)
#define ARRAY_AMOUNT_BYTES 16 /* at most */

typedef struct {
    char *begin, *at;
    uint32_t n;
} array_writer_t;

/* Begins an array at `out`, which has room for the head and all elements that are added. */
void array_begin_keys(array_writer_t *array, char *out);    /* text[] */
void array_begin_amounts(array_writer_t *array, char *out); /* numeric[] */

void array_add_key(array_writer_t *array, const row_space_t *space, uint64_t row);

/* Below 10,000.00. */
void array_add_amount(array_writer_t *array, uint32_t cents);

/* Fills in the number of elements; the array's bytes. PostgreSQL takes an array without elements in
 * another form only: at least one was added. */
size_t array_end(array_writer_t *array);

#endif
