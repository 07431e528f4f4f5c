#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "plan/schedule/schedule.h"

static stream_t open_stream(double rate_per_s, uint32_t rows_per_txn)
{
    return (stream_t){.kind = STREAM_OPEN, .rate_per_s = rate_per_s, .rows_per_txn = rows_per_txn};
}

static stream_t burst_stream(double rate_per_s, uint32_t rows_per_txn, uint64_t burst_rows,
                             int64_t every_ns)
{
    stream_t stream = open_stream(rate_per_s, rows_per_txn);
    stream.burst_rows = burst_rows;
    stream.burst_every_ns = every_ns;
    return stream;
}

static void assert_passes(const stream_t *stream, int64_t duration_ns)
{
    err_t err = {0};
    if (!schedule_check(stream, duration_ns, &err)) {
        fail_msg("%s", err.text);
    }
}

static void assert_refused(const stream_t *stream, int64_t duration_ns, const char *because)
{
    err_t err = {0};
    assert_false(schedule_check(stream, duration_ns, &err));
    assert_int_equal(err.code, ERR_USAGE);
    if (strstr(err.text, because) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, because);
    }
}

/* What has to hold for any stream, transaction by transaction, the first `most` of them. */
static void assert_consistent(const stream_t *stream, int64_t duration_ns, uint64_t most)
{
    assert_passes(stream, duration_ns);
    uint64_t txns = schedule_txns(stream, duration_ns);
    uint64_t rows = schedule_rows(stream, duration_ns);
    uint64_t sum = 0;
    int64_t before_ns = 0;
    for (uint64_t n = 0; n < txns && n < most; n++) {
        int64_t at_ns = schedule_txn_time_ns(stream, n);
        uint32_t txn_rows = schedule_txn_rows(stream, duration_ns, n);
        assert_true(at_ns >= before_ns);
        assert_in_range(txn_rows, 1, stream->rows_per_txn);
        assert_int_equal(schedule_txn_first(stream, duration_ns, n), sum);
        assert_true(schedule_due_txns(stream, duration_ns, at_ns) >= n + 1);
        uint64_t earlier = schedule_due_txns(stream, duration_ns, at_ns - 1);
        assert_true(earlier <= n);
        assert_true(earlier == n || schedule_txn_time_ns(stream, n - 1) == at_ns);
        if (stream->rows == 0) {
            assert_true(at_ns < duration_ns);
        }
        sum += txn_rows;
        before_ns = at_ns;
    }
    if (txns <= most) {
        assert_int_equal(sum, rows);
        assert_int_equal(schedule_txn_first(stream, duration_ns, txns), rows);
        assert_int_equal(schedule_due_txns(stream, duration_ns, INT64_C(1) << 58), txns);
    }
}

static void the_headers_worked_example_is_true(void **state)
{
    (void)state;
    static const int64_t due_ms[] = {0, 0, 250, 750, 1000, 1000, 1250, 1750, 2000};
    static const uint32_t rows[] = {3, 1, 3, 3, 3, 1, 3, 3, 3};
    static const uint64_t first[] = {0, 3, 4, 7, 10, 13, 14, 17, 20};
    stream_t stream = burst_stream(10, 3, 4, NS_PER_S);
    for (uint64_t n = 0; n < 9; n++) {
        assert_int_equal(schedule_txn_time_ns(&stream, n), due_ms[n] * NS_PER_MS);
        assert_int_equal(schedule_txn_rows(&stream, 3 * NS_PER_S, n), rows[n]);
        assert_int_equal(schedule_txn_first(&stream, 3 * NS_PER_S, n), first[n]);
    }
    assert_int_equal(schedule_rows(&stream, 2 * NS_PER_S), 20);
    assert_int_equal(schedule_txns(&stream, 2 * NS_PER_S), 8);
    assert_int_equal(schedule_rows(&stream, 1500 * NS_PER_MS), 17);
    assert_int_equal(schedule_txns(&stream, 1500 * NS_PER_MS), 7);
}

