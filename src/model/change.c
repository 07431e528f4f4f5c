#include "model/change.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "model/row.h"
#include "model/timestamp.h"

const char *const op_names[OP_COUNT] = {
    [OP_INSERT] = "insert",
    [OP_UPDATE] = "update",
    [OP_DELETE] = "delete",
};

/* ---- change_info */

static const char new_begin[] = "{\"amount\": {\"new\": ";
static const char old_begin[] = ", \"old\": ";
static const char time_begin[] = "}, \"modified_at\": \"";
static const char user_begin[] = "+00:00\", \"modified_by\": \"";
static const char user_end[] = "\"}";

/* Appends, cut at CHANGE_INFO_TEXT_MAX. */
static void end_put(change_info_end_t *end, const char *bytes, size_t len)
{
    size_t left = sizeof end->bytes - end->len;
    len = len < left ? len : left;
    memcpy(end->bytes + end->len, bytes, len);
    end->len += len;
}

/* One character of a JSON string (src/backend/utils/adt/json.c: escape_json). */
static void end_put_escaped(change_info_end_t *end, char c)
{
    static const char plain[] = "\b\f\n\r\t\"\\", letters[] = "bfnrt\"\\";
    const char *special = c == '\0' ? NULL : strchr(plain, c);
    char text[8];
    if (special != NULL)
        snprintf(text, sizeof text, "\\%c", letters[special - plain]);
    else if ((unsigned char)c < ' ')
        snprintf(text, sizeof text, "\\u%04x", (unsigned)c);
    else
        snprintf(text, sizeof text, "%c", c);
    end_put(end, text, strlen(text));
}

void change_info_end(const char *user, change_info_end_t *out)
{
    out->len = 0;
    end_put(out, user_begin, sizeof user_begin - 1);
    for (; *user != '\0'; user++)
        end_put_escaped(out, *user);
    end_put(out, user_end, sizeof user_end - 1);
}

/* Two amounts of at most 11 characters, and what stands around them. */
#define BEFORE_TIME_MAX 80

static size_t write_before_time(uint32_t new_cents, uint32_t old_cents, char out[BEFORE_TIME_MAX])
{
    char *at = out;
#define PUT(text) (memcpy(at, text, sizeof(text) - 1), at += sizeof(text) - 1)
    PUT(new_begin);
    at += row_amount_text(new_cents, at);
    PUT(old_begin);
    at += row_amount_text(old_cents, at);
    PUT(time_begin);
#undef PUT
    return (size_t)(at - out);
}

bool change_info_new_cents(const char *text, size_t len, uint32_t *cents)
{
    size_t begin = sizeof new_begin - 1;
    if (len < begin || !bytes_same(text, new_begin, begin))
        return false;
    const char *end = memchr(text + begin, ',', len - begin);
    return end != NULL && row_amount_parse(text + begin, (size_t)(end - text) - begin, cents);
}

bool change_info_matches(const char *text, size_t len, uint32_t new_cents, uint32_t old_cents,
                         const change_info_end_t *end, int64_t *unix_us)
{
    char before[BEFORE_TIME_MAX];
    size_t before_len = write_before_time(new_cents, old_cents, before);
    if (len < before_len + end->len)
        return false;
    size_t time_len = len - before_len - end->len;
    return bytes_same(text, before, before_len) &&
           bytes_same(text + len - end->len, end->bytes, end->len) &&
           timestamp_parse(text + before_len, time_len, 'T', unix_us);
}

size_t change_info_write(uint32_t new_cents, uint32_t old_cents, const char *user, int64_t unix_us,
                         char out[CHANGE_INFO_TEXT_MAX])
{
    change_info_end_t end;
    change_info_end(user, &end);
    size_t len = write_before_time(new_cents, old_cents, out);
    if (unix_us == CHANGE_INFO_ANY_TIME) {
        memset(out + len, '.', 3);
        len += 3;
    } else {
        len += timestamp_write(unix_us, 'T', out + len);
    }
    size_t left = CHANGE_INFO_TEXT_MAX - len;
    size_t end_len = end.len < left ? end.len : left;
    memcpy(out + len, end.bytes, end_len);
    return len + end_len;
}

/* ---- values as JSON writes them */

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
