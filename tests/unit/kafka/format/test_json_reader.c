#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "kafka/format/json_names.h"
#include "kafka/format/json_reader.h"

static char room[4096];
static char *held;

static int drop(void **state)
{
    (void)state;
    free(held);
    held = NULL;
    return 0;
}

/* Begins to read a copy of exactly that length. */
static void begin(json_reader_t *json, const char *text, size_t len)
{
    free(held);
    held = malloc(len > 0 ? len : 1);
    assert_non_null(held);
    memcpy(held, text, len);
    json_begin(json, held, len, room, sizeof room);
}

static bool read_value(const char *text, json_value_t *out)
{
    json_reader_t json;
    begin(&json, text, strlen(text));
    bool read = json_value(&json, out) && json_finish(&json);
    assert_int_equal(read, json.problem == NULL);
    return read;
}

static void assert_read(const char *text, json_kind_t kind, const char *content)
{
    json_value_t value;
    if (!read_value(text, &value))
        fail_msg("not read: %s", text);
    assert_int_equal(value.kind, kind);
    assert_int_equal(value.len, strlen(content));
    assert_memory_equal(value.bytes, content, value.len);
}

static void assert_refused(const char *text)
{
    json_value_t value;
    if (read_value(text, &value))
        fail_msg("read: %s", text);
}

/* ---- strings --------------------------------------------------------------------------------- */

static void a_plain_string_is_read_in_place(void **state)
{
    (void)state;
    json_reader_t json;
    json_value_t value;
    begin(&json, "\"Genève\"", strlen("\"Genève\""));
    assert_true(json_value(&json, &value));
    assert_ptr_equal(value.bytes, held + 1);
    assert_read("\"\"", JSON_KIND_STRING, "");
    assert_read("\"\x7f\xff\"", JSON_KIND_STRING, "\x7f\xff");
}

static void each_escape_is_read(void **state)
{
    (void)state;
    assert_read("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", JSON_KIND_STRING, "\"\\/\b\f\n\r\t");
    assert_read("\"\\u0041\\u00e9\\u00E9\\u20ac\\uffff\"", JSON_KIND_STRING, "Aéé€\xef\xbf\xbf");
    assert_read("\"\\ud83d\\ude00\\uD800\\uDC00\\udbff\\udfff\"", JSON_KIND_STRING,
                "\U0001F600\xf0\x90\x80\x80\xf4\x8f\xbf\xbf");
}

/* An escape at every place of strings around the eight bytes that are taken at once. */
static void an_escape_may_stand_anywhere(void **state)
{
    (void)state;
    for (size_t len = 1; len <= 40; len++) {
        for (size_t at = 0; at < len; at++) {
            char text[64], expected[64];
            memset(expected, 'x', len);
            expected[at] = '\n';
            expected[len] = '\0';
            snprintf(text, sizeof text, "\"%.*s\\n%.*s\"", (int)at, expected, (int)(len - at - 1),
                     expected + at + 1);
            assert_read(text, JSON_KIND_STRING, expected);
        }
    }
}

static void several_unescaped_strings_stand_side_by_side(void **state)
{
    (void)state;
    json_reader_t json;
    json_value_t one, two;
    bool first = true;
    const char *text = "[\"a\\tb\",\"c\\td\"]";
    begin(&json, text, strlen(text));
    assert_true(json_enter(&json, '['));
    assert_true(json_item(&json, &first) && json_value(&json, &one));
    assert_true(json_item(&json, &first) && json_value(&json, &two));
    assert_false(json_item(&json, &first));
    assert_true(json_finish(&json));
    assert_memory_equal(one.bytes, "a\tb", 3);
    assert_memory_equal(two.bytes, "c\td", 3);
}

static void a_broken_string_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "\"",
        "\"x",
        "\"12345678",
        "\"\\",
        "\"\\\"",
        "\"\\x\"",
        "\"\\0\"",
        "\"\\\xff\"",
        "\"\\u\"",
        "\"\\u123\"",
        "\"\\u12g4\"",
        "\"\\u-123\"",
        "\"\\ud83d\"",
        "\"\\ud83dx\"",
        "\"\\ud83d\\n12345\"",
        "\"\\ude00\"",
        "\"\\ud83d\\u0041\"",
        "\"\\ud83d\\ud83d\"",
        "\"a\nb\"",
        "\"\x01\"",
        "\"1234567\t\"",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_refused(texts[i]);
}

