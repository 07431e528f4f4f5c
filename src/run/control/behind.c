#include "run/control/behind.h"

#include <stdlib.h>

#include "base/array.h"
#include "base/clock.h"

bool behind_init(behind_t *b, int64_t start_ns)
{
    *b = (behind_t){0};
    return behind_add(b, start_ns, 0);
}

void behind_free(behind_t *b)
{
    free(b->totals);
    *b = (behind_t){0};
}

bool behind_add(behind_t *b, int64_t at_ns, uint64_t acknowledged)
{
    void *room = array_room(b->totals, b->n, &b->cap, sizeof *b->totals);
    if (room == NULL)
        return false;
    b->totals = room;
    b->totals[b->n].at_ns = at_ns;
    b->totals[b->n++].acknowledged = acknowledged;
    return true;
}

/* The last of the totals that `seen` covers; the first covers nothing, so there is one. */
static size_t last_covered(const behind_t *b, uint64_t seen)
{
    size_t low = 0, high = b->n; /* low is covered, high is not */
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (b->totals[middle].acknowledged <= seen)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int64_t behind_us(const behind_t *b, uint64_t seen)
{
    size_t i = last_covered(b, seen);
    if (i + 1 == b->n)
        return 0;
    int64_t span_ns = b->totals[i + 1].at_ns - b->totals[i].at_ns;
    uint64_t more = b->totals[i + 1].acknowledged - b->totals[i].acknowledged;
    double share = (double)(seen - b->totals[i].acknowledged) / (double)more;
    int64_t then_ns = b->totals[i].at_ns + (int64_t)((double)span_ns * share);
    return (b->totals[b->n - 1].at_ns - then_ns) / NS_PER_US;
}