static void an_even_stream_is_due_at_rows_over_rate(void **state)
{
    (void)state;
    stream_t stream = open_stream(3, 2);
    static const int64_t due_ns[] = {0, 666666666, 1333333333, 2000000000};
    for (uint64_t n = 0; n < 4; n++) {
        assert_int_equal(schedule_txn_time_ns(&stream, n), due_ns[n]);
    }
    assert_int_equal(schedule_rows(&stream, 2 * NS_PER_S), 6);
    assert_int_equal(schedule_txns(&stream, 2 * NS_PER_S), 3);
    assert_int_equal(schedule_rows(&stream, 2500 * NS_PER_MS), 7);
    assert_int_equal(schedule_txn_rows(&stream, 2500 * NS_PER_MS, 3), 1);
}

static void an_hour_at_a_million_rows_a_second_does_not_drift(void **state)
{
    (void)state;
    stream_t stream = open_stream(1e6, 1);
    const uint64_t hour = 3600 * UINT64_C(1000000);
    assert_int_equal(schedule_txn_time_ns(&stream, hour), 3600 * NS_PER_S);
    assert_int_equal(schedule_txn_time_ns(&stream, hour - 1), 3600 * NS_PER_S - 1000);
    assert_int_equal(schedule_rows(&stream, 3600 * NS_PER_S), hour);

    stream = burst_stream(1e6, 7, 1000, 10 * NS_PER_MS);
    assert_int_equal(schedule_rows(&stream, 3600 * NS_PER_S), hour);
    uint64_t txns = schedule_txns(&stream, 3600 * NS_PER_S);
    assert_int_equal(schedule_txn_time_ns(&stream, txns), 3600 * NS_PER_S);
    assert_int_equal(schedule_txn_first(&stream, 7200 * NS_PER_S, txns), hour);
}

static void a_decimal_rate_gives_the_whole_rows_that_it_promises(void **state)
{
    (void)state;
    /* 0.3 and 0.7 are a little less than that as doubles. */
    stream_t stream = open_stream(0.3, 1);
    assert_int_equal(schedule_rows(&stream, 10 * NS_PER_S), 3);
    stream.rate_per_s = 0.7;
    assert_int_equal(schedule_rows(&stream, 10 * NS_PER_S), 7);
    stream.rate_per_s = 2500.1;
    assert_int_equal(schedule_rows(&stream, 10 * NS_PER_S), 25001);
    stream.rate_per_s = 1.001; /* times 10^9 it is not whole as a double either */
    assert_int_equal(schedule_rows(&stream, 1000 * NS_PER_S), 1001);
}

static void even_streams_are_consistent_whatever_their_rate(void **state)
{
    (void)state;
    static const double rates[] = {0.5, 1, 3, 7.3, 10, 99.999, 1000, 333333.3, 1e8};
    static const uint32_t per_txn[] = {1, 2, 7, 1000};
    static const int64_t durations_ms[] = {2000, 2001, 3333, 60000};
    for (size_t r = 0; r < sizeof rates / sizeof *rates; r++) {
        for (size_t p = 0; p < sizeof per_txn / sizeof *per_txn; p++) {
            for (size_t d = 0; d < sizeof durations_ms / sizeof *durations_ms; d++) {
                stream_t stream = open_stream(rates[r], per_txn[p]);
                assert_consistent(&stream, durations_ms[d] * NS_PER_MS, 2000);
            }
        }
    }
}

/* The same schedule, made the long way: period by period, carrying fractions of rows over. */
typedef struct {
    int64_t at_ns[5000];
    uint32_t rows[5000];
    size_t n;
} timetable_t;

static void timetable_add(timetable_t *table, int64_t at_ns, uint64_t rows)
{
    assert_true(table->n < 5000);
    table->at_ns[table->n] = at_ns;
    table->rows[table->n++] = (uint32_t)rows;
}

