#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "result/pace.h"

/* A queue whose rates are known: what a pipeline is to the judge. */
typedef struct {
    double arrival_per_s, service_per_s;
    double poll_s;    /* served only at its multiples, as a connector does that polls */
    double burst_s;   /* a fifth of what arrives comes at once this often; 0: none */
    double stall_s;   /* the service stands still for so long, once, at a random moment */
    double seconds;   /* of the phase */
    double reading_s; /* between two readings */
} queue_t;

#define STEP_S       0.01
#define READINGS_MAX 4000

static double uniform(unsigned *seed)
{
    return (rand_r(seed) + 0.5) / ((double)RAND_MAX + 1);
}

/* Normal, by Box and Muller. */
static double normal(unsigned *seed)
{
    double radius = sqrt(-2 * log(uniform(seed)));
    return radius * cos(2 * 3.14159265358979 * uniform(seed));
}

static bool is_multiple(double now, double of)
{
    return floor(now / of) > floor((now - STEP_S) / of);
}

/* Poisson's counts of many events are nearly normal. */
static double arrivals(const queue_t *queue, double now, unsigned *seed)
{
    double mean = queue->arrival_per_s * STEP_S * (queue->burst_s > 0 ? 0.8 : 1);
    double come = fmax(0, mean + sqrt(mean) * normal(seed));
    bool bursts = queue->burst_s > 0 && is_multiple(now, queue->burst_s);
    return come + (bursts ? queue->arrival_per_s * queue->burst_s * 0.2 : 0);
}

static size_t simulate(const queue_t *queue, unsigned seed, pace_reading_t *readings)
{
    size_t n = 0;
    double acknowledged = 0, seen = 0, power = 0, speed = 1;
    double stall_at = (0.1 + 0.7 * uniform(&seed)) * queue->seconds;
    for (double now = STEP_S; now <= queue->seconds + STEP_S / 2; now += STEP_S) {
        acknowledged += arrivals(queue, now, &seed);
        speed += 0.1 * (1 - speed) + 0.03 * normal(&seed); /* the service is no clockwork */
        bool stalls = now >= stall_at && now < stall_at + queue->stall_s;
        power += stalls ? 0 : queue->service_per_s * STEP_S * speed;
        if (is_multiple(now, queue->poll_s)) {
            double served = fmax(0, fmin(power, acknowledged - seen));
            seen += served;
            power = 0;
        }
        if (is_multiple(now, queue->reading_s) && n < READINGS_MAX) {
            readings[n++] =
                (pace_reading_t){.second = now, .acknowledged = acknowledged, .seen = seen};
        }
    }
    return n;
}

static pace_t judge(const queue_t *queue, unsigned seed)
{
    static pace_reading_t readings[READINGS_MAX];
    size_t n = simulate(queue, seed, readings);
    pace_opts_t opts = {.period_s = fmax(queue->burst_s, fmax(queue->poll_s, queue->reading_s))};
    opts.allowance = queue->arrival_per_s * opts.period_s;
    pace_t pace;
    assert_true(pace_judge(readings, n, &opts, &pace));
    return pace;
}

#define SEEDS 1000

/* How many of the seeds were judged how. */
typedef struct {
    unsigned of[4];
} judged_t;

static judged_t judge_seeds(const queue_t *queue, unsigned seeds)
{
    judged_t judged = {{0}};
    for (unsigned seed = 1; seed <= seeds; seed++) {
        judged.of[judge(queue, seed).verdict]++;
    }
    return judged;
}

static const queue_t reference = {
    .arrival_per_s = 10000, .service_per_s = 11000, .poll_s = 0.5, .seconds = 60, .reading_s = 1};

static void a_tenth_too_fast_is_seen_in_999_of_1000(void **state)
{
    (void)state;
    queue_t queue = reference;
    queue.service_per_s = queue.arrival_per_s / 1.1;
    judged_t judged = judge_seeds(&queue, SEEDS);
    assert_in_range(judged.of[PACE_KEPT_UP], 0, 1);
    assert_in_range(judged.of[PACE_FELL_BEHIND], SEEDS - 5, SEEDS);
}

static void a_tenth_to_spare_keeps_up_in_999_of_1000(void **state)
{
    (void)state;
    judged_t judged = judge_seeds(&reference, SEEDS);
    assert_in_range(judged.of[PACE_FELL_BEHIND], 0, 1);
    assert_in_range(judged.of[PACE_KEPT_UP], SEEDS - 5, SEEDS);
}

static void bursts_do_not_look_like_falling_behind(void **state)
{
    (void)state;
    queue_t queue = reference;
    queue.burst_s = 3;
    assert_in_range(judge_seeds(&queue, 200).of[PACE_FELL_BEHIND], 0, 0);
    queue.service_per_s = queue.arrival_per_s / 1.1;
    assert_in_range(judge_seeds(&queue, 200).of[PACE_KEPT_UP], 0, 0);
}

