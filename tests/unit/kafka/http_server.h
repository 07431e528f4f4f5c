/*
 * http_server: a thread that plays Kafka Connect: answers each request by the first rule that fits,
 * and keeps what it was asked. Included after cmocka.
 */
#ifndef CDCBENCH_TESTS_HTTP_SERVER_H
#define CDCBENCH_TESTS_HTTP_SERVER_H

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct {
    const char *request; /* how a request's first line begins: "PUT /connectors/c/config " */
    int times;           /* how often this rule answers; 0: always */
    int status;
    const char *body; /* NULL: none, and nothing is answered where status is 0: the line is cut */
} http_rule_t;

typedef struct {
    int listener;
    char url[64];
    const http_rule_t *rules;
    int used[16];     /* by rule */
    char last[65536]; /* the last request, whole */
    int requests;
    pthread_t thread;
} http_server_t;

/* Reads a request, as long as its Content-Length says. */
static inline bool http_read(http_server_t *server, int fd)
{
    size_t len = 0;
    for (;;) {
        ssize_t got = recv(fd, server->last + len, sizeof server->last - 1 - len, 0);
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        server->last[len] = '\0';
        const char *end = strstr(server->last, "\r\n\r\n");
        if (end) {
            const char *length = strcasestr(server->last, "content-length:");
            size_t body = length ? (size_t)atol(length + 15) : 0;
            if (len >= (size_t)(end + 4 - server->last) + body) {
                return true;
            }
        }
    }
}

static inline const http_rule_t *http_find(http_server_t *server)
{
    for (int i = 0; server->rules[i].request; i++) {
        const http_rule_t *rule = &server->rules[i];
        if (strncmp(server->last, rule->request, strlen(rule->request)) == 0 &&
            (rule->times == 0 || server->used[i] < rule->times)) {
            server->used[i]++;
            return rule;
        }
    }
    return NULL;
}

static inline void http_answer(int fd, const http_rule_t *rule)
{
    char head[256];
    const char *body = rule && rule->body ? rule->body : "";
    int len = snprintf(head, sizeof head,
                       "HTTP/1.1 %d Whatever\r\nContent-Type: application/json\r\n"
                       "Content-Length: %zu\r\nConnection: close\r\n\r\n",
                       rule ? rule->status : 404, strlen(body));
    if (send(fd, head, (size_t)len, MSG_NOSIGNAL) == len) {
        send(fd, body, strlen(body), MSG_NOSIGNAL);
    }
}

static inline void *http_serve(void *ctx)
{
    http_server_t *server = ctx;
    for (int fd; (fd = accept(server->listener, NULL, NULL)) >= 0; close(fd)) {
        if (http_read(server, fd)) {
            server->requests++;
            const http_rule_t *rule = http_find(server);
            if (!rule || rule->status != 0) {
                http_answer(fd, rule);
            }
        }
    }
    return NULL;
}

/* rules end with one whose request is NULL. */
static inline void http_server_start(http_server_t *server, const http_rule_t *rules)
{
    *server = (http_server_t){.rules = rules};
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    server->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(server->listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(server->listener, (struct sockaddr *)&address, &len), 0);
    assert_int_equal(listen(server->listener, 8), 0);
    snprintf(server->url, sizeof server->url, "http://127.0.0.1:%d", ntohs(address.sin_port));
    assert_int_equal(pthread_create(&server->thread, NULL, http_serve, server), 0);
}

static inline void http_server_stop(http_server_t *server)
{
    shutdown(server->listener, SHUT_RDWR); /* ends accept */
    pthread_join(server->thread, NULL);
    close(server->listener);
}

#endif
