/* What *.hlog holds: each series by its tag, each value in the interval in which it was recorded.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "run/control/series.h"

enum { THREADS = 2, PHASES = 2, SEEN_MAX = 64 };

#define START_NS (INT64_C(1000) * NS_PER_S)

/* Threads that count what the test says: a loader is its statistics. */
const stats_t *__wrap_loader_stats(const loader_t *loader);
const stats_t *__wrap_loader_stats(const loader_t *loader)
{
    return (const stats_t *)(const void *)loader;
}

typedef struct {
    char tag[SERIES_TAG_BYTES + 16];
    uint64_t count;
    int64_t max_us, start_ns, end_ns, zero_unix_us;
} seen_t;

typedef struct {
    stats_t *stats[THREADS];
    loader_t *loaders[THREADS];
    verify_opts_t verify;
    clocksync_t clock;
    _Atomic uint32_t phase;
    ledger_t *ledger;
    series_opts_t opts;
    series_t *series;
    seen_t seen[SEEN_MAX]; /* of the last reading */
    size_t n_seen;
} world_t;

static tap_t *tap_of(world_t *w, tap_id_t id)
{
    tap_opts_t opts = {.verify = &w->verify,
                       .unverified = true,
                       .ledger = w->ledger,
                       .connections = 1,
                       .id = id,
                       .clock = &w->clock,
                       .phase = &w->phase};
    tap_t *tap = tap_new(&opts);
    assert_non_null(tap);
    return tap;
}

static int world_make(void **state)
{
    world_t *w = calloc(1, sizeof *w);
    assert_non_null(w);
    clocksync_init(&w->clock, (clock_anchor_t){.mono_ns = START_NS, .wall_us = 0});
    clocksync_add(&w->clock, START_NS, START_NS, 0);
    w->verify.tables = tables_of_one(&table_transactions, TRIGGERS_NONE, true);
    w->ledger = ledger_new(1, 2, 1000);
    for (int i = 0; i < THREADS; i++) {
        w->stats[i] = stats_new();
        w->loaders[i] = (loader_t *)(void *)w->stats[i];
    }
    w->opts = (series_opts_t){.n_phases = PHASES,
                              .loaders = w->loaders,
                              .n_loaders = THREADS,
                              .taps = {tap_of(w, TAP_WAL), tap_of(w, TAP_KAFKA)},
                              .start_ns = START_NS,
                              .start_unix_us = 4711};
    w->series = series_new(&w->opts);
    assert_non_null(w->series);
    *state = w;
    return 0;
}

static int world_drop(void **state)
{
    world_t *w = *state;
    series_free(w->series);
    for (int tap = 0; tap < TAP_COUNT; tap++)
        tap_free(w->opts.taps[tap]);
    for (int i = 0; i < THREADS; i++)
        stats_free(w->stats[i]);
    ledger_free(w->ledger);
    free(w);
    return 0;
}

static void see(void *ctx, const series_interval_t *interval)
{
    world_t *w = ctx;
    assert_true(w->n_seen < SEEN_MAX);
    seen_t *seen = &w->seen[w->n_seen++];
    *seen = (seen_t){.count = hist_count(interval->hist),
                     .max_us = hist_max_us(interval->hist),
                     .start_ns = interval->start_ns,
                     .end_ns = interval->end_ns,
                     .zero_unix_us = interval->zero_unix_us};
    snprintf(seen->tag, sizeof seen->tag, "%s", interval->tag);
}

static void take(world_t *w, int64_t second)
{
    w->n_seen = 0;
    assert_true(series_take(w->series, START_NS + second * NS_PER_S, see, w));
}

static const seen_t *seen_of(const world_t *w, const char *tag)
{
    for (size_t i = 0; i < w->n_seen; i++)
        if (strcmp(w->seen[i].tag, tag) == 0)
            return &w->seen[i];
    return NULL;
}

static void assert_seen(const world_t *w, const char *tag, uint64_t count, int64_t max_us)
{
    const seen_t *seen = seen_of(w, tag);
    if (seen == NULL)
        fail_msg("no %s", tag);
    assert_int_equal(seen->count, count);
    assert_in_range(seen->max_us, max_us, max_us + max_us / 1000); /* its slot's upper edge */
}

static void receive(tap_t *tap, op_t op, uint64_t row, int64_t lag_us)
{
    tap_event_t event = {
        .op = op,
        .row = row,
        .way = {.receipt_ns = START_NS + lag_us * NS_PER_US, .last = STAGE_COMMIT_TO_RECEIPT}};
    tap_measure_begin(tap, 0);
    tap_measure(tap, &event);
    tap_end(tap);
}