/* rate_milli: rows per 1000 s. */
static void timetable_make(timetable_t *table, uint64_t rate_milli, uint64_t per_txn,
                           uint64_t burst, int64_t every_ms, int64_t duration_ms)
{
    table->n = 0;
    uint64_t carried = 0; /* millionths of a row */
    for (int64_t start_ms = 0; start_ms < duration_ms; start_ms += every_ms) {
        carried += rate_milli * (uint64_t)every_ms;
        uint64_t rows = carried / 1000000;
        carried %= 1000000;
        for (uint64_t left = burst; left > 0;) {
            uint64_t now = left < per_txn ? left : per_txn;
            timetable_add(table, start_ms * NS_PER_MS, now);
            left -= now;
        }
        uint64_t rest = rows - burst;
        int64_t txns = (int64_t)((rest + per_txn - 1) / per_txn);
        for (int64_t i = 0; i < txns; i++) {
            int64_t at_ns = start_ms * NS_PER_MS + (2 * i + 1) * every_ms * NS_PER_MS / (2 * txns);
            uint64_t now = rest < per_txn ? rest : per_txn;
            rest -= now;
            if (at_ns < duration_ms * NS_PER_MS) {
                timetable_add(table, at_ns, now);
            }
        }
    }
}

static void assert_is_timetable(const stream_t *stream, int64_t duration_ns,
                                const timetable_t *table)
{
    assert_int_equal(schedule_txns(stream, duration_ns), table->n);
    uint64_t sum = 0;
    for (size_t n = 0; n < table->n; n++) {
        assert_int_equal(schedule_txn_time_ns(stream, n), table->at_ns[n]);
        assert_int_equal(schedule_txn_rows(stream, duration_ns, n), table->rows[n]);
        sum += table->rows[n];
    }
    assert_int_equal(schedule_rows(stream, duration_ns), sum);
}

static void bursts_are_what_counting_period_by_period_gives(void **state)
{
    (void)state;
    static const uint64_t rates_milli[] = {1000, 3500, 10000, 12345, 99999, 200000};
    static const uint32_t per_txn[] = {1, 2, 3, 10, 64};
    static const uint64_t bursts[] = {1, 2, 3, 5, 20};
    static const int64_t everies_ms[] = {250, 1000, 1500, 3001};
    static const int64_t durations_ms[] = {1, 999, 1000, 2750, 6002, 9000};
    static timetable_t table;
    int cases = 0;
    for (int c = 0; c < 6 * 5 * 5 * 4 * 6; c++) {
        uint64_t rate = rates_milli[c % 6];
        uint32_t per = per_txn[c / 6 % 5];
        uint64_t burst = bursts[c / 30 % 5];
        int64_t every_ms = everies_ms[c / 150 % 4];
        int64_t duration_ms = durations_ms[c / 600];
        if (burst * 1000000 > rate * (uint64_t)every_ms) {
            continue;
        }
        stream_t stream = burst_stream((double)rate / 1000, per, burst, every_ms * NS_PER_MS);
        timetable_make(&table, rate, per, burst, every_ms, duration_ms);
        assert_is_timetable(&stream, duration_ms * NS_PER_MS, &table);
        assert_consistent(&stream, duration_ms * NS_PER_MS, 300);
        cases++;
    }
    assert_true(cases > 1000);
}

static void a_periods_rest_lies_strictly_inside_it(void **state)
{
    (void)state;
    stream_t stream = burst_stream(1000, 20, 500, NS_PER_S);
    int at_start = 0;
    for (uint64_t n = 0; n < schedule_txns(&stream, 4 * NS_PER_S); n++) {
        at_start += schedule_txn_time_ns(&stream, n) % NS_PER_S == 0;
    }
    assert_int_equal(at_start, 4 * 25);
    assert_int_equal(schedule_due_txns(&stream, 4 * NS_PER_S, 0), 25);
    assert_int_equal(schedule_due_txns(&stream, 4 * NS_PER_S, NS_PER_S - 1), 50);
    assert_int_equal(schedule_due_txns(&stream, 4 * NS_PER_S, NS_PER_S), 75);
}

