/*
 * json_reader: reads JSON from front to back, in place. A caller that knows what it expects asks
 * for one object's member, one array's item, one value at a time; nothing is built and nothing
 * allocated. What comes out points into the message, but for strings with escapes, which are
 * unescaped into the room that the caller gave.
 *
 * It is the project's own because the C library that comes nearest, jsmn, takes half as long again
 * for the same work, and more than the tap has for a message where those are large
 * (docs/decisions/0003-json-reader.md). It is fast because it takes eight bytes at a time, which is
 * all in json_reader.c, and because json_names.h need not read names at all.
 *
 * Strict (RFC 8259) in what it reads. Containers that it passes over (json_value on an object or an
 * array) have their brackets and strings matched and nothing else looked at. UTF-8 is not checked.
 * One thread at a time for each object.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_JSON_READER_H
#define CDCBENCH_KAFKA_FORMAT_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX  64         /* containers in one another that json_value passes over */
#define JSON_ROOM_SLACK 16         /* bytes that unescaping may write behind a string's end */
#define JSON_LEN_MAX    0x7fffffff /* bytes of a message */

typedef enum {
    JSON_KIND_NULL,
    JSON_KIND_STRING,  /* the content, without its quotes, unescaped */
    JSON_KIND_INTEGER, /* digits, with a minus sign if there is one */
    JSON_KIND_NUMBER,  /* any other number, as it was written */
    JSON_KIND_BOOL,    /* "true" or "false" */
    JSON_KIND_OBJECT,  /* as it was written, brackets included */
    JSON_KIND_ARRAY,
} json_kind_t;

typedef struct {
    const char *bytes; /* not NUL-terminated; NULL for JSON_KIND_NULL */
    uint32_t len;
    json_kind_t kind;
} json_value_t;

/* Where a reader stands. */
typedef struct {
    const char *start, *at, *end;
    char *room, *room_end; /* where the next unescaped string goes, and what is left for it */
    const char *problem;   /* NULL until something is wrong; constant text */
} json_reader_t;

/* Notes what is wrong, unless something was before. From then on the message is at its end for
 * every function here: a caller may go on for a while without asking. Returns false always. */
bool json_fail(json_reader_t *json, const char *problem);

/* Reads `len` bytes. `room` has at least len + JSON_ROOM_SLACK bytes, and outlives what is read, as
 * `bytes` does. More than JSON_LEN_MAX bytes are a problem. */
void json_begin(json_reader_t *json, const char *bytes, size_t len, char *room, size_t room_bytes);

/* Nothing but white space is left. Else there is a problem. */
bool json_finish(json_reader_t *json);

/* The first byte of the value to be read next, 0 at the end. */
char json_peek(json_reader_t *json);

/* Reads a value of any kind. False: a problem, *out is not to be used. */
bool json_value(json_reader_t *json, json_value_t *out);

/* Steps into a container: '{' or '['. False: something else is there, and nothing was read (no
 * problem yet), or the message is at its end (a problem). */
bool json_enter(json_reader_t *json, char bracket);

/* In an object: reads the next member's name (a JSON_KIND_STRING) and stands at its value, which
 * must be read next. *first is true before the first call. False at the object's end, which is read
 * too, and on a problem. */
bool json_member(json_reader_t *json, bool *first, json_value_t *name);

/* In an array: stands at the next item, which must be read next. As json_member else. */
bool json_item(json_reader_t *json, bool *first);

/* The value of digits (a JSON_KIND_INTEGER). False when it is beyond the type. */
bool json_int64(const char *digits, size_t len, int64_t *out);
bool json_uint64(const char *digits, size_t len, uint64_t *out);

/* Is this the name? `text` is a C string. */
bool json_is(const json_value_t *value, const char *text);

#endif
