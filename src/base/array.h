/*
 * array: growing arrays of any type, as a pointer, a number and a capacity that their owner keeps
 * and frees. Growth doubles, so that appending is amortised O(1). No state: any thread.
 *
 *     item_t *items = array_room(list->items, list->n, &list->cap, sizeof *items);
 *     if (items == NULL)
 *         return false;
 *     list->items = items;
 *     items[list->n++] = …;
 */
#ifndef CDCBENCH_BASE_ARRAY_H
#define CDCBENCH_BASE_ARRAY_H

#include <stddef.h>

/* The items, with room for one more behind the n that are there: those given, or what they were
 * moved to, with *cap set. Begins with NULL and a capacity of 0. NULL when memory is out: then the
 * items given are as they were, and still the owner's. */
void *array_room(void *items, size_t n, size_t *cap, size_t item_bytes);

#endif
