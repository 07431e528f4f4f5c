#include "model/encode/encode.h"

#include <assert.h>
#include <string.h>

#include "model/encode/encode_variants.h"

const char *const encode_path_names[ENCODE_PATHS] = {
    [ENCODE_PORTABLE] = "portable",
    [ENCODE_AVX2] = "avx2",
};

bool encode_path_runs(encode_path_t path)
{
    if (path == ENCODE_PORTABLE)
        return true;
#if defined(__x86_64__)
    return encode_avx2[0] != NULL && __builtin_cpu_supports("avx2") &&
           __builtin_cpu_supports("bmi2");
#else
    return false;
#endif
}

encode_path_t encode_best_path(void)
{
    return encode_path_runs(ENCODE_AVX2) ? ENCODE_AVX2 : ENCODE_PORTABLE;
}

size_t encode_rows_by(encode_path_t path, encode_format_t format, const row_space_t *space,
                      uint64_t first, size_t n, char *out)
{
    assert(encode_path_runs(path) && format < ENCODE_FORMATS);
    encode_fn *encode = path == ENCODE_AVX2 ? encode_avx2[format] : encode_portable[format];
    return encode(space, first, n, out);
}

size_t encode_rows(encode_format_t format, const row_space_t *space, uint64_t first, size_t n,
                   char *out)
{
    return encode_rows_by(encode_best_path(), format, space, first, n, out);
}

size_t encode_head(encode_format_t format, char out[ENCODE_FRAME_MAX])
{
    /* signature · i32 flags 0 · i32 length of the header's extension 0 */
    static const char binary[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";
    if (format != ENCODE_COPY_BINARY)
        return 0;
    memcpy(out, binary, sizeof binary);
    return sizeof binary;
}

size_t encode_tail(encode_format_t format, char out[ENCODE_FRAME_MAX])
{
    if (format != ENCODE_COPY_BINARY)
        return 0;
    memset(out, 0xff, 2); /* i16 −1 where the number of columns would stand */
    return 2;
}
