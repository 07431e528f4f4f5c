/* utf8: the characters of a UTF-8 text (RFC 3629). Pure; any thread. */
#ifndef CDCBENCH_BASE_UTF8_H
#define CDCBENCH_BASE_UTF8_H

#include <stddef.h>

/* Bytes of the character that text, which a NUL ends, begins with: no surrogate, nothing overlong.
 * 0 at the end of the text and where the bytes are none. */
size_t utf8_char_len(const char *text);

#endif
