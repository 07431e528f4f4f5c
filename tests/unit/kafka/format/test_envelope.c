#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "kafka/envelope_reading.h"

/* ---- the recorded messages, held against another JSON parser --------------------------------- */

static void assert_same_value(const envelope_field_t *field, const json_t *value)
{
    char digits[32];
    switch (json_typeof(value)) {
    case JSON_NULL:
        assert_int_equal(field->kind, ENVELOPE_NULL);
        assert_null(field->value.bytes);
        break;
    case JSON_STRING:
        assert_int_equal(field->kind, ENVELOPE_STRING);
        assert_int_equal(field->value.len, json_string_length(value));
        assert_memory_equal(field->value.bytes, json_string_value(value), field->value.len);
        break;
    case JSON_INTEGER:
        assert_int_equal(field->kind, ENVELOPE_INTEGER);
        snprintf(digits, sizeof digits, "%lld", json_integer_value(value));
        assert_string_equal(say(field->value), digits);
        break;
    default:
        fail_msg("the recorded messages have no such value");
    }
}

/* jansson keeps the members of an object in their order. */
static void assert_same_row(const envelope_row_t *row, json_t *object)
{
    const char *name;
    json_t *value;
    uint32_t i = 0;
    assert_int_equal(row->present, json_is_object(object));
    assert_int_equal(row->n, json_object_size(object));
    json_object_foreach(object, name, value)
    {
        assert_string_equal(say(row->fields[i].name), name);
        assert_same_value(&row->fields[i++], value);
    }
}

static void assert_same_text(slice_t slice, json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    assert_int_equal(slice.bytes != NULL, text != NULL);
    assert_string_equal(say(slice), text ? text : "");
}

static void assert_same_time(const envelope_time_t *time, json_t *object)
{
    assert_int_equal(time->ms, json_integer_value(json_object_get(object, "ts_ms")));
    assert_int_equal(time->us, json_integer_value(json_object_get(object, "ts_us")));
    assert_int_equal(time->ns, json_integer_value(json_object_get(object, "ts_ns")));
}

static void assert_same_source(const envelope_source_t *source, json_t *object)
{
    assert_same_text(source->version, object, "version");
    assert_same_text(source->connector, object, "connector");
    assert_same_text(source->name, object, "name");
    assert_same_text(source->db, object, "db");
    assert_same_text(source->schema, object, "schema");
    assert_same_text(source->table, object, "table");
    assert_same_text(source->snapshot, object, "snapshot");
    assert_int_equal(source->lsn, json_integer_value(json_object_get(object, "lsn")));
    assert_int_equal(source->txid, json_integer_value(json_object_get(object, "txId")));
    assert_same_time(&source->time, object);
    json_t *sequence = json_loads(json_string_value(json_object_get(object, "sequence")), 0, NULL);
    const char *last = json_string_value(json_array_get(sequence, 0));
    const char *lsn = json_string_value(json_array_get(sequence, 1));
    assert_int_equal(source->last_commit_lsn, last ? strtoull(last, NULL, 10) : 0);
    assert_int_equal(source->sequence_lsn, lsn ? strtoull(lsn, NULL, 10) : 0);
    json_decref(sequence);
}

static json_t *parse(message_t message)
{
    json_t *whole = json_loadb(message.bytes, message.len, 0, NULL);
    assert_non_null(whole);
    json_t *payload = json_object_get(whole, "payload");
    json_t *used = json_incref(payload ? payload : whole);
    json_decref(whole);
    return used;
}

static void assert_read_as_recorded(const char *event, envelope_op_t op)
{
    message_t key, value;
    message_load_event(event, &key, &value);
    read_with(reader, key, value);
    json_t *expected_key = parse(key);
    assert_int_equal(envelope.op, op);
    assert_same_row(&envelope.key, expected_key);
    assert_int_equal(envelope.key.n, 1);
    json_decref(expected_key);
    if (op != ENVELOPE_TOMBSTONE) {
        json_t *expected = parse(value);
        assert_int_equal(envelope.with_schema, strncmp(event, "schema", 6) == 0);
        assert_false(envelope.flattened);
        assert_same_row(&envelope.before, json_object_get(expected, "before"));
        assert_same_row(&envelope.after, json_object_get(expected, "after"));
        assert_int_equal(envelope.before.n + envelope.after.n > 0, true);
        assert_same_source(&envelope.source, json_object_get(expected, "source"));
        assert_same_time(&envelope.time, expected);
        assert_null(envelope.transaction.id.bytes);
        json_decref(expected);
    }
    free(key.bytes);
    free(value.bytes);
}