static void bursts_may_be_all_there_is(void **state)
{
    (void)state;
    /* 500 rows every 3 s: a rate that no double and no nine decimals hold. */
    stream_t stream = burst_stream(500.0 / 3, 200, 500, 3 * NS_PER_S);
    assert_consistent(&stream, 30 * NS_PER_S, 100);
    assert_int_equal(schedule_rows(&stream, 30 * NS_PER_S), 5000);
    assert_int_equal(schedule_txns(&stream, 30 * NS_PER_S), 30);
    assert_int_equal(schedule_txn_time_ns(&stream, 29), 27 * NS_PER_S);
    assert_int_equal(schedule_txn_rows(&stream, 30 * NS_PER_S, 29), 100);
    /* … and one that nine decimals round down, to less than its bursts. */
    stream = burst_stream(100.0 / 3, 200, 100, 3 * NS_PER_S);
    assert_consistent(&stream, 30 * NS_PER_S, 100);
    assert_int_equal(schedule_rows(&stream, 30 * NS_PER_S), 1000);
    assert_int_equal(schedule_txns(&stream, 30 * NS_PER_S), 10);
}

static void what_is_due_within_whole_periods_is_rate_times_time(void **state)
{
    (void)state;
    stream_t stream = burst_stream(123.4, 7, 30, 500 * NS_PER_MS);
    for (int64_t k = 1; k <= 200; k++) {
        assert_int_equal(schedule_rows(&stream, k * 500 * NS_PER_MS), 1234 * k / 20);
    }
}

static void a_stream_with_rows_has_exactly_those_whatever_the_duration(void **state)
{
    (void)state;
    for (uint64_t rows = 1; rows <= 120; rows++) {
        stream_t even = open_stream(50, 7);
        stream_t bursts = burst_stream(50, 7, 16, NS_PER_S);
        even.rows = bursts.rows = rows;
        assert_int_equal(schedule_rows(&even, NS_PER_S), rows);
        assert_int_equal(schedule_rows(&bursts, NS_PER_S), rows);
        assert_consistent(&even, 0, 1000);
        assert_consistent(&bursts, NS_PER_S, 1000);
    }
}

static void a_closed_stream_ends_with_its_rows_or_not_by_itself(void **state)
{
    (void)state;
    stream_t stream = {.kind = STREAM_CLOSED, .rows = 2500, .rows_per_txn = 1000};
    assert_passes(&stream, 0);
    assert_int_equal(schedule_txns(&stream, 0), 3);
    assert_int_equal(schedule_txn_rows(&stream, 0, 1), 1000);
    assert_int_equal(schedule_txn_rows(&stream, 0, 2), 500);
    assert_int_equal(schedule_txn_first(&stream, 0, 2), 2000);
    stream.rows = 0;
    assert_passes(&stream, NS_PER_S);
    assert_true(schedule_rows(&stream, NS_PER_S) == SCHEDULE_UNBOUNDED);
    assert_true(schedule_txns(&stream, NS_PER_S) == SCHEDULE_UNBOUNDED);
    assert_int_equal(schedule_txn_rows(&stream, NS_PER_S, 1000000), 1000);
    assert_int_equal(schedule_txn_first(&stream, NS_PER_S, 1000000), 1000000000);
}

static void a_stream_that_is_off_has_nothing(void **state)
{
    (void)state;
    stream_t stream = {.kind = STREAM_OFF, .rows = 5};
    assert_passes(&stream, 0);
    assert_int_equal(schedule_rows(&stream, NS_PER_S), 0);
    assert_int_equal(schedule_txns(&stream, NS_PER_S), 0);
}

