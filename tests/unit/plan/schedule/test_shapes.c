/* The shapes against the integrals of their rates, which are written down here a second time, in
 * floating point. Nothing waits: a schedule has no clock. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/hash.h"
#include "plan/schedule/schedule.h"
#include "plan/schedule/shape.h"

#define HOUR (3600 * NS_PER_S)

static stream_t shaped(double rate_per_s, uint32_t rows_per_txn, shape_t shape)
{
    return (stream_t){.kind = STREAM_OPEN,
                      .rate_per_s = rate_per_s,
                      .rows_per_txn = rows_per_txn,
                      .shape = shape};
}

static stream_t bound(stream_t stream, int64_t duration_ns)
{
    err_t err = {0};
    if (!schedule_check(&stream, duration_ns, &err)) {
        fail_msg("%s", err.text);
    }
    schedule_bind(&stream, duration_ns, 42, 7);
    return stream;
}

static void assert_refused(stream_t stream, int64_t duration_ns, const char *because)
{
    err_t err = {0};
    assert_false(schedule_check(&stream, duration_ns, &err));
    if (strstr(err.text, because) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, because);
    }
}

/* Rows by t seconds. */
static double integral(const stream_t *stream, double t)
{
    const shape_t *s = &stream->shape;
    double each = (double)s->each_ns / 1e9, period = (double)s->period_ns / 1e9;
    double over = (double)s->over_ns / 1e9, rows = 0, phase;
    switch (s->kind) {
    case SHAPE_RAMP:
        rows = t < over ? s->from * t + (s->to - s->from) * t * t / (2 * over)
                        : (s->from + s->to) / 2 * over + s->to * (t - over);
        break;
    case SHAPE_STEPS:
        for (uint32_t i = 0; i < s->shares.n; i++) {
            double from = each * i, to = i + 1 < s->shares.n ? fmin(t, each * (i + 1)) : t;
            rows += to > from ? s->shares.items[i] * (to - from) : 0;
        }
        break;
    case SHAPE_SINE:
        rows =
            t + s->amplitude * period / (2 * M_PI) * (1 - cos(2 * M_PI * fmod(t, period) / period));
        break;
    case SHAPE_SQUARE:
        phase = fmod(t, period);
        rows = floor(t / period) * period * (s->duty * s->high + (1 - s->duty) * s->low) +
               fmin(phase, s->duty * period) * s->high + fmax(phase - s->duty * period, 0) * s->low;
        break;
    default:
        rows = t;
    }
    return rows * stream->rate_per_s;
}

/* Time and count are exact inverses, and neither goes back: at transaction n and its neighbours. */
static void assert_inverse(const stream_t *stream, int64_t duration_ns, uint64_t n)
{
    uint64_t txns = schedule_txns(stream, duration_ns);
    int64_t at_ns = schedule_txn_time_ns(stream, n);
    assert_true(at_ns >= 0 && (stream->rows > 0 || at_ns < duration_ns));
    assert_true(n == 0 || schedule_txn_time_ns(stream, n - 1) <= at_ns);
    assert_true(schedule_due_txns(stream, duration_ns, at_ns) >= n + 1);
    assert_true(schedule_due_txns(stream, duration_ns, at_ns - 1) <= n);
    uint64_t due = schedule_due_txns(stream, duration_ns, at_ns);
    assert_true(due == txns || schedule_txn_time_ns(stream, due) > at_ns);
}

/* At the start, at the end, and at `draws` places between. */
static void assert_inverses(const stream_t *stream, int64_t duration_ns, uint64_t draws)
{
    uint64_t txns = schedule_txns(stream, duration_ns), sum = 0;
    assert_true(txns > 0);
    for (uint64_t i = 0; i < draws; i++) {
        assert_inverse(stream, duration_ns, i % txns);
        assert_inverse(stream, duration_ns, txns - 1 - i % txns);
        assert_inverse(stream, duration_ns, hash_u64(draws, i) % txns);
    }
    for (uint64_t n = 0; n < txns && txns < 100000; n++) {
        sum += schedule_txn_rows(stream, duration_ns, n);
    }
    assert_true(txns >= 100000 || sum == schedule_rows(stream, duration_ns));
}