static const struct {
    const char *name;
    envelope_op_t op;
} recorded[] = {
    {"r", ENVELOPE_READ},    {"c", ENVELOPE_CREATE}, {"u", ENVELOPE_UPDATE},
    {"u2", ENVELOPE_UPDATE}, {"d", ENVELOPE_DELETE}, {"tombstone", ENVELOPE_TOMBSTONE},
};
static const char *const forms[] = {"schema_FULL", "schema_DEFAULT", "noschema_FULL",
                                    "noschema_DEFAULT"};
enum {
    N_RECORDED = sizeof recorded / sizeof recorded[0],
    N_FORMS = sizeof forms / sizeof forms[0]
};

/* Each form three times over with one reader: first unknown, then remembered, then another again.
 */
static void every_recorded_message_is_read_as_another_parser_reads_it(void **state)
{
    (void)state;
    char event[64];
    for (size_t i = 0; i < (size_t)3 * N_FORMS * N_RECORDED; i++) {
        const char *form = forms[i / N_RECORDED % N_FORMS];
        snprintf(event, sizeof event, "%s_%s", form, recorded[i % N_RECORDED].name);
        assert_read_as_recorded(event, recorded[i % N_RECORDED].op);
    }
    for (size_t i = 0; i < (size_t)2 * N_FORMS * N_RECORDED; i++) {
        snprintf(event, sizeof event, "%s_%s", forms[i % N_FORMS],
                 recorded[i / N_FORMS % N_RECORDED].name);
        assert_read_as_recorded(event, recorded[i / N_FORMS % N_RECORDED].op);
    }
}

static void assert_described_side(const envelope_row_t *row, const char *amount)
{
    static const char *const texts[][2] = {
        {"transaction_id", "d8f43e1b-b455-4d06-b584-abde67fb2fbc"},
        {"user_id", "ysmith"},
        {"currency", "USD"},
        {"city", "Dunnchester"},
        {"country", "Chad"},
        {"merchant_name", "Jones, King and Jimenez"},
        {"payment_method", "credit_card"},
        {"ip_address", "16.221.100.144"},
        {"voucher_code", ""},
        {"affiliateid", "a28ff411-757d-4650-93bd-e7e64843ded4"},
        {"modified_by", "postgres"},
    };
    assert_int_equal(row->n, 15);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_column(row, texts[i][0], ENVELOPE_STRING, texts[i][1]);
    assert_column(row, "timestamp", ENVELOPE_INTEGER, "1712661619000000");
    assert_column(row, "modified_at", ENVELOPE_INTEGER, "1712756202812726");
    assert_column(row, "amount", ENVELOPE_STRING, amount);
}

static void the_message_of_the_description_is_read_field_for_field(void **state)
{
    (void)state;
    message_t value = message_load("described.json");
    for (int again = 0; again < 2; again++) {
        read_with(reader, (message_t){0}, value);
        assert_int_equal(envelope.op, ENVELOPE_UPDATE);
        assert_true(envelope.with_schema);
        assert_false(envelope.key.present);
        assert_described_side(&envelope.before, "663.05");
        assert_column(&envelope.before, "change_info", ENVELOPE_NULL, "");
        assert_described_side(&envelope.after, "1000");
        assert_column(&envelope.after, "change_info", ENVELOPE_STRING,
                      "{\"amount\": {\"new\": 1000, \"old\": 663.05}, \"modified_at\": "
                      "\"2024-04-10T14:03:26.387745+00:00\", \"modified_by\": \"postgres\"}");
        const envelope_source_t *source = &envelope.source;
        assert_string_equal(say(source->version), "2.5.0.Final");
        assert_string_equal(say(source->connector), "postgresql");
        assert_string_equal(say(source->name), "cdc");
        assert_string_equal(say(source->snapshot), "false");
        assert_string_equal(say(source->db), "financial_db");
        assert_string_equal(say(source->schema), "public");
        assert_string_equal(say(source->table), "transactions");
        assert_int_equal(source->time.ms, 1712757806395);
        assert_int_equal(source->time.us, 0);
        assert_int_equal(source->last_commit_lsn, 26959464);
        assert_int_equal(source->sequence_lsn, 26962024);
        assert_int_equal(source->txid, 767);
        assert_int_equal(source->lsn, 26962024);
        assert_int_equal(envelope.time.ms, 1712757806489);
        assert_null(envelope.transaction.id.bytes);
    }
    free(value.bytes);
}

/* ---- what is remembered ---------------------------------------------------------------------- */

