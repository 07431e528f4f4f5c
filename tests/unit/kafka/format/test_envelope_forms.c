#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kafka/envelope_reading.h"

/* ---- envelopes ------------------------------------------------------------------------------- */

static void each_operation_has_its_letter(void **state)
{
    (void)state;
    static const struct {
        const char *letter;
        envelope_op_t op;
    } letters[] = {{"c", ENVELOPE_CREATE}, {"r", ENVELOPE_READ},     {"u", ENVELOPE_UPDATE},
                   {"d", ENVELOPE_DELETE}, {"t", ENVELOPE_TRUNCATE}, {"m", ENVELOPE_MESSAGE},
                   {"x", ENVELOPE_OTHER},  {"", ENVELOPE_OTHER},     {"cc", ENVELOPE_OTHER}};
    for (size_t i = 0; i < sizeof letters / sizeof letters[0]; i++) {
        char value[128];
        snprintf(value, sizeof value, "{\"op\":\"%s\"," SOURCE "}", letters[i].letter);
        read_text("", value);
        assert_int_equal(envelope.op, letters[i].op);
        assert_false(envelope.flattened);
    }
}

static void members_may_stand_in_any_order_with_space_between(void **state)
{
    (void)state;
    read_text("", " { \"op\" :\t\"u\" ,\r\n\"ts_ms\" : 12 , \"unheard_of\" : [ {\"]\":\"}\"} ] , "
                  "\"after\" : { \"a\" : 1 } , " SOURCE " } \n");
    assert_int_equal(envelope.op, ENVELOPE_UPDATE);
    assert_int_equal(envelope.time.ms, 12);
    assert_int_equal(envelope.source.lsn, 7);
    assert_false(envelope.before.present);
    assert_column(&envelope.after, "a", ENVELOPE_INTEGER, "1");
}

static void each_kind_of_value_is_told(void **state)
{
    (void)state;
    read_text("", CHANGE("\"n\":null,\"s\":\"x\",\"i\":-12,\"f\":663.05,\"e\":1.0E10,\"t\":true,"
                         "\"o\":{\"wkb\":\"A\",\"srid\":null},\"a\":[1,\"]\"],\"z\":0"));
    assert_int_equal(envelope.after.n, 9);
    assert_column(&envelope.after, "n", ENVELOPE_NULL, "");
    assert_column(&envelope.after, "s", ENVELOPE_STRING, "x");
    assert_column(&envelope.after, "i", ENVELOPE_INTEGER, "-12");
    assert_column(&envelope.after, "f", ENVELOPE_NUMBER, "663.05");
    assert_column(&envelope.after, "e", ENVELOPE_NUMBER, "1.0E10");
    assert_column(&envelope.after, "t", ENVELOPE_BOOL, "true");
    assert_column(&envelope.after, "o", ENVELOPE_RAW, "{\"wkb\":\"A\",\"srid\":null}");
    assert_column(&envelope.after, "a", ENVELOPE_RAW, "[1,\"]\"]");
    assert_column(&envelope.after, "z", ENVELOPE_INTEGER, "0");
}

static void an_empty_row_is_present_and_a_null_one_is_not(void **state)
{
    (void)state;
    read_text("", CHANGE(""));
    assert_true(envelope.after.present);
    assert_int_equal(envelope.after.n, 0);
    assert_false(envelope.before.present);
}

static void a_transaction_block_is_read(void **state)
{
    (void)state;
    read_text("", "{\"op\":\"c\"," SOURCE ",\"transaction\":{\"id\":\"767:26962024\","
                  "\"total_order\":3,\"data_collection_order\":2}}");
    assert_string_equal(say(envelope.transaction.id), "767:26962024");
    assert_int_equal(envelope.transaction.total_order, 3);
    assert_int_equal(envelope.transaction.data_collection_order, 2);
}

static void a_sequence_may_hold_nulls_or_be_null(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t last, lsn;
    } sequences[] = {{"\"[\\\"1\\\",\\\"18446744073709551615\\\"]\"", 1, UINT64_MAX},
                     {"\"[null,\\\"2\\\"]\"", 0, 2},
                     {"\"[\\\"3\\\",null]\"", 3, 0},
                     {"\"[ null , null ]\"", 0, 0},
                     {"null", 0, 0}};
    for (size_t i = 0; i < sizeof sequences / sizeof sequences[0]; i++) {
        char value[160];
        snprintf(value, sizeof value, "{\"op\":\"c\",\"source\":{\"sequence\":%s}}",
                 sequences[i].text);
        read_text("", value);
        assert_int_equal(envelope.source.last_commit_lsn, sequences[i].last);
        assert_int_equal(envelope.source.sequence_lsn, sequences[i].lsn);
    }
}

