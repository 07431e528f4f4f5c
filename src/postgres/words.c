#include "postgres/words.h"

#include <string.h>

#include "base/secret.h"

void words_line(char *out, size_t size, const char *words)
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
    secret_redact(out, len);
}
