#include "base/log.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/secret.h"

#define STALLED_MS 1000 /* a terminal that takes nothing for this long loses the line */

static const char *const prefixes[] = {
    [LOG_ERROR] = "cdcbench: error: ",
    [LOG_WARNING] = "cdcbench: warning: ",
    [LOG_INFO] = "cdcbench: ",
    [LOG_DEBUG] = "cdcbench: debug: ",
};

static atomic_int shown = LOG_INFO;

/* Held from the hook before a line to the one after it. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static void (*hook_before)(void);
static void (*hook_after)(void);

void log_set_level(log_level_t level)
{
    atomic_store_explicit(&shown, (int)level, memory_order_relaxed);
}

void log_set_hooks(void (*before)(void), void (*after)(void))
{
    pthread_mutex_lock(&lock);
    hook_before = before;
    hook_after = after;
    pthread_mutex_unlock(&lock);
}

/* One write in all ordinary cases. The rest is for a pipe that is nearly full and for a terminal
 * that somebody has set non-blocking. */
static void write_line(const char *line, size_t len)
{
    while (len > 0) {
        ssize_t written = write(STDERR_FILENO, line, len);
        if (written >= 0) {
            line += written;
            len -= (size_t)written;
        } else if (errno == EAGAIN) {
            struct pollfd stderr_ready = {.fd = STDERR_FILENO, .events = POLLOUT};
            if (poll(&stderr_ready, 1, STALLED_MS) == 0) {
                return;
            }
        } else if (errno != EINTR) {
            return;
        }
    }
}

static void write_between_hooks(const char *line, size_t len)
{
    pthread_mutex_lock(&lock);
    if (hook_before) {
        hook_before();
    }
    write_line(line, len);
    if (hook_after) {
        hook_after();
    }
    pthread_mutex_unlock(&lock);
}

void log_line(log_level_t level, const char *format, ...)
{
    if ((int)level > atomic_load_explicit(&shown, memory_order_relaxed)) {
        return;
    }
    int errno_before = errno;
    buf_t line = {0};
    va_list args;
    va_start(args, format);
    bool complete = buf_puts(&line, prefixes[level]) && buf_vprintf(&line, format, args);
    va_end(args);
    while (complete && line.data[line.len - 1] == '\n') {
        line.len--;
    }
    secret_redact(line.data, line.len);
    if (complete && buf_put(&line, "\n", 1)) {
        write_between_hooks(line.data, line.len);
    } else {
        static const char lost[] = "cdcbench: error: memory is out, and a message was lost to it\n";
        write_between_hooks(lost, sizeof lost - 1);
    }
    buf_free(&line);
    errno = errno_before;
}