static void a_snapshot_is_told_by_its_operation_or_by_its_source(void **state)
{
    (void)state;
    read_text("", CHANGE("\"a\":1"));
    assert_false(envelope_is_snapshot(&envelope));
    read_text("", "{\"op\":\"r\",\"source\":{\"snapshot\":\"incremental\"}}");
    assert_true(envelope_is_snapshot(&envelope));
    read_text("", "{\"op\":\"c\",\"source\":{\"snapshot\":\"last\"}}");
    assert_true(envelope_is_snapshot(&envelope));
    read_text("", "{\"op\":\"r\",\"source\":{\"snapshot\":null}}");
    assert_true(envelope_is_snapshot(&envelope));
    read_text("", "{\"op\":\"u\",\"source\":{}}");
    assert_false(envelope_is_snapshot(&envelope));
}

static void a_time_is_taken_from_the_finest_that_there_is(void **state)
{
    (void)state;
    int64_t ns, unit_ns;
    envelope_time_t time = {.ms = 12};
    assert_true(envelope_time(&time, &ns, &unit_ns));
    assert_int_equal(ns, 12000000);
    assert_int_equal(unit_ns, 1000000);
    time.us = 12345;
    assert_true(envelope_time(&time, &ns, &unit_ns));
    assert_int_equal(ns, 12345000);
    assert_int_equal(unit_ns, 1000);
    time.ns = 12345678;
    assert_true(envelope_time(&time, &ns, &unit_ns));
    assert_int_equal(ns, 12345678);
    assert_int_equal(unit_ns, 1);
    assert_false(envelope_time(&(envelope_time_t){0}, &ns, &unit_ns));
    assert_false(envelope_time(&(envelope_time_t){.ms = INT64_MAX}, &ns, &unit_ns));
}

/* ---- keys, tombstones, other messages -------------------------------------------------------- */

static void a_key_may_have_several_columns_or_none(void **state)
{
    (void)state;
    read_text("{\"a\":1,\"b\":\"x\"}", CHANGE("\"a\":1"));
    assert_int_equal(envelope.key.n, 2);
    assert_column(&envelope.key, "b", ENVELOPE_STRING, "x");
    read_text("{\"schema\":null,\"payload\":{\"a\":\"\\u00e9\"}}", CHANGE("\"a\":\"\\u00e8\""));
    assert_column(&envelope.key, "a", ENVELOPE_STRING, "é");
    assert_column(&envelope.after, "a", ENVELOPE_STRING, "è");
    read_text("null", CHANGE("\"a\":1"));
    assert_false(envelope.key.present);
}

static void a_null_value_is_a_tombstone_in_every_form(void **state)
{
    (void)state;
    static const char *const nulls[] = {"", "null", "{\"schema\":null,\"payload\":null}",
                                        "{\"schema\":{\"type\":\"struct\"},\"payload\":null}"};
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        read_text("{\"id\":9}", nulls[i]);
        assert_int_equal(envelope.op, ENVELOPE_TOMBSTONE);
        assert_column(&envelope.key, "id", ENVELOPE_INTEGER, "9");
        assert_false(envelope.after.present || envelope.before.present);
    }
}

static void a_heartbeat_is_no_row(void **state)
{
    (void)state;
    read_text("{\"serverName\":\"cdc\"}", "{\"ts_ms\":1795351580742}");
    assert_int_equal(envelope.op, ENVELOPE_OTHER);
    assert_false(envelope.after.present);
    read_text("", "{\"schema\":{},\"payload\":{\"ts_ms\":1,\"ts_us\":2,\"ts_ns\":3}}");
    assert_int_equal(envelope.op, ENVELOPE_OTHER);
    read_text("", "{\"ts_ms\":1,\"id\":2}");
    assert_int_equal(envelope.op, ENVELOPE_ROW);
}

/* ---- flattened ------------------------------------------------------------------------------- */

static void a_flattened_row_says_what_it_was_told_to(void **state)
{
    (void)state;
    read_text("", "{\"id\":1,\"city\":\"Paris\",\"__deleted\":\"false\",\"__op\":\"u\","
                  "\"__table\":\"t\",\"__lsn\":42,\"__source_ts_ms\":5,\"__ts_us\":6,"
                  "\"__txId\":7,\"__transaction_id\":\"7:42\",\"__total_order\":8,"
                  "\"__sequence\":\"[null,\\\"42\\\"]\",\"__source_snapshot\":\"first\"}");
    assert_true(envelope.flattened);
    assert_int_equal(envelope.op, ENVELOPE_UPDATE);
    assert_int_equal(envelope.after.n, 2);
    assert_column(&envelope.after, "city", ENVELOPE_STRING, "Paris");
    assert_string_equal(say(envelope.source.table), "t");
    assert_int_equal(envelope.source.lsn, 42);
    assert_int_equal(envelope.source.time.ms, 5);
    assert_int_equal(envelope.time.us, 6);
    assert_int_equal(envelope.source.txid, 7);
    assert_string_equal(say(envelope.transaction.id), "7:42");
    assert_int_equal(envelope.transaction.total_order, 8);
    assert_int_equal(envelope.source.sequence_lsn, 42);
    assert_true(envelope_is_snapshot(&envelope));
}

