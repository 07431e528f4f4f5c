#include "base/nearest.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define NAME_MAX_LEN 63 /* of a name, as typed, that a near one is looked for */

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Levenshtein's distance: insertions, deletions and replacements that make b of a. `row` holds the
 * distances of the prefixes of b from the prefix of a that was looked at last. */
static size_t distance(const char *a, size_t a_len, const char *b)
{
    size_t row[NAME_MAX_LEN + 1];
    size_t b_len = strlen(b);
    if (b_len > NAME_MAX_LEN) {
        return SIZE_MAX;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t replaced = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            row[j] = least(replaced, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_len];
}

/* How far a typed name is from one that exists; its beginning (insert-r) is one step away. */
static size_t steps(const char *typed, size_t len, const char *name)
{
    if (len >= 3 && strncmp(typed, name, len) == 0) {
        return 1;
    }
    return distance(typed, len, name);
}

nearest_t nearest_begin(const char *typed, size_t len)
{
    /* More steps than these are a different word. */
    return (nearest_t){.typed = typed, .len = len, .fewest = len / 3 + 1};
}

void nearest_offer(nearest_t *nearest, const char *name)
{
    if (nearest->len > NAME_MAX_LEN) {
        return;
    }
    size_t n = steps(nearest->typed, nearest->len, name);
    if (n < nearest->fewest || (n == nearest->fewest && nearest->name == NULL)) {
        nearest->fewest = n;
        nearest->name = name;
    }
}

const char *nearest_hint(nearest_t *nearest)
{
    if (nearest->name != NULL) {
        snprintf(nearest->hint, sizeof nearest->hint, ": did you mean %s?", nearest->name);
    }
    return nearest->hint;
}
