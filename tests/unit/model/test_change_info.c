/* The texts that PostgreSQL's triggers leave in a row: change_info, and its time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/hash.h"
#include "model/change.h"
#include "model/timestamp.h"

/* As a server sent it: tests/ and docs show the same row. */
static const char recorded[] =
    "{\"amount\": {\"new\": 912.07, \"old\": 812.07}, \"modified_at\": "
    "\"2026-11-22T12:46:31.789283+00:00\", \"modified_by\": \"postgres\"}";
#define RECORDED_US INT64_C(1795351591789283)

static change_info_end_t postgres;

static int make_end(void **state)
{
    (void)state;
    change_info_end("postgres", &postgres);
    return 0;
}

static void a_recorded_change_info_is_read_and_written_byte_for_byte(void **state)
{
    (void)state;
    int64_t us;
    uint32_t cents;
    size_t len = strlen(recorded);
    assert_true(change_info_matches(recorded, len, 91207, 81207, &postgres, &us));
    assert_int_equal(us, RECORDED_US);
    assert_true(change_info_new_cents(recorded, len, &cents));
    assert_int_equal(cents, 91207);
    char text[CHANGE_INFO_TEXT_MAX];
    assert_int_equal(change_info_write(91207, 81207, "postgres", us, text), len);
    assert_memory_equal(text, recorded, len);
}

static void a_change_info_with_any_byte_changed_does_not_match_or_has_another_time(void **state)
{
    (void)state;
    char text[sizeof recorded];
    memcpy(text, recorded, sizeof text);
    for (size_t at = 0; at + 1 < sizeof recorded; at++) {
        int64_t us;
        text[at] = text[at] == '1' ? '2' : '1';
        bool same = change_info_matches(text, strlen(text), 91207, 81207, &postgres, &us);
        assert_false(same && us == RECORDED_US);
        text[at] = recorded[at];
    }
    for (size_t len = 0; len + 1 < sizeof recorded; len++) {
        int64_t us;
        assert_false(change_info_matches(recorded, len, 91207, 81207, &postgres, &us));
    }
}

static void a_users_name_is_escaped_as_json(void **state)
{
    (void)state;
    char text[CHANGE_INFO_TEXT_MAX + 1];
    size_t len = change_info_write(1000, 2000, "a\"b\\c\nd\x01", 0, text);
    text[len] = '\0';
    assert_string_equal(text, "{\"amount\": {\"new\": 10.00, \"old\": 20.00}, \"modified_at\": "
                              "\"1970-01-01T00:00:00+00:00\", \"modified_by\": "
                              "\"a\\\"b\\\\c\\nd\\u0001\"}");
}

static void a_new_amount_is_read_only_where_it_stands(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "{}",
                                        "{\"amount\": {\"new\": ",
                                        "{\"amount\": {\"new\": 5",
                                        "{\"amount\": {\"new\": x, \"old\": 5}",
                                        "{\"amount\": {\"old\": 5, \"new\": 5}"};
    for (size_t c = 0; c < sizeof texts / sizeof texts[0]; c++) {
        uint32_t cents;
        assert_false(change_info_new_cents(texts[c], strlen(texts[c]), &cents));
    }
}

static bool parses(const char *text, int64_t *us)
{
    return timestamp_parse(text, strlen(text), ' ', us);
}

static void timestamps_are_read_as_postgres_writes_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        {"1970-01-01 00:00:00", 0},
        {"2000-01-01 00:00:00", INT64_C(946684800000000)},
        {"2024-02-29 23:59:59.5", INT64_C(1709251199500000)},
        {"2026-11-22 12:46:31.789283", RECORDED_US},
        {"1969-12-31 23:59:59.999999", -1},
    };
    for (size_t c = 0; c < sizeof cases / sizeof cases[0]; c++) {
        int64_t us;
        assert_true(parses(cases[c].text, &us));
        assert_int_equal(us, cases[c].us);
        char text[TIMESTAMP_TEXT_MAX];
        assert_int_equal(timestamp_write(us, ' ', text), strlen(cases[c].text));
        assert_memory_equal(text, cases[c].text, strlen(cases[c].text));
    }
}

static void what_postgres_would_not_write_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "2026-11-22",
        "2026-11-22 12:46:3",
        "2026-11-22T12:46:31",
        "2026-11-22 12:46:31.",
        "2026-11-22 12:46:31.0",
        "2026-11-22 12:46:31.780",
        "2026-11-22 12:46:31.7892831",
        "2026-11-22 12:46:31.7x1",
        "2026-11-22 12:46:31,789",
        "2026-11-22 12:46:31 ",
        "2026-11-22 12:46:61",
        "2026-11-22 12:60:31",
        "2026-11-22 24:46:31",
        "2026-13-22 12:46:31",
        "2026-00-22 12:46:31",
        "2026-11-31 12:46:31",
        "2026-11-00 12:46:31",
        "2025-02-29 12:46:31",
        "0000-11-22 12:46:31",
        "2026-11-22 12:46:31.789283+00",
    };
    for (size_t c = 0; c < sizeof texts / sizeof texts[0]; c++) {
        int64_t us;
        assert_false(parses(texts[c], &us));
    }
}

static void every_time_leads_back_to_itself(void **state)
{
    (void)state;
    for (uint64_t k = 0; k < 20000; k++) {
        int64_t us =
            (int64_t)(hash_word(5, k) % UINT64_C(8000000000000000)) - INT64_C(2000000000000000);
        us -= k % 3 == 0 ? us % 1000 : 0;
        char text[TIMESTAMP_TEXT_MAX + 1] = {0}, expected[32];
        timestamp_write(us, ' ', text);
        int64_t back;
        assert_true(parses(text, &back));
        assert_int_equal(back, us);
        time_t second = (time_t)((us - (us % 1000000 + 1000000) % 1000000) / 1000000);
        struct tm tm;
        gmtime_r(&second, &tm);
        strftime(expected, sizeof expected, "%Y-%m-%d %H:%M:%S", &tm);
        assert_memory_equal(text, expected, strlen(expected));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recorded_change_info_is_read_and_written_byte_for_byte),
        cmocka_unit_test(a_change_info_with_any_byte_changed_does_not_match_or_has_another_time),
        cmocka_unit_test(a_users_name_is_escaped_as_json),
        cmocka_unit_test(a_new_amount_is_read_only_where_it_stands),
        cmocka_unit_test(timestamps_are_read_as_postgres_writes_them),
        cmocka_unit_test(what_postgres_would_not_write_is_refused),
        cmocka_unit_test(every_time_leads_back_to_itself),
    };
    return cmocka_run_group_tests(tests, make_end, NULL);
}
