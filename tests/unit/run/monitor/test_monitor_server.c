/* The monitor beside a real server: its clock, slots and checkpoints, and a connection that is
 * lost. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "run/monitor/monitor.h"
#include "server.h"

#define SLOT "cdcbench_unit"

static server_t server;
static clocksync_t clock_of_server;

static int start(void **state)
{
    (void)state;
    return server_start(&server);
}

static int stop(void **state)
{
    (void)state;
    return server_stop(&server);
}

static monitor_t *begin(void)
{
    err_t err = {0};
    monitor_opts_t opts = {.target = server.target, .clock = &clock_of_server};
    snprintf(opts.slots[TAP_WAL], sizeof opts.slots[TAP_WAL], SLOT);
    clocksync_init(&clock_of_server, clock_anchor());
    monitor_t *monitor = monitor_start(&opts, &err);
    if (monitor == NULL)
        fail_msg("%s", err.text);
    return monitor;
}

/* Waits for a look that shows it. */
static monitor_reading_t await(monitor_t *monitor, bool (*shows)(const monitor_reading_t *))
{
    monitor_reading_t reading;
    int64_t until_ns = clock_now_ns() + SERVER_PATIENCE_MS * NS_PER_MS;
    do {
        clock_sleep_until_ns(clock_now_ns() + 20 * NS_PER_MS);
        monitor_read(monitor, &reading);
    } while (!shows(&reading) && clock_now_ns() < until_ns);
    assert_true(shows(&reading));
    return reading;
}

static void the_servers_clock_is_known_before_it_returns(void **state)
{
    (void)state;
    int64_t offset_us, uncertainty_us;
    monitor_t *monitor = begin();
    assert_true(clocksync_get(&clock_of_server, &offset_us, &uncertainty_us));
    /* It is this host's: 0 lies within what the readings leave open. */
    assert_in_range(offset_us + uncertainty_us, 0, 2 * uncertainty_us);
    monitor_stop(monitor);
    assert_true(clock_of_server.count >= 64);
}

static uint64_t behind_lsn;
static bool log_has_grown(const monitor_reading_t *reading)
{
    return reading->insert_lsn > behind_lsn;
}

static bool has_slot(const monitor_reading_t *reading)
{
    return reading->slots[TAP_WAL].retained_bytes != NOT_MEASURED;
}

static bool has_no_slot(const monitor_reading_t *reading)
{
    return reading->insert_lsn != 0 && !has_slot(reading);
}

static void a_slot_is_told_of_while_it_is_there(void **state)
{
    (void)state;
    monitor_reading_t reading;
    monitor_t *monitor = begin();
    monitor_read(monitor, &reading);
    assert_true(reading.insert_lsn > 0);
    assert_false(has_slot(&reading));
    server_exec(&server, "SELECT pg_create_logical_replication_slot('" SLOT "', 'pgoutput')");
    reading = await(monitor, has_slot);
    assert_true(reading.slots[TAP_WAL].retained_bytes >= 0);
    assert_true(reading.slots[TAP_WAL].unconfirmed_bytes <= reading.slots[TAP_WAL].retained_bytes);
    assert_int_equal(reading.slots[TAP_KAFKA].retained_bytes, NOT_MEASURED);
    server_exec(&server, "SELECT pg_drop_replication_slot('" SLOT "')");
    await(monitor, has_no_slot);
    monitor_stop(monitor);
}

static int64_t requested_before;
static bool has_checkpoint(const monitor_reading_t *reading)
{
    return reading->checkpoints.requested > requested_before;
}

static void checkpoints_and_the_logs_end_rise(void **state)
{
    (void)state;
    monitor_reading_t reading;
    monitor_t *monitor = begin();
    monitor_read(monitor, &reading);
    behind_lsn = reading.insert_lsn;
    requested_before = reading.checkpoints.requested;
    assert_true(requested_before >= 0 && reading.checkpoints.timed >= 0);
    server_exec(&server, "SELECT pg_logical_emit_message(false, 'a', 'b')");
    server_exec(&server, "CHECKPOINT");
    await(monitor, log_has_grown);
    await(monitor, has_checkpoint);
    monitor_stop(monitor);
}

/* Its connection is the only other one. */
#define OTHERS                                                                                     \
    "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"

static void a_connection_that_is_lost_is_made_again(void **state)
{
    (void)state;
    monitor_reading_t reading;
    monitor_t *monitor = begin();
    server_terminate(&server, (int)server_number(&server, "SELECT pid " OTHERS));
    server_await(&server, "SELECT count(*) = 1 " OTHERS);
    server_exec(&server, "SELECT pg_logical_emit_message(false, 'a', 'b')");
    monitor_read(monitor, &reading);
    behind_lsn = reading.insert_lsn;
    await(monitor, log_has_grown);
    monitor_stop(monitor);
    server_await(&server, "SELECT count(*) = 0 " OTHERS);
}

static void a_server_that_is_not_there_is_an_error(void **state)
{
    (void)state;
    err_t err = {0};
    clocksync_init(&clock_of_server, clock_anchor());
    pg_target_t *target = pg_target_new("host=127.0.0.1 port=1 connect_timeout=2", &err);
    assert_non_null(target);
    monitor_opts_t opts = {.target = target, .clock = &clock_of_server};
    assert_null(monitor_start(&opts, &err));
    assert_true(err.code != ERR_NONE);
    pg_target_free(target);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_servers_clock_is_known_before_it_returns),
        cmocka_unit_test(a_slot_is_told_of_while_it_is_there),
        cmocka_unit_test(checkpoints_and_the_logs_end_rise),
        cmocka_unit_test(a_connection_that_is_lost_is_made_again),
        cmocka_unit_test(a_server_that_is_not_there_is_an_error),
    };
    return cmocka_run_group_tests_name("monitor_server", tests, start, stop);
}