/* The counts are the integral to within a row and what a double cannot tell. */
static void assert_integral(const stream_t *stream, int64_t duration_ns, uint64_t draws)
{
    for (uint64_t i = 0; i <= draws; i++) {
        int64_t t_ns = i == draws ? duration_ns : (int64_t)(hash_u64(7, i) % (uint64_t)duration_ns);
        double expected = integral(stream, (double)t_ns / 1e9);
        stream_t one = *stream;
        one.rows_per_txn = 1;
        double due = (double)schedule_due_txns(&one, duration_ns, t_ns);
        /* The first row is due at 0, so the count is between the integral and one more. */
        double slack = 1e-9 * integral(stream, (double)duration_ns / 1e9) +
                       5e-20 * (double)stream->shape.period_ns * stream->rate_per_s;
        double least = fmin(expected, (double)schedule_rows(stream, duration_ns));
        if (due < least - slack || due > expected + 1 + slack) {
            fail_msg("at %.9f s %.0f rows are due, and the integral is %.3f", (double)t_ns / 1e9,
                     due, expected);
        }
    }
}

static const shape_t shapes[] = {
    {.kind = SHAPE_CONSTANT},
    {.kind = SHAPE_RAMP, .from = 0, .to = 1},
    {.kind = SHAPE_RAMP, .from = 2, .to = 0.1},
    {.kind = SHAPE_RAMP, .from = 1, .to = 0},
    {.kind = SHAPE_RAMP, .from = 0.5, .to = 3, .over_ns = 777777777},
    {.kind = SHAPE_RAMP, .from = 1, .to = 1},
    {.kind = SHAPE_STEPS, .shares = {3, {0.5, 0, 1.5}}},
    {.kind = SHAPE_STEPS, .shares = {4, {1, 2, 3, 4}}, .each_ns = 333333333},
    {.kind = SHAPE_SINE, .amplitude = 0.2, .period_ns = 10 * NS_PER_S},
    {.kind = SHAPE_SINE, .amplitude = 1, .period_ns = 777777777},
    {.kind = SHAPE_SINE, .amplitude = 1, .period_ns = 10 * NS_PER_MS},
    {.kind = SHAPE_SINE, .amplitude = 0.9, .period_ns = INT64_C(30) * 86400 * NS_PER_S},
    {.kind = SHAPE_SQUARE, .high = 2, .low = 0, .duty = 0.5, .period_ns = 10 * NS_PER_S},
    {.kind = SHAPE_SQUARE, .high = 0, .low = 2, .duty = 0.3, .period_ns = 777777777},
};
#define N_SHAPES (sizeof shapes / sizeof *shapes)

static void every_shape_brings_the_integral_of_its_rate(void **state)
{
    (void)state;
    static const double rates[] = {0.37, 12, 4999.5, 250000};
    for (size_t i = 0; i < N_SHAPES; i++) {
        for (size_t j = 0; j < 4; j++) {
            stream_t stream = bound(shaped(rates[j], 1, shapes[i]), 600 * NS_PER_S);
            assert_integral(&stream, 600 * NS_PER_S, 300);
        }
    }
}

static void time_and_count_are_inverses_for_every_shape(void **state)
{
    (void)state;
    static const double rates[] = {1, 777.77, 1e6};
    static const uint32_t per_txn[] = {1, 7, 1000};
    for (size_t i = 0; i < N_SHAPES; i++) {
        for (size_t j = 0; j < 3; j++) {
            for (size_t k = 0; k < 3; k++) {
                stream_t stream = bound(shaped(rates[j], per_txn[k], shapes[i]), 100 * NS_PER_S);
                assert_inverses(&stream, 100 * NS_PER_S, 100);
            }
        }
    }
}

