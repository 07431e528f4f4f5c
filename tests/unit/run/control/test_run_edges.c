/*
 * run: where one phase ends and the next begins: an interrupt just there, and what a drain between
 * two phases says of the second. Against a real server.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "run/control/run.h"
#include "server.h"

static server_t server;

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

static scenario_t scenario;
static atomic_int interrupts;

static phase_t *add_phase(const char *name, phase_kind_t kind)
{
    phase_t *phase = &scenario.phases[scenario.n_phases++];
    snprintf(phase->name, sizeof phase->name, "%s", name);
    phase->kind = kind;
    phase->at_most_ns = kind == PHASE_DRAIN ? 60 * NS_PER_S : 0;
    return phase;
}

static void begin_scenario(void)
{
    memset(&scenario, 0, sizeof scenario);
    snprintf(scenario.name, sizeof scenario.name, "edges");
    scenario.connections = 2;
    scenario.triggers = TRIGGERS_BOTH;
    scenario.replica_identity_full = true;
    atomic_store(&interrupts, 0);
}

static run_opts_t resolve(void)
{
    static const config_t config = {
        .taps = {.on = {[TAP_WAL] = true}},
        .load = {.threads = 2, .reconnect_timeout_ns = 10 * NS_PER_S, .ledger_max = 100000}};
    err_t err = {0};
    scenario_place_t place;
    if (!scenario_resolve(&scenario, &place, &err))
        fail_msg("%s", err.text);
    return (run_opts_t){.config = &config,
                        .scenario = &scenario,
                        .target = server.target,
                        .interrupts = &interrupts};
}

static run_t *execute(void (*on_second)(void *, const timeline_row_t *))
{
    err_t err = {0};
    run_opts_t opts = resolve();
    opts.on_second = on_second;
    run_t *run = run_execute(&opts, &err);
    if (run == NULL)
        fail_msg("%s", err.text);
    return run;
}

enum { FIRST_ROWS = 15 };

/* The controller stands still in here: the first phase becomes whole meanwhile, and when it goes on
 * the phase is over and the interrupt is there, both unseen. */
static void interrupt_when_the_first_phase_is_whole(void *ctx, const timeline_row_t *row)
{
    (void)ctx, (void)row;
    static const struct timespec a_while = {.tv_nsec = 50 * NS_PER_MS};
    if (atomic_load(&interrupts) > 0)
        return;
    do
        nanosleep(&a_while, NULL);
    while (server_number(&server, "SELECT count(*) FROM transactions") < FIRST_ROWS);
    nanosleep(&a_while, NULL); /* the last acknowledgement is heard */
    atomic_store(&interrupts, 1);
    run_interrupted();
}

static void an_interrupt_between_two_phases_leaves_the_first_whole_and_the_next_undone(void **state)
{
    (void)state;
    begin_scenario();
    add_phase("first", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_OPEN, .rows = FIRST_ROWS, .rows_per_txn = 1, .rate_per_s = 10};
    add_phase("second", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 100, .rows_per_txn = 1};
    add_phase("drain", PHASE_DRAIN);
    run_t *run = execute(interrupt_when_the_first_phase_is_whole);
    const result_t *result = run_result(run);
    assert_true(result->interrupted);
    assert_int_equal(result->phases[0].ops[OP_INSERT].transactions, FIRST_ROWS);
    assert_int_equal(result->phases[1].start_ns, NOT_MEASURED);
    assert_int_equal(result->phases[1].end_ns, NOT_MEASURED);
    assert_true(result->phases[2].end_ns > 0);
    assert_int_equal(result->acknowledged, FIRST_ROWS);
    assert_true(result->taps[TAP_WAL].complete);
    assert_true(verify_clean(&result->taps[TAP_WAL].verify));
    assert_int_equal(result->taps[TAP_WAL].verify.delivered, FIRST_ROWS);
    run_free(run);
    assert_int_equal(server_number(&server, "SELECT count(*) FROM transactions"), FIRST_ROWS);
    server_await(&server, "SELECT count(*) = 0 FROM pg_replication_slots");
}

static void a_drain_says_nothing_of_the_phases_behind_it(void **state)
{
    (void)state;
    begin_scenario();
    add_phase("load", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 100, .rows_per_txn = 10};
    add_phase("settle", PHASE_DRAIN);
    add_phase("last", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 1000, .rows_per_txn = 10};
    run_t *run = execute(NULL);
    const tap_result_t *tap = &run_result(run)->taps[TAP_WAL];
    assert_int_equal(run_result(run)->acknowledged, 1100);
    assert_false(tap->complete); /* what it lacks may have been on its way */
    assert_non_null(strstr(tap->error, "until: caught-up"));
    run_free(run);
}

/* Nothing would wake its controller. */
static void without_a_descriptor_no_run_begins(void **state)
{
    struct rlimit limit, none;
    err_t err = {0};
    (void)state;
    begin_scenario();
    add_phase("load", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 100, .rows_per_txn = 10};
    run_opts_t opts = resolve();
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    none = (struct rlimit){0, limit.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    run_t *run = run_execute(&opts, &err);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_null(run);
    assert_int_equal(err.code, ERR_RUN);
    assert_non_null(strstr(err.text, "no descriptor to be woken by: Too many open files"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_interrupt_between_two_phases_leaves_the_first_whole_and_the_next_undone),
        cmocka_unit_test(a_drain_says_nothing_of_the_phases_behind_it),
        cmocka_unit_test(without_a_descriptor_no_run_begins),
    };
    return cmocka_run_group_tests_name("run_edges", tests, start, stop);
}
