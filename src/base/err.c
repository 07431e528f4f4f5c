#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define MASK "****"

enum { TEXT_BYTES = sizeof(((err_t *)NULL)->text) };

/* Keeps what fits of text, cut between two UTF-8 characters, without the newline that libpq's and
 * others' messages end with. */
static void keep(err_t *err, const char *text)
{
    size_t len = strnlen(text, TEXT_BYTES);
    if (len == TEXT_BYTES) {
        len--;
        while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) {
            len--;
        }
    }
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == '\r')) {
        len--;
    }
    memcpy(err->text, text, len);
    err->text[len] = '\0';
}

bool err_set(err_t *err, err_code_t code, const char *format, ...)
{
    assert(code != ERR_NONE);
    if (!err) {
        return false;
    }
    char text[2 * TEXT_BYTES] = ""; /* not err->text itself: it may be among the arguments */
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    err->code = code;
    keep(err, text);
    return false;
}

bool err_wrap(err_t *err, const char *format, ...)
{
    if (!err) {
        return false;
    }
    char text[2 * TEXT_BYTES + 2] = "";
    va_list args;
    va_start(args, format);
    vsnprintf(text, TEXT_BYTES, format, args);
    va_end(args);
    if (err->text[0] != '\0') {
        strcat(text, ": ");
        strcat(text, err->text);
    }
    keep(err, text);
    return false;
}

/* Where the secret that starts at text ends; NULL when none does. At the end of a text that was
 * cut, the first characters of the secret are enough. */
static const char *match_end(const char *text, const char *secret, bool cut)
{
    while (*secret && *text == *secret) {
        text++;
        secret++;
    }
    return *secret == '\0' || (cut && *text == '\0') ? text : NULL;
}

/* As match_end, together with the occurrences that overlap this one ("aba" in "ababa"), lest the
 * rest of one stay behind. */
static const char *run_end(const char *text, const char *secret, bool cut)
{
    const char *end = match_end(text, secret, cut);
    for (const char *next = text + 1; end && next < end; next++) {
        const char *next_end = match_end(next, secret, cut);
        end = next_end ? next_end : end;
    }
    return end;
}

void err_redact(err_t *err, const char *secret)
{
    if (!err || !secret || secret[0] == '\0') {
        return;
    }
    bool cut = strlen(err->text) + 4 >= TEXT_BYTES; /* a cut drops a character: at most 4 bytes */
    char out[TEXT_BYTES * sizeof MASK] =
        ""; /* the longest: a secret of one character, everywhere */
    char *to = out;
    const char *from = err->text;
    while (*from) {
        const char *end = run_end(from, secret, cut);
        if (end) {
            to = stpcpy(to, MASK);
            from = end;
        } else {
            *to++ = *from++;
        }
    }
    *to = '\0';
    keep(err, out);
}