static void a_stall_that_is_made_good_is_no_falling_behind(void **state)
{
    (void)state;
    queue_t queue = reference;
    queue.stall_s = 2;
    queue.service_per_s = 13000;
    assert_in_range(judge_seeds(&queue, 200).of[PACE_FELL_BEHIND], 0, 0);
}

static void a_short_phase_read_each_tenth_of_a_second_is_judged(void **state)
{
    (void)state;
    queue_t queue = reference;
    queue.seconds = 15;
    queue.reading_s = 0.1;
    queue.service_per_s = queue.arrival_per_s / 1.25;
    assert_in_range(judge_seeds(&queue, 100).of[PACE_FELL_BEHIND], 99, 100);
    queue.service_per_s = queue.arrival_per_s * 1.25;
    assert_in_range(judge_seeds(&queue, 100).of[PACE_KEPT_UP], 99, 100);
}

static void growth_and_sustained_rate_are_those_of_the_queue(void **state)
{
    (void)state;
    queue_t queue = reference;
    queue.service_per_s = 7900;
    queue.arrival_per_s = 15000;
    pace_t pace = judge(&queue, 7);
    assert_int_equal(pace.verdict, PACE_FELL_BEHIND);
    assert_true(fabs(pace.sent_per_s - 15000) < 150);
    assert_true(fabs(pace.sustained_per_s - 7900) < 80);
    assert_true(fabs(pace.growth_per_s - 7100) < 200);
    assert_true(pace.growth_low <= pace.growth_per_s && pace.growth_per_s <= pace.growth_high);
    assert_true(fabs(pace.behind - 7100 * 60) < 15000);
}

/* A backlog from the phase before, being worked off. */
static void catching_up_keeps_up(void **state)
{
    (void)state;
    pace_reading_t readings[60];
    for (int i = 0; i < 60; i++) {
        readings[i] = (pace_reading_t){
            .second = i + 1, .acknowledged = 500000 + 1000.0 * i, .seen = 4000.0 * i};
    }
    pace_t pace;
    assert_true(pace_judge(readings, 60, &(pace_opts_t){.period_s = 1, .allowance = 500}, &pace));
    assert_int_equal(pace.verdict, PACE_KEPT_UP);
    assert_true(fabs(pace.sustained_per_s - 4000) < 1);
}

static void a_phase_of_a_few_periods_is_undecided_and_told_how_long_would_do(void **state)
{
    (void)state;
    queue_t queue = reference;
    queue.seconds = 3;
    pace_t pace = judge(&queue, 1);
    assert_int_equal(pace.verdict, PACE_UNDECIDED);
    assert_true(pace.decided_by_s > 3 && pace.decided_by_s < 60);
    assert_true(isnan(pace.growth_per_s));
}

static void one_reading_is_too_few_and_says_so(void **state)
{
    (void)state;
    const pace_reading_t reading = {.second = 0, .acknowledged = 10, .seen = 4};
    pace_t pace;
    assert_true(pace_judge(&reading, 1, &(pace_opts_t){.period_s = 1, .allowance = 1}, &pace));
    assert_int_equal(pace.verdict, PACE_UNDECIDED);
    assert_true(pace.behind == 6 && isnan(pace.growth_per_s) && pace.decided_by_s > 1);
}

static void without_readings_nothing_is_known(void **state)
{
    (void)state;
    pace_t pace;
    assert_true(pace_judge(NULL, 0, &(pace_opts_t){.period_s = 1, .allowance = 1}, &pace));
    assert_int_equal(pace.verdict, PACE_UNKNOWN);
}

static void the_worse_of_two_taps_counts(void **state)
{
    (void)state;
    assert_int_equal(pace_worse(PACE_KEPT_UP, PACE_FELL_BEHIND), PACE_FELL_BEHIND);
    assert_int_equal(pace_worse(PACE_UNDECIDED, PACE_KEPT_UP), PACE_UNDECIDED);
    assert_int_equal(pace_worse(PACE_UNKNOWN, PACE_KEPT_UP), PACE_KEPT_UP);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tenth_too_fast_is_seen_in_999_of_1000),
        cmocka_unit_test(a_tenth_to_spare_keeps_up_in_999_of_1000),
        cmocka_unit_test(bursts_do_not_look_like_falling_behind),
        cmocka_unit_test(a_stall_that_is_made_good_is_no_falling_behind),
        cmocka_unit_test(a_short_phase_read_each_tenth_of_a_second_is_judged),
        cmocka_unit_test(growth_and_sustained_rate_are_those_of_the_queue),
        cmocka_unit_test(catching_up_keeps_up),
        cmocka_unit_test(a_phase_of_a_few_periods_is_undecided_and_told_how_long_would_do),
        cmocka_unit_test(one_reading_is_too_few_and_says_so),
        cmocka_unit_test(without_readings_nothing_is_known),
        cmocka_unit_test(the_worse_of_two_taps_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
