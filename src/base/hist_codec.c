#include "base/hist_codec.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#define COOKIE_PAYLOAD    UINT32_C(0x1C849313)
#define COOKIE_COMPRESSED UINT32_C(0x1C849314)
#define HEADER_BYTES      40
#define DIGITS            3
#define LOWEST            1
#define RATIO_ONE         UINT64_C(0x3FF0000000000000) /* 1.0, IEEE 754 */
/* No histogram of ours is longer: a count has 9 bytes at most. */
#define PAYLOAD_MAX (HEADER_BYTES + 9 * HIST_SLOTS)

/* --- base64, RFC 4648 section 4 --------------------------------------------------------------- */

static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static bool put_base64(const unsigned char *bytes, size_t len, buf_t *out)
{
    char *to = buf_room(out, (len + 2) / 3 * 4);
    if (to == NULL) {
        return false;
    }
    for (size_t i = 0; i < len; i += 3) {
        size_t left = len - i;
        uint32_t group = (uint32_t)bytes[i] << 16 | (left > 1 ? (uint32_t)bytes[i + 1] << 8 : 0) |
                         (left > 2 ? bytes[i + 2] : 0);
        *to++ = alphabet[group >> 18];
        *to++ = alphabet[group >> 12 & 63];
        *to++ = left > 1 ? alphabet[group >> 6 & 63] : '=';
        *to++ = left > 2 ? alphabet[group & 63] : '=';
    }
    out->len += (len + 2) / 3 * 4;
    return true;
}

static int base64_digit(char c)
{
    const char *at = c != '\0' ? strchr(alphabet, c) : NULL;
    return at != NULL ? (int)(at - alphabet) : -1;
}

/* Four characters as up to three bytes; 0 when they are no group. */
static size_t get_group(const char *text, bool last, unsigned char *to)
{
    size_t padding = last && text[3] == '=' ? (text[2] == '=' ? 2 : 1) : 0;
    uint32_t group = 0;
    for (size_t i = 0; i < 4; i++) {
        int digit = i < 4 - padding ? base64_digit(text[i]) : 0;
        if (digit < 0) {
            return 0;
        }
        group = group << 6 | (uint32_t)digit;
    }
    to[0] = (unsigned char)(group >> 16);
    to[1] = (unsigned char)(group >> 8);
    to[2] = (unsigned char)group;
    return 3 - padding;
}

/* Room for len / 4 * 3 bytes at `to`; 0 when the text is no base64. */
static size_t get_base64(const char *text, size_t len, unsigned char *to)
{
    size_t n = 0;
    if (len % 4 != 0) {
        return 0;
    }
    for (size_t i = 0; i < len; i += 4) {
        size_t more = get_group(text + i, i + 4 == len, to + n);
        if (more == 0) {
            return 0;
        }
        n += more;
    }
    return n;
}

/* --- numbers ---------------------------------------------------------------------------------- */

static void put_u32(unsigned char *to, uint32_t value)
{
    value = htobe32(value);
    memcpy(to, &value, sizeof value);
}

static void put_u64(unsigned char *to, uint64_t value)
{
    value = htobe64(value);
    memcpy(to, &value, sizeof value);
}

static uint32_t get_u32(const unsigned char *from)
{
    uint32_t value;
    memcpy(&value, from, sizeof value);
    return be32toh(value);
}

static uint64_t get_u64(const unsigned char *from)
{
    uint64_t value;
    memcpy(&value, from, sizeof value);
    return be64toh(value);
}

/* ZigZag, then seven bits a byte, lowest first, the top bit for "more follow"; a ninth byte has
 * eight. */
static unsigned char *put_number(unsigned char *to, int64_t value)
{
    uint64_t rest = (uint64_t)value << 1 ^ (uint64_t)(value >> 63);
    for (int i = 0; i < 8 && rest > 0x7F; i++) {
        *to++ = (unsigned char)(rest | 0x80);
        rest >>= 7;
    }
    *to++ = (unsigned char)rest;
    return to;
}

/* NULL: it goes on behind the end. */
static const unsigned char *get_number(const unsigned char *at, const unsigned char *end,
                                       int64_t *value)
{
    uint64_t rest = 0;
    for (int i = 0;; i++) {
        if (at == end) {
            return NULL;
        }
        unsigned char byte = *at++;
        rest |= (uint64_t)(i < 8 ? byte & 0x7F : byte) << (7 * i);
        if (i == 8 || (byte & 0x80) == 0) {
            break;
        }
    }
    *value = (int64_t)(rest >> 1) ^ -(int64_t)(rest & 1);
    return at;
}

/* --- encoding --------------------------------------------------------------------------------- */

