/* A second's row holds what was counted in that second, whatever the threads, phases and taps. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "run/control/timeline.h"

enum { LOAD, STEADY, PHASES, THREADS = 2 };

#define START_NS (INT64_C(1000) * NS_PER_S)

/* Threads that count what the test says: a loader is its statistics. */
const stats_t *__wrap_loader_stats(const loader_t *loader);
const stats_t *__wrap_loader_stats(const loader_t *loader)
{
    return (const stats_t *)(const void *)loader;
}

static monitor_reading_t reading;
void __wrap_monitor_read(monitor_t *monitor, monitor_reading_t *out);
void __wrap_monitor_read(monitor_t *monitor, monitor_reading_t *out)
{
    (void)monitor;
    *out = reading;
}

typedef struct {
    scenario_t scenario;
    work_t work;
    stats_t *stats[THREADS];
    verify_opts_t verify;
    clocksync_t clock;
    backlog_watch_t watches[PHASES];
    timeline_opts_t opts;
    timeline_t *timeline;
} world_t;

static int world_make(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->scenario.n_phases = PHASES;
    w->scenario.phases[LOAD].streams[OP_INSERT] =
        (stream_t){.kind = STREAM_CLOSED, .rows = 1000, .rows_per_txn = 10};
    w->scenario.phases[STEADY].streams[OP_UPDATE] =
        (stream_t){.kind = STREAM_OPEN, .rows = 5000, .rows_per_txn = 1, .rate_per_s = 1000};
    w->work.scenario = &w->scenario;
    clocksync_init(&w->clock, (clock_anchor_t){.mono_ns = START_NS, .wall_us = 0});
    w->verify.tables = tables_of_one(&table_transactions, TRIGGERS_NONE, true);
    reading = (monitor_reading_t){.checkpoints = {NOT_MEASURED, NOT_MEASURED, NOT_MEASURED}};
    w->opts = (timeline_opts_t){
        .work = &w->work, .n_loaders = THREADS, .clock = &w->clock, .start_ns = START_NS};
    loader_t **loaders = calloc(THREADS, sizeof *loaders);
    assert_non_null(loaders);
    for (int i = 0; i < THREADS; i++) {
        w->stats[i] = stats_new();
        loaders[i] = (loader_t *)(void *)w->stats[i];
    }
    w->opts.loaders = loaders;
    *state = w;
    return 0;
}

static int world_drop(void **state)
{
    world_t *w = *state;
    timeline_free(w->timeline);
    for (int tap = 0; tap < TAP_COUNT; tap++)
        tap_free(w->opts.taps[tap]);
    for (int i = 0; i < THREADS; i++)
        stats_free(w->stats[i]);
    free((void *)(uintptr_t)w->opts.loaders);
    free(w);
    return 0;
}

static void begin(world_t *w)
{
    w->timeline = timeline_new(&w->opts);
    assert_non_null(w->timeline);
}

static const timeline_row_t *take(world_t *w, int64_t second)
{
    size_t n;
    assert_true(timeline_take(w->timeline, START_NS + second * NS_PER_S));
    const timeline_row_t *rows = timeline_rows(w->timeline, &n);
    assert_true(n > 0);
    return &rows[n - 1];
}

static op_stats_t *stats_of(world_t *w, int thread, int phase, int stream)
{
    return &w->stats[thread]->ops[phase][stream];
}

static void acknowledge(world_t *w, int thread, int phase, int stream, uint64_t rows)
{
    counter_add(&stats_of(w, thread, phase, stream)->rows_acked, rows);
}

static tap_t *add_tap(world_t *w, tap_id_t id)
{
    tap_opts_t opts = {
        .verify = &w->verify, .unverified = true, .clock = &w->clock, .phase = &w->work.phase};
    w->opts.taps[id] = tap_new(&opts);
    assert_non_null(w->opts.taps[id]);
    return w->opts.taps[id];
}

/* Changes that were committed at the anchor, and received so long after. */
static void see(tap_t *tap, int n, int64_t lag_us)
{
    change_t change = {.op = OP_INSERT};
    tap_way_t way = {.receipt_ns = START_NS + lag_us * NS_PER_US, .last = STAGE_COMMIT_TO_RECEIPT};
    tap_begin(tap, 1, 0, true);
    for (int i = 0; i < n; i++)
        tap_change(tap, &change, &way);
    tap_end(tap);
}

