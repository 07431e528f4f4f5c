#include "report/serve/metrics.h"

#include "report/golden.h"
#include "report/sample.h"

static char *text_of(const metrics_t *metrics, const run_now_t *state)
{
    size_t len = 0;
    char *text = metrics_text(metrics, state, &len);
    assert_non_null(text);
    assert_int_equal(len, strlen(text));
    return text;
}

static void before_the_first_second_there_is_nothing(void **state)
{
    (void)state;
    scenario_t scenario;
    sample_scenario(&scenario);
    metrics_t *metrics = metrics_new(&scenario);
    char *text = text_of(metrics, &(run_now_t){.positions = NULL});
    assert_string_equal(text, "# EOF\n");
    free(text);
    metrics_free(metrics);
}

static void another_run_counts_from_nothing(void **state)
{
    (void)state;
    scenario_t scenario;
    sample_scenario(&scenario);
    metrics_t *one = metrics_new(&scenario), *two = metrics_new(&scenario);
    timeline_row_t row = sample_mixed_second(1);
    metrics_add(one, &row);
    metrics_add(one, &row);
    metrics_begin(one, &scenario);
    const run_now_t nothing = {.positions = NULL};
    char *text = text_of(one, &nothing);
    assert_string_equal(text, "# EOF\n");
    free(text);
    metrics_add(one, &row);
    metrics_add(two, &row);
    text = text_of(one, &nothing);
    char *expected = text_of(two, &nothing);
    assert_string_equal(text, expected);
    free(expected);
    free(text);
    metrics_free(one);
    metrics_free(two);
}

/* Two seconds, with every kind of sample. */
static void a_run_with_both_taps_is_the_golden_text(void **state)
{
    (void)state;
    scenario_t scenario;
    sample_scenario(&scenario);
    metrics_t *metrics = metrics_new(&scenario);
    timeline_row_t row = sample_mixed_second(1);
    metrics_add(metrics, &row);
    row = sample_mixed_second(2);
    row.taps[TAP_KAFKA].seen_rows = 2000;
    row.taps[TAP_KAFKA].behind_rows = 1003;
    row.taps[TAP_KAFKA].behind_us = 334000;
    row.slots[TAP_KAFKA].retained_bytes = 16777216;
    row.clock_offset_us = -12;
    metrics_add(metrics, &row);
    hist_t *latency = sample_hist(900, 1000, 100);
    lag_t *lag = sample_lag(-1500, 1000, 4); /* −1.5, −0.5, 0.5, 1.5 ms, 100 times each */
    const int64_t positions[] = {1500, 20}, ends[] = {2503, 20};
    run_now_t now = {.latency = {[OP_INSERT] = latency},
                     .lag = {[TAP_KAFKA] = lag},
                     .connector = "fin \"one\"",
                     .connector_state = "RUNNING",
                     .task_state = "UNREACHABLE",
                     .topic = "cdc.public.transactions",
                     .partitions = 2,
                     .positions = positions,
                     .ends = ends};
    char *text = text_of(metrics, &now);
    golden_assert("metrics.txt", text);
    free(text);
    lag_free(lag);
    hist_free(latency);
    metrics_free(metrics);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(before_the_first_second_there_is_nothing),
        cmocka_unit_test(another_run_counts_from_nothing),
        cmocka_unit_test(a_run_with_both_taps_is_the_golden_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