static void unescaping_stays_inside_of_its_room(void **state)
{
    (void)state;
    json_reader_t json;
    json_value_t value;
    const char *text = "\"a\\tb\"";
    begin(&json, text, strlen(text));
    json.room_end = json.room + 4;
    assert_false(json_value(&json, &value));
    assert_non_null(strstr(json.problem, "room"));
}

/* ---- other values ---------------------------------------------------------------------------- */

static void words_and_numbers_are_read_as_they_stand(void **state)
{
    (void)state;
    json_value_t value;
    assert_true(read_value("null", &value));
    assert_int_equal(value.kind, JSON_KIND_NULL);
    assert_null(value.bytes);
    assert_read(" true ", JSON_KIND_BOOL, "true");
    assert_read("false", JSON_KIND_BOOL, "false");
    assert_read("0", JSON_KIND_INTEGER, "0");
    assert_read("-0", JSON_KIND_INTEGER, "-0");
    assert_read("1795351580247183000", JSON_KIND_INTEGER, "1795351580247183000");
    assert_read("123456789012345678901234567890", JSON_KIND_INTEGER,
                "123456789012345678901234567890");
    assert_read("0.5", JSON_KIND_NUMBER, "0.5");
    assert_read("-1.25e-10", JSON_KIND_NUMBER, "-1.25e-10");
    assert_read("1E+5", JSON_KIND_NUMBER, "1E+5");
}

static void what_is_no_value_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",    " ",     "nul", "nulL", "tru",    "True", "falsy",    "-",   "+1",
        "01",  "00",    "1.",  ".5",   "1e",     "1e+",  "1.e5",     "--1", "0x10",
        "NaN", "'a'",   "}",   "]",    ",",      ":",    "\x01",     "<>",  "1 2",
        "1a",  "nullx", "[}",  "{]",   "{\"a\"", "[[]",  "{\"a\":[}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_refused(texts[i]);
    json_reader_t json;
    json_value_t value;
    begin(&json, "\0", 1);
    assert_false(json_value(&json, &value));
}

static void a_container_is_passed_over_by_its_brackets(void **state)
{
    (void)state;
    assert_read("{\"a\":[1,{\"b\":\"]}\\\"\"}]}", JSON_KIND_OBJECT,
                "{\"a\":[1,{\"b\":\"]}\\\"\"}]}");
    assert_read("[<>]", JSON_KIND_ARRAY, "[<>]");
    assert_read("{}", JSON_KIND_OBJECT, "{}");
}

static void containers_may_be_as_deep_as_the_bound(void **state)
{
    (void)state;
    char text[4 * JSON_DEPTH_MAX];
    for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
        int len = 0;
        for (int i = 0; i < depth; i++)
            text[len++] = i % 2 ? '{' : '[';
        for (int i = depth; i-- > 0;)
            text[len++] = i % 2 ? '}' : ']';
        text[len] = '\0';
        json_value_t value;
        assert_int_equal(read_value(text, &value), depth == JSON_DEPTH_MAX);
    }
}

static void digits_become_numbers_unless_they_are_too_many(void **state)
{
    (void)state;
    static const struct {
        const char *digits;
        bool is_uint64, is_int64;
        uint64_t value;
    } numbers[] = {
        {"0", true, true, 0},
        {"7", true, true, 7},
        {"12345678", true, true, 12345678},
        {"123456789", true, true, 123456789},
        {"1795351580247183000", true, true, 1795351580247183000},
        {"9223372036854775807", true, true, INT64_MAX},
        {"9223372036854775808", true, false, (uint64_t)INT64_MAX + 1},
        {"9999999999999999999", true, false, UINT64_C(9999999999999999999)},
        {"18446744073709551615", true, false, UINT64_MAX},
        {"18446744073709551616", false, false, 0},
        {"99999999999999999999999", false, false, 0},
        {"-9223372036854775808", false, true, (uint64_t)INT64_MIN},
        {"-9223372036854775809", false, false, 0},
        {"-1", false, true, UINT64_MAX},
        {"", false, false, 0},
        {"-", false, false, 0},
        {"12:4", false, false, 0},
        {"1234567/", false, false, 0},
        {"1234567812345678x", false, false, 0},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        uint64_t natural;
        int64_t whole;
        size_t len = strlen(numbers[i].digits);
        char *digits = malloc(len > 0 ? len : 1);
        assert_non_null(digits);
        memcpy(digits, numbers[i].digits, len);
        assert_int_equal(json_uint64(digits, len, &natural), numbers[i].is_uint64);
        if (numbers[i].is_uint64)
            assert_int_equal(natural, numbers[i].value);
        assert_int_equal(json_int64(digits, len, &whole), numbers[i].is_int64);
        if (numbers[i].is_int64)
            assert_int_equal((uint64_t)whole, numbers[i].value);
        free(digits);
    }
}