/* Not one transaction is lost or late after an hour, a year: nothing is added up on the way. */
static void long_spans_drift_by_nothing(void **state)
{
    (void)state;
    stream_t sine = bound(shaped(1e6, 1, shapes[8]), HOUR);
    /* 360 whole waves. */
    assert_int_equal(schedule_rows(&sine, HOUR), 3600 * UINT64_C(1000000));
    assert_int_equal(schedule_txn_time_ns(&sine, 1800 * UINT64_C(1000000)), 1800 * NS_PER_S);
    stream_t square = bound(shaped(1e6, 1, shapes[12]), HOUR);
    assert_int_equal(schedule_rows(&square, HOUR), 3600 * UINT64_C(1000000));
    stream_t ramp = bound(shaped(1e6, 1, shapes[1]), HOUR);
    assert_int_equal(schedule_rows(&ramp, HOUR), 1800 * UINT64_C(1000000));
    assert_int_equal(schedule_rows(&ramp, HOUR / 2), 450 * UINT64_C(1000000));
    int64_t decade = SCHEDULE_SPAN_MAX_NS;
    for (size_t i = 0; i < N_SHAPES; i++) {
        stream_t stream = bound(shaped(0.01, 1, shapes[i]), decade);
        assert_inverses(&stream, decade, 100);
    }
}

static void a_number_of_rows_ends_a_shaped_stream(void **state)
{
    (void)state;
    stream_t stream = shaped(100, 10, shapes[8]);
    stream.rows = 1005;
    stream = bound(stream, 0);
    assert_int_equal(schedule_txns(&stream, 0), 101);
    assert_int_equal(schedule_txn_rows(&stream, 0, 100), 5);
    assert_inverses(&stream, 0, 100);
}

static void what_a_shape_cannot_do_is_refused(void **state)
{
    (void)state;
    stream_t stream = shaped(100, 1, (shape_t){.kind = SHAPE_RAMP, .from = 1, .to = 0});
    stream.rows = 1000;
    assert_refused(stream, 0, "shape.ramp.over");
    stream.shape.over_ns = 10 * NS_PER_S; /* brings 500 rows, and then no more */
    assert_refused(stream, 0, "never brings 1000 rows");
    stream.rows = 500;
    bound(stream, 0);
    assert_refused(shaped(100, 1, (shape_t){.kind = SHAPE_STEPS}), NS_PER_S, "needs shares");
    assert_refused(shaped(1e8, 1, shapes[8]), NS_PER_S, "out of range");
    assert_refused(shaped(100, 1, (shape_t){.kind = SHAPE_STEPS, .shares = {1, {0}}}), NS_PER_S,
                   "out of range");
    stream = shaped(100, 1, shapes[8]);
    stream.burst_rows = 5;
    stream.burst_every_ns = NS_PER_S;
    assert_refused(stream, NS_PER_S, "give burst, or a shape");
    stream = (stream_t){.kind = STREAM_CLOSED, .rows = 5, .rows_per_txn = 1, .shape = shapes[8]};
    assert_refused(stream, NS_PER_S, "give a rate, or no shape");
}

/* --- poisson ---------------------------------------------------------------------------------- */

static stream_t poisson(double rate, uint32_t per_txn, int64_t duration_ns, uint32_t stream_id)
{
    stream_t stream = shaped(rate, per_txn, (shape_t){.kind = SHAPE_CONSTANT});
    stream.arrivals = ARRIVALS_POISSON;
    stream = bound(stream, duration_ns);
    schedule_bind(&stream, duration_ns, 42, stream_id);
    return stream;
}

static void poisson_arrivals_are_as_many_as_the_rate_says_and_inverses(void **state)
{
    (void)state;
    static const double rates[] = {0.5, 33, 10000};
    for (size_t i = 0; i < 3; i++) {
        for (uint32_t id = 0; id < 10; id++) {
            stream_t stream = poisson(rates[i], 1 + id, HOUR, id);
            assert_int_equal(schedule_rows(&stream, HOUR), (uint64_t)(rates[i] * 3600));
            assert_inverses(&stream, HOUR, 50);
        }
    }
    stream_t crowd = poisson(1e8, 1, NS_PER_MS, 0); /* many at the same nanosecond */
    assert_int_equal(schedule_txns(&crowd, NS_PER_MS), 100000);
    assert_inverses(&crowd, NS_PER_MS, 2000);
    stream_t counted = shaped(100, 1, (shape_t){.kind = SHAPE_CONSTANT});
    counted.arrivals = ARRIVALS_POISSON;
    counted.rows = 12345;
    counted = bound(counted, 0);
    assert_int_equal(schedule_txns(&counted, 0), 12345);
    assert_inverses(&counted, 0, 200);
}

