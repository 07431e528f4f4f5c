#include "kafka/format/json_reader.h"

#include <string.h>

#include "kafka/format/json_scan.h"

static inline bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* ---- standing in the message ----------------------------------------------------------------- */

static bool problem(json_reader_t *json, const char *at, const char *text)
{
    if (!json->problem) {
        json->problem = text;
        json->at = at;
        json->end = at;
    }
    return false;
}

bool json_fail(json_reader_t *json, const char *text)
{
    return problem(json, json->at, text);
}

static const char cut_short[] = "it ends in the middle of a value";

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

void json_begin(json_reader_t *json, const char *bytes, size_t len, char *room, size_t room_bytes)
{
    *json = (json_reader_t){.start = bytes, .at = bytes, .end = bytes + len};
    json->room = room;
    json->room_end = room + room_bytes;
    if (len > JSON_LEN_MAX) {
        problem(json, bytes, "it is too long");
    }
}

bool json_finish(json_reader_t *json)
{
    if (json->problem) {
        return false;
    }
    json->at = skip_space(json->at, json->end);
    return json->at == json->end || problem(json, json->at, "something follows the value");
}

/* Messages from Kafka Connect have no white space between their values. */
static inline char peek(json_reader_t *json)
{
    if (json->at<json->end && * json->at> ' ') {
        return *json->at;
    }
    json->at = skip_space(json->at, json->end);
    return json->at < json->end ? *json->at : '\0';
}

char json_peek(json_reader_t *json)
{
    return peek(json);
}

/* ---- strings --------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
    if (is_digit(c)) {
        return c - '0';
    }
    char lower = (char)(c | 0x20);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/* Four hexadecimal digits; above 0xffff when they are none. */
static uint32_t read_unit(const char *at, const char *end)
{
    uint32_t unit = 0;
    if (end - at < 4) {
        return UINT32_MAX;
    }
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);
        if (digit < 0) {
            return UINT32_MAX;
        }
        unit = unit << 4 | (uint32_t)digit;
    }
    return unit;
}

/* UTF-8 (RFC 3629). At most four bytes, for an escape of six or twelve. */
static char *put_utf8(char *to, uint32_t code)
{
    if (code < 0x80) {
        *to++ = (char)code;
    } else if (code < 0x800) {
        *to++ = (char)(0xc0 | code >> 6);
        *to++ = (char)(0x80 | (code & 0x3f));
    } else if (code < 0x10000) {
        *to++ = (char)(0xe0 | code >> 12);
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    } else {
        *to++ = (char)(0xf0 | code >> 18);
        *to++ = (char)(0x80 | (code >> 12 & 0x3f));
        *to++ = (char)(0x80 | (code >> 6 & 0x3f));
        *to++ = (char)(0x80 | (code & 0x3f));
    }
    return to;
}

/* \uXXXX, or two of them that are the halves of one character. `at` stands behind the first 'u'.
 * Where it ended, or NULL. */
static const char *unescape_unit(json_reader_t *json, const char *at, char **to)
{
    uint32_t code = read_unit(at, json->end);
    const char *after = at + 4;
    if (code > 0xffff) {
        problem(json, at, "\\u without four hexadecimal digits");
        return NULL;
    }
    if (code >= 0xd800 && code <= 0xdfff) {
        uint32_t low = UINT32_MAX;
        if (code < 0xdc00 && json->end - after >= 6 && after[0] == '\\' && after[1] == 'u') {
            low = read_unit(after + 2, json->end);
        }
        if (low < 0xdc00 || low > 0xdfff) {
            problem(json, at, "half of a surrogate pair");
            return NULL;
        }
        code = 0x10000 + ((code - 0xd800) << 10 | (low - 0xdc00));
        after += 6;
    }
    *to = put_utf8(*to, code);
    return after;
}

/* What stands behind a backslash, for a single character. */
static const char escapes[128] = {['"'] = '"',  ['\\'] = '\\', ['/'] = '/',  ['b'] = '\b',
                                  ['f'] = '\f', ['n'] = '\n',  ['r'] = '\r', ['t'] = '\t'};

