#include "http/http_server.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* --- the address --------------------------------------------------------------------------------
 */

#define LOOPBACK "127.0.0.1"

static bool refuse(const char *text, const char *why, err_t *err)
{
    return err_set(err, ERR_USAGE,
                   "'%s' is no address to listen at: %s; allowed: PORT (on " LOOPBACK
                   "), HOST:PORT, [IPV6]:PORT",
                   text, why);
}

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    return digits > 0 && digits <= 5 && text[digits] == '\0' && strtol(text, NULL, 10) <= 65535;
}

/* Splits at the last colon, which an IPv6 address in brackets has outside of them. */
static bool split(const char *text, const char **host, size_t *host_len, const char **port)
{
    const char *colon = strrchr(text, ':'), *bracket = strrchr(text, ']');
    if (colon == NULL) {
        *host_len = 0;
        *port = text;
        return bracket == NULL;
    }
    *host = text;
    *host_len = (size_t)(colon - text);
    *port = colon + 1;
    if (text[0] == '[') {
        *host = text + 1;
        *host_len = *host_len >= 2 ? *host_len - 2 : 0;
        return bracket != NULL && bracket + 1 == colon && *host_len > 0;
    }
    return memchr(text, ':', *host_len) == NULL; /* IPv6 without brackets */
}

bool http_address_parse(const char *text, http_address_t *out, err_t *err)
{
    const char *host = LOOPBACK, *port = "";
    size_t host_len = 0;
    if (!split(text, &host, &host_len, &port)) {
        return refuse(text, "an IPv6 address stands in brackets", err);
    }
    if (!is_port(port)) {
        return refuse(text, "the port is a number from 0 (any free one) to 65535", err);
    }
    if (host_len == 0) {
        host = LOOPBACK;
        host_len = strlen(LOOPBACK);
    }
    if (host_len >= sizeof out->host) {
        return refuse(text, "the host is too long", err);
    }
    snprintf(out->host, sizeof out->host, "%.*s", (int)host_len, host);
    snprintf(out->port, sizeof out->port, "%s", port);
    return true;
}

/* --- the server ---------------------------------------------------------------------------------
 */

#define BACKLOG     16
#define CONNECTIONS 32u
#define IDLE_S      15u

typedef struct {
    const char *path;
    struct MHD_Response *response; /* counted by libmicrohttpd: lives while it is being sent */
    bool asked;
} page_t;

struct http_server {
    struct MHD_Daemon *daemon;
    char url[320];
    pthread_mutex_t lock;
    page_t pages[HTTP_PATHS_MAX]; /* under lock */
    size_t n_pages;               /* under lock */
};

static page_t *find(http_server_t *server, const char *path)
{
    for (size_t i = 0; i < server->n_pages; i++) {
        if (strcmp(server->pages[i].path, path) == 0) {
            return &server->pages[i];
        }
    }
    return NULL;
}

static enum MHD_Result answer_text(struct MHD_Connection *connection, unsigned status,
                                   const char *text)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        strlen(text),
        (void *)(uintptr_t)text, /* NOLINT(performance-no-int-to-ptr): not written to */
        MHD_RESPMEM_PERSISTENT);
    if (response == NULL) {
        return MHD_NO;
    }
    MHD_add_response_header(response, "Content-Type", "text/plain; charset=utf-8");
    MHD_add_response_header(response, "Allow", "GET, HEAD");
    enum MHD_Result queued = MHD_queue_response(connection, status, response);
    MHD_destroy_response(response);
    return queued;
}

/* In the server's own thread. */
static enum MHD_Result on_request(void *ctx, struct MHD_Connection *connection, const char *path,
                                  const char *method, const char *version, const char *body,
                                  size_t *body_len, void **request)
{
    (void)version, (void)body, (void)request;
    http_server_t *server = ctx;
    if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
        *body_len = 0;
        return answer_text(connection, MHD_HTTP_METHOD_NOT_ALLOWED, "GET and HEAD alone\n");
    }
    pthread_mutex_lock(&server->lock);
    enum MHD_Result queued = MHD_NO;
    page_t *page = find(server, path);
    if (page != NULL) {
        page->asked = true;
        queued = MHD_queue_response(connection, MHD_HTTP_OK, page->response);
    }
    pthread_mutex_unlock(&server->lock);
    return page != NULL ? queued : answer_text(connection, MHD_HTTP_NOT_FOUND, "not here\n");
}

