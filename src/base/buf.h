/*
 * buf: a growable array of bytes. Owned by whoever declares it; buf_free releases it. One thread at
 * a time. Growth doubles, so that appending is amortised O(1); nothing shrinks until buf_free.
 */
#ifndef CDCBENCH_BASE_BUF_H
#define CDCBENCH_BASE_BUF_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

typedef struct {
    char *data; /* NULL until first use; not NUL-terminated unless buf_text is called */
    size_t len;
    size_t cap;
} buf_t;

/* Room for `more` bytes behind len: the address to write to, or NULL when memory is out (the
 * content stays as it was). The caller adds what it wrote to len. The address is good until the
 * next call on this buf. */
char *buf_room(buf_t *buf, size_t more);

bool buf_put(buf_t *buf, const void *bytes, size_t len); /* append; false when memory is out */
bool buf_puts(buf_t *buf, const char *text);

/* Appends as printf writes. False, with the content as it was, when memory is out. The arguments
 * must not point into this buf. */
bool buf_printf(buf_t *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool buf_vprintf(buf_t *buf, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* The content as a C string (a NUL is kept behind len and not counted); "" when empty. */
const char *buf_text(buf_t *buf);

void buf_clear(buf_t *buf); /* len = 0, memory kept */
void buf_free(buf_t *buf);

#endif