static size_t encode_payload(const hist_t *h, unsigned char *payload)
{
    unsigned char *to = payload + HEADER_BYTES;
    int64_t empty = 0;
    for (size_t slot = 0; slot < HIST_SLOTS; slot++) {
        uint64_t count = hist_slot_count(h, slot);
        if (count == 0) {
            empty++;
            continue;
        }
        to = empty > 0 ? put_number(to, -empty) : to;
        to = put_number(to, (int64_t)count);
        empty = 0;
    }
    size_t len = (size_t)(to - payload);
    put_u32(payload, COOKIE_PAYLOAD);
    put_u32(payload + 4, (uint32_t)(len - HEADER_BYTES));
    put_u32(payload + 8, 0);
    put_u32(payload + 12, DIGITS);
    put_u64(payload + 16, LOWEST);
    put_u64(payload + 24, (uint64_t)HIST_MAX_US);
    put_u64(payload + 32, RATIO_ONE);
    return len;
}

bool hist_encode(const hist_t *h, buf_t *out)
{
    unsigned char *payload = malloc(PAYLOAD_MAX);
    uLong bound = compressBound(PAYLOAD_MAX);
    unsigned char *packed = malloc(8 + bound);
    bool encoded = false;
    if (payload != NULL && packed != NULL) {
        uLongf len = bound;
        if (compress(packed + 8, &len, payload, (uLong)encode_payload(h, payload)) == Z_OK) {
            put_u32(packed, COOKIE_COMPRESSED);
            put_u32(packed + 4, (uint32_t)len);
            encoded = put_base64(packed, 8 + len, out);
        }
    }
    free(payload);
    free(packed);
    return encoded;
}

/* --- decoding --------------------------------------------------------------------------------- */

static bool refuse(err_t *err, const char *why)
{
    return err_set(err, ERR_USAGE, "no histogram of HdrHistogram's V2 format: %s", why);
}

static bool decode_counts(const unsigned char *at, const unsigned char *end,
                          hist_slot_visit_t *visit, void *ctx, err_t *err)
{
    size_t slot = 0;
    while (at < end) {
        int64_t value;
        at = get_number(at, end, &value);
        if (at == NULL) {
            return refuse(err, "it ends within a count");
        }
        uint64_t step = value < 0 ? (uint64_t)0 - (uint64_t)value : 1;
        if (step > HIST_SLOTS - slot) {
            return refuse(err, "it has values above 2^40 - 1 µs");
        }
        if (value > 0) {
            visit(ctx, slot, (uint64_t)value);
        }
        slot += step;
    }
    return true;
}

static bool decode_payload(const unsigned char *payload, size_t len, hist_slot_visit_t *visit,
                           void *ctx, err_t *err)
{
    if (len < HEADER_BYTES || get_u32(payload) != COOKIE_PAYLOAD) {
        return refuse(err, "what is compressed is none");
    }
    if (get_u32(payload + 8) != 0 || get_u32(payload + 12) != DIGITS ||
        get_u64(payload + 16) != LOWEST || get_u64(payload + 32) != RATIO_ONE) {
        return refuse(err, "it is not of 3 significant digits from 1 on");
    }
    uint32_t counts = get_u32(payload + 4);
    if (counts > len - HEADER_BYTES) {
        return refuse(err, "its counts are cut short");
    }
    return decode_counts(payload + HEADER_BYTES, payload + HEADER_BYTES + counts, visit, ctx, err);
}

static bool decode_packed(const unsigned char *packed, size_t len, hist_slot_visit_t *visit,
                          void *ctx, err_t *err)
{
    if (len < 8 || get_u32(packed) != COOKIE_COMPRESSED) {
        return refuse(err, "it is not compressed V2");
    }
    if (get_u32(packed + 4) > len - 8) {
        return refuse(err, "it is cut short");
    }
    unsigned char *payload = malloc(PAYLOAD_MAX);
    if (payload == NULL) {
        return err_set(err, ERR_RUN, "cannot read a histogram: out of memory");
    }
    uLongf payload_len = PAYLOAD_MAX;
    bool decoded = uncompress(payload, &payload_len, packed + 8, get_u32(packed + 4)) == Z_OK
                       ? decode_payload(payload, payload_len, visit, ctx, err)
                       : refuse(err, "its compressed data is damaged, or too long");
    free(payload);
    return decoded;
}

bool hist_decode(const char *text, size_t len, hist_slot_visit_t *visit, void *ctx, err_t *err)
{
    unsigned char *packed = malloc(len + 1);
    if (packed == NULL) {
        return err_set(err, ERR_RUN, "cannot read a histogram: out of memory");
    }
    size_t packed_len = get_base64(text, len, packed);
    bool decoded = packed_len > 0 ? decode_packed(packed, packed_len, visit, ctx, err)
                                  : refuse(err, "it is no base64");
    free(packed);
    return decoded;
}
