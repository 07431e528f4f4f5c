/*
 * slot: a text put into a slot of one of the tables that rows are put together from (row_tables.c,
 * encode_tables.c), with its length. Private to the layer; used while a table is composed.
 */
#ifndef CDCBENCH_MODEL_SLOT_H
#define CDCBENCH_MODEL_SLOT_H

#include <assert.h>
#include <stdint.h>
#include <string.h>

/* Fills a slot's text of `max` characters; what does not fit is a mistake in the word lists.
 * Returns the length. */
static inline uint8_t slot_put(char *slot, size_t max, const char *text)
{
    size_t len = strlen(text);
    assert(len <= max);
    if (len > max)
        len = max;
    /* A slot has a length, and no NUL. */
    memcpy(slot, text, len); /* NOLINT(bugprone-not-null-terminated-result) */
    return (uint8_t)len;
}

#define SLOT_PUT(slot, text_) ((slot)->len = slot_put((slot)->text, sizeof(slot)->text, (text_)))

#endif