static void the_version_of_the_names_rises_only_when_they_change(void **state)
{
    (void)state;
    read_text("", CHANGE("\"a\":1,\"b\":2"));
    uint64_t version = envelope.after.names_version;
    read_text("", CHANGE("\"a\":\"\\\"\",\"b\":null"));
    assert_int_equal(envelope.after.names_version, version);
    static const char *const others[] = {
        CHANGE("\"b\":1,\"a\":2"),          CHANGE("\"a\":1"),
        CHANGE("\"a\":1,\"b\":2"),          CHANGE("\"a\":1,\"b\":2,\"c\":3"),
        CHANGE("\"a\":1,\"bb\":2,\"c\":3"), CHANGE("")};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        read_text("", others[i]);
        assert_true(envelope.after.names_version > version);
        version = envelope.after.names_version;
    }
}

static void rows_of_different_places_never_share_a_version(void **state)
{
    (void)state;
    read_text("{\"a\":1}", "{\"before\":{\"a\":1},\"after\":{\"a\":1}," SOURCE ",\"op\":\"u\"}");
    uint64_t key = envelope.key.names_version, before = envelope.before.names_version,
             after = envelope.after.names_version;
    read_text("", "{\"a\":1}");
    uint64_t flat = envelope.after.names_version;
    assert_true(key != before && key != after && key != flat);
    assert_true(before != after && before != flat && after != flat);
}

static void names_with_escapes_are_remembered_by_what_they_say(void **state)
{
    (void)state;
    for (int again = 0; again < 2; again++) {
        read_text("", CHANGE("\"a\\\"b\":1,\"\\u00e9\":2,\"\":3"));
        assert_column(&envelope.after, "a\"b", ENVELOPE_INTEGER, "1");
        assert_column(&envelope.after, "é", ENVELOPE_INTEGER, "2");
        assert_column(&envelope.after, "", ENVELOPE_INTEGER, "3");
    }
}

/* One byte at a time is made another: with the last message in mind it must be read, or refused, as
 * it is by a reader that remembers nothing. */
static void what_is_remembered_never_shows(void **state)
{
    (void)state;
    static const char text[] = "{\"schema\":{\"a\":[1,2]},\"payload\":{\"id\":1,\"b\":\"x\"}}";
    for (size_t i = 0; i < sizeof text - 1; i++) {
        message_t message = message_of(text, sizeof text - 1);
        envelope_t fresh;
        envelope_reader_t *forgetful = envelope_reader_new(NULL);
        read_with(reader, (message_t){0}, message);
        message.bytes[i] = message.bytes[i] == '!' ? '?' : '!';
        bool with = envelope_read(reader, NULL, 0, message.bytes, message.len, &envelope, NULL);
        bool without = envelope_read(forgetful, NULL, 0, message.bytes, message.len, &fresh, NULL);
        assert_int_equal(with, without);
        if (with) {
            assert_int_equal(envelope.with_schema, fresh.with_schema);
            assert_int_equal(envelope.after.n, fresh.after.n);
            for (uint32_t c = 0; c < fresh.after.n; c++) {
                const envelope_field_t *field = &fresh.after.fields[c];
                assert_column(&envelope.after, say(field->name), field->kind, say(field->value));
            }
        }
        envelope_reader_free(forgetful);
        free(message.bytes);
    }
}

/* ---- what is not right ----------------------------------------------------------------------- */

static void a_value_of_the_wrong_type_is_named(void **state)
{
    (void)state;
    assert_refused("{\"op\":\"c\",\"source\":{\"lsn\":\"7\"}}", "lsn");
    assert_refused("{\"op\":\"c\",\"source\":{\"lsn\":-7}}", "lsn");
    assert_refused("{\"op\":\"c\",\"source\":{\"lsn\":7.5}}", "lsn");
    assert_refused("{\"op\":\"c\",\"source\":{\"lsn\":18446744073709551616}}", "lsn");
    assert_refused("{\"op\":\"c\",\"source\":{\"lsn\":99999999999999999999999999999}}", "lsn");
    assert_refused("{\"op\":\"c\",\"source\":{\"ts_ms\":9223372036854775808}}", "ts_ms");
    assert_refused("{\"op\":\"c\",\"source\":{\"table\":7}}", "table");
    assert_refused("{\"op\":\"c\",\"source\":{},\"before\":7}", "before");
    assert_refused("{\"op\":\"c\",\"source\":{},\"after\":[]}", "after");
    assert_refused("{\"op\":\"c\",\"source\":{},\"transaction\":\"x\"}", "transaction");
    assert_refused("{\"id\":1,\"__deleted\":\"yes\"}", "__deleted");
    assert_refused("{\"id\":1,\"__op\":7}", "op");
    static const char *const sequences[] = {"7",
                                            "\"\"",
                                            "\"[]\"",
                                            "\"[null]\"",
                                            "\"[1,2]\"",
                                            "\"[null,null,null]\"",
                                            "\"[null,null\"",
                                            "\"[\\\"x\\\",null]\"",
                                            "\"{}\""};
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        char value[96];
        snprintf(value, sizeof value, "{\"op\":\"c\",\"source\":{\"sequence\":%s}}", sequences[i]);
        assert_refused(value, "sequence");
    }
    assert_refused("7", "object");
    assert_refused("[]", "object");
    assert_refused("{\"schema\":{},\"payload\":\"x\"}", "object");
}

