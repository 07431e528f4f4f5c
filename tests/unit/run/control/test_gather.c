/* A run's result is what was counted, by phase, stream and tap; what did not happen is not
 * measured. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "run/control/mock_job.h"

enum { UPDATES = 300, DELETES = 60 };

static uint64_t lags(const tap_result_t *tap, uint32_t phase, op_t op, lag_scope_t scope,
                     stage_t stage)
{
    const lag_t *lag = tap->lag[scope][phase][op][stage];
    return lag == NULL ? 0 : lag_count(lag);
}

/* A stream's figures are whole and within its phase. */
static void assert_stream(const phase_result_t *phase, uint32_t stream, uint64_t rows,
                          uint64_t transactions)
{
    const op_result_t *of = &phase->ops[stream];
    assert_int_equal(of->rows, rows);
    assert_int_equal(of->transactions, transactions);
    assert_int_equal(of->errors, 0);
    assert_true(of->bytes > rows * 100);
    assert_int_equal(hist_count(of->latency), transactions);
    assert_int_equal(hist_count(of->service), transactions);
    assert_true(phase->start_ns >= 0 && phase->start_ns <= of->first_sent_ns);
    assert_true(of->first_sent_ns <= of->last_acked_ns && of->last_acked_ns <= phase->end_ns);
}

static void assert_nothing(const op_result_t *of)
{
    assert_int_equal(of->rows + of->transactions + of->bytes, 0);
    assert_null(of->latency);
    assert_null(of->service);
    assert_int_equal(of->first_sent_ns, NOT_MEASURED);
    assert_int_equal(of->last_acked_ns, NOT_MEASURED);
}

/* Each event and each transaction once, in the phase that it was sent in. */
static void assert_lag_of(const tap_result_t *tap, uint32_t phase, op_t op, uint64_t events,
                          uint64_t transactions)
{
    static const stage_t stages[] = {STAGE_COMMIT_TO_DEBEZIUM, STAGE_DEBEZIUM_TO_PRODUCE,
                                     STAGE_PRODUCE_TO_RECEIPT, STAGE_COMMIT_TO_RECEIPT,
                                     STAGE_ACK_TO_RECEIPT,     STAGE_INTENDED_TO_RECEIPT};
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        assert_int_equal(lags(tap, phase, op, SCOPE_EVENT, stages[i]), events);
        assert_int_equal(lags(tap, phase, op, SCOPE_FIRST, stages[i]), transactions);
        assert_int_equal(lags(tap, phase, op, SCOPE_LAST, stages[i]), transactions);
    }
    assert_int_equal(lags(tap, phase, op, SCOPE_EVENT, STAGE_COMMIT_TO_SEND), 0);
}

static void add_changes(void)
{
    phase_t *phase = add_phase("changes", PHASE_WORK);
    phase->streams[OP_UPDATE] =
        (stream_t){.kind = STREAM_OPEN, .rows = UPDATES, .rows_per_txn = 10, .rate_per_s = 1000};
    phase->streams[OP_DELETE] =
        (stream_t){.kind = STREAM_CLOSED, .rows = DELETES, .rows_per_txn = 5};
}

static void assert_phases(const run_t *run)
{
    const phase_result_t *phases = run_result(run)->phases;
    assert_stream(&phases[0], OP_INSERT, ROWS, ROWS / 20);
    assert_nothing(&phases[0].ops[OP_UPDATE]);
    assert_stream(&phases[1], OP_UPDATE, UPDATES, UPDATES / 10);
    assert_stream(&phases[1], OP_DELETE, DELETES, DELETES / 5);
    assert_nothing(&phases[1].ops[OP_INSERT]);
    assert_nothing(&phases[2].ops[OP_INSERT]);
    assert_null(phases[0].schedule_lag); /* nothing was due by the clock */
    assert_in_range(hist_count(phases[1].schedule_lag), 1, UPDATES / 10);
    assert_true(phases[0].end_ns <= phases[1].start_ns && phases[1].end_ns <= phases[2].start_ns);
    assert_true(phases[2].end_ns <= run_result(run)->end_ns);
    assert_int_equal(phases[0].backlog_peak_rows, 0);
    assert_int_equal(phases[0].overload_from_ns, NOT_MEASURED);
}

static void assert_tap(const run_t *run)
{
    const result_t *result = run_result(run);
    const tap_result_t *tap = &result->taps[TAP_KAFKA];
    assert_true(tap->on && tap->complete && !tap->unverified);
    assert_lag_of(tap, 0, OP_INSERT, ROWS, ROWS / 20);
    assert_lag_of(tap, 0, OP_UPDATE, 0, 0);
    assert_lag_of(tap, 1, OP_UPDATE, UPDATES, UPDATES / 10);
    assert_lag_of(tap, 1, OP_DELETE, DELETES, DELETES / 5);
    assert_int_equal(tap->seen[OP_INSERT], ROWS);
    assert_int_equal(tap->seen[OP_UPDATE], UPDATES);
    assert_int_equal(tap->seen[OP_DELETE], DELETES);
    assert_int_equal(tap->events, ROWS + UPDATES + DELETES);
    assert_int_equal(tap->transactions, ROWS / 20 + UPDATES / 10 + DELETES / 5);
    assert_int_equal(tap->tombstones, DELETES);
    assert_int_equal(tap->verify.expected, ROWS + UPDATES + DELETES);
    assert_true(tap->start_lsn > 0 && tap->last_lsn > tap->start_lsn);
    assert_true(tap->bytes > 0 && tap->unreadable == 0);
    assert_false(result->taps[TAP_WAL].on);
}