/* Chi-square over 20 classes of equal probability: 19 degrees of freedom, 43.8 is the 99.9 %. */
static void the_gaps_between_poisson_arrivals_are_exponential(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < 5; id++) {
        stream_t stream = poisson(1000, 1, 100 * NS_PER_S, id);
        double seen[20] = {0}, chi = 0;
        const uint64_t n = schedule_txns(&stream, 100 * NS_PER_S);
        int64_t before = 0;
        for (uint64_t i = 0; i < n; i++) {
            int64_t at = schedule_txn_time_ns(&stream, i);
            int class = (int)(20 * (1 - exp(-(double)(at - before) / 1e6)));
            seen[class < 20 ? class : 19]++;
            before = at;
        }
        for (int i = 0; i < 20; i++) {
            double expected = (double)n / 20;
            chi += (seen[i] - expected) * (seen[i] - expected) / expected;
        }
        assert_true(chi < 43.8);
    }
}

/* In windows of any length the count's variance is its mean (less the windows' part of the whole);
 * the ratio has a standard deviation of √(2 / windows). */
static void the_counts_of_poisson_arrivals_vary_by_their_mean(void **state)
{
    (void)state;
    static const int windows[] = {10000, 2000, 500};
    stream_t stream = poisson(5000, 1, HOUR, 3);
    for (int i = 0; i < 3; i++) {
        int64_t length = HOUR / windows[i];
        double mean = 5000.0 * (double)length / 1e9, sum = 0;
        uint64_t before = 0;
        for (int w = 1; w <= windows[i]; w++) {
            uint64_t due = schedule_due_txns(&stream, HOUR, w * length - 1);
            double off = (double)(due - before) - mean;
            sum += off * off;
            before = due;
        }
        double ratio = sum / windows[i] / mean / (1 - 1.0 / windows[i]);
        assert_true(fabs(ratio - 1) < 4 * sqrt(2.0 / windows[i]));
    }
}

/* Kolmogorov and Smirnov: the times lie evenly over the hour. 1.95 is the 99.9 %. */
static void poisson_arrivals_lie_evenly_over_the_hour(void **state)
{
    (void)state;
    for (uint32_t id = 0; id < 5; id++) {
        stream_t stream = poisson(100, 1, HOUR, 100 + id);
        const uint64_t n = schedule_txns(&stream, HOUR);
        double most = 0;
        for (uint64_t i = 0; i < n; i += 97) {
            double at = (double)schedule_txn_time_ns(&stream, i) / (double)HOUR;
            most = fmax(most, fabs(at - ((double)i + 0.5) / (double)n));
        }
        assert_true(most * sqrt((double)n) < 1.95);
    }
}

/* The same of what a shape brings by each time: they come as its rate goes. */
static void poisson_arrivals_follow_every_shape(void **state)
{
    (void)state;
    const int64_t span = 600 * NS_PER_S;
    for (size_t i = 0; i < N_SHAPES; i++) {
        stream_t stream = shaped(200, 1, shapes[i]);
        stream.arrivals = ARRIVALS_POISSON;
        stream = bound(stream, span);
        stream_t even = bound(shaped(200, 1, shapes[i]), span);
        const uint64_t n = schedule_txns(&stream, span);
        assert_int_equal(n, schedule_txns(&even, span));
        assert_inverses(&stream, span, 100);
        double all = integral(&stream, (double)span / 1e9), most = 0;
        for (uint64_t k = 0; k < n; k += 97) {
            double at = (double)schedule_txn_time_ns(&stream, k) / 1e9;
            most = fmax(most, fabs(integral(&stream, at) / all - ((double)k + 0.5) / (double)n));
        }
        assert_true(most * sqrt((double)n) < 1.95);
        assert_true(most * sqrt((double)n) > 0.2); /* and not evenly */
        stream.rows = 5000;
        stream.rows_per_txn = 3;
        err_t err = {0};
        if (schedule_check(&stream, 0, &err)) { /* a shape that needs no duration */
            schedule_bind(&stream, 0, 42, 7);
            assert_inverses(&stream, 0, 100);
        }
    }
}

