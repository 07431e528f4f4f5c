/*
 * http_server: a small HTTP server that answers with what was last published for a path. It reads
 * nothing of a request but method and path, and changes nothing. Its own thread answers; the
 * owner's thread starts it, publishes and stops it.
 *
 * Whoever can reach the port can read all of it: there is neither password nor encryption. So it is
 * on loopback unless a host is named.
 */
#ifndef CDCBENCH_HTTP_HTTP_SERVER_H
#define CDCBENCH_HTTP_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

typedef struct http_server http_server_t;

#define HTTP_PATHS_MAX 8

/* Listens at "HOST:PORT", "[IPV6]:PORT", ":PORT" or "PORT" (both 127.0.0.1); port 0 is any free
 * one. NULL with *err: ERR_USAGE for what is no address, ERR_RUN for one that cannot be listened
 * at, with why. */
http_server_t *http_server_start(const char *address, err_t *err);

/* Ends connections and the thread. NULL is allowed. */
void http_server_stop(http_server_t *server);

/* Where it listens, as a URL without a path: "http://127.0.0.1:9464". */
const char *http_server_url(const http_server_t *server);

/* What the path answers from now on: a copy of the text. `path` and `type` are constants. False
 * when memory is out; then what was there before stays. */
bool http_server_publish(http_server_t *server, const char *path, const char *type,
                         const char *text, size_t len);

/* Whether the path was asked for since it was last published: what nobody reads need not be made.
 */
bool http_server_asked(http_server_t *server, const char *path);

/* "HOST:PORT" as people write it, taken apart. */
typedef struct {
    char host[256]; /* without brackets; "127.0.0.1" where none is named */
    char port[8];   /* decimal, 0 … 65535 */
} http_address_t;

/* The forms of http_server_start. ERR_USAGE says what was read and what is allowed. Pure. */
bool http_address_parse(const char *text, http_address_t *out, err_t *err);

#endif