static void each_phase_and_what_the_tap_saw_of_it_has_its_own_figures(void **state)
{
    (void)state;
    add_load(ROWS);
    add_changes();
    run_t *run = execute(NULL, NULL);
    assert_phases(run);
    assert_tap(run);
    run_free(run);
}

static void the_run_as_a_whole_is_told(void **state)
{
    (void)state;
    add_load(ROWS);
    run_t *run = execute(NULL, NULL);
    const result_t *result = run_result(run);
    assert_int_equal(result->acknowledged, ROWS);
    assert_int_equal(result->reconnects + result->in_doubt + result->undetermined, 0);
    assert_int_equal(result->ledger_dropped, 0);
    assert_true(result->ledger_peak > 0);
    assert_false(result->interrupted || result->overloaded || result->restarts_seen);
    assert_int_equal(result->failure.code, ERR_NONE);
    assert_true(result->clock_samples > 0);
    assert_true(result->clock_offset_us != NOT_MEASURED);
    assert_int_equal(result->foreign_clocks[CLOCK_CONNECT].stamps, 2 * ROWS);
    assert_int_equal(result->ddl_ns, NOT_MEASURED);
    assert_true(result->client_cpu_us > 0 && result->client_rss_peak_bytes > 0);
    assert_non_null(strstr(result->pipeline, "\"topic\":\"" TOPIC "\""));
    int64_t acked = 0;
    for (size_t i = 0; i < result->n_timeline; i++)
        acked += result->timeline[i].ops[OP_INSERT].acked_rows;
    assert_int_equal(acked, ROWS); /* the last row holds what is left of the last second */
    run_free(run);
}

static void interrupt_at_once(void *ctx, const run_t *run)
{
    (void)ctx, (void)run;
    atomic_store(&interrupts, 1);
}

static void a_phase_that_did_not_begin_has_no_times(void **state)
{
    (void)state;
    add_load(ROWS);
    add_changes();
    run_t *run = execute_with(no_properties, interrupt_at_once, NULL);
    const result_t *result = run_result(run);
    assert_true(result->interrupted);
    for (int p = 0; p < 2; p++) {
        assert_int_equal(result->phases[p].start_ns, NOT_MEASURED);
        assert_int_equal(result->phases[p].end_ns, NOT_MEASURED);
        assert_nothing(&result->phases[p].ops[OP_INSERT]);
    }
    assert_true(result->phases[2].start_ns >= 0); /* the drain is left to do */
    assert_int_equal(result->acknowledged, 0);
    run_free(run);
}

static void a_backlog_past_its_bound_is_told_with_when_and_how_long(void **state)
{
    (void)state;
    load.backlog_max_rows = 10;
    add_load(ROWS);
    add_phase("flood", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_OPEN, .rows = 20000, .rows_per_txn = 20, .rate_per_s = 1e6};
    run_t *run = execute(NULL, NULL);
    const result_t *result = run_result(run);
    const phase_result_t *flood = &result->phases[1];
    assert_true(result->overloaded);
    assert_int_equal(result->phases[0].overload_from_ns, NOT_MEASURED);
    assert_in_range(flood->overload_from_ns, flood->start_ns, flood->end_ns);
    assert_in_range(flood->backlog_peak_rows, 11, 20000);
    assert_true(flood->overload_us > 0 && flood->backlog_peak_us > 0);
    assert_int_equal(result->failure.code, ERR_NONE); /* marked alone */
    run_free(run);
}

static void what_the_ledger_had_no_room_for_is_counted(void **state)
{
    (void)state;
    enum { KEPT = 2048, SENT = KEPT + 52 };
    static const char *const at_once[] = {"linger.ms=0", NULL};
    load.ledger_max = 1; /* a chunk, and one more for the connection */
    scenario.connections = 1;
    drain_at_most_ns = NS_PER_S;
    add_phase("load", PHASE_WORK)->streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = SENT, .rows_per_txn = 1};
    run_t *run = execute_with(at_once, fetch_nothing, NULL);
    const result_t *result = run_result(run);
    assert_int_equal(result->acknowledged, SENT);
    assert_int_equal(result->ledger_dropped, SENT - KEPT);
    assert_int_equal(result->ledger_peak, KEPT);
    assert_true(result->overloaded);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(each_phase_and_what_the_tap_saw_of_it_has_its_own_figures),
        TEST(the_run_as_a_whole_is_told),
        TEST(a_phase_that_did_not_begin_has_no_times),
        TEST(a_backlog_past_its_bound_is_told_with_when_and_how_long),
        TEST(what_the_ledger_had_no_room_for_is_counted),
    };
    return cmocka_run_group_tests_name("gather", tests, NULL, NULL);
}
