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

/* 0 when the two words there are the same. */
static inline uint64_t bytes_differ(const char *a, const char *b)
{
    return bytes_word(a) ^ bytes_word(b);
}

static inline uint64_t bytes_differ_2(const char *a, const char *b)
{
    return bytes_differ(a, b) | bytes_differ(a + BYTES_WORD, b + BYTES_WORD);
}

/* memcmp(a, b, len) == 0. Reads nothing outside of the two. No loop: the last words overlap those
 * before them; from 49 bytes on memcmp, which has wider words, makes up for its call. */
static inline bool bytes_same(const char *a, const char *b, size_t len)
{
    const char *a_end = a + len, *b_end = b + len;
    if (len > 48)
        return memcmp(a, b, len) == 0;
    if (len > 32)
        return (bytes_differ_2(a, b) | bytes_differ_2(a + 16, b + 16) |
                bytes_differ_2(a_end - 16, b_end - 16)) == 0;
    if (len > 16)
        return (bytes_differ_2(a, b) | bytes_differ_2(a_end - 16, b_end - 16)) == 0;
    if (len >= BYTES_WORD)
        return (bytes_differ(a, b) | bytes_differ(a_end - BYTES_WORD, b_end - BYTES_WORD)) == 0;
    if (len >= 4)
        return bytes_half(a) == bytes_half(b) && bytes_half(a_end - 4) == bytes_half(b_end - 4);
    return len == 0 || (a[0] == b[0] && a[len / 2] == b[len / 2] && a_end[-1] == b_end[-1]);
}

/* The high bit of each byte that is no decimal digit; exact for the lowest such byte, the bytes
 * above it may be wrong. 0: eight digits. */
static inline uint64_t bytes_other_than_digits(uint64_t word)
{
    uint64_t digits = word ^ (BYTES_ONES * '0');
    return ((digits + BYTES_ONES * (0x80 - 10)) | digits) & BYTES_HIGHS;
}

/* The number that eight digits write, each as its value: pairs, then fours, then all (Lemire,
 * "Quickly parsing eight digits"). */
static inline uint64_t bytes_eight_values(uint64_t values)
{
    values = values * 10 + (values >> 8);
    const uint64_t pairs = UINT64_C(0x000000ff000000ff);
    const uint64_t by_100_and_1m = UINT64_C(100) + (UINT64_C(1000000) << 32);
    const uint64_t by_1_and_10k = UINT64_C(1) + (UINT64_C(10000) << 32);
    return ((values & pairs) * by_100_and_1m + (values >> 16 & pairs) * by_1_and_10k) >> 32;
}

/* Goes on with the digits that `word` begins with: *value and *n, how many there are, 0 to 8. */
static inline void bytes_take_digits(uint64_t word, uint64_t *value, unsigned *n)
{
    static const uint64_t powers[] = {1,      10,      100,      1000,     10000,
                                      100000, 1000000, 10000000, 100000000};
    uint64_t others = bytes_other_than_digits(word), values = word ^ (BYTES_ONES * '0');
    *n = others == 0 ? BYTES_WORD : (unsigned)__builtin_ctzll(others) / 8;
    /* Zeros before it make eight of fewer digits. */
    if (*n > 0)
        *value = *value * powers[*n] + bytes_eight_values(values << (64 - 8 * *n));
}

static inline const char *bytes_read_short(const char *at, const char *end, uint64_t *out)
{
    const char *begin = at;
    *out = 0;
    for (; at < end && *at >= '0' && *at <= '9' && at - begin < 20; at++)
        *out = *out * 10 + (uint64_t)(*at - '0');
    return at > begin && at - begin < 20 ? at : NULL;
}

/* Reads the number that begins there: where its digits end. NULL when there are none, or more than
 * 19 (19 always fit). */
static inline const char *bytes_read_number(const char *at, const char *end, uint64_t *out)
{
    unsigned n, more = 0, last = 0;
    if (end - at < (ptrdiff_t)3 * BYTES_WORD)
        return bytes_read_short(at, end, out);
    *out = 0;
    bytes_take_digits(bytes_word(at), out, &n);
    if (n == BYTES_WORD)
        bytes_take_digits(bytes_word(at + BYTES_WORD), out, &more);
    if (more == BYTES_WORD) {
        uint64_t word = bytes_word(at + (size_t)2 * BYTES_WORD);
        if ((bytes_other_than_digits(word) & UINT32_MAX) == 0)
            return NULL;
        bytes_take_digits(word, out, &last);
    }
    return n > 0 ? at + n + more + last : NULL;
}

/* The number that 1 to 19 digits write. False for another length or another byte. */
static inline bool bytes_number(const char *digits, size_t len, uint64_t *out)
{
    return bytes_read_number(digits, digits + len, out) == digits + len && len > 0;
}

#endif
