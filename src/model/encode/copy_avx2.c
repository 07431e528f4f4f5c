/* The encoders for x86-64 with AVX2, for which this file alone is compiled. */
#if defined(__AVX2__)
#define ENCODE_VARIANT encode_avx2
#endif
#include "model/encode/copy_rows.h"

#if !defined(__AVX2__)
encode_fn *const encode_avx2[ENCODE_FORMATS] = {0}; /* another architecture: never chosen */
#endif