static void a_flattened_row_without_metadata_is_a_row(void **state)
{
    (void)state;
    read_text("", "{\"id\":1,\"__other\":2}");
    assert_int_equal(envelope.op, ENVELOPE_ROW);
    assert_int_equal(envelope.after.n, 2);
    read_text("", "{\"id\":1,\"__op\":null,\"__lsn\":null}");
    assert_int_equal(envelope.op, ENVELOPE_ROW);
    assert_int_equal(envelope.after.n, 1);
}

static void a_flattened_delete_has_its_row_before(void **state)
{
    (void)state;
    static const char *const deletes[] = {"{\"id\":1,\"__deleted\":\"true\"}",
                                          "{\"id\":1,\"__deleted\":true,\"__op\":\"d\"}",
                                          "{\"id\":1,\"__op\":\"d\"}"};
    for (size_t i = 0; i < sizeof deletes / sizeof deletes[0]; i++) {
        read_text("", deletes[i]);
        assert_int_equal(envelope.op, ENVELOPE_DELETE);
        assert_false(envelope.after.present);
        assert_column(&envelope.before, "id", ENVELOPE_INTEGER, "1");
    }
}

static void the_prefix_of_the_metadata_can_be_another(void **state)
{
    (void)state;
    envelope_reader_t *other = envelope_reader_new("m.");
    message_t value = message_of(BYTES("{\"id\":1,\"m.op\":\"c\",\"__lsn\":9,\"m.source_lsn\":7}"));
    read_with(other, (message_t){0}, value);
    assert_int_equal(envelope.op, ENVELOPE_CREATE);
    assert_int_equal(envelope.source.lsn, 7);
    assert_int_equal(envelope.after.n, 2);
    free(value.bytes);
    envelope_reader_free(other);

    envelope_reader_t *none = envelope_reader_new("");
    value = message_of(BYTES("{\"id\":1,\"op\":\"c\",\"__deleted\":\"true\"}"));
    read_with(none, (message_t){0}, value);
    assert_int_equal(envelope.op, ENVELOPE_DELETE);
    assert_int_equal(envelope.before.n, 2);
    free(value.bytes);
    envelope_reader_free(none);
}

static void columns_named_like_an_envelope_are_columns(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "{\"before\":null,\"after\":null,\"op\":\"c\",\"source\":\"{}\"}",
        "{\"op\":1,\"source\":null,\"ts_ms\":\"x\",\"transaction\":5}",
        "{\"schema\":\"public\",\"payload\":\"x\",\"a\":1,\"b\":2}",
        "{\"schema\":null,\"op\":\"u\",\"source\":\"s\",\"ts_us\":1}",
        "{\"op\":\"u\",\"ts_us\":1,\"source\":\"s\",\"before\":null}",
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        read_text("", rows[i]);
        assert_true(envelope.flattened);
        assert_int_equal(envelope.op, ENVELOPE_ROW);
        assert_int_equal(envelope.after.n, 4);
        assert_int_equal(envelope.time.us, 0);
    }
}

/* ---- decimals -------------------------------------------------------------------------------- */

#define DECIMAL_SCHEMA(scale)                                                                      \
    "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"type\":\"struct\",\"fields\":[{\"type\":"     \
    "\"bytes\",\"optional\":true,\"name\":\"org.apache.kafka.connect.data.Decimal\",\"version\":"  \
    "1,"                                                                                           \
    "\"parameters\":{\"scale\":\"" scale "\",\"connect.decimal.precision\":\"10\"},\"field\":"     \
    "\"amount\"},{\"type\":\"string\",\"field\":\"city\"}],\"field\":\"after\"}]},\"payload\":"

