/* The tables of taps and stages: what their readers rely on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "result/stages.h"

static void every_row_has_a_name_of_its_own(void **state)
{
    (void)state;
    for (stage_t a = 0; a < STAGE_COUNT; a++) {
        assert_non_null(stage_rows[a].name);
        assert_non_null(stage_rows[a].clock);
        for (stage_t b = 0; b < a; b++)
            assert_string_not_equal(stage_rows[a].name, stage_rows[b].name);
    }
    for (tap_id_t a = 0; a < TAP_COUNT; a++) {
        assert_non_null(tap_rows[a].name);
        for (tap_id_t b = 0; b < a; b++)
            assert_string_not_equal(tap_rows[a].name, tap_rows[b].name);
    }
}

/* The page finds the chain by the stages' names. */
static void a_link_is_named_by_its_two_moments_and_is_explained(void **state)
{
    (void)state;
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++) {
        const stage_row_t *row = &stage_rows[stage];
        if (!row->is_link)
            continue;
        char name[64];
        snprintf(name, sizeof name, "%s_to_%s", row->from, row->to);
        assert_string_equal(row->name, name);
        assert_non_null(row->words);
    }
}

/* Whether links lead from the moment to the receipt. */
static bool leads_on(const char *from)
{
    if (strcmp(from, "receipt") == 0)
        return true;
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++)
        if (stage_rows[stage].is_link && strcmp(stage_rows[stage].from, from) == 0 &&
            leads_on(stage_rows[stage].to))
            return true;
    return false;
}

static void from_every_link_others_lead_on_to_the_receipt(void **state)
{
    (void)state;
    assert_true(leads_on("commit"));
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++)
        if (stage_rows[stage].is_link)
            assert_true(leads_on(stage_rows[stage].to));
}

static void a_difference_stands_with_one_of_its_two_taps(void **state)
{
    (void)state;
    assert_true(stage_is_anothers(STAGE_KAFKA_MINUS_WAL, TAP_WAL));
    assert_false(stage_is_anothers(STAGE_KAFKA_MINUS_WAL, TAP_KAFKA));
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++)
        assert_false(stage_is_anothers(STAGE_COMMIT_TO_RECEIPT, tap));
}

static void every_trait_is_some_taps(void **state)
{
    (void)state;
    static const unsigned traits[] = {TAP_READS_LOG, TAP_BEHIND_PIPELINE, TAP_READS_TOPIC};
    for (size_t i = 0; i < sizeof traits / sizeof traits[0]; i++)
        assert_true(tap_has(tap_with(traits[i]), traits[i]));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_has_a_name_of_its_own),
        cmocka_unit_test(a_link_is_named_by_its_two_moments_and_is_explained),
        cmocka_unit_test(from_every_link_others_lead_on_to_the_receipt),
        cmocka_unit_test(a_difference_stands_with_one_of_its_two_taps),
        cmocka_unit_test(every_trait_is_some_taps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
