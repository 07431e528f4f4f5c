/* The monitor without a server: it reads this host's clock and processes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
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

typedef struct {
    _Atomic int asked, told;
    err_t why;
} checked_t;

/* All is well once, and then no more. */
static bool check(void *ctx, err_t *err)
{
    checked_t *checked = ctx;
    return atomic_fetch_add(&checked->asked, 1) == 0 || err_set(err, ERR_RUN, "it is over");
}

static void on_failed(void *ctx, const err_t *why)
{
    checked_t *checked = ctx;
    checked->why = *why;
    atomic_fetch_add(&checked->told, 1);
}

static void what_it_checks_is_asked_until_it_fails_and_told_once(void **state)
{
    clocksync_t clock;
    checked_t checked = {0};
    err_t err = {0};
    (void)state;
    clocksync_init(&clock, clock_anchor());
    monitor_t *monitor = monitor_start(
        &(monitor_opts_t){.clock = &clock, .check = check, .on_failed = on_failed, .ctx = &checked},
        &err);
    assert_non_null(monitor);
    int64_t until_ns = clock_now_ns() + PATIENCE_S * NS_PER_S;
    while (atomic_load(&checked.told) == 0 && clock_now_ns() < until_ns)
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
    clock_sleep_until_ns(clock_now_ns() + 1300 * NS_PER_MS); /* the next second's look */
    monitor_stop(monitor);
    assert_int_equal(checked.asked, 2);
    assert_int_equal(checked.told, 1);
    assert_string_equal(checked.why.text, "it is over");
}

static pid_t a_process_that_has_ended(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    return pid;
}

static void figures_of_processes_are_of_those_that_are_there(void **state)
{
    clocksync_t clock;
    monitor_reading_t reading;
    err_t err = {0};
    (void)state;
    clocksync_init(&clock, clock_anchor());
    monitor_t *monitor = monitor_start(&(monitor_opts_t){.clock = &clock,
                                                         .broker_pid = getpid(),
                                                         .connect_pid = a_process_that_has_ended()},
                                       &err);
    assert_non_null(monitor);
    monitor_read(monitor, &reading);
    assert_true(reading.broker_rss_bytes > 0);
    assert_int_equal(reading.broker_cpu_permille, NOT_MEASURED); /* since when? */
    int64_t until_ns = clock_now_ns() + PATIENCE_S * NS_PER_S;
    while (reading.broker_cpu_permille == NOT_MEASURED && clock_now_ns() < until_ns) {
        clock_sleep_until_ns(clock_now_ns() + NS_PER_MS);
        monitor_read(monitor, &reading);
    }
    assert_true(reading.broker_cpu_permille >= 0 && reading.client_cpu_permille >= 0);
    assert_int_equal(reading.connect_rss_bytes, NOT_MEASURED);
    assert_int_equal(reading.connect_cpu_permille, NOT_MEASURED);
    assert_int_equal(reading.slots[TAP_WAL].retained_bytes, NOT_MEASURED);
    assert_int_equal(reading.checkpoints.timed, NOT_MEASURED);
    assert_int_equal(reading.insert_lsn, 0);
    monitor_stop(monitor);
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
        cmocka_unit_test(what_it_checks_is_asked_until_it_fails_and_told_once),
        cmocka_unit_test(figures_of_processes_are_of_those_that_are_there),
        cmocka_unit_test(without_a_descriptor_it_does_not_start),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
