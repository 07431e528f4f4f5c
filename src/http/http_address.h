/*
 * http_address: "HOST:PORT" as people write it, taken apart. Pure.
 */
#ifndef CDCBENCH_HTTP_HTTP_ADDRESS_H
#define CDCBENCH_HTTP_HTTP_ADDRESS_H

#include <stdbool.h>

#include "base/err.h"

typedef struct {
    char host[256]; /* without brackets; "127.0.0.1" where none is named */
    char port[8];   /* decimal, 0 … 65535 */
} http_address_t;

/* The forms of http_server_start. ERR_USAGE says what was read and what is allowed. */
bool http_address_parse(const char *text, http_address_t *out, err_t *err);

#endif
