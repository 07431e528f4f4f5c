#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/hash.h"
#include "model/row.h"
#include "model/row_tables.h"

static const uint64_t seeds[] = {42, 0, UINT64_MAX};
static const key_kind_t kinds[] = {KEY_UUID4, KEY_UUID7};

static const uint64_t edge_rows[] = {0,
                                     1,
                                     4095,
                                     4096,
                                     UINT32_MAX,
                                     ROW_NUMBER_MAX - 1,
                                     ROW_NUMBER_MAX,
                                     ROW_ROLLBACK_BASE,
                                     ROW_ROLLBACK_BASE + (1 << 20),
                                     (UINT64_C(1) << 60) - 1};

static void assert_key_leads_back(const row_space_t *space, uint64_t row)
{
    char key[ROW_KEY_LEN];
    uint64_t found;
    row_key(space, row, key);
    assert_true(row_of_key(space, key, sizeof key, &found));
    assert_int_equal(found, row);
}

static void every_key_leads_back_to_its_row(void **state)
{
    (void)state;
    for (size_t s = 0; s < 3; s++) {
        for (size_t k = 0; k < 2; k++) {
            row_space_t space;
            row_space_init(&space, seeds[s], kinds[k]);
            for (size_t e = 0; e < sizeof edge_rows / sizeof edge_rows[0]; e++)
                assert_key_leads_back(&space, edge_rows[e]);
            for (uint64_t n = 0; n < 50000; n++) {
                assert_key_leads_back(&space, n);
                assert_key_leads_back(&space, hash_u64(seeds[s], n) >> 4);
            }
        }
    }
}

static void a_key_is_a_uuid_of_its_version_and_variant(void **state)
{
    (void)state;
    for (size_t k = 0; k < 2; k++) {
        row_space_t space;
        row_space_init(&space, 42, kinds[k]);
        for (uint64_t row = 0; row < 1000; row++) {
            char key[ROW_KEY_LEN];
            row_key(&space, row, key);
            assert_int_equal(key[8], '-');
            assert_int_equal(key[14], kinds[k] == KEY_UUID4 ? '4' : '7');
            assert_non_null(memchr("89ab", key[19], 4));
        }
    }
}

static void version_7_keys_sort_as_their_rows(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID7);
    char before[ROW_KEY_LEN], key[ROW_KEY_LEN];
    row_key(&space, 0, before);
    assert_memory_equal(before, "018cc251-f400-7000-", 19);
    for (uint64_t row = 1; row < 20000; row++) {
        row_key(&space, row, key);
        assert_true(memcmp(before, key, sizeof key) < 0);
        memcpy(before, key, sizeof key);
    }
}

/* Neighbouring rows must fall all over a B-tree: their leading 12 bits are spread evenly. The bound
 * is chi-square with 4,095 degrees of freedom, whose standard deviation is 90. */
static void version_4_keys_of_neighbours_are_spread_evenly(void **state)
{
    (void)state;
    for (size_t s = 0; s < 3; s++) {
        row_space_t space;
        row_space_init(&space, seeds[s], KEY_UUID4);
        static unsigned counts[4096];
        memset(counts, 0, sizeof counts);
        for (uint64_t row = 0; row < 4096 * 32; row++) {
            char key[ROW_KEY_LEN + 1] = {0};
            row_key(&space, row, key);
            key[3] = '\0';
            counts[strtoul(key, NULL, 16)]++;
        }
        double chi_square = 0;
        for (size_t bucket = 0; bucket < 4096; bucket++)
            chi_square += (counts[bucket] - 32.0) * (counts[bucket] - 32.0) / 32.0;
        assert_true(chi_square < 4095 + 6 * 90);
    }
}

static void a_key_with_any_digit_changed_is_refused(void **state)
{
    (void)state;
    static const char digits[] = "0123456789abcdef-";
    for (size_t k = 0; k < 2; k++) {
        row_space_t space;
        row_space_init(&space, 42, kinds[k]);
        for (uint64_t row = 0; row < 200; row++) {
            char key[ROW_KEY_LEN];
            row_key(&space, row * 977, key);
            for (size_t at = 0; at < sizeof key; at++) {
                char was = key[at];
                uint64_t found;
                for (const char *d = digits; *d != '\0'; d++) {
                    key[at] = *d;
                    assert_true(row_of_key(&space, key, sizeof key, &found) == (*d == was));
                }
                key[at] = was;
            }
        }
    }
}

static void keys_of_another_seed_or_kind_are_refused(void **state)
{
    (void)state;
    row_space_t ours, other_seed, other_kind;
    row_space_init(&ours, 42, KEY_UUID4);
    row_space_init(&other_seed, 43, KEY_UUID4);
    row_space_init(&other_kind, 42, KEY_UUID7);
    for (uint64_t row = 0; row < 10000; row++) {
        char key[ROW_KEY_LEN];
        uint64_t found;
        row_key(&other_seed, row, key);
        assert_false(row_of_key(&ours, key, sizeof key, &found));
        row_key(&other_kind, row, key);
        assert_false(row_of_key(&ours, key, sizeof key, &found));
    }
}

