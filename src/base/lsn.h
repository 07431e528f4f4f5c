/*
 * lsn: a position in the server's log as PostgreSQL writes it, "16/B374D848": the high and the low
 * 32 bits, in hex. Pure; any thread.
 */
#ifndef CDCBENCH_BASE_LSN_H
#define CDCBENCH_BASE_LSN_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What is written stands until the end of the expression that it is made in. */
typedef struct {
    char text[18];
} lsn_text_t;

static inline lsn_text_t lsn_text(uint64_t lsn)
{
    lsn_text_t out;
    snprintf(out.text, sizeof out.text, "%X/%X", (unsigned)(lsn >> 32), (unsigned)lsn);
    return out;
}

/* False when the whole of text is no such position; *out is written on success alone. */
static inline bool lsn_parse(const char *text, uint64_t *out)
{
    unsigned high, low;
    int end = 0;
    if (sscanf(text, "%8x/%8x%n", &high, &low, &end) != 2 || text[end] != '\0') {
        return false;
    }
    *out = (uint64_t)high << 32 | low;
    return true;
}

#endif
