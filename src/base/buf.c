#include "base/buf.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAP 256

/* The memory is always one byte longer than cap: buf_text's NUL has its place and cannot fail. */
static bool grow(buf_t *buf, size_t need)
{
    size_t cap = buf->cap ? buf->cap : FIRST_CAP;
    while (cap < need) {
        if (cap > SIZE_MAX / 4) {
            return false;
        }
        cap *= 2;
    }
    char *data = realloc(buf->data, cap + 1);
    if (!data) {
        return false;
    }
    buf->data = data;
    buf->cap = cap;
    return true;
}

char *buf_room(buf_t *buf, size_t more)
{
    if (more > SIZE_MAX - buf->len) {
        return NULL;
    }
    size_t need = buf->len + more;
    if ((!buf->data || need > buf->cap) && !grow(buf, need)) {
        return NULL;
    }
    return buf->data + buf->len;
}

bool buf_put(buf_t *buf, const void *bytes, size_t len)
{
    if (len == 0) {
        return true;
    }
    char *to = buf_room(buf, len);
    if (!to) {
        return false;
    }
    memcpy(to, bytes, len);
    buf->len += len;
    return true;
}

bool buf_puts(buf_t *buf, const char *text)
{
    return buf_put(buf, text, strlen(text));
}

bool buf_vprintf(buf_t *buf, const char *format, va_list args)
{
    char *to = buf_room(buf, 0);
    if (!to) {
        return false;
    }
    va_list again;
    va_copy(again, args);
    size_t room = buf->cap - buf->len + 1; /* with the byte of the NUL */
    int len = vsnprintf(to, room, format, args);
    if (len >= 0 && (size_t)len >= room) {
        to = buf_room(buf, (size_t)len);
        len = to ? vsnprintf(to, (size_t)len + 1, format, again) : -1;
    }
    va_end(again);
    if (len < 0) {
        return false;
    }
    buf->len += (size_t)len;
    return true;
}

bool buf_printf(buf_t *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    bool done = buf_vprintf(buf, format, args);
    va_end(args);
    return done;
}

const char *buf_text(buf_t *buf)
{
    if (!buf->data) {
        return "";
    }
    assert(buf->len <= buf->cap);
    buf->data[buf->len] = '\0';
    return buf->data;
}

void buf_clear(buf_t *buf)
{
    buf->len = 0;
}

void buf_free(buf_t *buf)
{
    free(buf->data);
    *buf = (buf_t){0};
}
