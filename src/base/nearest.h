/* nearest: the name that somebody probably meant. Pure; any thread. */
#ifndef CDCBENCH_BASE_NEAREST_H
#define CDCBENCH_BASE_NEAREST_H

#include <stddef.h>

/* Begin with nearest_begin, offer every name that is allowed, then take `name`: the nearest of
 * them, NULL when none is near. */
typedef struct {
    const char *name;
    const char *typed; /* borrowed */
    size_t len, fewest;
    char hint[128];
} nearest_t;

nearest_t nearest_begin(const char *typed, size_t len);
void nearest_offer(nearest_t *nearest, const char *name);

/* ": did you mean NAME?", kept in *nearest; "" when none is near. */
const char *nearest_hint(nearest_t *nearest);

#endif
