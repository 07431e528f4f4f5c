/* The beaten path: a reader that has read a topic's messages before reads the next one as a reader
 * that sees it first does, whatever stands in it; and it does walk the path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kafka/envelope_files.h"
#include "kafka/envelope_same.h"
#include "kafka/format/envelope_path.h"

static const char *const events[] = {
    "noschema_FULL_c",    "noschema_FULL_u",    "noschema_FULL_u2", "noschema_FULL_d",
    "noschema_FULL_r",    "schema_FULL_c",      "schema_FULL_u",    "schema_FULL_u2",
    "schema_FULL_d",      "schema_FULL_r",      "schema_DEFAULT_u", "schema_DEFAULT_d",
    "noschema_DEFAULT_u", "noschema_DEFAULT_d",
};
enum { N_EVENTS = sizeof events / sizeof *events };

static message_t keys[N_EVENTS], values[N_EVENTS];

static int load(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EVENTS; i++)
        message_load_event(events[i], &keys[i], &values[i]);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    for (size_t i = 0; i < N_EVENTS; i++) {
        free(keys[i].bytes);
        free(values[i].bytes);
    }
    return 0;
}

static bool read_value(envelope_reader_t *with, message_t value, envelope_t *out)
{
    return envelope_read(with, NULL, 0, value.bytes, value.len, out, NULL);
}

/* Read by `used`, which knows other messages, and by one that knows none. */
static void assert_read_alike(envelope_reader_t *used, message_t value)
{
    envelope_t by_used, by_fresh;
    envelope_reader_t *fresh = envelope_reader_new(NULL);
    assert_non_null(fresh);
    bool read = read_value(fresh, value, &by_fresh);
    assert_int_equal(read_value(used, value, &by_used), read);
    if (read && !envelope_same(&by_used, &by_fresh))
        fail_msg("read in two ways: %.*s", (int)value.len, value.bytes);
    envelope_reader_free(fresh);
}

static void what_was_read_before_does_not_show(void **state)
{
    (void)state;
    for (size_t first = 0; first < N_EVENTS; first++)
        for (size_t second = 0; second < N_EVENTS; second++) {
            envelope_reader_t *used = envelope_reader_new(NULL);
            envelope_t envelope;
            assert_true(read_value(used, values[first], &envelope));
            for (int again = 0; again < 3; again++)
                assert_read_alike(used, values[second]);
            assert_read_alike(used, values[first]);
            envelope_reader_free(used);
        }
}

/* What a byte is changed to: what means something in JSON, and what does not. */
static const char others[] = {'"', '\\', ',', '}', '{', ']', '0',
                              '7', '.',  'e', '-', ' ', 'x', '\0'};

static void a_byte_that_is_changed_is_seen_by_both_alike(void **state)
{
    (void)state;
    static const size_t looked_at[] = {0, 1, 3}; /* FULL: c, u, d */
    for (size_t e = 0; e < sizeof looked_at / sizeof *looked_at; e++) {
        message_t right = values[looked_at[e]], changed = message_of(right.bytes, right.len);
        envelope_reader_t *used = envelope_reader_new(NULL);
        assert_read_alike(used, right);
        for (size_t at = 0; at < right.len; at++) {
            for (size_t o = 0; o < sizeof others; o++) {
                changed.bytes[at] = others[o];
                assert_read_alike(used, changed);
            }
            changed.bytes[at] = right.bytes[at];
            assert_read_alike(used, right); /* back on the path */
        }
        free(changed.bytes);
        envelope_reader_free(used);
    }
}

static void a_byte_more_or_less_is_seen_by_both_alike(void **state)
{
    (void)state;
    message_t right = values[1];
    envelope_reader_t *used = envelope_reader_new(NULL);
    assert_read_alike(used, right);
    for (size_t at = 0; at < right.len; at++) {
        message_t cut = message_of(right.bytes, at);
        assert_read_alike(used, cut);
        free(cut.bytes);
        message_t shorter = message_of(right.bytes, right.len - 1);
        memcpy(shorter.bytes + at, right.bytes + at + 1, right.len - at - 1);
        assert_read_alike(used, shorter);
        free(shorter.bytes);
        char longer[4096];
        memcpy(longer, right.bytes, at);
        longer[at] = right.bytes[at];
        memcpy(longer + at + 1, right.bytes + at, right.len - at);
        message_t doubled = message_of(longer, right.len + 1);
        assert_read_alike(used, doubled);
        free(doubled.bytes);
        assert_read_alike(used, right);
    }
    envelope_reader_free(used);
}

/* Learns rows and path of a payload without schema, as the general reader does. */
static void learn(envelope_path_t *path, row_reader_t rows[ROW_KINDS], message_t value, char *room,
                  size_t room_bytes)
{
    static const envelope_schema_t no_schema;
    json_reader_t json;
    json_value_t name, unused;
    envelope_row_t row;
    bool first = true;
    json_begin(&json, value.bytes, value.len, room, room_bytes);
    assert_true(json_enter(&json, '{'));
    while (json_member(&json, &first, &name)) {
        row_kind_t kind = json_is(&name, "before") ? ROW_BEFORE : ROW_AFTER;
        bool is_row =
            (json_is(&name, "before") || json_is(&name, "after")) && json_peek(&json) == '{';
        assert_true(is_row ? row_read(&rows[kind], kind, &json, &no_schema, &row)
                           : json_value(&json, &unused));
    }
    envelope_path_learn(path, value.bytes, &json);
}

static void the_path_of_one_message_leads_through_the_others(void **state)
{
    (void)state;
    static const envelope_schema_t no_schema;
    static envelope_path_t path;
    static row_reader_t rows[ROW_KINDS];
    static char room[65536];
    learn(&path, rows, values[1], room, sizeof room);
    for (size_t i = 0; i < 4; i++) {
        json_reader_t json;
        envelope_t walked = {0}, read;
        envelope_reader_t *fresh = envelope_reader_new(NULL);
        json_begin(&json, values[i].bytes, values[i].len, room, sizeof room);
        bool on_path = envelope_path_walk(&path, rows, &no_schema, &json, &walked);
        /* The create is of the connector's first transaction: it has no commit before it. */
        assert_int_equal(on_path, i > 0);
        assert_true(read_value(fresh, values[i], &read));
        if (on_path)
            assert_true(json_finish(&json) && envelope_same(&walked, &read));
        envelope_reader_free(fresh);
    }
    envelope_path_free(&path);
    for (size_t kind = 0; kind < ROW_KINDS; kind++)
        row_reader_free(&rows[kind]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_before_does_not_show),
        cmocka_unit_test(a_byte_that_is_changed_is_seen_by_both_alike),
        cmocka_unit_test(a_byte_more_or_less_is_seen_by_both_alike),
        cmocka_unit_test(the_path_of_one_message_leads_through_the_others),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