/* One escape; `at` stands behind its backslash. */
static inline const char *unescape_one(json_reader_t *json, const char *at, char **to)
{
    if (at >= json->end) {
        problem(json, at, cut_short);
        return NULL;
    }
    unsigned char c = (unsigned char)*at;
    if (c < sizeof(escapes) && escapes[c]) {
        *(*to)++ = escapes[c];
        return at + 1;
    }
    if (c == 'u') {
        return unescape_unit(json, at + 1, to);
    }
    problem(json, at, "an unknown escape");
    return NULL;
}

/* A string with escapes in it: into the room. No string grows by this, so that a room as long as
 * the message holds all of them. */
static bool unescape(json_reader_t *json, const char *from, json_value_t *out)
{
    char *begin = json->room, *to = begin;
    if (json->room_end - begin < json->end - from + JSON_ROOM_SLACK) {
        return problem(json, from, "no room is left for what its escapes stand for");
    }
    const char *at = from;
    for (;;) {
        at = json_copy_plain(at, json->end, &to);
        if (at == json->end) {
            return problem(json, at, cut_short);
        }
        if (*at == '"') {
            break;
        }
        if (*at != '\\') {
            return problem(json, at, "a control character in a string");
        }
        at = unescape_one(json, at + 1, &to);
        if (!at) {
            return false;
        }
    }
    *out = (json_value_t){begin, (uint32_t)(to - begin), JSON_KIND_STRING};
    json->room = to;
    json->at = at + 1;
    return true;
}

/* The reader stands at the opening quote. */
static inline bool read_string(json_reader_t *json, json_value_t *out)
{
    const char *from = json->at + 1;
    const char *stop = json_find_special(from, json->end);
    if (stop < json->end && *stop == '"') {
        *out = (json_value_t){from, (uint32_t)(stop - from), JSON_KIND_STRING};
        json->at = stop + 1;
        return true;
    }
    return unescape(json, from, out);
}

/* ---- the other values ------------------------------------------------------------------------ */

/* fraction "." 1*digit, exponent ("e" / "E") ["-" / "+"] 1*digit; `at` stands behind the whole
 * part. Where it ends, or NULL. */
static const char *skip_fraction(const char *at, const char *end)
{
    if (at < end && *at == '.') {
        const char *digits = at + 1;
        at = json_skip_digits(digits, end);
        if (at == digits) {
            return NULL;
        }
    }
    if (at < end && (*at | 0x20) == 'e') {
        at++;
        if (at < end && (*at == '-' || *at == '+')) {
            at++;
        }
        const char *digits = at;
        at = json_skip_digits(digits, end);
        if (at == digits) {
            return NULL;
        }
    }
    return at;
}

static inline bool read_number(json_reader_t *json, json_value_t *out)
{
    const char *from = json->at, *digits = from + (*from == '-');
    const char *whole = json_skip_digits(digits, json->end);
    if (whole == digits || (*digits == '0' && whole - digits > 1)) {
        return problem(json, from, "neither a value nor a number");
    }
    const char *at = whole;
    json_kind_t kind = JSON_KIND_INTEGER;
    if (at < json->end && (*at == '.' || (*at | 0x20) == 'e')) {
        kind = JSON_KIND_NUMBER;
        at = skip_fraction(at, json->end);
        if (!at) {
            return problem(json, from, "a number without digits where it needs some");
        }
    }
    *out = (json_value_t){from, (uint32_t)(at - from), kind};
    json->at = at;
    return true;
}

static inline bool read_word(json_reader_t *json, const char *word, size_t len, json_value_t *out,
                             json_kind_t kind)
{
    if ((size_t)(json->end - json->at) < len || memcmp(json->at, word, len) != 0) {
        return problem(json, json->at, "neither a value nor a number");
    }
    *out = (json_value_t){kind == JSON_KIND_NULL ? NULL : json->at,
                          kind == JSON_KIND_NULL ? 0 : (uint32_t)len, kind};
    json->at += len;
    return true;
}

/* Behind a string's closing quote; `at` stands behind the opening one. The end if there is none. */
static const char *skip_string(const char *at, const char *end)
{
    for (;;) {
        at = json_find_special(at, end);
        if (at >= end || *at == '"') {
            return at < end ? at + 1 : end;
        }
        at += *at == '\\' ? 2 : 1;
        if (at > end) {
            return end;
        }
    }
}

/* Passes over an object or an array by its brackets, blind to what else is in it. `shapes` has a
 * bit for each container that is open, the innermost lowest: 1 is an array. */
