/*
 * produce against librdkafka's mock cluster: what is written is what the tap proves, and brokers
 * that refuse, stay away or come back cost no change that is not told of.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "run/control/mock_job.h"

static void assert_verified(const run_t *run, uint64_t changes)
{
    const result_t *result = run_result(run);
    const tap_result_t *tap = &result->taps[TAP_KAFKA];
    assert_string_equal(result->failure.text, "");
    assert_true(tap->complete);
    assert_true(verify_clean(&tap->verify));
    assert_int_equal(result->acknowledged, changes);
    assert_int_equal(result->undetermined, 0);
    assert_int_equal(tap->verify.delivered, changes);
    assert_int_equal(tap->unmatched_transactions, 0);
}

/* What was acknowledged is there; of the rest nothing is claimed. */
static void assert_ended_early(const run_t *run)
{
    const result_t *result = run_result(run);
    const tap_result_t *tap = &result->taps[TAP_KAFKA];
    assert_false(tap->complete);
    assert_true(result->undetermined > 0);
    assert_int_equal(tap->verify.mismatched + tap->verify.unknown + tap->verify.out_of_order, 0);
    assert_in_range(result->acknowledged, 0, scenario.rows - result->undetermined);
}

static void every_kind_of_change_is_read_back_as_it_was_written(void **state)
{
    (void)state;
    add_load(ROWS);
    phase_t *work = add_phase("work", PHASE_WORK);
    work->mix = (mix_t){.inserts = 4, .own_updates = 2, .updates = 3, .deletes = 1};
    work->streams[OP_UPDATE] = (stream_t){.kind = STREAM_CLOSED, .rows = 1000, .rows_per_txn = 10};
    work->streams[OP_DELETE] = (stream_t){.kind = STREAM_CLOSED, .rows = 200, .rows_per_txn = 5};
    work->streams[STREAM_MIX] = (stream_t){.kind = STREAM_CLOSED, .rows = 500, .rows_per_txn = 10};
    run_t *run = execute(NULL, NULL);
    assert_verified(run, ROWS + 1000 + 200 + 500);
    const tap_result_t *tap = &run_result(run)->taps[TAP_KAFKA];
    assert_int_equal(tap->tombstones, 200 + 50);
    assert_int_equal(tap->events, ROWS + 1000 + 200 + 500);
    run_free(run);
}

/* Transactions larger than the producer's queue: each waits for its own first records. */
static void a_queue_that_is_always_full_loses_nothing(void **state)
{
    (void)state;
    add_phase("load", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = ROWS, .rows_per_txn = 500};
    run_t *run = execute("queue.buffering.max.messages=10", NULL);
    assert_verified(run, ROWS);
    run_free(run);
}

static void what_the_broker_refuses_for_a_time_is_sent_again_and_counted_once(void **state)
{
    (void)state;
    rd_kafka_mock_push_request_errors(
        mock.cluster, 0 /* Produce */, 4, RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
        RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT, RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS,
        RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION);
    add_load(ROWS);
    run_t *run = execute(NULL, NULL);
    assert_verified(run, ROWS);
    run_free(run);
}

static void a_record_that_the_broker_will_not_have_ends_the_load_and_says_why(void **state)
{
    (void)state;
    rd_kafka_mock_push_request_errors(mock.cluster, 0, 1,
                                      RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    add_load(ROWS);
    run_t *run = execute(NULL, NULL);
    assert_ended_early(run);
    const char *why = run_result(run)->failure.text;
    assert_non_null(strstr(why, "topic " TOPIC ": a record was not delivered"));
    assert_non_null(strstr(why, "uthorization failed"));
    run_free(run);
}

static void broker_goes(void *ctx, const timeline_row_t *row)
{
    (void)ctx;
    if (row->phase == 0)
        rd_kafka_mock_broker_set_down(mock.cluster, 1);
}

static void broker_goes_and_comes(void *ctx, const timeline_row_t *row)
{
    (void)ctx;
    if (row->second < 1.5)
        rd_kafka_mock_broker_set_down(mock.cluster, 1);
    else
        rd_kafka_mock_broker_set_up(mock.cluster, 1);
}

static void a_broker_that_comes_back_costs_time_and_no_change(void **state)
{
    (void)state;
    add_steady();
    run_t *run = execute(NULL, broker_goes_and_comes);
    assert_verified(run, 200);
    run_free(run);
}

static void a_broker_that_stays_away_ends_the_load_when_its_records_time_out(void **state)
{
    (void)state;
    add_steady();
    drain_at_most_ns = NS_PER_S; /* what was delivered can no longer be read */
    run_t *run = execute("message.timeout.ms=1000", broker_goes);
    assert_ended_early(run);
    assert_non_null(strstr(run_result(run)->failure.text, "a record was not delivered"));
    assert_non_null(strstr(run_result(run)->failure.text, "timed out"));
    run_free(run);
}

static void goes_and_is_interrupted(void *ctx, const timeline_row_t *row)
{
    broker_goes(ctx, row);
    if (row->second > 1.5)
        atomic_fetch_add(&interrupts, 1);
}

static void an_interrupt_while_no_broker_is_there_ends_it_too(void **state)
{
    (void)state;
    add_steady();
    run_t *run = execute(NULL, goes_and_is_interrupted);
    assert_ended_early(run);
    assert_true(run_result(run)->interrupted);
    run_free(run);
}

static void no_right_to_read_on(void *ctx, const run_t *run)
{
    mock_cluster_answer_fetches(&mock, 8, RD_KAFKA_RESP_ERR_NO_ERROR);
    no_right_to_read(ctx, run);
}

/* The load goes on for more than a chunk of the ledger: the one that the open transaction was in is
 * freed. */
static void a_tap_that_fails_within_a_transaction_lets_the_load_go_on(void **state)
{
    (void)state;
    enum { ONE_BY_ONE = 1100 };
    static const char *const small_batches_at_once[] = {"batch.num.messages=20", "linger.ms=0",
                                                        NULL};
    scenario.connections = 1;
    add_phase("load", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = ROWS, .rows_per_txn = ROWS};
    add_phase("on", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = ONE_BY_ONE, .rows_per_txn = 1};
    run_t *run = execute_with(small_batches_at_once, no_right_to_read_on, NULL);
    const result_t *result = run_result(run);
    const tap_result_t *tap = &result->taps[TAP_KAFKA];
    assert_string_equal(result->failure.text, "");
    assert_int_equal(result->acknowledged, ROWS + ONE_BY_ONE);
    assert_false(tap->complete);
    assert_non_null(strstr(tap->error, "the kafka tap ended"));
    assert_non_null(strstr(tap->error, TOPIC));
    assert_in_range(tap->events, 1, ROWS - 1);
    assert_int_equal(tap->unmatched_transactions, 0);
    assert_null(tap->lag[SCOPE_LAST][0][OP_INSERT][STAGE_INTENDED_TO_RECEIPT]);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_kind_of_change_is_read_back_as_it_was_written),
        TEST(a_queue_that_is_always_full_loses_nothing),
        TEST(what_the_broker_refuses_for_a_time_is_sent_again_and_counted_once),
        TEST(a_record_that_the_broker_will_not_have_ends_the_load_and_says_why),
        TEST(a_broker_that_comes_back_costs_time_and_no_change),
        TEST(a_broker_that_stays_away_ends_the_load_when_its_records_time_out),
        TEST(an_interrupt_while_no_broker_is_there_ends_it_too),
        TEST(a_tap_that_fails_within_a_transaction_lets_the_load_go_on),
    };
    return cmocka_run_group_tests_name("produce", tests, NULL, NULL);
}
