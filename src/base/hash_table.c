#include "base/hash_table.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define CAPACITY_FIRST 1024u

static void *place(const hash_table_t *table, size_t i)
{
    return table->places + i * table->item_bytes;
}

/* 0: the place is free. */
static uint64_t key_at(const hash_table_t *table, size_t i)
{
    return *(const uint64_t *)place(table, i);
}

static size_t home_of(const hash_table_t *table, uint64_t key)
{
    return (size_t)hash_word(key, 0) & (table->capacity - 1);
}

/* The place that holds this key, or the free one where it would go. There is always a free one. */
static size_t place_of(const hash_table_t *table, uint64_t key)
{
    assert(key != 0);
    size_t i = home_of(table, key);
    while (key_at(table, i) != 0 && key_at(table, i) != key) {
        i = (i + 1) & (table->capacity - 1);
    }
    return i;
}

void hash_table_free(hash_table_t *table)
{
    free(table->places);
    *table = (hash_table_t){.item_bytes = table->item_bytes};
}

void *hash_table_find(const hash_table_t *table, uint64_t key)
{
    if (table->n == 0) {
        return NULL;
    }
    size_t i = place_of(table, key);
    return key_at(table, i) == key ? place(table, i) : NULL;
}

static bool grow(hash_table_t *table)
{
    hash_table_t more = *table;
    more.capacity = table->capacity == 0 ? CAPACITY_FIRST : table->capacity * 2;
    more.places = calloc(more.capacity, more.item_bytes);
    if (more.places == NULL) {
        return false;
    }
    size_t at = 0;
    for (const void *item; (item = hash_table_next(table, &at)) != NULL;) {
        uint64_t key = *(const uint64_t *)item;
        memcpy(place(&more, place_of(&more, key)), item, more.item_bytes);
    }
    free(table->places);
    *table = more;
    return true;
}

void *hash_table_add(hash_table_t *table, uint64_t key)
{
    void *item = hash_table_find(table, key);
    if (item != NULL) {
        return item;
    }
    if ((table->n + 1) * 4 > table->capacity * 3 && !grow(table)) {
        return NULL;
    }
    assert(table->places != NULL); /* it has grown at least once */
    item = place(table, place_of(table, key));
    *(uint64_t *)item = key;
    table->n++;
    return item;
}

/* Moves back whatever the place that became free would cut off from its home (Knuth, The Art of
 * Computer Programming, volume 3, 6.4, algorithm R). */
void hash_table_remove(hash_table_t *table, void *item)
{
    size_t mask = table->capacity - 1;
    size_t hole = (size_t)((unsigned char *)item - table->places) / table->item_bytes;
    for (size_t i = (hole + 1) & mask; key_at(table, i) != 0; i = (i + 1) & mask) {
        if (((i - home_of(table, key_at(table, i))) & mask) >= ((i - hole) & mask)) {
            memcpy(place(table, hole), place(table, i), table->item_bytes);
            hole = i;
        }
    }
    memset(place(table, hole), 0, table->item_bytes);
    table->n--;
}

void *hash_table_next(const hash_table_t *table, size_t *at)
{
    while (*at < table->capacity) {
        size_t i = (*at)++;
        if (key_at(table, i) != 0) {
            return place(table, i);
        }
    }
    return NULL;
}
