/*
 * envelope_files: the recorded messages, and ways to have them read from memory of exactly their
 * size, so that a sanitizer sees a read past the end.
 */
#ifndef CDCBENCH_TESTS_ENVELOPE_FILES_H
#define CDCBENCH_TESTS_ENVELOPE_FILES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kafka/format/envelope.h"

#define ENVELOPES_DIR GOLDEN_DIR "/../envelopes/"

typedef struct {
    char *bytes; /* malloc'd, of exactly len bytes; NULL when len is 0 */
    size_t len;
} message_t;

static inline message_t message_of(const char *text, size_t len)
{
    message_t message = {len > 0 ? malloc(len) : NULL, len};
    assert_true(message.bytes || len == 0);
    if (len > 0)
        memcpy(message.bytes, text, len);
    return message;
}

static inline message_t message_load(const char *name)
{
    char path[512], bytes[16384];
    snprintf(path, sizeof path, ENVELOPES_DIR "%s", name);
    FILE *file = fopen(path, "rb");
    if (!file)
        fail_msg("%s cannot be opened", path);
    size_t len = fread(bytes, 1, sizeof bytes, file);
    fclose(file);
    assert_true(len < sizeof bytes);
    return message_of(bytes, len);
}

/* A recorded event: key and value. */
static inline void message_load_event(const char *event, message_t *key, message_t *value)
{
    char name[128];
    snprintf(name, sizeof name, "%s.key.json", event);
    *key = message_load(name);
    snprintf(name, sizeof name, "%s.value.json", event);
    *value = message_load(name);
}

/* What a slice says, for as long as no sixteen others are asked for. */
static inline const char *say(slice_t slice)
{
    static char texts[16][512];
    static unsigned next;
    char *text = texts[next++ % 16];
    snprintf(text, sizeof texts[0], "%.*s", (int)slice.len, slice.bytes ? slice.bytes : "");
    return text;
}

/* The column of that name; the test fails when there is none. */
static inline const envelope_field_t *column(const envelope_row_t *row, const char *name)
{
    for (uint32_t i = 0; i < row->n; i++) {
        const envelope_field_t *field = &row->fields[i];
        if (field->name.len == strlen(name) && memcmp(field->name.bytes, name, strlen(name)) == 0)
            return field;
    }
    fail_msg("no column %s", name);
    return NULL;
}

#endif
