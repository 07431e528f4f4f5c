/* The monitor without a server: it reads this host's clock and processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmocka.h>

#include "run/monitor/monitor.h"

/* What hangs is ended by the signal. */
#define PATIENCE_S 20

static void it_starts_reads_and_stops(void **state)
{
    clocksync_t clock;
    monitor_reading_t reading;
    err_t err = {0};
    (void)state;
    clocksync_init(&clock, clock_anchor());
    monitor_t *monitor = monitor_start(&(monitor_opts_t){.clock = &clock}, &err);
    assert_non_null(monitor);
    monitor_read(monitor, &reading);
    assert_true(reading.client_rss_bytes > 0);
    assert_int_equal(reading.server_rss_bytes, NOT_MEASURED);
    alarm(PATIENCE_S);
    monitor_stop(monitor);
    alarm(0);
}

static void without_a_descriptor_it_does_not_start(void **state)
{
    clocksync_t clock;
    struct rlimit limit, none;
    err_t err = {0};
    (void)state;
    clocksync_init(&clock, clock_anchor());
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    monitor_t *monitor = monitor_start(&(monitor_opts_t){.clock = &clock}, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    alarm(PATIENCE_S);
    monitor_stop(monitor); /* of one that had started it would never return */
    alarm(0);
    assert_null(monitor);
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "Too many open files"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_starts_reads_and_stops),
        cmocka_unit_test(without_a_descriptor_it_does_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