static void a_name_that_stands_twice_is_refused(void **state)
{
    (void)state;
    assert_refused(CHANGE("\"a\":1,\"b\":2,\"a\":3"), "twice");
    assert_refused(CHANGE("\"a\":1,\"\\u0061\":3"), "twice");
    assert_refused("{\"op\":\"c\"," SOURCE "," SOURCE "}", "twice");
    assert_refused("{\"id\":1,\"id\":1}", "twice");
    /* Also when what was remembered would have matched: a, b was read before. */
    read_text("", CHANGE("\"a\":1,\"b\":2"));
    assert_refused(CHANGE("\"b\":1,\"b\":2"), "twice");
}

static void what_follows_the_value_is_refused(void **state)
{
    (void)state;
    assert_refused("{\"id\":1} x", "follows");
    assert_refused("{\"id\":1}{", "follows");
    assert_refused("{\"schema\":{},\"payload\":{\"id\":1},\"more\":1}", "follows");
    assert_refused("{\"schema\":{},\"payload\":{\"id\":1}", "ends");
}

static void a_message_cut_anywhere_is_refused(void **state)
{
    (void)state;
    char event[64];
    for (size_t i = 0; i < (size_t)N_FORMS * N_RECORDED; i++) {
        message_t key, value;
        snprintf(event, sizeof event, "%s_%s", forms[i % N_FORMS], recorded[i / N_FORMS].name);
        message_load_event(event, &key, &value);
        for (size_t len = 1; len < value.len; len++) {
            err_t err = {0};
            message_t cut = message_of(value.bytes, len);
            if (envelope_read(reader, key.bytes, key.len, cut.bytes, len, &envelope, &err))
                fail_msg("%s, cut to %zu bytes, was read", event, len);
            assert_non_null(strstr(err.text, "value"));
            free(cut.bytes);
        }
        for (size_t len = 1; len < key.len; len++) {
            err_t err = {0};
            message_t cut = message_of(key.bytes, len);
            assert_false(
                envelope_read(reader, cut.bytes, len, value.bytes, value.len, &envelope, &err));
            assert_non_null(strstr(err.text, "key"));
            free(cut.bytes);
        }
        /* What was refused has left nothing behind. */
        read_with(reader, key, value);
        assert_int_equal(envelope.op, recorded[i / N_FORMS].op);
        free(key.bytes);
        free(value.bytes);
    }
}

static void a_row_may_have_as_many_columns_as_postgresql_allows(void **state)
{
    (void)state;
    for (unsigned n = ENVELOPE_COLUMNS_MAX; n <= ENVELOPE_COLUMNS_MAX + 1; n++) {
        static char value[ENVELOPE_COLUMNS_MAX * 16];
        size_t len = 0;
        for (unsigned i = 0; i < n; i++)
            len += (size_t)snprintf(value + len, sizeof value - len, "%c\"c%u\":%u",
                                    i == 0 ? '{' : ',', i, i);
        snprintf(value + len, sizeof value - len, "}");
        if (n > ENVELOPE_COLUMNS_MAX) {
            assert_refused(value, "too many");
        } else {
            read_text("", value);
            assert_int_equal(envelope.after.n, n);
            assert_column(&envelope.after, "c1663", ENVELOPE_INTEGER, "1663");
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(every_recorded_message_is_read_as_another_parser_reads_it),
        T(the_message_of_the_description_is_read_field_for_field),
        T(the_version_of_the_names_rises_only_when_they_change),
        T(rows_of_different_places_never_share_a_version),
        T(names_with_escapes_are_remembered_by_what_they_say),
        T(what_is_remembered_never_shows),
        T(a_value_of_the_wrong_type_is_named),
        T(a_name_that_stands_twice_is_refused),
        T(what_follows_the_value_is_refused),
        T(a_message_cut_anywhere_is_refused),
        T(a_row_may_have_as_many_columns_as_postgresql_allows),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
