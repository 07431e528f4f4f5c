#include "kafka/format/decimal.h"

#include <string.h>

/* ---- base64 ---------------------------------------------------------------------------------- */

static int sextet(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* The number of bytes, 0 when it is not base64 or they are too many. */
static size_t decode_base64(const char *text, size_t len, unsigned char out[DECIMAL_BYTES_MAX])
{
    if (len == 0 || len % 4 != 0) {
        return 0;
    }
    size_t padding = text[len - 1] != '=' ? 0 : text[len - 2] != '=' ? 1 : 2;
    size_t n = len / 4 * 3 - padding;
    if (n > DECIMAL_BYTES_MAX) {
        return 0;
    }
    uint32_t bits = 0;
    size_t put = 0;
    for (size_t i = 0; i < len; i++) {
        int six = i < len - padding ? sextet(text[i]) : 0;
        if (six < 0) {
            return 0;
        }
        bits = bits << 6 | (uint32_t)six;
        if (i % 4 == 3) {
            for (int shift = 16; shift >= 0 && put < n; shift -= 8) {
                out[put++] = (unsigned char)(bits >> shift);
            }
        }
    }
    return n;
}

/* ---- two's complement to digits -------------------------------------------------------------- */

#define LIMB_DIGITS 9
#define LIMB_BASE   1000000000u
#define LIMBS_MAX   ((DECIMAL_BYTES_MAX + 3) / 4)
#define DIGITS_MAX  (LIMBS_MAX * 10)

/* The magnitude as 32-bit limbs, the lowest first; their number, without zeros on top. */
static size_t to_limbs(const unsigned char *bytes, size_t n, bool negative,
                       uint32_t limbs[LIMBS_MAX])
{
    uint32_t carry = negative; /* −x is ~x + 1 */
    size_t n_limbs = (n + 3) / 4;
    for (size_t i = 0; i < n_limbs; i++) {
        uint32_t limb = negative ? UINT32_MAX : 0;
        for (size_t b = 0; b < 4 && i * 4 + b < n; b++) {
            unsigned shift = (unsigned)b * 8;
            limb = (limb & ~(UINT32_C(0xff) << shift)) | (uint32_t)bytes[n - 1 - i * 4 - b]
                                                             << shift;
        }
        limbs[i] = (negative ? ~limb : limb) + carry;
        carry = carry && limbs[i] == 0;
    }
    while (n_limbs > 0 && limbs[n_limbs - 1] == 0) {
        n_limbs--;
    }
    return n_limbs;
}

/* Divides the number by 10^9, in place; the remainder. */
static uint32_t divide(uint32_t *limbs, size_t *n)
{
    uint64_t rest = 0;
    for (size_t i = *n; i-- > 0;) {
        rest = rest << 32 | limbs[i];
        limbs[i] = (uint32_t)(rest / LIMB_BASE);
        rest %= LIMB_BASE;
    }
    while (*n > 0 && limbs[*n - 1] == 0) {
        (*n)--;
    }
    return (uint32_t)rest;
}

/* The decimal digits, the lowest first, without zeros on top; their number, 0 for zero. */
static size_t to_digits(uint32_t *limbs, size_t n, char digits[DIGITS_MAX])
{
    size_t n_digits = 0;
    while (n > 0) {
        uint32_t rest = divide(limbs, &n);
        for (int i = 0; i < LIMB_DIGITS && (n > 0 || rest > 0); i++) {
            digits[n_digits++] = (char)('0' + rest % 10);
            rest /= 10;
        }
    }
    return n_digits;
}

/* ---- the text -------------------------------------------------------------------------------- */

size_t decimal_text(const char *base64, size_t len, int64_t scale, char out[DECIMAL_TEXT_MAX])
{
    unsigned char bytes[DECIMAL_BYTES_MAX] = {0};
    uint32_t limbs[LIMBS_MAX];
    char digits[DIGITS_MAX];
    size_t n = decode_base64(base64, len, bytes);
    if (n == 0 || scale < -DECIMAL_SCALE_MAX || scale > DECIMAL_SCALE_MAX) {
        return 0;
    }
    bool negative = bytes[0] & 0x80;
    size_t n_digits = to_digits(limbs, to_limbs(bytes, n, negative, limbs), digits);
    size_t decimals = scale > 0 ? (size_t)scale : 0;
    size_t zeros = scale < 0 && n_digits > 0 ? (size_t)-scale : 0;
    char *to = out;
    if (negative) {
        *to++ = '-';
    }
    /* At least one digit stands before the point. */
    size_t places = n_digits > decimals ? n_digits : decimals + 1;
    for (size_t i = places; i-- > 0;) {
        *to++ = i < n_digits ? digits[i] : '0';
        if (i == decimals && decimals > 0) {
            *to++ = '.';
        }
    }
    memset(to, '0', zeros);
    return (size_t)(to - out) + zeros;
}
