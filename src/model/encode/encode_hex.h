/*
 * encode_hex: a UUID as its 36 characters and one more behind them: by AVX2 where the including
 * file is compiled for it, else by a table of byte pairs. (AVX-512's byte permutations were tried,
 * and were no faster: docs/performance.md.) Private to the encoders. Pure; any thread.
 *
 *   character   0…7  8  9…12  13  14…17  18  19…22  23  24…35  36
 *   is          hex  -  hex    -  hex     -  hex     -  hex    end
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_HEX_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_HEX_H

#include "model/encode/encode_draw.h"

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__AVX2__)

/* Characters 0 to 31 in one register, 24 to 36 once more in a half. */
ALWAYS_INLINE char *hex_uuid(const uint64_t uuid[2], char end, char *out)
{
    /* Which byte of {high, low}, as they lie in memory (little-endian), holds the digit at a
     * character: byte 7 is the first two digits', byte 15 the 17th and 18th; −1: none. */
    const __m256i from = _mm256_setr_epi8(7, 7, 6, 6, 5, 5, 4, 4, -1, 3, 3, 2, 2, -1, 1, 1, 0, 0,
                                          -1, 15, 15, 14, 14, -1, 13, 13, 12, 12, 11, 11, 10, 10);
    const __m256i nibble = _mm256_set1_epi8(15);
    const __m128i digits = _mm_setr_epi8('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b',
                                         'c', 'd', 'e', 'f');
    enum { H = -1 }; /* the first digit of a byte is its high nibble */
    const __m256i high = _mm256_setr_epi8(H, 0, H, 0, H, 0, H, 0, 0, H, 0, H, 0, 0, H, 0, H, 0, 0,
                                          H, 0, H, 0, 0, H, 0, H, 0, H, 0, H, 0);
    const __m256i dashes = _mm256_setr_epi8(0, 0, 0, 0, 0, 0, 0, 0, '-', 0, 0, 0, 0, '-', 0, 0, 0,
                                            0, '-', 0, 0, 0, 0, '-', 0, 0, 0, 0, 0, 0, 0, 0);
    __m128i bytes = _mm_loadu_si128((const __m128i *)uuid);
    __m256i spread = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(bytes), from);
    __m256i nibbles =
        _mm256_and_si256(_mm256_blendv_epi8(spread, _mm256_srli_epi16(spread, 4), high), nibble);
    __m256i text = _mm256_shuffle_epi8(_mm256_broadcastsi128_si256(digits), nibbles);
    text = _mm256_blendv_epi8(text, dashes, _mm256_cmpgt_epi8(dashes, _mm256_setzero_si256()));
    _mm256_storeu_si256((__m256i *)out, text);

    __m128i tail = _mm_shuffle_epi8(
        bytes, _mm_setr_epi8(13, 13, 12, 12, 11, 11, 10, 10, 9, 9, 8, 8, -1, -1, -1, -1));
    tail = _mm_and_si128(
        _mm_blendv_epi8(tail, _mm_srli_epi16(tail, 4),
                        _mm_setr_epi8(H, 0, H, 0, H, 0, H, 0, H, 0, H, 0, 0, 0, 0, 0)),
        _mm256_castsi256_si128(nibble));
    tail = _mm_shuffle_epi8(digits, tail);
    tail = _mm_insert_epi8(tail, end, 12);
    _mm_storeu_si128((__m128i *)(out + 24), tail);
    return out + ROW_KEY_LEN + 1;
}

#else

ALWAYS_INLINE char *hex_uuid(const uint64_t uuid[2], char end, char *out)
{
    out = uuid_write(row_tables(), (uuid_t){uuid[0], uuid[1]}, out);
    *out++ = end;
    return out;
}

#endif

#endif