static bool skip_container(json_reader_t *json, json_value_t *out)
{
    const char *from = json->at, *at = from;
    uint64_t shapes = 0;
    unsigned depth = 0;
    while (at < json->end) {
        char c = *at++;
        if (c == '"') {
            at = skip_string(at, json->end);
        } else if (c == '{' || c == '[') {
            if (depth == JSON_DEPTH_MAX) {
                return problem(json, at - 1, "too many containers in one another");
            }
            depth++;
            shapes = shapes << 1 | (c == '[');
        } else if (c == '}' || c == ']') {
            if ((shapes & 1) != (c == ']')) {
                return problem(json, at - 1, "brackets that do not match");
            }
            shapes >>= 1;
            if (--depth == 0) {
                *out = (json_value_t){from, (uint32_t)(at - from),
                                      *from == '{' ? JSON_KIND_OBJECT : JSON_KIND_ARRAY};
                json->at = at;
                return true;
            }
        }
    }
    return problem(json, at, cut_short);
}

bool json_value(json_reader_t *json, json_value_t *out)
{
    switch (peek(json)) {
    case '"':
        return read_string(json, out);
    case 'n':
        return read_word(json, "null", 4, out, JSON_KIND_NULL);
    case 't':
        return read_word(json, "true", 4, out, JSON_KIND_BOOL);
    case 'f':
        return read_word(json, "false", 5, out, JSON_KIND_BOOL);
    case '{':
    case '[':
        return skip_container(json, out);
    default:
        return json->at < json->end ? read_number(json, out) : problem(json, json->at, cut_short);
    }
}

/* ---- containers ------------------------------------------------------------------------------ */

bool json_enter(json_reader_t *json, char bracket)
{
    char c = peek(json);
    if (c == bracket) {
        json->at++;
        return true;
    }
    return json->at == json->end ? problem(json, json->at, cut_short) : false;
}

/* Between two members or items: reads the comma, or the end of the container. False at the end and
 * on a problem. */
static inline bool next_in(json_reader_t *json, bool first, char close)
{
    char c = peek(json);
    if (c == close) {
        json->at++;
        return false;
    }
    if (first) {
        return !json->problem;
    }
    if (c != ',') {
        return problem(json, json->at, json->at == json->end ? cut_short : "no comma and no end");
    }
    json->at++;
    return true;
}

static inline bool read_colon(json_reader_t *json)
{
    if (peek(json) != ':') {
        return problem(json, json->at,
                       json->at == json->end ? cut_short : "a member without a colon");
    }
    json->at++;
    return true;
}

static bool read_name(json_reader_t *json, json_value_t *name)
{
    if (peek(json) != '"') {
        return problem(json, json->at,
                       json->at == json->end ? cut_short : "a member without a name");
    }
    return read_string(json, name);
}

bool json_member(json_reader_t *json, bool *first, json_value_t *name)
{
    if (!next_in(json, *first, '}')) {
        return false;
    }
    *first = false;
    return read_name(json, name) && read_colon(json);
}

bool json_item(json_reader_t *json, bool *first)
{
    bool more = next_in(json, *first, ']');
    *first = false;
    return more;
}

/* ---- numbers --------------------------------------------------------------------------------- */

/* Twenty digits may be too many for 64 bits. */
static bool long_uint64(const char *digits, size_t len, uint64_t *out)
{
    uint64_t value = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(digits[i]) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t)(digits[i] - '0'), &value)) {
            return false;
        }
    }
    *out = value;
    return true;
}

bool json_uint64(const char *digits, size_t len, uint64_t *out)
{
    return len > 19 ? long_uint64(digits, len, out) : bytes_number(digits, len, out);
}

bool json_int64(const char *digits, size_t len, int64_t *out)
{
    bool negative = len > 0 && digits[0] == '-';
    uint64_t value;
    if (!json_uint64(digits + negative, len - negative, &value) ||
        value > (uint64_t)INT64_MAX + negative) {
        return false;
    }
    *out = (int64_t)(negative ? -value : value);
    return true;
}

bool json_is(const json_value_t *value, const char *text)
{
    size_t len = strlen(text);
    return value->len == len && memcmp(value->bytes, text, len) == 0;
}
