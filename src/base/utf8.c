#include "base/utf8.h"

#include <stdbool.h>

/* Bytes that the leading byte announces; 0 for a continuation byte and for what never leads. */
static size_t announced_len(unsigned char lead)
{
    if (lead < 0x80) {
        return 1;
    }
    if (lead >= 0xC2 && lead <= 0xDF) {
        return 2;
    }
    if (lead >= 0xE0 && lead <= 0xEF) {
        return 3;
    }
    return lead >= 0xF0 && lead <= 0xF4 ? 4 : 0;
}

/* The second byte's range rules out what is overlong, a surrogate, or beyond U+10FFFF (RFC 3629,
 * section 4). */
static bool second_fits(unsigned char lead, unsigned char second)
{
    switch (lead) {
    case 0xE0:
        return second >= 0xA0;
    case 0xED:
        return second <= 0x9F;
    case 0xF0:
        return second >= 0x90;
    case 0xF4:
        return second <= 0x8F;
    default:
        return true;
    }
}

size_t utf8_char_len(const char *text)
{
    const unsigned char *bytes = (const unsigned char *)text;
    if (bytes[0] == '\0') {
        return 0;
    }
    size_t len = announced_len(bytes[0]);
    for (size_t i = 1; i < len; i++) {
        if ((bytes[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    return len > 1 && !second_fits(bytes[0], bytes[1]) ? 0 : len;
}
