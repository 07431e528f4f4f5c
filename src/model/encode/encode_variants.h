/*
 * encode_variants: the encoders once for each instruction set; encode.c chooses. Private to the
 * layer.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_VARIANTS_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_VARIANTS_H

#include "model/encode/encode.h"

typedef size_t encode_fn(const row_space_t *space, uint64_t first, size_t n, char *out);

extern encode_fn *const encode_portable[ENCODE_FORMATS], *const encode_avx2[ENCODE_FORMATS];

#endif
