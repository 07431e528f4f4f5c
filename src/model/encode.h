/*
 * encode: rows into the bytes that COPY takes. One of the three hot paths: encode_text.c is the
 * only file here where clever is welcome. Pure; any thread; nothing is allocated.
 */
#ifndef CDCBENCH_MODEL_ENCODE_H
#define CDCBENCH_MODEL_ENCODE_H

#include "model/row.h"

/* Writes rows first … first + n − 1 (version 0) as COPY text, one line each, and returns the bytes
 * written. `out` has room for n × ROW_TEXT_MAX. */
size_t encode_copy_text(const row_space_t *space, uint64_t first, size_t n, char *out);

#endif
