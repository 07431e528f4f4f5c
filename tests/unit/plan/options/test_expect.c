#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "plan/options/expect.h"

static expect_t parsed(const char *text)
{
    expect_t expect;
    err_t err = {0};
    if (!expect_parse(text, &expect, &err)) {
        fail_msg("%s", err.text);
    }
    return expect;
}

static void assert_refused(const char *text, const char *because)
{
    expect_t expect;
    err_t err = {0};
    assert_false(expect_parse(text, &expect, &err));
    assert_int_equal(err.code, ERR_USAGE);
    if (strstr(err.text, because) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", err.text, because);
    }
}

static void a_time_has_a_measure_a_relation_and_a_unit(void **state)
{
    (void)state;
    expect_t e = parsed("lag_p99 < 2s");
    assert_int_equal(e.measure, EXPECT_LAG);
    assert_int_equal(e.relation, EXPECT_BELOW);
    assert_int_equal(e.value, 2000000);
    assert_int_equal(e.tap, -1);
    assert_true(e.percent == 99);
    assert_string_equal(e.phase, "");
    e = parsed("schedule_lag_p999<=250us");
    assert_int_equal(e.measure, EXPECT_SCHEDULE_LAG);
    assert_int_equal(e.relation, EXPECT_AT_MOST);
    assert_true(e.percent == 99.9);
    assert_int_equal(e.value, 250);
}

/* Cut at 63 characters, each of these would be another one that can be read. */
static void what_is_too_long_is_refused_and_not_cut(void **state)
{
    (void)state;
    assert_refused("errors == 00000000000000000000000000000000000000000000000000000000000000012k",
                   "its value is too long");
    assert_refused("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.lag_p99 < 2s",
                   "no phase has so long a name");
}

static void phase_and_tap_may_be_named(void **state)
{
    (void)state;
    expect_t e = parsed("black.friday.kafka_lag_max > 1ms");
    assert_string_equal(e.phase, "black.friday");
    assert_int_equal(e.tap, 1);
    assert_true(e.percent == 100);
    e = parsed("wal_missing == 0");
    assert_int_equal(e.tap, 0);
    assert_int_equal(e.measure, EXPECT_MISSING);
}

static void what_cannot_be_measured_is_refused(void **state)
{
    (void)state;
    assert_refused("", "such as lag_p99 < 2s");
    assert_refused("lag_p99", "such as lag_p99 < 2s");
    assert_refused("lag_p98 < 2s", "did you mean lag_p");
    assert_refused("mising == 0", "did you mean missing?");
    assert_refused("lag_p99 < 2", "no time with a unit");
    assert_refused("lag_p99 < ", "no time with a unit");
    assert_refused("missing == 1s", "no whole number");
    assert_refused("missing == 1 or 2", "more behind the value");
    assert_refused("mixed.missing == 0", "over the whole run");
    assert_refused("kafka_latency_p50 < 1s", "not measured at a tap");
}

static void kept_up_stands_alone(void **state)
{
    (void)state;
    expect_t e = parsed("kept_up");
    assert_int_equal(e.measure, EXPECT_KEPT_UP);
    assert_int_equal(e.tap, -1);
    assert_true(expect_holds(&e, 1) && !expect_holds(&e, 0));
    e = parsed("black.friday.kafka_kept_up");
    assert_string_equal(e.phase, "black.friday");
    assert_int_equal(e.tap, 1);
    assert_refused("kept_up == 1", "compared with nothing");
    assert_refused("kept_ip == 1", "did you mean kept_up?");
    assert_refused("xkept_up", "such as lag_p99 < 2s");
}

static void relations_hold_as_they_read(void **state)
{
    (void)state;
    static const char *const texts[] = {"errors < 5",  "errors <= 5", "errors > 5",
                                        "errors >= 5", "errors == 5", "errors != 5"};
    static const bool holds[6][3] = {{true, false, false}, {true, true, false},
                                     {false, false, true}, {false, true, true},
                                     {false, true, false}, {true, false, true}};
    for (int i = 0; i < 6; i++) {
        expect_t e = parsed(texts[i]);
        for (int j = 0; j < 3; j++) {
            assert_int_equal(expect_holds(&e, 4 + j), holds[i][j]);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_has_a_measure_a_relation_and_a_unit),
        cmocka_unit_test(what_is_too_long_is_refused_and_not_cut),
        cmocka_unit_test(phase_and_tap_may_be_named),
        cmocka_unit_test(what_cannot_be_measured_is_refused),
        cmocka_unit_test(kept_up_stands_alone),
        cmocka_unit_test(relations_hold_as_they_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
