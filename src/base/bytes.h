/*
 * bytes: short runs of bytes, looked at a word at a time, inline: for the taps, which compare tens
 * of columns an event, most of them shorter than a call to memcmp is worth. Pure; any thread.
 */
#ifndef CDCBENCH_BASE_BYTES_H
#define CDCBENCH_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a word's lowest byte is its first");

#define BYTES_ONES  UINT64_C(0x0101010101010101)
#define BYTES_HIGHS UINT64_C(0x8080808080808080)
#define BYTES_WORD  8 /* bytes of a word */

/* The eight bytes there, the first one lowest. */
static inline uint64_t bytes_word(const char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

static inline uint32_t bytes_half(const char *at)
{
    uint32_t half;
    memcpy(&half, at, sizeof half);
    return half;
}

/* From this many bytes on memcmp, which has wider words, makes up for its call. */
#define BYTES_LONG 48

/* memcmp(a, b, len) == 0. Reads nothing outside of the two. */
static inline bool bytes_same(const char *a, const char *b, size_t len)
{
    if (len >= BYTES_LONG)
        return memcmp(a, b, len) == 0;
    if (len >= BYTES_WORD) {
        size_t last = len - BYTES_WORD; /* the last word overlaps the one before */
        uint64_t differ = bytes_word(a + last) ^ bytes_word(b + last);
        for (size_t i = 0; i < last; i += BYTES_WORD)
            differ |= bytes_word(a + i) ^ bytes_word(b + i);
        return differ == 0;
    }
    if (len >= 4)
        return bytes_half(a) == bytes_half(b) && bytes_half(a + len - 4) == bytes_half(b + len - 4);
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a[len - 1] == b[len - 1]);
}

/* The high bit of each byte that is no decimal digit; exact for the lowest such byte, the bytes
 * above it may be wrong. 0: eight digits. */
static inline uint64_t bytes_other_than_digits(uint64_t word)
{
    uint64_t digits = word ^ (BYTES_ONES * '0');
    return ((digits + BYTES_ONES * (0x80 - 10)) | digits) & BYTES_HIGHS;
}

/* The number that eight digits write: pairs, then fours, then all (Lemire, "Quickly parsing eight
 * digits"). */
static inline uint64_t bytes_eight_digits(uint64_t word)
{
    word -= BYTES_ONES * '0';
    word = word * 10 + (word >> 8);
    const uint64_t pairs = UINT64_C(0x000000ff000000ff);
    const uint64_t by_100_and_1m = UINT64_C(100) + (UINT64_C(1000000) << 32);
    const uint64_t by_1_and_10k = UINT64_C(1) + (UINT64_C(10000) << 32);
    return ((word & pairs) * by_100_and_1m + (word >> 16 & pairs) * by_1_and_10k) >> 32;
}

static inline bool bytes_number_by_digits(const char *digits, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t at = 0; at < len; at++) {
        if (digits[at] < '0' || digits[at] > '9')
            return false;
        value = value * 10 + (uint64_t)(digits[at] - '0');
    }
    *out = value;
    return len > 0;
}

/* The number that 1 to 19 digits write (19 always fit). False for another length or another byte.
 */
static inline bool bytes_number(const char *digits, size_t len, uint64_t *out)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    if (len < BYTES_WORD)
        return bytes_number_by_digits(digits, len, out);
    if (len > 2 * BYTES_WORD) { /* what is above sixteen digits, and those */
        uint64_t high, low;
        if (len > 19 || !bytes_number_by_digits(digits, len - 16, &high) ||
            !bytes_number(digits + len - 16, 16, &low))
            return false;
        *out = high * UINT64_C(10000000000000000) + low;
        return true;
    }
    /* The first eight, and the last eight with a 0 for each that is among the first. */
    size_t rest = len - BYTES_WORD;
    uint64_t first = bytes_word(digits), last = bytes_word(digits + rest);
    if ((bytes_other_than_digits(first) | bytes_other_than_digits(last)) != 0)
        return false;
    uint64_t more = rest == 0 ? 0 : UINT64_MAX << (8 * (BYTES_WORD - rest));
    *out = bytes_eight_digits(first) * powers[rest] +
           bytes_eight_digits((last & more) | (BYTES_ONES * '0' & ~more));
    return true;
}

#endif
