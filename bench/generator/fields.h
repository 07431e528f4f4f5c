/*
 * fields: the parts of a row of COPY text, each alone, so that its cost can be seen: "draw" is the
 * hashes and keys of all, the others are the draw and one column. Compiled for AVX2 where the
 * architecture has it: the machine must have it too (encode_path_runs).
 */
#ifndef CDCBENCH_BENCH_GENERATOR_FIELDS_H
#define CDCBENCH_BENCH_GENERATOR_FIELDS_H

#include "model/row.h"

typedef size_t field_fn(const row_space_t *space, uint64_t first, size_t n, char *out);

typedef struct {
    const char *name;
    field_fn *write;
} field_part_t;

extern const field_part_t field_parts[];
extern const size_t n_field_parts;

#endif