static void keys_in_upper_case_or_of_another_length_are_refused(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    char key[ROW_KEY_LEN + 1];
    uint64_t found;
    row_key(&space, 0, key);
    key[ROW_KEY_LEN] = '0';
    assert_false(row_of_key(&space, key, ROW_KEY_LEN + 1, &found));
    assert_false(row_of_key(&space, key, ROW_KEY_LEN - 1, &found));
    assert_false(row_of_key(&space, key, 0, &found));
    for (size_t at = 0; at < ROW_KEY_LEN; at++) {
        if (key[at] >= 'a' && key[at] <= 'f')
            key[at] = (char)(key[at] - 'a' + 'A');
    }
    assert_false(row_of_key(&space, key, ROW_KEY_LEN, &found));
}

static void every_version_of_a_row_has_an_amount_of_its_own(void **state)
{
    (void)state;
    static bool taken[ROW_CENTS_COUNT];
    for (size_t s = 0; s < 3; s++) {
        row_space_t space;
        row_space_init(&space, seeds[s], KEY_UUID4);
        memset(taken, 0, sizeof taken);
        uint32_t base = row_amount_base(&space, 7);
        for (uint32_t version = 0; version < ROW_VERSIONS; version++) {
            uint32_t cents = row_amount_cents(&space, 7, version), found;
            assert_in_range(cents, ROW_CENTS_MIN, ROW_CENTS_MIN + ROW_CENTS_COUNT - 1);
            assert_false(taken[cents - ROW_CENTS_MIN]);
            taken[cents - ROW_CENTS_MIN] = true;
            assert_true(row_version_of_cents(&space, base, cents, &found));
            assert_int_equal(found, version);
            assert_int_equal(row_amount_cents_from(&space, base, version), cents);
            assert_int_equal(row_amount_cents(&space, 7, version + ROW_VERSIONS), cents);
        }
        for (uint32_t cents = 0; cents < 200000; cents++) {
            bool one_of_them = cents >= ROW_CENTS_MIN && cents < ROW_CENTS_MIN + ROW_CENTS_COUNT &&
                               taken[cents - ROW_CENTS_MIN];
            uint32_t found;
            assert_true(row_version_of_cents(&space, base, cents, &found) == one_of_them);
        }
    }
}

/* 99001 = 7 × 14143: a step that shared a factor with it would give versions equal amounts. */
static void the_step_of_any_seed_can_be_inverted(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 3000; seed++) {
        row_space_t space;
        row_space_init(&space, seed, KEY_UUID4);
        assert_true(space.amount_step % 7 != 0 && space.amount_step % 14143 != 0);
        uint64_t product = (uint64_t)space.amount_step * space.amount_step_inv;
        assert_int_equal(product % ROW_CENTS_COUNT, 1);
        for (int k = 0; k < 2; k++)
            assert_int_equal(space.perm_mul[k] * space.perm_inv[k], 1);
    }
}

static void amounts_are_written_with_two_decimals(void **state)
{
    (void)state;
    static const struct {
        uint32_t cents;
        const char *text;
    } cases[] = {
        {0, "0.00"},         {5, "0.05"},     {66305, "663.05"}, {66350, "663.50"},
        {100000, "1000.00"}, {1000, "10.00"}, {99, "0.99"},      {UINT32_MAX, "42949672.95"}};
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        char text[12];
        size_t len = row_amount_text(cases[c].cents, text);
        assert_int_equal(len, strlen(cases[c].text));
        assert_memory_equal(text, cases[c].text, len);
        uint32_t cents;
        assert_true(row_amount_parse(text, len, &cents));
        assert_int_equal(cents, cases[c].cents);
    }
}

static void amounts_are_read_with_up_to_two_decimals_and_nothing_else(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool good;
        uint32_t cents;
    } cases[] = {
        {"663.05", true, 66305},
        {"663.5", true, 66350},
        {"1000", true, 100000},
        {"0", true, 0},
        {"42949672.96", false, 0},
        {"42949673", false, 0},
        {"", false, 0},
        {".5", false, 0},
        {"5.", false, 0},
        {"-5.00", false, 0},
        {"663.055", false, 0},
        {"663.0x", false, 0},
        {" 663.05", false, 0},
        {"663.05 ", false, 0},
        {"6.6.3", false, 0},
        {"1e3", false, 0},
        {"99999999999999", false, 0},
        {"1..5", false, 0},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        uint32_t cents = 0;
        bool good = row_amount_parse(cases[c].text, strlen(cases[c].text), &cents);
        assert_true(good == cases[c].good);
        if (good)
            assert_int_equal(cents, cases[c].cents);
    }
}

