#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "kafka/format/format.h"

static format_record_t record(const char *value, size_t len)
{
    return (format_record_t){.value = value, .value_len = len};
}

static void json_is_read_as_an_envelope(void **state)
{
    (void)state;
    static const char message[] =
        "{\"before\":null,\"after\":{\"id\":1},\"source\":{\"lsn\":7},\"op\":\"c\"}";
    format_reader_t *reader = format_reader_new();
    format_record_t read = record(message, sizeof message - 1);
    envelope_t envelope;
    err_t err = {0};
    assert_true(format_read(reader, &read, &envelope, &err));
    assert_int_equal(envelope.op, ENVELOPE_CREATE);
    assert_int_equal(envelope.source.lsn, 7);
    format_reader_free(reader);
}

static void a_record_with_a_registrys_header_is_refused_by_name(void **state)
{
    (void)state;
    format_reader_t *reader = format_reader_new();
    format_record_t read = record("\0\0\0\0\1xyz", 8);
    envelope_t envelope;
    err_t err = {0};
    assert_false(format_read(reader, &read, &envelope, &err));
    assert_non_null(strstr(err.text, "schema registry"));
    format_reader_free(reader);
}

static void what_is_of_no_format_says_where(void **state)
{
    (void)state;
    format_reader_t *reader = format_reader_new();
    format_record_t read = record("\0\0", 2); /* shorter than a header */
    envelope_t envelope;
    err_t err = {0};
    assert_false(format_read(reader, &read, &envelope, &err));
    assert_non_null(strstr(err.text, "byte 0 of 2"));
    format_reader_free(reader);
}

static void null_is_a_tombstone_in_every_format(void **state)
{
    (void)state;
    format_reader_t *reader = format_reader_new();
    format_record_t read = record(NULL, 0);
    envelope_t envelope;
    assert_true(format_read(reader, &read, &envelope, NULL));
    assert_int_equal(envelope.op, ENVELOPE_TOMBSTONE);
    format_reader_free(reader);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_is_read_as_an_envelope),
        cmocka_unit_test(a_record_with_a_registrys_header_is_refused_by_name),
        cmocka_unit_test(what_is_of_no_format_says_where),
        cmocka_unit_test(null_is_a_tombstone_in_every_format),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
