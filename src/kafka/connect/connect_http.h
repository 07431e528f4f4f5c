/*
 * connect_http: one request to Kafka Connect's REST interface and its answer, with libcurl.
 * Internal to this layer. One thread at a time; calls block, for the timeout at most.
 */
#ifndef CDCBENCH_KAFKA_CONNECT_CONNECT_HTTP_H
#define CDCBENCH_KAFKA_CONNECT_CONNECT_HTTP_H

#include <jansson.h>

#include "base/err.h"

typedef struct connect_http connect_http_t;

/* Does not connect yet. NULL with *err: ERR_USAGE for what is not an http or https URL. A user and
 * password in the URL go into each request's Authorization header, and nowhere else. */
connect_http_t *connect_http_open(const char *url, err_t *err);
void connect_http_close(connect_http_t *http); /* NULL is allowed */

void connect_http_set_timeout(connect_http_t *http, int timeout_ms); /* of one request */
const char *connect_http_display(const connect_http_t *http);        /* the URL, no password */

typedef struct {
    long status;        /* HTTP's */
    json_t *body;       /* NULL when it has none, or it is not JSON; the caller's, json_decref */
    char message[1024]; /* for a status of 400 or more: Connect's message, or the start of what
                           else the answer is, on one line; else "" */
} connect_answer_t;

/* The parts of a path, between slashes, are escaped: {"connectors", name, "config", NULL}. `query`
 * and `body` may be NULL. True for any answer, whatever its status; *answer is good until
 * json_decref(answer->body). False with *err (ERR_RUN) when there is none: what was tried, why not,
 * what to do. */
bool connect_http_request(connect_http_t *http, const char *method, const char *const *path,
                          const char *query, const json_t *body, connect_answer_t *answer,
                          err_t *err);

#endif
