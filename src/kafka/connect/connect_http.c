#include "kafka/connect/connect_http.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/secret.h"

/* Connect itself gives a request up after 90 s (ConnectResource.DEFAULT_REST_REQUEST_TIMEOUT_MS);
 * what takes long is the check of a configuration, for which the connector goes to its database. */
#define TIMEOUT_MS         95000
#define CONNECT_TIMEOUT_MS 5000

/* More than any answer that makes sense. */
#define ANSWER_MAX_BYTES (16u << 20)

struct connect_http {
    CURL *curl;
    struct curl_slist *headers;
    char *url;     /* without user, password and a slash at its end */
    char *display; /* the same with the user, if any */
    buf_t target, answer;
    char why[CURL_ERROR_SIZE];
};

static void init_curl(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

/* ---- the URL -----------------------------------------------------------------------------------
 */

/* Takes user and password out of the URL, "http://user:password@host:port/path", for basic
 * authentication. */
static CURLcode take_user(connect_http_t *http, CURLU *parts)
{
    char *user = NULL, *password = NULL;
    curl_url_get(parts, CURLUPART_USER, &user, CURLU_URLDECODE);
    curl_url_get(parts, CURLUPART_PASSWORD, &password, CURLU_URLDECODE);
    CURLcode code = CURLE_OK;
    if (user) {
        code = curl_easy_setopt(http->curl, CURLOPT_USERNAME, user);
    }
    if (password && code == CURLE_OK) {
        code = curl_easy_setopt(http->curl, CURLOPT_PASSWORD, password);
        explicit_bzero(password, strlen(password));
    }
    curl_free(user);
    curl_free(password);
    return code;
}

/* The URL without a slash at its end, and without what is left out of it; the caller's. */
static char *url_of(CURLU *parts)
{
    char *url = NULL, *copy = NULL;
    if (curl_url_get(parts, CURLUPART_URL, &url, 0) == CURLUE_OK) {
        size_t len = strlen(url);
        while (len > 0 && url[len - 1] == '/') {
            len--;
        }
        copy = strndup(url, len);
    }
    curl_free(url);
    return copy;
}

static bool is_http(CURLU *parts)
{
    char *scheme = NULL;
    curl_url_get(parts, CURLUPART_SCHEME, &scheme, 0);
    bool is = scheme && (strcmp(scheme, "http") == 0 || strcmp(scheme, "https") == 0);
    curl_free(scheme);
    return is;
}

static bool read_url(connect_http_t *http, const char *url, err_t *err)
{
    CURLU *parts = curl_url();
    CURLUcode code = parts ? curl_url_set(parts, CURLUPART_URL, url, 0) : CURLUE_OUT_OF_MEMORY;
    bool ok = false;
    if (code != CURLUE_OK || !is_http(parts)) {
        /* Not shown: what cannot be parsed may have a password anywhere. */
        err_set(err, ERR_USAGE, "Kafka Connect's URL is not one (%s): expected http://HOST:PORT",
                code == CURLUE_OK ? "neither http nor https" : curl_url_strerror(code));
    } else {
        ok = take_user(http, parts) == CURLE_OK;
        curl_url_set(parts, CURLUPART_PASSWORD, NULL, 0);
        http->display = url_of(parts);
        curl_url_set(parts, CURLUPART_USER, NULL, 0);
        http->url = url_of(parts);
        ok = (ok && http->display && http->url) ||
             err_set(err, ERR_RUN, "Kafka Connect: memory is out");
    }
    curl_url_cleanup(parts);
    return ok;
}

static size_t on_bytes(char *bytes, size_t size, size_t n, void *ctx)
{
    buf_t *answer = ctx;
    size_t len = size * n;
    bool kept = answer->len + len <= ANSWER_MAX_BYTES && buf_put(answer, bytes, len);
    return kept ? len : 0; /* 0 ends the transfer with CURLE_WRITE_ERROR */
}

static bool set_options(connect_http_t *http)
{
    CURL *curl = http->curl;
    http->headers = curl_slist_append(NULL, "Content-Type: application/json");
    struct curl_slist *more = curl_slist_append(http->headers, "Accept: application/json");
    /* No proxy, whatever the environment says: Connect is beside the brokers, on this host more
     * often than not, and a proxy that is asked for 127.0.0.1 answers for its own. */
    return http->headers && more &&
           curl_easy_setopt(curl, CURLOPT_HTTPHEADER, http->headers) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_PROXY, "") == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, (long)CONNECT_TIMEOUT_MS) ==
               CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)TIMEOUT_MS) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, http->why) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_bytes) == CURLE_OK &&
           curl_easy_setopt(curl, CURLOPT_WRITEDATA, &http->answer) == CURLE_OK;
}