static void a_row_holds_what_its_second_has_added_over_threads_and_phases(void **state)
{
    world_t *w = *state;
    begin(w);
    counter_add(&stats_of(w, 0, LOAD, OP_INSERT)->rows_sent, 30);
    acknowledge(w, 0, LOAD, OP_INSERT, 20);
    acknowledge(w, 1, STEADY, OP_INSERT, 5);
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->ops[OP_INSERT].sent_rows, 30);
    assert_int_equal(row->ops[OP_INSERT].acked_rows, 25);
    assert_int_equal(row->ops[OP_DELETE].acked_rows, 0);
    atomic_store(&w->work.phase, STEADY);
    acknowledge(w, 1, LOAD, OP_INSERT, 7);
    acknowledge(w, 1, STEADY, STREAM_MIX, 9);
    counter_add(&stats_of(w, 1, STEADY, OP_INSERT)->errors, 2);
    row = take(w, 3);
    assert_int_equal(row->phase, STEADY);
    assert_true(row->second == 3 && row->interval_s == 2);
    assert_int_equal(row->ops[OP_INSERT].sent_rows, 0);
    assert_int_equal(row->ops[OP_INSERT].acked_rows, 7);
    assert_int_equal(row->ops[OP_INSERT].errors, 2);
    assert_int_equal(row->ops[STREAM_MIX].acked_rows, 9);
    assert_int_equal(timeline_acknowledged(w->opts.loaders, THREADS), 20 + 5 + 7 + 9);
}

static void the_latency_of_a_second_is_that_of_the_transactions_that_ended_in_it(void **state)
{
    world_t *w = *state;
    begin(w);
    for (int i = 0; i < 99; i++)
        stats_record(&stats_of(w, i % THREADS, LOAD, OP_INSERT)->latency, NS_PER_MS);
    stats_record(&stats_of(w, 0, STEADY, OP_INSERT)->latency, 9 * NS_PER_MS);
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->ops[OP_INSERT].p50_us, 1000);
    assert_int_equal(row->ops[OP_INSERT].p99_us, 1000);
    assert_in_range(row->ops[OP_INSERT].max_us, 9000, 9008); /* the upper edge of its slot */
    assert_int_equal(row->ops[OP_UPDATE].p50_us, NOT_MEASURED);
    stats_record(&stats_of(w, 1, LOAD, OP_INSERT)->latency, 2 * NS_PER_MS);
    row = take(w, 2);
    assert_in_range(row->ops[OP_INSERT].p50_us, 2000, 2002);
    assert_in_range(row->ops[OP_INSERT].max_us, 2000, 2002);
    row = take(w, 3);
    assert_int_equal(row->ops[OP_INSERT].max_us, NOT_MEASURED);
    assert_int_equal(hist_count(timeline_latency(w->timeline, OP_INSERT)), 101);
}

static void what_is_due_by_the_clock_and_not_done_is_the_backlog(void **state)
{
    world_t *w = *state;
    begin(w);
    atomic_store(&w->work.phase, STEADY);
    atomic_store(&w->work.start_ns[STEADY], START_NS + NS_PER_S);
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->ops[OP_INSERT].due_rows, NOT_MEASURED);
    assert_int_equal(row->ops[OP_INSERT].backlog_rows, NOT_MEASURED);
    int64_t due = row->ops[OP_UPDATE].due_rows;
    assert_in_range(due, 0, 1); /* the first is due at once */
    acknowledge(w, 0, STEADY, OP_UPDATE, 600);
    counter_add(&stats_of(w, 1, STEADY, OP_UPDATE)->rows_rolled_back, 100);
    row = take(w, 2);
    assert_in_range(due + row->ops[OP_UPDATE].due_rows, 1000, 1001);
    assert_int_equal(row->ops[OP_UPDATE].backlog_rows, due + row->ops[OP_UPDATE].due_rows - 700);
    atomic_store(&w->work.end_ns[STEADY], START_NS + 2 * NS_PER_S);
    row = take(w, 9); /* nothing is due behind the phase's end */
    assert_in_range(row->ops[OP_UPDATE].due_rows, 0, 1);
}

static void a_tap_is_behind_by_what_was_acknowledged_and_not_seen(void **state)
{
    world_t *w = *state;
    tap_t *tap = add_tap(w, TAP_KAFKA);
    clocksync_add(&w->clock, START_NS, START_NS, 0);
    begin(w);
    acknowledge(w, 0, LOAD, OP_INSERT, 100);
    see(tap, 60, 3000);
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->taps[TAP_KAFKA].seen_rows, 60);
    assert_int_equal(row->taps[TAP_KAFKA].behind_rows, 40);
    assert_int_equal(row->taps[TAP_KAFKA].behind_us, 400 * 1000);
    assert_in_range(row->taps[TAP_KAFKA].p50_us, 3000, 3002);
    assert_int_equal(row->taps[TAP_WAL].seen_rows, NOT_MEASURED);
    assert_int_equal(row->taps[TAP_WAL].behind_us, NOT_MEASURED);
    see(tap, 45, 7000);
    row = take(w, 2);
    assert_int_equal(row->taps[TAP_KAFKA].seen_rows, 45);
    assert_int_equal(row->taps[TAP_KAFKA].behind_rows, -5); /* before its writer knew */
    assert_int_equal(row->taps[TAP_KAFKA].behind_us, 0);
    assert_in_range(row->taps[TAP_KAFKA].p50_us, 7000, 7008);
    row = take(w, 3);
    assert_int_equal(row->taps[TAP_KAFKA].seen_rows, 0);
    assert_int_equal(row->taps[TAP_KAFKA].p50_us, NOT_MEASURED);
    assert_int_equal(lag_count(timeline_lag(w->timeline, TAP_KAFKA)), 105);
}

