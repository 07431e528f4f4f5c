#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/secret.h"

/* While a test runs, stderr is one end of a pair of sockets that keep messages apart: what one read
 * returns at the other end was one write. */
typedef struct {
    int stderr_kept;
    int reader;
} capture_t;

static capture_t capture;

static void capture_into(int writer)
{
    fflush(stderr);
    capture.stderr_kept = dup(STDERR_FILENO);
    dup2(writer, STDERR_FILENO);
    close(writer);
}

static int start_capture(void **state)
{
    (void)state;
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends) != 0) {
        return -1;
    }
    capture.reader = ends[0];
    capture_into(ends[1]);
    return 0;
}

static int stop_capture(void **state)
{
    (void)state;
    dup2(capture.stderr_kept, STDERR_FILENO);
    close(capture.stderr_kept);
    close(capture.reader);
    log_set_level(LOG_INFO);
    log_set_hooks(NULL, NULL);
    secret_forget();
    return 0;
}

/* The next write to stderr, as a text; "" when there was none. */
static const char *next_write(char *out, size_t size)
{
    ssize_t len = recv(capture.reader, out, size - 1, MSG_DONTWAIT);
    out[len > 0 ? len : 0] = '\0';
    return out;
}

#define assert_next_write(expected)                                                                \
    do {                                                                                           \
        char text[256];                                                                            \
        assert_string_equal(next_write(text, sizeof text), expected);                              \
    } while (0)

static void a_line_is_one_write_with_its_level_in_front(void **state)
{
    (void)state;
    log_set_level(LOG_DEBUG);
    log_error("no %s at %d", "server", 5432);
    log_warning("slot is behind");
    log_info("ready");
    log_debug("step %c", 'x');
    assert_next_write("cdcbench: error: no server at 5432\n");
    assert_next_write("cdcbench: warning: slot is behind\n");
    assert_next_write("cdcbench: ready\n");
    assert_next_write("cdcbench: debug: step x\n");
    assert_next_write("");
}

static void lines_above_the_level_are_dropped(void **state)
{
    (void)state;
    log_debug("not by default");
    log_info("shown");
    assert_next_write("cdcbench: shown\n");
    log_set_level(LOG_ERROR);
    log_warning("dropped");
    log_error("kept");
    assert_next_write("cdcbench: error: kept\n");
    assert_next_write("");
}

static void a_newline_that_a_message_brings_is_not_doubled(void **state)
{
    (void)state;
    log_error("%s", "FATAL: from libpq\n");
    log_error("two\nlines\n\n");
    log_error("%s", "");
    assert_next_write("cdcbench: error: FATAL: from libpq\n");
    assert_next_write("cdcbench: error: two\nlines\n");
    assert_next_write("cdcbench: error: \n");
}

static void a_secret_is_never_written(void **state)
{
    (void)state;
    assert_true(secret_add("hunter2"));
    log_error("password=%s host=db", "hunter2");
    log_error("hunter2");
    assert_next_write("cdcbench: error: password=******* host=db\n");
    assert_next_write("cdcbench: error: *******\n");
}

static void errno_survives(void **state)
{
    (void)state;
    errno = ENOENT;
    log_error("open: %m");
    assert_int_equal(errno, ENOENT);
    assert_next_write("cdcbench: error: open: No such file or directory\n");
}

/* The hooks write to stderr themselves, so that the order of the three is seen. */
static void mark_before(void)
{
    assert_int_equal(write(STDERR_FILENO, "<", 1), 1);
}

static void mark_after(void)
{
    assert_int_equal(write(STDERR_FILENO, ">", 1), 1);
}

static void hooks_are_called_around_a_line_until_they_are_taken_back(void **state)
{
    (void)state;
    log_set_hooks(mark_before, mark_after);
    log_debug("dropped lines call none");
    log_info("first");
    log_set_hooks(NULL, NULL);
    log_info("second");
    assert_next_write("<");
    assert_next_write("cdcbench: first\n");
    assert_next_write(">");
    assert_next_write("cdcbench: second\n");
    assert_next_write("");
}

#define WRITERS      4
#define WRITER_LINES 200

static void *write_lines(void *which)
{
    for (int i = 0; i < WRITER_LINES; i++) {
        log_info("%s %d", (const char *)which, i);
    }
    return NULL;
}

static void threads_do_not_mix_their_lines(void **state)
{
    (void)state;
    static char names[WRITERS][2] = {"a", "b", "c", "d"};
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_lines, names[i]), 0);
    }
    int next[WRITERS] = {0};
    for (int i = 0; i < WRITERS * WRITER_LINES; i++) {
        char line[64];
        ssize_t len = recv(capture.reader, line, sizeof line - 1, 0);
        assert_true(len > 0);
        line[len] = '\0';
        char name = '?';
        int number = -1;
        char end = '?';
        assert_int_equal(sscanf(line, "cdcbench: %c %d%c", &name, &number, &end), 3);
        assert_in_range(name, 'a', 'a' + WRITERS - 1);
        assert_int_equal(number, next[name - 'a']++);
        assert_int_equal(end, '\n');
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
}

#define LONG_LINE 1000000

static void *log_long_line(void *text)
{
    log_info("%s", (const char *)text);
    return NULL;
}

static int start_capture_by_nonblocking_pipe(void **state)
{
    (void)state;
    int ends[2];
    if (pipe(ends) != 0 || fcntl(ends[1], F_SETFL, O_NONBLOCK) != 0) {
        return -1;
    }
    capture.reader = ends[0];
    capture_into(ends[1]);
    return 0;
}

static void a_line_longer_than_a_pipe_that_does_not_block_arrives_whole(void **state)
{
    (void)state;
    char *text = malloc(LONG_LINE + 1);
    assert_non_null(text);
    memset(text, 'l', LONG_LINE);
    text[LONG_LINE] = '\0';
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, log_long_line, text), 0);
    size_t seen = 0;
    char part[4096];
    do {
        ssize_t len = read(capture.reader, part, sizeof part);
        assert_true(len > 0);
        seen += (size_t)len;
        part[0] = part[len - 1];
    } while (part[0] != '\n');
    pthread_join(thread, NULL);
    assert_int_equal(seen, strlen("cdcbench: ") + LONG_LINE + 1);
    free(text);
}

#define captured(test) cmocka_unit_test_setup_teardown(test, start_capture, stop_capture)

int main(void)
{
    const struct CMUnitTest tests[] = {
        captured(a_line_is_one_write_with_its_level_in_front),
        captured(lines_above_the_level_are_dropped),
        captured(a_newline_that_a_message_brings_is_not_doubled),
        captured(a_secret_is_never_written),
        captured(errno_survives),
        captured(hooks_are_called_around_a_line_until_they_are_taken_back),
        captured(threads_do_not_mix_their_lines),
        cmocka_unit_test_setup_teardown(a_line_longer_than_a_pipe_that_does_not_block_arrives_whole,
                                        start_capture_by_nonblocking_pipe, stop_capture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
