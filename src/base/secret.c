#include "base/secret.h"

#include <stdlib.h>
#include <string.h>

typedef struct secret {
    struct secret *next;
    size_t len;
    char text[];
} secret_t;

static secret_t *known;

bool secret_add(const char *secret)
{
    size_t len = secret ? strlen(secret) : 0;
    if (len == 0) {
        return true;
    }
    for (const secret_t *s = known; s; s = s->next) {
        if (s->len == len && memcmp(s->text, secret, len) == 0) {
            return true;
        }
    }
    secret_t *added = malloc(sizeof *added + len + 1);
    if (!added) {
        return false;
    }
    memcpy(added->text, secret, len + 1);
    added->len = len;
    added->next = known;
    known = added;
    return true;
}

/* The length of the longest secret that text, of length len, starts with; 0 for none. */
static size_t longest_at(const char *text, size_t len)
{
    size_t longest = 0;
    for (const secret_t *s = known; s; s = s->next) {
        if (s->len > longest && s->len <= len && memcmp(text, s->text, s->len) == 0) {
            longest = s->len;
        }
    }
    return longest;
}

void secret_redact(char *text, size_t len)
{
    /* Every position is compared before it is overwritten, and a comparison looks ahead only: so
     * secrets that overlap, or lie within one another, are all seen and blotted out whole. */
    size_t blot_end = 0;
    for (size_t at = 0; known && at < len; at++) {
        size_t end = at + longest_at(text + at, len - at);
        if (end > blot_end) {
            blot_end = end;
        }
        if (at < blot_end) {
            text[at] = '*';
        }
    }
}

void secret_forget(void)
{
    while (known) {
        secret_t *s = known;
        known = s->next;
        explicit_bzero(s->text, s->len);
        free(s);
    }
}
