#include "base/array.h"

#include <stdint.h>
#include <stdlib.h>

#define FIRST_CAP 16

void *array_room(void *items, size_t n, size_t *cap, size_t item_bytes)
{
    if (n < *cap) {
        return items;
    }
    size_t more = *cap == 0 ? FIRST_CAP : *cap * 2;
    if (more > SIZE_MAX / 2 / item_bytes) {
        return NULL;
    }
    void *grown = realloc(items, more * item_bytes);
    if (grown != NULL) {
        *cap = more;
    }
    return grown;
}