connect_http_t *connect_http_open(const char *url, err_t *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_curl);
    connect_http_t *http = calloc(1, sizeof *http);
    if (!http || !secret_learn(url) || !(http->curl = curl_easy_init()) || !set_options(http)) {
        err_set(err, ERR_RUN, "Kafka Connect: memory is out");
        goto fail;
    }
    if (!read_url(http, url, err)) {
        goto fail;
    }
    return http;
fail:
    connect_http_close(http);
    return NULL;
}

void connect_http_close(connect_http_t *http)
{
    if (http) {
        curl_easy_cleanup(http->curl);
        curl_slist_free_all(http->headers);
        buf_free(&http->target);
        buf_free(&http->answer);
        free(http->display);
        free(http->url);
        free(http);
    }
}

void connect_http_set_timeout(connect_http_t *http, int timeout_ms)
{
    curl_easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, (long)timeout_ms);
}

const char *connect_http_display(const connect_http_t *http)
{
    return http->display;
}

/* ---- a request ---------------------------------------------------------------------------------
 */

static bool make_target(connect_http_t *http, const char *const *path, const char *query)
{
    buf_clear(&http->target);
    bool ok = buf_puts(&http->target, http->url) && (path[0] || buf_puts(&http->target, "/"));
    for (; ok && *path; path++) {
        char *part = curl_easy_escape(http->curl, *path, 0);
        ok = part && buf_puts(&http->target, "/") && buf_puts(&http->target, part);
        curl_free(part);
    }
    return ok && (!query || (buf_puts(&http->target, "?") && buf_puts(&http->target, query)));
}

static CURLcode perform(connect_http_t *http, const char *method, const char *body)
{
    CURL *curl = http->curl;
    CURLcode code = curl_easy_setopt(curl, CURLOPT_URL, buf_text(&http->target));
    buf_clear(&http->answer);
    http->why[0] = '\0';
    /* Without a body a POST would wait for one on stdin, and a PUT for an upload. */
    if (code == CURLE_OK && strcmp(method, "GET") == 0) {
        code = curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    } else if (code == CURLE_OK) {
        code = curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body ? body : "");
    }
    if (code == CURLE_OK) {
        code = curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    }
    return code == CURLE_OK ? curl_easy_perform(curl) : code;
}

static void read_answer(connect_http_t *http, connect_answer_t *answer)
{
    curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &answer->status);
    const char *text = buf_text(&http->answer);
    answer->body =
        http->answer.len > 0 ? json_loadb(text, http->answer.len, JSON_DECODE_ANY, NULL) : NULL;
    if (answer->status >= 400) {
        const char *message = json_string_value(json_object_get(answer->body, "message"));
        err_line(answer->message, sizeof answer->message, message ? message : text);
    }
}

bool connect_http_request(connect_http_t *http, const char *method, const char *const *path,
                          const char *query, const json_t *body, connect_answer_t *answer,
                          err_t *err)
{
    *answer = (connect_answer_t){0};
    char *text = body ? json_dumps(body, JSON_COMPACT) : NULL;
    if ((body && !text) || !make_target(http, path, query)) {
        free(text);
        return err_set(err, ERR_RUN, "Kafka Connect at %s: memory is out", http->display);
    }
    CURLcode code = perform(http, method, text);
    if (text) {
        explicit_bzero(text, strlen(text)); /* a connector's configuration has a password */
        free(text);
    }
    if (code != CURLE_OK) {
        const char *shown = buf_text(&http->target) + strlen(http->url);
        return err_set(err, ERR_RUN,
                       "Kafka Connect at %s: %s %s: %s; is Connect running there? --connect-url "
                       "says where it is, scripts/stack status what runs here",
                       http->display, method, shown,
                       http->why[0] ? http->why : curl_easy_strerror(code));
    }
    read_answer(http, answer);
    return true;
}