static int listen_at(const struct addrinfo *at)
{
    int fd = socket(at->ai_family, at->ai_socktype | SOCK_CLOEXEC, at->ai_protocol);
    int on = 1;
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, at->ai_addr, at->ai_addrlen) != 0 || listen(fd, BACKLOG) != 0) {
        int why = errno;
        close(fd);
        errno = why;
        return -1;
    }
    return fd;
}

/* Tries what the host resolves to, one after another. −1 with *err. */
static int open_socket(const http_address_t *address, err_t *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE}, *found = NULL;
    int failed = getaddrinfo(address->host, address->port, &hints, &found);
    if (failed != 0) {
        err_set(err, ERR_RUN, "cannot listen at %s, port %s: %s (--listen)", address->host,
                address->port, gai_strerror(failed));
        return -1;
    }
    int fd = -1;
    for (const struct addrinfo *at = found; fd < 0 && at != NULL; at = at->ai_next) {
        fd = listen_at(at);
    }
    if (fd < 0) {
        err_set(err, ERR_RUN, "cannot listen at %s, port %s: %s; give --listen another port",
                address->host, address->port, strerror(errno));
    }
    freeaddrinfo(found);
    return fd;
}

/* As bound: with port 0 the kernel has chosen. */
static bool note_url(http_server_t *server, int fd)
{
    struct sockaddr_storage bound = {0};
    socklen_t len = sizeof bound;
    char host[256], port[16];
    if (getsockname(fd, (struct sockaddr *)&bound, &len) != 0 ||
        getnameinfo((struct sockaddr *)&bound, len, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return false;
    }
    bool v6 = bound.ss_family == AF_INET6;
    snprintf(server->url, sizeof server->url, "http://%s%s%s:%s", v6 ? "[" : "", host,
             v6 ? "]" : "", port);
    return true;
}

http_server_t *http_server_start(const char *address, err_t *err)
{
    http_address_t where;
    if (!http_address_parse(address, &where, err)) {
        return NULL;
    }
    int fd = open_socket(&where, err);
    if (fd < 0) {
        return NULL;
    }
    http_server_t *server = calloc(1, sizeof *server);
    if (server == NULL || !note_url(server, fd)) {
        goto fail;
    }
    pthread_mutex_init(&server->lock, NULL);
    server->daemon =
        MHD_start_daemon(MHD_USE_AUTO_INTERNAL_THREAD, 0, NULL, NULL, on_request, server,
                         MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, CONNECTIONS,
                         MHD_OPTION_CONNECTION_TIMEOUT, IDLE_S, MHD_OPTION_END);
    if (server->daemon != NULL) {
        return server;
    }
    pthread_mutex_destroy(&server->lock);
fail:
    err_set(err, ERR_RUN, "cannot listen at %s: the HTTP server did not start", address);
    free(server);
    close(fd);
    return NULL;
}

void http_server_stop(http_server_t *server)
{
    if (server == NULL) {
        return;
    }
    MHD_stop_daemon(server->daemon); /* closes the socket too */
    for (size_t i = 0; i < server->n_pages; i++) {
        MHD_destroy_response(server->pages[i].response);
    }
    pthread_mutex_destroy(&server->lock);
    free(server);
}

const char *http_server_url(const http_server_t *server)
{
    return server->url;
}

bool http_server_publish(http_server_t *server, const char *path, const char *type,
                         const char *text, size_t len)
{
    struct MHD_Response *response = MHD_create_response_from_buffer(
        len, (void *)(uintptr_t)text, /* NOLINT(performance-no-int-to-ptr): not written to */
        MHD_RESPMEM_MUST_COPY);
    if (response == NULL || MHD_add_response_header(response, "Content-Type", type) != MHD_YES ||
        MHD_add_response_header(response, "Cache-Control", "no-store") != MHD_YES) {
        MHD_destroy_response(response);
        return false;
    }
    pthread_mutex_lock(&server->lock);
    page_t *page = find(server, path);
    struct MHD_Response *before = NULL;
    if (page == NULL && server->n_pages < HTTP_PATHS_MAX) {
        page = &server->pages[server->n_pages++];
        page->path = path;
    }
    if (page != NULL) {
        before = page->response;
        page->response = response;
        page->asked = false;
    }
    pthread_mutex_unlock(&server->lock);
    MHD_destroy_response(page != NULL ? before : response);
    return page != NULL;
}

bool http_server_asked(http_server_t *server, const char *path)
{
    pthread_mutex_lock(&server->lock);
    const page_t *page = find(server, path);
    bool asked = page != NULL && page->asked;
    pthread_mutex_unlock(&server->lock);
    return asked;
}