/* ---- members --------------------------------------------------------------------------------- */

/* Reads the members of an object, with remembered names or without; their number, −1: refused. */
static int count_members(const char *text, json_names_t *names)
{
    json_reader_t json;
    json_value_t name, value;
    bool first = true;
    int n = 0;
    begin(&json, text, strlen(text));
    if (!(names ? json_names_enter(names, &json) : json_enter(&json, '{')))
        return -1;
    while (names ? json_names_next(names, &json) != NULL : json_member(&json, &first, &name)) {
        if (!json_value(&json, &value))
            return -1;
        n++;
    }
    return !json.problem && json_finish(&json) ? n : -1;
}

static void members_are_read_alike_with_remembered_names_and_without(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int members;
    } objects[] = {
        {"{}", 0},
        {" { } ", 0},
        {"{\"a\":1}", 1},
        {"{\"a\":1,\"b\":2}", 2},
        {"{ \"a\" : 1 , \"b\" : 2 }", 2},
        {"{\"a\":1,\"b\":2,\"c\":{}}", 3},
        {"{\"a\":1,}", -1},
        {"{,\"a\":1}", -1},
        {"{\"a\":1 \"b\":2}", -1},
        {"{\"a\" 1}", -1},
        {"{\"a\"}", -1},
        {"{a:1}", -1},
        {"{1:1}", -1},
        {"{\"a\":}", -1},
        {"{\"a\":1,,\"b\":2}", -1},
        {"{\"a\":1]", -1},
        {"{\"a\":1", -1},
        {"{\"a\":1,", -1},
        {"{\"a\":1,\"b", -1},
        {"{", -1},
        {"", -1},
        {"[]", -1},
    };
    json_names_t names = {0};
    for (size_t round = 0; round < 3; round++) {
        for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
            /* Before each, what is remembered is of another object. */
            assert_int_equal(count_members(objects[i].text, NULL), objects[i].members);
            assert_int_equal(count_members(objects[i].text, &names), objects[i].members);
            assert_int_equal(count_members("{\"a\":1,\"b\":2}", &names), 2);
            assert_int_equal(count_members(objects[i].text, &names), objects[i].members);
            assert_int_equal(count_members(objects[i].text, &names), objects[i].members);
        }
    }
    json_names_free(&names);
}

static void nothing_is_read_after_a_problem(void **state)
{
    (void)state;
    json_reader_t json;
    json_value_t value;
    begin(&json, "[1,2]", 5);
    assert_true(json_enter(&json, '['));
    assert_false(json_fail(&json, "enough"));
    assert_false(json_value(&json, &value));
    assert_false(json_finish(&json));
    assert_int_equal(json_peek(&json), '\0');
    assert_string_equal(json.problem, "enough");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_plain_string_is_read_in_place, drop),
        cmocka_unit_test_teardown(each_escape_is_read, drop),
        cmocka_unit_test_teardown(an_escape_may_stand_anywhere, drop),
        cmocka_unit_test_teardown(several_unescaped_strings_stand_side_by_side, drop),
        cmocka_unit_test_teardown(a_broken_string_is_refused, drop),
        cmocka_unit_test_teardown(unescaping_stays_inside_of_its_room, drop),
        cmocka_unit_test_teardown(words_and_numbers_are_read_as_they_stand, drop),
        cmocka_unit_test_teardown(what_is_no_value_is_refused, drop),
        cmocka_unit_test_teardown(a_container_is_passed_over_by_its_brackets, drop),
        cmocka_unit_test_teardown(containers_may_be_as_deep_as_the_bound, drop),
        cmocka_unit_test_teardown(digits_become_numbers_unless_they_are_too_many, drop),
        cmocka_unit_test_teardown(members_are_read_alike_with_remembered_names_and_without, drop),
        cmocka_unit_test_teardown(nothing_is_read_after_a_problem, drop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
