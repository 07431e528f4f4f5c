#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http_server.h"

static void assert_address(const char *text, const char *host, const char *port)
{
    http_address_t address;
    err_t err = {0};
    assert_true(http_address_parse(text, &address, &err));
    assert_string_equal(address.host, host);
    assert_string_equal(address.port, port);
}

static void an_address_without_a_host_is_on_loopback(void **state)
{
    (void)state;
    assert_address("9464", "127.0.0.1", "9464");
    assert_address(":9464", "127.0.0.1", "9464");
    assert_address("0.0.0.0:80", "0.0.0.0", "80");
    assert_address("bench.example:0", "bench.example", "0");
    assert_address("[::1]:9464", "::1", "9464");
}

static void what_is_no_address_is_refused(void **state)
{
    (void)state;
    static const char *const wrong[] = {
        "",      ":",          "host",    "host:",   "::1:80", "[::1]80",
        "[]:80", "host:65536", "host:-1", "host:8o", "[::1]",  "host:999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        http_address_t address;
        err_t err = {0};
        assert_false(http_address_parse(wrong[i], &address, &err));
        assert_int_equal(err.code, ERR_USAGE);
    }
}

static int port_of(const http_server_t *server)
{
    const char *url = http_server_url(server);
    assert_int_equal(strncmp(url, "http://127.0.0.1:", 17), 0);
    return atoi(url + 17);
}

/* Sends the request and returns all that is answered until the server hangs up; malloc'd. */
static char *ask(const http_server_t *server, const char *request)
{
    struct sockaddr_in at = {.sin_family = AF_INET,
                             .sin_port = htons((uint16_t)port_of(server)),
                             .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    char *answer = calloc(1, 65536);
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_non_null(answer);
    assert_int_equal(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(write(fd, request, strlen(request)), strlen(request));
    size_t len = 0;
    for (ssize_t n; (n = read(fd, answer + len, 65535 - len)) > 0;) {
        len += (size_t)n;
    }
    close(fd);
    return answer;
}

#define REQUEST(method, path) method " " path " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static void assert_answer(const http_server_t *server, const char *request, const char *status,
                          const char *end)
{
    char *answer = ask(server, request);
    assert_int_equal(strncmp(answer, status, strlen(status)), 0);
    assert_string_equal(answer + strlen(answer) - strlen(end), end);
    free(answer);
}

static void the_last_published_text_is_answered(void **state)
{
    (void)state;
    err_t err = {0};
    http_server_t *server = http_server_start("0", &err);
    assert_non_null(server);
    assert_answer(server, REQUEST("GET", "/m"), "HTTP/1.1 404", "not here\n");
    assert_true(http_server_publish(server, "/m", "text/plain", "one\n", 4));
    assert_answer(server, REQUEST("GET", "/m"), "HTTP/1.1 200", "\r\n\r\none\n");
    assert_true(http_server_publish(server, "/m", "text/plain", "two\n", 4));
    assert_true(http_server_publish(server, "/", "text/html", "", 0));
    assert_answer(server, REQUEST("GET", "/m"), "HTTP/1.1 200", "\r\n\r\ntwo\n");
    assert_answer(server, REQUEST("HEAD", "/m"), "HTTP/1.1 200", "\r\n\r\n");
    http_server_stop(server);
}

static void nothing_can_be_changed_from_outside(void **state)
{
    (void)state;
    err_t err = {0};
    http_server_t *server = http_server_start("0", &err);
    assert_non_null(server);
    assert_true(http_server_publish(server, "/m", "text/plain", "one\n", 4));
    assert_answer(server, REQUEST("DELETE", "/m"), "HTTP/1.1 405", "GET and HEAD alone\n");
    assert_answer(server, REQUEST("GET", "/m"), "HTTP/1.1 200", "\r\n\r\none\n");
    http_server_stop(server);
}

static void it_is_known_whether_somebody_asked(void **state)
{
    (void)state;
    err_t err = {0};
    http_server_t *server = http_server_start("0", &err);
    assert_non_null(server);
    assert_false(http_server_asked(server, "/m"));
    assert_true(http_server_publish(server, "/m", "text/plain", "one\n", 4));
    assert_false(http_server_asked(server, "/m"));
    free(ask(server, REQUEST("GET", "/m")));
    assert_true(http_server_asked(server, "/m"));
    assert_true(http_server_publish(server, "/m", "text/plain", "two\n", 4));
    assert_false(http_server_asked(server, "/m"));
    http_server_stop(server);
}

static void a_port_that_is_taken_is_an_error(void **state)
{
    (void)state;
    err_t err = {0};
    http_server_t *server = http_server_start("0", &err);
    assert_non_null(server);
    char taken[16];
    snprintf(taken, sizeof taken, "%d", port_of(server));
    assert_null(http_server_start(taken, &err));
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, taken));
    assert_non_null(strstr(err.text, "in use"));
    http_server_stop(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_without_a_host_is_on_loopback),
        cmocka_unit_test(what_is_no_address_is_refused),
        cmocka_unit_test(the_last_published_text_is_answered),
        cmocka_unit_test(nothing_can_be_changed_from_outside),
        cmocka_unit_test(it_is_known_whether_somebody_asked),
        cmocka_unit_test(a_port_that_is_taken_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
