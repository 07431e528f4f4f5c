#include "model/json_forms.h"

#include <stdint.h>
#include <string.h>

/* value × 10^exponent, the value without zeros at its end. */
typedef struct {
    bool negative;
    uint64_t value;
    int exponent;
} number_t;

#define DIGITS_MAX   18
#define EXPONENT_MAX 1000

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* "E-5", or nothing. */
static bool read_exponent(const char *text, size_t len, int *out)
{
    if (len == 0)
        return true;
    bool negative = len > 1 && text[1] == '-';
    size_t at = negative || (len > 1 && text[1] == '+') ? 2 : 1;
    int exponent = 0;
    if ((text[0] != 'E' && text[0] != 'e') || at == len)
        return false;
    for (; at < len && is_digit(text[at]) && exponent < EXPONENT_MAX; at++)
        exponent = exponent * 10 + (text[at] - '0');
    *out += negative ? -exponent : exponent;
    return at == len;
}

static bool read_number(const char *text, size_t len, number_t *out)
{
    size_t at = len > 0 && text[0] == '-';
    int digits = 0, decimals = -1;
    *out = (number_t){.negative = at == 1};
    for (; at < len && (is_digit(text[at]) || (text[at] == '.' && decimals < 0)); at++) {
        if (text[at] == '.') {
            decimals = 0;
            continue;
        }
        out->value = out->value * 10 + (uint64_t)(text[at] - '0');
        digits += out->value > 0 || digits > 0;
        decimals += decimals >= 0;
        if (digits > DIGITS_MAX)
            return false;
    }
    out->exponent = decimals > 0 ? -decimals : 0;
    bool any = at > (size_t)out->negative && is_digit(text[at - 1]);
    if (!any || !read_exponent(text + at, len - at, &out->exponent))
        return false;
    while (out->value != 0 && out->value % 10 == 0) {
        out->value /= 10;
        out->exponent++;
    }
    return true;
}

bool json_form_same_number(const char *a, size_t a_len, const char *b, size_t b_len)
{
    number_t x, y;
    if (!read_number(a, a_len, &x) || !read_number(b, b_len, &y))
        return false;
    if (x.value == 0 || y.value == 0)
        return x.value == y.value;
    return x.negative == y.negative && x.value == y.value && x.exponent == y.exponent;
}

static unsigned nibble(char digit)
{
    return (unsigned)(is_digit(digit) ? digit - '0' : digit - 'a' + 10);
}

static unsigned byte_of(const char *hex, size_t i)
{
    return nibble(hex[2 * i]) << 4 | nibble(hex[2 * i + 1]);
}

static char plain(char c)
{
    return c == '-' ? '+' : c == '_' ? '/' : c;
}

bool json_form_is_base64(const char *text, size_t len, const char *hex, size_t hex_len)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t bytes = hex_len / 2;
    if (len != (bytes + 2) / 3 * 4)
        return false;
    for (size_t at = 0; at < bytes; at += 3, text += 4) {
        size_t left = bytes - at;
        unsigned group = byte_of(hex, at) << 16;
        group |= left > 1 ? byte_of(hex, at + 1) << 8 : 0;
        group |= left > 2 ? byte_of(hex, at + 2) : 0;
        for (unsigned i = 0; i < 4; i++) {
            char expected = i > left ? '=' : alphabet[(group >> (18 - 6 * i)) & 63];
            if (plain(text[i]) != expected)
                return false;
        }
    }
    return true;
}
