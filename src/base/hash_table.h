/*
 * hash_table: items of one size, each found by the key that it begins with: a uint64_t, never 0.
 * Open addressing with linear probing, at most three quarters full; it grows by doubling. The table
 * is its owner's; one thread at a time. Nothing is allocated before the first item.
 *
 *     hash_table_t table = {.item_bytes = sizeof(item_t)};
 *     item_t *item = hash_table_add(&table, key);
 */
#ifndef CDCBENCH_BASE_HASH_TABLE_H
#define CDCBENCH_BASE_HASH_TABLE_H

#include <stddef.h>
#include <stdint.h>

typedef struct {
    size_t item_bytes; /* a multiple of 8, set by the owner: the key and what belongs to it */
    size_t n;          /* items in it */
    size_t capacity;   /* a power of two, or 0: places of item_bytes each */
    unsigned char *places;
} hash_table_t;

void hash_table_free(hash_table_t *table);

/* The item of that key, NULL when there is none. It stays where it is until another is added or
 * removed. */
void *hash_table_find(const hash_table_t *table, uint64_t key);

/* The same; made if need be: all zeros behind its key. NULL when memory is out. */
void *hash_table_add(hash_table_t *table, uint64_t key);

/* Takes an item out that was found in the table. */
void hash_table_remove(hash_table_t *table, void *item);

/* Walks over the items, in no particular order: *at starts at 0; NULL at the end. */
void *hash_table_next(const hash_table_t *table, size_t *at);

#endif
