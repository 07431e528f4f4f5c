/*
 * json_forms: values as JSON writes them, held against what PostgreSQL prints of them. Pure; any
 * thread.
 */
#ifndef CDCBENCH_MODEL_JSON_FORMS_H
#define CDCBENCH_MODEL_JSON_FORMS_H

#include <stdbool.h>
#include <stddef.h>

/* Whether two decimal numbers, of at most 18 digits each, have one value: 663.5, 663.50 and
 * 6.635E2. False when either is none. */
bool json_form_same_number(const char *a, size_t a_len, const char *b, size_t b_len);

/* Whether `text` is the base64 (RFC 4648, of either alphabet, with padding) of the bytes that these
 * hexadecimal digits, in lower case, write. */
bool json_form_is_base64(const char *text, size_t len, const char *hex, size_t hex_len);

#endif