static void a_series_is_the_sum_over_threads_and_phases_since_the_reading_before(void **state)
{
    world_t *w = *state;
    stats_record(&w->stats[0]->ops[0][OP_INSERT].latency, NS_PER_MS);
    stats_record(&w->stats[1]->ops[1][OP_INSERT].latency, 3 * NS_PER_MS);
    stats_record(&w->stats[1]->ops[1][OP_UPDATE].service, 2 * NS_PER_MS);
    take(w, 1);
    assert_int_equal(w->n_seen, 2);
    assert_seen(w, "latency.insert", 2, 3000);
    assert_seen(w, "service.update", 1, 2000);
    stats_record(&w->stats[1]->ops[0][OP_INSERT].latency, 2 * NS_PER_MS);
    take(w, 2);
    assert_int_equal(w->n_seen, 1);
    assert_seen(w, "latency.insert", 1, 2000);
    take(w, 3);
    assert_int_equal(w->n_seen, 0);
}

static void an_interval_goes_from_reading_to_reading(void **state)
{
    world_t *w = *state;
    take(w, 1);
    stats_record(&w->stats[0]->ops[0][STREAM_MIX].latency, NS_PER_MS);
    take(w, 3);
    const seen_t *seen = seen_of(w, "latency.transaction");
    assert_non_null(seen);
    assert_int_equal(seen->start_ns, NS_PER_S);
    assert_int_equal(seen->end_ns, 3 * NS_PER_S);
    assert_int_equal(seen->zero_unix_us, 4711);
}

static void the_whole_lag_is_told_by_operation_and_a_stage_over_all(void **state)
{
    world_t *w = *state;
    ledger_entry_t entry = {.intended_ns = START_NS, .rows = 1};
    ledger_close(ledger_append(w->ledger, 0, &entry), START_NS + NS_PER_MS);
    entry.op = OP_UPDATE;
    ledger_close(ledger_append(w->ledger, 0, &entry), START_NS + NS_PER_MS);
    receive(w->opts.taps[TAP_WAL], OP_INSERT, 0, 5000);
    receive(w->opts.taps[TAP_WAL], OP_UPDATE, 0, 6000);
    take(w, 1);
    assert_seen(w, "lag.wal.commit_to_receipt.insert", 1, 5000);
    assert_seen(w, "lag.wal.commit_to_receipt.update", 1, 6000);
    assert_seen(w, "lag.wal.intended_to_receipt", 2, 6000);
    assert_seen(w, "lag.wal.ack_to_receipt", 2, 5000);
    assert_int_equal(w->n_seen, 4);
}

static void a_lag_below_zero_stands_in_a_series_of_its_own(void **state)
{
    world_t *w = *state;
    receive(w->opts.taps[TAP_KAFKA], OP_INSERT, 0, -3000);
    receive(w->opts.taps[TAP_KAFKA], OP_INSERT, 0, 2000);
    take(w, 1);
    assert_seen(w, "lag.kafka.commit_to_receipt.insert", 1, 2000);
    assert_seen(w, "lag.kafka.commit_to_receipt.insert.negative", 1, 3000);
    receive(w->opts.taps[TAP_KAFKA], OP_INSERT, 0, -1000);
    take(w, 2);
    assert_seen(w, "lag.kafka.commit_to_receipt.insert.negative", 1, 1000);
    assert_int_equal(w->n_seen, 1);
    receive(w->opts.taps[TAP_KAFKA], OP_INSERT, 0, 500);
    take(w, 3);
    assert_seen(w, "lag.kafka.commit_to_receipt.insert", 1, 500);
    assert_int_equal(w->n_seen, 1);
}

static void the_difference_between_the_taps_is_kafkas_whichever_recorded_it(void **state)
{
    world_t *w = *state;
    for (uint64_t row = 0; row < 2; row++) {
        ledger_entry_t entry = {.intended_ns = START_NS, .first_row = row, .rows = 1};
        ledger_close(ledger_append(w->ledger, 0, &entry), START_NS);
    }
    receive(w->opts.taps[TAP_WAL], OP_INSERT, 0, 1000);
    receive(w->opts.taps[TAP_KAFKA], OP_INSERT, 0, 5000);
    receive(w->opts.taps[TAP_KAFKA], OP_INSERT, 1, 1000);
    receive(w->opts.taps[TAP_WAL], OP_INSERT, 1, 4000);
    take(w, 1);
    assert_seen(w, "lag.kafka.kafka_minus_wal", 1, 4000);
    assert_seen(w, "lag.kafka.kafka_minus_wal.negative", 1, 3000);
    assert_null(seen_of(w, "lag.wal.kafka_minus_wal"));
    assert_null(seen_of(w, "lag.wal.kafka_minus_wal.negative"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_make, world_drop)
    const struct CMUnitTest tests[] = {
        TEST(a_series_is_the_sum_over_threads_and_phases_since_the_reading_before),
        TEST(an_interval_goes_from_reading_to_reading),
        TEST(the_whole_lag_is_told_by_operation_and_a_stage_over_all),
        TEST(a_lag_below_zero_stands_in_a_series_of_its_own),
        TEST(the_difference_between_the_taps_is_kafkas_whichever_recorded_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
