#include "base/err.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/secret.h"

enum { TEXT_BYTES = sizeof(((err_t *)NULL)->text) };

/* As vsnprintf, without the secrets: one that the end cuts off included. */
static void print(char *out, size_t size, const char *format, va_list args)
{
    int whole = vsnprintf(out, size, format, args);
    if (whole >= 0 && (size_t)whole >= size) {
        secret_redact_cut(out, strlen(out));
    } else {
        secret_redact(out, strlen(out));
    }
}

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
    print(text, sizeof text, format, args);
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
    print(text, TEXT_BYTES, format, args);
    va_end(args);
    if (err->text[0] != '\0') {
        strcat(text, ": ");
        strcat(text, err->text);
    }
    keep(err, text);
    return false;
}

static void copy_as_line(char *out, size_t size, const char *words)
{
    size_t len = 0;
    for (; *words && len + 1 < size; words++) {
        if (!strchr(" \t\r\n", *words)) {
            out[len++] = *words;
        } else if (len > 0 && out[len - 1] != ' ') {
            out[len++] = ' ';
        }
    }
    while (len > 0 && out[len - 1] == ' ') {
        len--;
    }
    out[len] = '\0';
}

void err_line(char *out, size_t size, const char *words)
{
    char *safe = strdup(words);
    if (safe) {
        secret_redact(safe, strlen(safe));
    }
    copy_as_line(out, size, safe ? safe : "out of memory");
    free(safe);
}
