/* What a drain waits for, and what it says of what did not come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/control/mock_job.h"

static const tap_result_t *kafka_of(const run_t *run)
{
    return &run_result(run)->taps[TAP_KAFKA];
}

/* The tap gets nothing for a while. */
static void fetch_later(void *ctx, const run_t *run)
{
    (void)ctx, (void)run;
    mock_cluster_answer_fetches(&mock, 20, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
}

/* And for what is delivered twice, which may come late. */
static void a_drain_waits_for_what_is_on_its_way_and_a_second_more(void **state)
{
    (void)state;
    add_load(ROWS);
    run_t *run = execute_with(no_properties, fetch_later, NULL);
    const phase_result_t *drain = &run_result(run)->phases[1];
    assert_true(kafka_of(run)->complete);
    assert_string_equal(kafka_of(run)->error, "");
    assert_int_equal(kafka_of(run)->verify.delivered, ROWS);
    assert_in_range(drain->drain[TAP_KAFKA].events, 1, ROWS);
    assert_true(drain->drain[TAP_KAFKA].us > 0);
    int64_t last_ns = drain->start_ns + drain->drain[TAP_KAFKA].us * NS_PER_US;
    assert_true(drain->end_ns - last_ns >= NS_PER_S - 20 * NS_PER_MS); /* it looks every 10 ms */
    run_free(run);
}

static void what_has_not_come_in_time_is_missing_and_said_by_number(void **state)
{
    (void)state;
    add_load(ROWS);
    drain_at_most_ns = NS_PER_S;
    run_t *run = execute_with(no_properties, fetch_nothing, NULL);
    assert_true(kafka_of(run)->complete); /* it had its chance */
    assert_string_equal(kafka_of(run)->error,
                        "2000 changes had not arrived after 1 s (--drain-timeout)");
    assert_int_equal(kafka_of(run)->verify.missing, ROWS);
    assert_int_equal(run_result(run)->phases[1].drain[TAP_KAFKA].events, 0);
    assert_int_equal(run_result(run)->phases[1].drain[TAP_KAFKA].us, 0);
    run_free(run);
}

/* Else the test takes a minute and fails. */
static void a_tap_that_has_failed_is_not_waited_for(void **state)
{
    (void)state;
    add_load(ROWS);
    drain_at_most_ns = 60 * NS_PER_S;
    run_t *run = execute_with(no_properties, no_right_to_read, NULL);
    const phase_result_t *drain = &run_result(run)->phases[1];
    assert_true(drain->end_ns - drain->start_ns < drain_at_most_ns);
    assert_false(kafka_of(run)->complete);
    assert_non_null(strstr(kafka_of(run)->error, "the kafka tap ended"));
    assert_null(strstr(kafka_of(run)->error, "--drain-timeout"));
    run_free(run);
}

static void interrupt_twice(void *ctx, const timeline_row_t *row)
{
    (void)ctx;
    if (row->phase == 1)
        atomic_store(&interrupts, 2);
}

static void a_second_interrupt_ends_it_and_nothing_is_claimed(void **state)
{
    (void)state;
    add_load(ROWS);
    drain_at_most_ns = 60 * NS_PER_S;
    run_t *run = execute_with(no_properties, fetch_nothing, interrupt_twice);
    const phase_result_t *drain = &run_result(run)->phases[1];
    assert_true(drain->end_ns - drain->start_ns < drain_at_most_ns);
    assert_false(kafka_of(run)->complete);
    assert_string_equal(kafka_of(run)->error, "the run was stopped before the tap had caught up");
    run_free(run);
}

static void a_drain_between_two_phases_says_nothing_of_the_second(void **state)
{
    (void)state;
    add_load(ROWS);
    add_phase("settle", PHASE_DRAIN);
    add_phase("more", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = ROWS, .rows_per_txn = 20};
    run_t *run = execute_with(no_properties, fetch_later, NULL);
    const result_t *result = run_result(run);
    assert_int_equal(result->acknowledged, 2 * ROWS);
    assert_int_equal(kafka_of(run)->verify.delivered, 2 * ROWS);
    assert_in_range(result->phases[1].drain[TAP_KAFKA].events, 1, ROWS);
    assert_in_range(result->phases[3].drain[TAP_KAFKA].events, 0, ROWS);
    for (uint32_t p = 0; p < 4; p++) {
        assert_int_equal(result->phases[p].drain[TAP_WAL].events, NOT_MEASURED); /* it is off */
        assert_int_equal(result->phases[p].drain[TAP_KAFKA].events == NOT_MEASURED, p % 2 == 0);
    }
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_drain_waits_for_what_is_on_its_way_and_a_second_more),
        TEST(what_has_not_come_in_time_is_missing_and_said_by_number),
        TEST(a_tap_that_has_failed_is_not_waited_for),
        TEST(a_second_interrupt_ends_it_and_nothing_is_claimed),
        TEST(a_drain_between_two_phases_says_nothing_of_the_second),
    };
    return cmocka_run_group_tests_name("drain", tests, NULL, NULL);
}