static void column_of(const row_text_t *text, int column, char *out)
{
    size_t len = (size_t)(text->start[column + 1] - 1 - text->start[column]);
    memcpy(out, text->text + text->start[column], len);
    out[len] = '\0';
}

static void a_rows_columns_lie_between_its_tabs(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    for (uint64_t row = 0; row < 20000; row++) {
        row_text_t text;
        row_text(&space, row, &text);
        size_t len = text.start[TX_LOADED];
        assert_in_range(len, 130, 320);
        assert_int_equal(text.text[len - 1], '\n');
        for (int c = 1; c < TX_LOADED; c++)
            assert_int_equal(text.text[text.start[c] - 1], '\t');
        size_t tabs = 0;
        for (size_t at = 0; at + 1 < len; at++) {
            char byte = text.text[at];
            tabs += byte == '\t';
            assert_true(byte == '\t' || (byte >= ' ' && byte <= '~' && byte != '\\'));
        }
        assert_int_equal(tabs, TX_LOADED - 1);

        char key[ROW_KEY_LEN], column[ROW_TEXT_MAX], amount[12];
        row_key(&space, row, key);
        assert_memory_equal(text.text, key, sizeof key);
        size_t amount_len = row_amount_text(row_amount_cents(&space, row, 0), amount);
        column_of(&text, TX_AMOUNT, column);
        assert_int_equal(strlen(column), amount_len);
        assert_memory_equal(column, amount, amount_len);
    }
}

static void a_rows_timestamp_is_the_same_as_text_and_as_microseconds(void **state)
{
    (void)state;
    row_space_t space;
    row_space_init(&space, 42, KEY_UUID4);
    for (uint64_t row = 0; row < 20000; row++) {
        row_text_t text;
        row_text(&space, row, &text);
        char column[ROW_TEXT_MAX], expected[32];
        column_of(&text, TX_TIMESTAMP, column);
        int64_t us = row_timestamp_us(&space, row);
        assert_int_equal(us % 1000000, 0);
        time_t second = us / 1000000;
        struct tm tm;
        gmtime_r(&second, &tm);
        strftime(expected, sizeof expected, "%Y-%m-%d %H:%M:%S", &tm);
        assert_string_equal(column, expected);
        assert_true(tm.tm_year == 123 || tm.tm_year == 124);
    }
}

static void word_lists_are_plain_and_fit_their_slots(void **state)
{
    (void)state;
    assert_true(words_surnames_count >= 512);
    assert_true(words_first_names_count >= 512);
    assert_int_equal(words_countries_count, ROW_COUNTRIES);
    const struct {
        const char *const *words;
        size_t count, len_max;
    } lists[] = {{words_surnames, words_surnames_count, 14},
                 {words_first_names, words_first_names_count, 14},
                 {words_countries, words_countries_count, 47},
                 {words_city_prefixes, words_city_prefixes_count, 14},
                 {words_city_suffixes, words_city_suffixes_count, 14},
                 {words_company_suffixes, words_company_suffixes_count, 14}};
    for (size_t l = 0; l < sizeof lists / sizeof lists[0]; l++) {
        for (size_t w = 0; w < lists[l].count; w++) {
            const char *word = lists[l].words[w];
            assert_in_range(strlen(word), 1, lists[l].len_max);
            for (const char *c = word; *c != '\0'; c++)
                assert_true(*c >= ' ' && *c <= '~' && *c != '\\' && *c != '"');
            for (size_t other = 0; other < w; other++)
                assert_string_not_equal(lists[l].words[other], word);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_leads_back_to_its_row),
        cmocka_unit_test(a_key_is_a_uuid_of_its_version_and_variant),
        cmocka_unit_test(version_7_keys_sort_as_their_rows),
        cmocka_unit_test(version_4_keys_of_neighbours_are_spread_evenly),
        cmocka_unit_test(a_key_with_any_digit_changed_is_refused),
        cmocka_unit_test(keys_of_another_seed_or_kind_are_refused),
        cmocka_unit_test(keys_in_upper_case_or_of_another_length_are_refused),
        cmocka_unit_test(every_version_of_a_row_has_an_amount_of_its_own),
        cmocka_unit_test(the_step_of_any_seed_can_be_inverted),
        cmocka_unit_test(amounts_are_written_with_two_decimals),
        cmocka_unit_test(amounts_are_read_with_up_to_two_decimals_and_nothing_else),
        cmocka_unit_test(a_rows_columns_lie_between_its_tabs),
        cmocka_unit_test(a_rows_timestamp_is_the_same_as_text_and_as_microseconds),
        cmocka_unit_test(word_lists_are_plain_and_fit_their_slots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