static void arrivals_that_cannot_be_are_refused(void **state)
{
    (void)state;
    stream_t stream = shaped(100, 1, (shape_t){.kind = SHAPE_CONSTANT});
    stream.arrivals = ARRIVALS_POISSON;
    stream.burst_rows = 5;
    stream.burst_every_ns = NS_PER_S;
    assert_refused(stream, NS_PER_S, "give burst, or arrivals: poisson");
    stream = (stream_t){
        .kind = STREAM_CLOSED, .rows = 5, .rows_per_txn = 1, .arrivals = ARRIVALS_POISSON};
    assert_refused(stream, NS_PER_S, "give a rate, or no arrivals");
}

/* --- replay ----------------------------------------------------------------------------------- */

static replay_t *recorded(const char *text)
{
    err_t err = {0};
    replay_t *replay = replay_parse("day.csv", text, strlen(text), &err);
    if (replay == NULL) {
        fail_msg("%s", err.text);
    }
    return replay;
}

static void a_recording_brings_what_it_says(void **state)
{
    (void)state;
    replay_t *replay = recorded("second,rate\n# before noon\n10,100\n20, 0\r\n\n25,1000\n30,0\n");
    stream_t stream =
        bound(shaped(1, 1, (shape_t){.kind = SHAPE_REPLAY, .replay = replay}), 60 * NS_PER_S);
    assert_int_equal(schedule_rows(&stream, 60 * NS_PER_S), 6000);
    assert_int_equal(schedule_rows(&stream, 22 * NS_PER_S), 1000);
    assert_int_equal(schedule_txn_time_ns(&stream, 1), 10010 * NS_PER_MS);
    assert_int_equal(schedule_txn_time_ns(&stream, 1000), 20 * NS_PER_S);
    assert_int_equal(schedule_txn_time_ns(&stream, 1001), 25001 * NS_PER_MS);
    assert_inverses(&stream, 60 * NS_PER_S, 3000);
    stream.rows = 6001;
    assert_refused(stream, 0, "never brings 6001 rows");
    replay_free(replay);
}

static void assert_no_recording(const char *text, const char *expected)
{
    err_t err = {0};
    assert_null(replay_parse("day.csv", text, strlen(text), &err));
    assert_string_equal(err.text, expected);
}

static void a_recording_that_cannot_be_read_names_its_line(void **state)
{
    (void)state;
    assert_no_recording("", "day.csv: no line of it is second,rate");
    assert_no_recording("second,rate\n1,0\n", "day.csv: all of its rates are 0");
    assert_no_recording("0,1\n5\n", "day.csv:2: cannot read '5': each line is second,rate, such as "
                                    "120,3500");
    assert_no_recording("0,1\nx,1\n", "day.csv:2: cannot read 'x': the first column is in seconds "
                                      "from the phase's start");
    assert_no_recording("0,1\n1,-1\n",
                        "day.csv:2: cannot read '-1': the second column is a rate in "
                        "rows per second, 0 or more");
    assert_no_recording("0,1\n2,1\n2,3\n",
                        "day.csv:3: its second is not after that of the line before");
    assert_no_recording("0,1\n0,3\n", "day.csv:2: its second is not after that of the line before");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_shape_brings_the_integral_of_its_rate),
        cmocka_unit_test(time_and_count_are_inverses_for_every_shape),
        cmocka_unit_test(long_spans_drift_by_nothing),
        cmocka_unit_test(a_number_of_rows_ends_a_shaped_stream),
        cmocka_unit_test(what_a_shape_cannot_do_is_refused),
        cmocka_unit_test(poisson_arrivals_are_as_many_as_the_rate_says_and_inverses),
        cmocka_unit_test(the_gaps_between_poisson_arrivals_are_exponential),
        cmocka_unit_test(the_counts_of_poisson_arrivals_vary_by_their_mean),
        cmocka_unit_test(poisson_arrivals_lie_evenly_over_the_hour),
        cmocka_unit_test(poisson_arrivals_follow_every_shape),
        cmocka_unit_test(arrivals_that_cannot_be_are_refused),
        cmocka_unit_test(a_recording_brings_what_it_says),
        cmocka_unit_test(a_recording_that_cannot_be_read_names_its_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
