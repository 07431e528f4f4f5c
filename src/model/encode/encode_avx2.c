/* The encoders for x86-64 with AVX2, for which this file alone is compiled. */
#if defined(__AVX2__)
#define ENCODE_VARIANT encode_avx2
#include "model/encode/encode_variant.h"
#else
#include "model/encode/encode_variants.h"
encode_fn *const encode_avx2[ENCODE_FORMATS] = {0}; /* another architecture: never chosen */
#endif
