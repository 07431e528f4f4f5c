/* repeats: the runs of --repeat side by side. */
#include "report/golden.h"

#include <math.h>

#include "report/sample.h"
#include "report/terminal/repeats.h"

static char *printed(const repeat_t *repeats, uint32_t n)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    repeats_print(out, repeats, n);
    fclose(out);
    return text;
}

static void a_repeat_is_what_its_run_came_to(void **state)
{
    (void)state;
    sample_t sample;
    repeat_t repeat;
    sample_init(&sample);
    assert_true(repeat_take(&sample.result, &repeat));
    assert_int_equal(repeat.verdict, VERDICT_VERIFIED);
    /* 200,000 rows in 1.6 s, then 90,000 in 30 s */
    assert_true(fabs(repeat.rows_per_s - 290000 / 31.6) < 0.01);
    assert_int_equal(repeat.lag_p99_us[TAP_KAFKA], NOT_MEASURED);
    assert_true(repeat.lag_p99_us[TAP_WAL] > 1000000);
    sample.scenario.phases[SAMPLE_LOAD].warm_up = true;
    assert_true(repeat_take(&sample.result, &repeat));
    assert_true(fabs(repeat.rows_per_s - 3000) < 0.01);
    sample_free(&sample);
}

static void repeats_stand_one_below_the_other_with_their_range(void **state)
{
    (void)state;
    const repeat_t repeats[] = {
        {VERDICT_VERIFIED, 12345, 4200, {9000, 612000}},
        {VERDICT_FAILED, 11000.4, NOT_MEASURED, {8000, NOT_MEASURED}},
        {VERDICT_INCOMPLETE, NAN, 5100, {NOT_MEASURED, NOT_MEASURED}},
    };
    char *text = printed(repeats, 3);
    golden_assert("repeats.txt", text);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_repeat_is_what_its_run_came_to),
        cmocka_unit_test(repeats_stand_one_below_the_other_with_their_range),
    };
    return cmocka_run_group_tests_name("repeats", tests, NULL, NULL);
}
