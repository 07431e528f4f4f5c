/*
 * envelope_reading: a reader and the last message that it read, for tests that write messages down
 * as text.
 */
#ifndef CDCBENCH_TESTS_ENVELOPE_READING_H
#define CDCBENCH_TESTS_ENVELOPE_READING_H

#include "kafka/envelope_files.h"

#define SOURCE        "\"source\":{\"connector\":\"postgresql\",\"lsn\":7,\"snapshot\":\"false\"}"
#define CHANGE(after) "{\"before\":null,\"after\":{" after "}," SOURCE ",\"op\":\"c\"}"
#define BYTES(text)   (text), sizeof(text) - 1

static envelope_reader_t *reader;
static envelope_t envelope;

static inline int setup(void **state)
{
    (void)state;
    reader = envelope_reader_new(NULL);
    return reader ? 0 : -1;
}

static inline int teardown(void **state)
{
    (void)state;
    envelope_reader_free(reader);
    return 0;
}

static inline void read_with(envelope_reader_t *with, message_t key, message_t value)
{
    err_t err = {0};
    if (!envelope_read(with, key.bytes, key.len, value.bytes, value.len, &envelope, &err))
        fail_msg("%s", err.text);
}

/* Text, so that a test shows what is read. What it points into lives until the next call. */
static inline void read_text(const char *key, const char *value)
{
    static message_t held[2];
    free(held[0].bytes);
    free(held[1].bytes);
    held[0] = message_of(key, strlen(key));
    held[1] = message_of(value, strlen(value));
    read_with(reader, held[0], held[1]);
}

static inline void assert_refused(const char *value, const char *why)
{
    err_t err = {0};
    message_t message = message_of(value, strlen(value));
    if (envelope_read(reader, NULL, 0, message.bytes, message.len, &envelope, &err))
        fail_msg("read: %s", value);
    free(message.bytes);
    assert_int_equal(err.code, ERR_RUN);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

static inline void assert_column(const envelope_row_t *row, const char *name, envelope_kind_t kind,
                                 const char *text)
{
    const envelope_field_t *field = column(row, name);
    assert_int_equal(field->kind, kind);
    assert_string_equal(say(field->value), text);
}

#endif