static void of_a_tap_that_has_failed_nothing_more_is_told(void **state)
{
    world_t *w = *state;
    tap_t *tap = add_tap(w, TAP_WAL);
    begin(w);
    see(tap, 10, 0);
    err_t why = {.code = ERR_RUN};
    tap_fail(tap, &why);
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->taps[TAP_WAL].seen_rows, NOT_MEASURED);
    assert_int_equal(row->taps[TAP_WAL].behind_rows, NOT_MEASURED);
}

static void a_watch_is_behind_nobody(void **state)
{
    world_t *w = *state;
    tap_t *tap = add_tap(w, TAP_WAL);
    w->opts.n_loaders = 0;
    begin(w);
    see(tap, 10, 0);
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->taps[TAP_WAL].seen_rows, 10);
    assert_int_equal(row->taps[TAP_WAL].behind_rows, NOT_MEASURED);
    assert_int_equal(row->taps[TAP_WAL].behind_us, NOT_MEASURED);
}

static void what_the_server_counts_is_told_as_growth_and_not_over_a_gap(void **state)
{
    world_t *w = *state;
    reading.insert_lsn = 5000;
    reading.checkpoints = (checkpoint_row_t){3, 1, 100};
    begin(w);
    reading.insert_lsn = 5700;
    reading.checkpoints = (checkpoint_row_t){3, 2, 150};
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->wal_written_bytes, 700);
    assert_int_equal(row->checkpoints.timed, 0);
    assert_int_equal(row->checkpoints.requested, 1);
    assert_int_equal(row->checkpoints.written_bytes, 50);
    reading.insert_lsn = 0; /* it did not answer */
    reading.checkpoints = (checkpoint_row_t){NOT_MEASURED, NOT_MEASURED, NOT_MEASURED};
    row = take(w, 2);
    assert_int_equal(row->wal_written_bytes, NOT_MEASURED);
    assert_int_equal(row->checkpoints.timed, NOT_MEASURED);
    reading.insert_lsn = 6000;
    reading.checkpoints = (checkpoint_row_t){4, 0, 160}; /* one of them was reset */
    row = take(w, 3);
    assert_int_equal(row->wal_written_bytes, 300);
    assert_int_equal(row->checkpoints.timed, 1);
    assert_int_equal(row->checkpoints.requested, NOT_MEASURED);
    assert_int_equal(row->checkpoints.written_bytes, 10);
}

static void figures_of_processes_slots_and_clock_are_those_of_the_last_look(void **state)
{
    world_t *w = *state;
    reading.server_cpu_permille = 1500;
    reading.walsender_rss_bytes = 4096;
    reading.slots[TAP_KAFKA].retained_bytes = 77;
    begin(w);
    const timeline_row_t *row = take(w, 1);
    assert_int_equal(row->server_cpu_permille, 1500);
    assert_int_equal(row->walsender_rss_bytes, 4096);
    assert_int_equal(row->slots[TAP_KAFKA].retained_bytes, 77);
    assert_int_equal(row->clock_offset_us, NOT_MEASURED);
    assert_int_equal(row->clock_uncertainty_us, NOT_MEASURED);
    assert_int_equal(row->kafka_unread_messages, NOT_MEASURED);
    clocksync_add(&w->clock, START_NS, START_NS, 250);
    row = take(w, 2);
    assert_int_equal(row->clock_offset_us, 250);
}

static void time_past_the_backlogs_bound_is_counted_by_the_second(void **state)
{
    world_t *w = *state;
    begin(w);
    assert_int_equal(take(w, 1)->overload_us, NOT_MEASURED); /* it has none */
    timeline_free(w->timeline);
    w->opts.watches = w->watches;
    begin(w);
    w->watches[LOAD].over_ns = 300 * NS_PER_MS;
    assert_int_equal(take(w, 1)->overload_us, 300 * 1000);
    w->watches[STEADY].over_ns = 50 * NS_PER_MS;
    assert_int_equal(take(w, 2)->overload_us, 50 * 1000);
    assert_int_equal(take(w, 3)->overload_us, 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_row_holds_what_its_second_has_added_over_threads_and_phases),
        TEST(the_latency_of_a_second_is_that_of_the_transactions_that_ended_in_it),
        TEST(what_is_due_by_the_clock_and_not_done_is_the_backlog),
        TEST(a_tap_is_behind_by_what_was_acknowledged_and_not_seen),
        TEST(of_a_tap_that_has_failed_nothing_more_is_told),
        TEST(a_watch_is_behind_nobody),
        TEST(what_the_server_counts_is_told_as_growth_and_not_over_a_gap),
        TEST(figures_of_processes_slots_and_clock_are_those_of_the_last_look),
        TEST(time_past_the_backlogs_bound_is_counted_by_the_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