static void nothing_is_due_before_the_phase(void **state)
{
    (void)state;
    stream_t stream = open_stream(1000, 1);
    assert_int_equal(schedule_due_txns(&stream, NS_PER_S, -1), 0);
    assert_int_equal(schedule_due_txns(&stream, NS_PER_S, 0), 1);
}

static void ten_years_overflow_nothing(void **state)
{
    (void)state;
    stream_t stream = burst_stream(SCHEDULE_RATE_MAX, 1, 1, SCHEDULE_EVERY_MIN_NS);
    assert_passes(&stream, SCHEDULE_SPAN_MAX_NS);
    uint64_t rows = schedule_rows(&stream, SCHEDULE_SPAN_MAX_NS);
    assert_true(rows == (uint64_t)SCHEDULE_SPAN_MAX_NS / 10);
    int64_t last_ns = schedule_txn_time_ns(&stream, rows - 1);
    assert_in_range(SCHEDULE_SPAN_MAX_NS - last_ns, 1, 10);
    stream = open_stream(SCHEDULE_RATE_MAX, UINT32_MAX);
    assert_true(schedule_rows(&stream, SCHEDULE_SPAN_MAX_NS) == rows);
    uint64_t txns = schedule_txns(&stream, SCHEDULE_SPAN_MAX_NS);
    assert_true(schedule_due_txns(&stream, SCHEDULE_SPAN_MAX_NS, INT64_MAX) == txns);
}

static void what_does_not_add_up_is_refused(void **state)
{
    (void)state;
    stream_t stream = burst_stream(100, 10, 101, NS_PER_S);
    assert_refused(&stream, NS_PER_S, "more than the rate");
    stream = burst_stream(100, 10, 100, NS_PER_S);
    assert_passes(&stream, NS_PER_S);
    stream.burst_every_ns = 0;
    assert_refused(&stream, NS_PER_S, "bursts may come");
    stream = open_stream(100, 0);
    assert_refused(&stream, NS_PER_S, "at least one row");
    stream = open_stream(0, 1);
    assert_refused(&stream, NS_PER_S, "out of range");
    stream = open_stream(0.0 / 0.0, 1);
    assert_refused(&stream, NS_PER_S, "out of range");
    stream = open_stream(0.5, 1);
    assert_refused(&stream, NS_PER_S, "not one row is due");
    stream = open_stream(1, 1);
    assert_refused(&stream, 0, "neither a number of rows nor a duration");
    stream.rows = 400000000;
    assert_refused(&stream, 0, "ten years");
    stream = (stream_t){.kind = STREAM_CLOSED, .rows_per_txn = 1};
    assert_refused(&stream, 0, "neither a number of rows nor a duration");
    stream.burst_rows = 5;
    assert_refused(&stream, NS_PER_S, "bursts need a rate");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_headers_worked_example_is_true),
        cmocka_unit_test(an_even_stream_is_due_at_rows_over_rate),
        cmocka_unit_test(an_hour_at_a_million_rows_a_second_does_not_drift),
        cmocka_unit_test(a_decimal_rate_gives_the_whole_rows_that_it_promises),
        cmocka_unit_test(even_streams_are_consistent_whatever_their_rate),
        cmocka_unit_test(bursts_are_what_counting_period_by_period_gives),
        cmocka_unit_test(a_periods_rest_lies_strictly_inside_it),
        cmocka_unit_test(bursts_may_be_all_there_is),
        cmocka_unit_test(what_is_due_within_whole_periods_is_rate_times_time),
        cmocka_unit_test(a_stream_with_rows_has_exactly_those_whatever_the_duration),
        cmocka_unit_test(a_closed_stream_ends_with_its_rows_or_not_by_itself),
        cmocka_unit_test(a_stream_that_is_off_has_nothing),
        cmocka_unit_test(nothing_is_due_before_the_phase),
        cmocka_unit_test(ten_years_overflow_nothing),
        cmocka_unit_test(what_does_not_add_up_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