static void a_precise_decimal_gets_its_scale_from_the_schema(void **state)
{
    (void)state;
    read_text("", DECIMAL_SCHEMA("2") CHANGE("\"amount\":\"AQMB\",\"city\":\"AQMB\"") "}");
    assert_column(&envelope.after, "amount", ENVELOPE_DECIMAL, "663.05");
    assert_column(&envelope.after, "city", ENVELOPE_STRING, "AQMB");
    read_text("", DECIMAL_SCHEMA("0") CHANGE("\"amount\":\"AQMB\",\"city\":\"AQMB\"") "}");
    assert_column(&envelope.after, "amount", ENVELOPE_DECIMAL, "66305");
    read_text("", DECIMAL_SCHEMA("2") CHANGE("\"amount\":null,\"city\":null") "}");
    assert_column(&envelope.after, "amount", ENVELOPE_NULL, "");
    /* Without a schema nobody knows: what the last schema said does not hold. */
    read_text("", CHANGE("\"amount\":\"AQMB\",\"city\":\"AQMB\""));
    assert_column(&envelope.after, "amount", ENVELOPE_STRING, "AQMB");
    assert_refused(DECIMAL_SCHEMA("2") CHANGE("\"amount\":\"A*MB\"") "}", "decimal");
}

static void a_precise_decimal_is_read_in_keys_and_flattened_rows_too(void **state)
{
    (void)state;
    read_text(DECIMAL_SCHEMA("1") "{\"amount\":\"AQMB\"}}",
              DECIMAL_SCHEMA("2") "{\"id\":1,\"amount\":\"AQMB\",\"__op\":\"c\"}}");
    assert_column(&envelope.key, "amount", ENVELOPE_DECIMAL, "6630.5");
    assert_column(&envelope.after, "amount", ENVELOPE_DECIMAL, "663.05");
    assert_int_equal(envelope.op, ENVELOPE_CREATE);
    read_text(DECIMAL_SCHEMA("0") "{\"amount\":\"AQMB\"}}",
              DECIMAL_SCHEMA("3") "{\"id\":1,\"amount\":\"AQMB\",\"__op\":\"c\"}}");
    assert_column(&envelope.key, "amount", ENVELOPE_DECIMAL, "66305");
    assert_column(&envelope.after, "amount", ENVELOPE_DECIMAL, "66.305");
    read_text("{\"schema\":{},\"payload\":{\"amount\":\"AQMB\"}}",
              "{\"schema\":{},\"payload\":{\"id\":1,\"amount\":\"AQMB\",\"__op\":\"c\"}}");
    assert_column(&envelope.key, "amount", ENVELOPE_STRING, "AQMB");
    assert_column(&envelope.after, "amount", ENVELOPE_STRING, "AQMB");
}

static void a_decimal_of_variable_scale_is_known_by_its_shape(void **state)
{
    (void)state;
    read_text("", CHANGE("\"a\":{\"scale\":2,\"value\":\"AQMB\"},"
                         "\"b\":{\"scale\":0,\"value\":\"Fg==\",\"unit\":1},"
                         "\"c\":{ \"value\":\"A+g=\", \"scale\":0 },"
                         "\"d\":{\"scale\":\"2\",\"value\":\"AQMB\"},"
                         "\"e\":{\"scale\":2},"
                         "\"f\":{\"scale\":2,\"value\":\"!\"},"
                         "\"g\":{\"scale\":2,\"value\":\"\\u0041QMB\"}"));
    assert_column(&envelope.after, "a", ENVELOPE_DECIMAL, "663.05");
    assert_int_equal(column(&envelope.after, "b")->kind, ENVELOPE_RAW);
    assert_column(&envelope.after, "c", ENVELOPE_DECIMAL, "1000");
    assert_int_equal(column(&envelope.after, "d")->kind, ENVELOPE_RAW);
    assert_int_equal(column(&envelope.after, "e")->kind, ENVELOPE_RAW);
    assert_int_equal(column(&envelope.after, "f")->kind, ENVELOPE_RAW);
    assert_column(&envelope.after, "g", ENVELOPE_DECIMAL, "663.05");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        T(each_operation_has_its_letter),
        T(members_may_stand_in_any_order_with_space_between),
        T(each_kind_of_value_is_told),
        T(an_empty_row_is_present_and_a_null_one_is_not),
        T(a_transaction_block_is_read),
        T(a_sequence_may_hold_nulls_or_be_null),
        T(a_snapshot_is_told_by_its_operation_or_by_its_source),
        T(a_time_is_taken_from_the_finest_that_there_is),
        T(a_key_may_have_several_columns_or_none),
        T(a_null_value_is_a_tombstone_in_every_form),
        T(a_heartbeat_is_no_row),
        T(a_flattened_row_says_what_it_was_told_to),
        T(a_flattened_row_without_metadata_is_a_row),
        T(a_flattened_delete_has_its_row_before),
        T(the_prefix_of_the_metadata_can_be_another),
        T(columns_named_like_an_envelope_are_columns),
        T(a_precise_decimal_gets_its_scale_from_the_schema),
        T(a_precise_decimal_is_read_in_keys_and_flattened_rows_too),
        T(a_decimal_of_variable_scale_is_known_by_its_shape),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
