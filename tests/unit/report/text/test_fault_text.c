#include "report/text/text.h"

#include <stdlib.h>

#include "report/cmocka_first.h"

static void assert_words(const fault_t *fault, const char *expected)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    text_print_fault(out, fault);
    assert_int_equal(fclose(out), 0);
    assert_string_equal(text, expected);
    free(text);
}

static void a_mismatch_names_row_version_key_column_and_both_values(void **state)
{
    (void)state;
    assert_words(&(fault_t){.kind = FAULT_MISMATCHED,
                            .op = OP_UPDATE,
                            .has_row = true,
                            .row = 17,
                            .version = 3,
                            .key = "7c9e6679-7425-40de-944b-e07fc1f90ae7",
                            .column = "amount",
                            .side = "before",
                            .expected = "663.05",
                            .found = "663.50",
                            .position = UINT64_C(0x16B374D848)},
                 "update of row 17, version 3, key 7c9e6679-7425-40de-944b-e07fc1f90ae7, column "
                 "amount (before): expected \"663.05\", found \"663.50\", at 16/B374D848");
}

static void an_empty_value_is_shown_as_one(void **state)
{
    (void)state;
    assert_words(&(fault_t){.kind = FAULT_MISMATCHED,
                            .op = OP_INSERT,
                            .has_row = true,
                            .key = "k",
                            .column = "city",
                            .side = "after",
                            .expected = "Oslo"},
                 "insert of row 0, version 0, key k, column city (after): expected \"Oslo\", found "
                 "\"\"");
}

static void an_unknown_key_is_shown_without_letting_it_act(void **state)
{
    (void)state;
    assert_words(&(fault_t){.kind = FAULT_UNKNOWN,
                            .op = OP_DELETE,
                            .key = "\033]0;x\007",
                            .expected = "a key of seed 42",
                            .position = 16},
                 "delete, key \\x1b]0;x\\x07: expected a key of seed 42, at 0/10");
}

static void a_fault_of_no_single_change_claims_none(void **state)
{
    (void)state;
    assert_words(&(fault_t){.kind = FAULT_OUT_OF_ORDER,
                            .expected = "a position after 0/20",
                            .found = "position 0/10",
                            .position = 16},
                 "transaction: expected a position after 0/20, found position 0/10, at 0/10");
    assert_words(&(fault_t){.kind = FAULT_MISSING, .expected = "9 changes", .found = "7"},
                 "changes: expected 9 changes, found 7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_mismatch_names_row_version_key_column_and_both_values),
        cmocka_unit_test(an_empty_value_is_shown_as_one),
        cmocka_unit_test(an_unknown_key_is_shown_without_letting_it_act),
        cmocka_unit_test(a_fault_of_no_single_change_claims_none),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
