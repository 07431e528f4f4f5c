/*
 * json_scan: where a run of plain characters in a JSON string ends, and a run of digits: sixteen
 * bytes at a time where the machine has such words (SSE2, of every x86-64), else eight. Shared by
 * the readers that go over every byte of a message. Pure; any thread.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_JSON_SCAN_H
#define CDCBENCH_KAFKA_FORMAT_JSON_SCAN_H

#include "base/bytes.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

static inline size_t json_lowest_byte(uint64_t mask)
{
    return (size_t)__builtin_ctzll(mask) / 8;
}

/* What ends a run of plain characters: a quote, a backslash, a control character. */
static inline bool json_is_special(char c)
{
    return c == '"' || c == '\\' || (unsigned char)c < 0x20;
}

/* The high bit of each such byte. Exact for the lowest one, which is the one asked for; a borrow
 * can mark bytes above it (Warren, Hacker's Delight, 6-1). */
static inline uint64_t json_special_bytes(uint64_t word)
{
    uint64_t quote = word ^ (BYTES_ONES * '"'), backslash = word ^ (BYTES_ONES * '\\');
    return (((quote - BYTES_ONES) & ~quote) | ((backslash - BYTES_ONES) & ~backslash) |
            ((word - BYTES_ONES * 0x20) & ~word)) &
           BYTES_HIGHS;
}

static inline const char *json_find_special_by_words(const char *at, const char *end)
{
    while (end - at >= BYTES_WORD) {
        uint64_t special = json_special_bytes(bytes_word(at));
        if (special)
            return at + json_lowest_byte(special);
        at += BYTES_WORD;
    }
    while (at < end && !json_is_special(*at))
        at++;
    return at;
}

#ifdef __SSE2__
/* A bit for each of sixteen bytes that is special, the first one lowest. */
static inline unsigned json_special_of_16(__m128i bytes)
{
    __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    return (unsigned)_mm_movemask_epi8(_mm_or_si128(_mm_or_si128(quote, backslash), control));
}
#endif

/* The first special character at or behind `at`, or the end. */
static inline const char *json_find_special(const char *at, const char *end)
{
#ifdef __SSE2__
    while (end - at >= 16) {
        unsigned special = json_special_of_16(_mm_loadu_si128((const __m128i *)(const void *)at));
        if (special)
            return at + __builtin_ctz(special);
        at += 16;
    }
#endif
    return json_find_special_by_words(at, end);
}

/* Copies up to the first special character, or to the end. May write up to 16 bytes behind what it
 * copied (JSON_ROOM_SLACK). Where it stopped. */
static inline const char *json_copy_plain(const char *at, const char *end, char **to)
{
#ifdef __SSE2__
    while (end - at >= 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        _mm_storeu_si128((__m128i *)(void *)*to, bytes);
        unsigned special = json_special_of_16(bytes);
        unsigned plain = special ? (unsigned)__builtin_ctz(special) : 16;
        *to += plain;
        at += plain;
        if (special)
            return at;
    }
#else
    while (end - at >= BYTES_WORD) {
        uint64_t word = bytes_word(at), special = json_special_bytes(word);
        memcpy(*to, &word, sizeof word);
        size_t plain = special ? json_lowest_byte(special) : BYTES_WORD;
        *to += plain;
        at += plain;
        if (special)
            return at;
    }
#endif
    while (at < end && !json_is_special(*at))
        *(*to)++ = *at++;
    return at;
}

/* Behind the digits that begin at `at`. */
static inline const char *json_skip_digits(const char *at, const char *end)
{
    while (end - at >= BYTES_WORD) {
        uint64_t others = bytes_other_than_digits(bytes_word(at));
        if (others)
            return at + json_lowest_byte(others);
        at += BYTES_WORD;
    }
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* How many bytes of two runs are the same from their beginnings on, at most `len`. */
static inline size_t json_same_run(const char *a, const char *b, size_t len)
{
    size_t n = 0;
#ifdef __SSE2__
    for (; len - n >= 16; n += 16) {
        __m128i left = _mm_loadu_si128((const __m128i *)(const void *)(a + n));
        __m128i right = _mm_loadu_si128((const __m128i *)(const void *)(b + n));
        unsigned same = (unsigned)_mm_movemask_epi8(_mm_cmpeq_epi8(left, right));
        if (same != 0xffff)
            return n + (size_t)__builtin_ctz(~same);
    }
#endif
    for (; len - n >= BYTES_WORD; n += BYTES_WORD) {
        uint64_t differ = bytes_word(a + n) ^ bytes_word(b + n);
        if (differ)
            return n + json_lowest_byte(differ);
    }
    while (n < len && a[n] == b[n])
        n++;
    return n;
}

#endif
