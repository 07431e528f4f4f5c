#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "kafka/envelope_files.h"
#include "kafka/format/transaction_meta.h"

#define SCHEMA "{\"schema\":{\"type\":\"struct\",\"fields\":[{\"field\":\"id\"}]},\"payload\":"
#define BEGIN_MESSAGE                                                                              \
    "{\"status\":\"BEGIN\",\"id\":\"571:53195829\",\"event_count\":null,"                          \
    "\"data_collections\":null,\"ts_ms\":1486500577125}"
#define END_MESSAGE                                                                                \
    "{\"status\":\"END\",\"id\":\"571:53195832\",\"event_count\":3,\"data_collections\":["         \
    "{\"data_collection\":\"public.transactions\",\"event_count\":2},"                             \
    "{\"data_collection\":\"s\\\"2.a\",\"event_count\":1}],\"ts_ms\":1486500577691}"

static transaction_reader_t *reader;
static transaction_meta_t meta;
static message_t held;

static int setup(void **state)
{
    (void)state;
    reader = transaction_reader_new();
    return reader ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    transaction_reader_free(reader);
    free(held.bytes);
    held = (message_t){0};
    return 0;
}

static bool try_read(const char *text, size_t len, err_t *err)
{
    free(held.bytes);
    held = message_of(text, len);
    return transaction_meta_read(reader, held.bytes, held.len, &meta, err);
}

static void read_text(const char *text)
{
    err_t err = {0};
    if (!try_read(text, strlen(text), &err))
        fail_msg("%s", err.text);
}

static void a_begin_has_no_counts_yet(void **state)
{
    (void)state;
    static const char *const forms[] = {BEGIN_MESSAGE, SCHEMA BEGIN_MESSAGE "}"};
    for (size_t i = 0; i < 4; i++) {
        read_text(forms[i % 2]);
        assert_int_equal(meta.status, TRANSACTION_BEGIN);
        assert_string_equal(say(meta.id), "571:53195829");
        assert_int_equal(meta.event_count, 0);
        assert_int_equal(meta.n_collections, 0);
        assert_int_equal(meta.time.ms, 1486500577125);
    }
}

static void an_end_counts_its_events_by_table(void **state)
{
    (void)state;
    static const char *const forms[] = {END_MESSAGE, SCHEMA END_MESSAGE "}"};
    for (size_t i = 0; i < 4; i++) {
        read_text(forms[i % 2]);
        assert_int_equal(meta.status, TRANSACTION_END);
        assert_string_equal(say(meta.id), "571:53195832");
        assert_int_equal(meta.event_count, 3);
        assert_int_equal(meta.n_collections, 2);
        assert_string_equal(say(meta.collections[0].name), "public.transactions");
        assert_int_equal(meta.collections[0].event_count, 2);
        assert_string_equal(say(meta.collections[1].name), "s\"2.a");
        assert_int_equal(meta.collections[1].event_count, 1);
    }
}

static void there_may_be_many_tables(void **state)
{
    (void)state;
    static char text[20000];
    int len = snprintf(text, sizeof text, "{\"status\":\"END\",\"data_collections\":[");
    for (int i = 0; i < 300; i++)
        len += snprintf(text + len, sizeof text - (size_t)len,
                        "%s{\"data_collection\":\"t%d\",\"event_count\":%d}", i ? "," : "", i, i);
    snprintf(text + len, sizeof text - (size_t)len, "]}");
    read_text(text);
    assert_int_equal(meta.n_collections, 300);
    assert_string_equal(say(meta.collections[299].name), "t299");
    assert_int_equal(meta.collections[299].event_count, 299);
}

static void other_messages_are_neither(void **state)
{
    (void)state;
    static const char *const texts[] = {"",   "null",           SCHEMA "null}",
                                        "{}", "{\"more\":[1]}", "{\"status\":\"PAUSE\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        read_text(texts[i]);
        assert_int_equal(meta.status, TRANSACTION_OTHER);
    }
}

static void a_message_cut_anywhere_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {BEGIN_MESSAGE, END_MESSAGE, SCHEMA END_MESSAGE "}"};
    for (size_t i = 0; i < 3; i++) {
        for (size_t len = 1; len < strlen(texts[i]); len++) {
            err_t err = {0};
            assert_false(try_read(texts[i], len, &err));
            assert_int_equal(err.code, ERR_RUN);
        }
    }
}

static void wrong_types_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "7",
        "[]",
        "{\"status\":7}",
        "{\"status\":null}",
        "{\"id\":7}",
        "{\"event_count\":\"3\"}",
        "{\"event_count\":-3}",
        "{\"event_count\":99999999999999999999}",
        "{\"ts_ms\":9223372036854775808}",
        "{\"data_collections\":{}}",
        "{\"data_collections\":[1]}",
        "{\"data_collections\":[{\"data_collection\":1}]}",
        "{\"data_collections\":[{\"event_count\":\"1\"}]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        err_t err = {0};
        if (try_read(texts[i], strlen(texts[i]), &err))
            fail_msg("read: %s", texts[i]);
        assert_int_equal(err.code, ERR_RUN);
    }
}

static void expect_id(const char *text, bool good, uint64_t txid, uint64_t lsn)
{
    uint64_t number, at;
    slice_t id = {text, (uint32_t)strlen(text)};
    assert_int_equal(transaction_id_read(&id, &number, &at), good);
    if (good) {
        assert_int_equal(number, txid);
        assert_int_equal(at, lsn);
    }
}

static void an_id_is_a_number_and_perhaps_a_position(void **state)
{
    (void)state;
    uint64_t number, at;
    expect_id("571:53195832", true, 571, 53195832);
    expect_id("571", true, 571, 0);
    expect_id("18446744073709551615:1", true, UINT64_MAX, 1);
    static const char *const bad[] = {
        "",   ":",      "0:5",  "571:", ":1", "x:1", "-1:1", "18446744073709551616:1",
        " 1", "571:1 ", "571:x"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        expect_id(bad[i], false, 0, 0);
    assert_false(transaction_id_read(&(slice_t){0}, &number, &at));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_begin_has_no_counts_yet, setup, teardown),
        cmocka_unit_test_setup_teardown(an_end_counts_its_events_by_table, setup, teardown),
        cmocka_unit_test_setup_teardown(there_may_be_many_tables, setup, teardown),
        cmocka_unit_test_setup_teardown(other_messages_are_neither, setup, teardown),
        cmocka_unit_test_setup_teardown(a_message_cut_anywhere_is_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(wrong_types_are_refused, setup, teardown),
        cmocka_unit_test_setup_teardown(an_id_is_a_number_and_perhaps_a_position, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
