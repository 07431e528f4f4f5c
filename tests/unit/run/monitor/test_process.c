/* Memory of a process and its children, with real ones. */
#include <netdb.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "result/result.h"
#include "run/monitor/process.h"

static pid_t child;

static int start_child(void **state)
{
    (void)state;
    child = fork();
    if (child == 0) {
        pause();
        _exit(0);
    }
    return child > 0 ? 0 : -1;
}

static int end_child(void **state)
{
    (void)state;
    kill(child, SIGKILL);
    return waitpid(child, NULL, 0) == child ? 0 : -1;
}

static void a_child_is_counted_unless_it_is_left_out(void **state)
{
    (void)state;
    int stranger = getppid();
    process_usage_t whole = process_tree_usage(getpid());
    process_usage_t same = process_tree_usage_without(getpid(), &stranger, 1);
    process_usage_t rest = process_tree_usage_without(getpid(), &child, 1);
    assert_true(rest.rss_bytes > 0 && rest.rss_bytes < whole.rss_bytes);
    assert_true(rest.rss_bytes < same.rss_bytes);
    assert_true(rest.cpu_us >= 0);
}

static void a_process_that_is_not_there_is_not_measured(void **state)
{
    (void)state;
    int nobody = -1;
    assert_int_equal(process_usage(nobody).cpu_us, NOT_MEASURED);
    assert_int_equal(process_tree_usage(nobody).cpu_us, NOT_MEASURED);
}

/* A socket of this process that listens there; its port. */
static int listen_at(const char *host, int *port)
{
    struct sockaddr_storage address = {0};
    socklen_t size = sizeof address;
    struct addrinfo hints = {.ai_flags = AI_NUMERICHOST, .ai_socktype = SOCK_STREAM}, *found;
    char service[8];
    assert_int_equal(getaddrinfo(host, "0", &hints, &found), 0);
    int fd = socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, found->ai_addr, found->ai_addrlen), 0);
    assert_int_equal(listen(fd, 1), 0);
    freeaddrinfo(found);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    assert_int_equal(getnameinfo((struct sockaddr *)&address, size, NULL, 0, service,
                                 sizeof service, NI_NUMERICSERV),
                     0);
    *port = atoi(service);
    return fd;
}

/* Of an address in which # stands for the port. */
static int behind(const char *pattern, int port)
{
    char address[128];
    size_t len = strcspn(pattern, "#");
    if (pattern[len] == '\0')
        return process_behind(pattern);
    snprintf(address, sizeof address, "%.*s%d%s", (int)len, pattern, port, pattern + len + 1);
    return process_behind(address);
}

static void a_listener_on_the_loopback_is_found_however_it_is_named(void **state)
{
    static const char *const v4[] = {"127.0.0.1:#",
                                     "localhost:#",
                                     "LocalHost:#",
                                     "127.0.1.1:#",
                                     "http://localhost:#",
                                     "http://localhost:#/connectors",
                                     "https://user:s@cret@127.0.0.1:#/",
                                     "PLAINTEXT://localhost:#,far.example:9092"};
    static const char *const v6[] = {"::1:#", "[::1]:#", "http://[::1]:#/", "[0:0::1]:#",
                                     "http://me:it@[::1]:#"};
    int port;
    (void)state;
    int fd = listen_at("127.0.0.1", &port);
    for (size_t i = 0; i < sizeof v4 / sizeof *v4; i++)
        assert_int_equal(behind(v4[i], port), getpid());
    assert_int_equal(behind("[::1]:#", port), 0);
    close(fd);
    fd = listen_at("::1", &port);
    for (size_t i = 0; i < sizeof v6 / sizeof *v6; i++)
        assert_int_equal(behind(v6[i], port), getpid());
    close(fd);
}

static void what_is_elsewhere_or_no_address_is_behind_nobody(void **state)
{
    static const char *const addresses[] = {"far.example:#",
                                            "10.0.0.1:#",
                                            "localhost",
                                            "::1",
                                            "",
                                            ":#",
                                            "[::2]:#",
                                            "http://",
                                            "localhost.example:#",
                                            "far.example:1,localhost:#"};
    int port;
    (void)state;
    int fd = listen_at("127.0.0.1", &port);
    for (size_t i = 0; i < sizeof addresses / sizeof *addresses; i++)
        assert_int_equal(behind(addresses[i], port), 0);
    assert_int_equal(process_behind(NULL), 0);
    close(fd);
    assert_int_equal(behind("127.0.0.1:#", port), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_child_is_counted_unless_it_is_left_out, start_child,
                                        end_child),
        cmocka_unit_test(a_process_that_is_not_there_is_not_measured),
        cmocka_unit_test(a_listener_on_the_loopback_is_found_however_it_is_named),
        cmocka_unit_test(what_is_elsewhere_or_no_address_is_behind_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
