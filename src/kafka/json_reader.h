/*
 * json_reader: reads JSON from front to back, in place. A caller that knows what it expects asks for
 * one object's member, one array's item, one value at a time; nothing is built and nothing
 * allocated. What comes out points into the message, but for strings with escapes, which are
 * unescaped into the room that the caller gave.
 *
 * It is the project's own because the libraries that were measured take two to twenty times as long
 * as the Kafka tap has (docs/decisions/0003-json-reader.md), and it is fast for two reasons: strings
 * are searched eight bytes at a time, and a json_names_t remembers an object's member names, which
 * in a topic's messages stand in the same order again and again, so that they are compared rather
 * than read. All of that is in json_reader.c.
 *
 * Strict (RFC 8259) in what it reads. Containers that it passes over (json_value on an object or an
 * array) have their brackets and strings matched and nothing else looked at. UTF-8 is not checked.
 * One thread at a time for each object.
 */
#ifndef CDCBENCH_KAFKA_JSON_READER_H
#define CDCBENCH_KAFKA_JSON_READER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 64          /* containers in one another that json_value passes over */
#define JSON_NAMES_MAX 1664        /* members of one object that a json_names_t holds */
#define JSON_ROOM_SLACK 8          /* bytes that unescaping may write behind a string's end */
#define JSON_LEN_MAX    0x7fffffff /* bytes of a message */

typedef enum {
    JSON_NULL,
    JSON_STRING,  /* the content, without its quotes, unescaped */
    JSON_INTEGER, /* digits, with a minus sign if there is one */
    JSON_NUMBER,  /* any other number, as it was written */
    JSON_BOOL,    /* "true" or "false" */
    JSON_OBJECT,  /* as it was written, brackets included */
    JSON_ARRAY,
} json_kind_t;

typedef struct {
    const char *bytes; /* not NUL-terminated; NULL for JSON_NULL */
    uint32_t len;
    json_kind_t kind;
} json_value_t;

/* Where a reader stands. */
typedef struct {
    const char *start, *at, *end;
    char *room, *room_end; /* where the next unescaped string goes, and what is left for it */
    const char *problem;   /* NULL until something is wrong; constant text. Nothing is read after */
} json_t;

/* Reads `len` bytes. `room` has at least len + JSON_ROOM_SLACK bytes, and outlives what is read, as
 * `bytes` does. More than JSON_LEN_MAX bytes are a problem. */
void json_begin(json_t *json, const char *bytes, size_t len, char *room, size_t room_bytes);

/* Nothing but white space is left. Else there is a problem. */
bool json_finish(json_t *json);

/* The first byte of the value to be read next, 0 at the end. */
char json_peek(json_t *json);

/* Reads a value of any kind. False: a problem, *out is not to be used. */
bool json_value(json_t *json, json_value_t *out);

/* Steps into a container: '{' or '['. False: something else is there, and nothing was read (no
 * problem yet), or the message is at its end (a problem). */
bool json_enter(json_t *json, char bracket);

/* In an object: reads the next member's name (a JSON_STRING) and stands at its value, which must be
 * read next. *first is true before the first call. False at the object's end, which is read too,
 * and on a problem. */
bool json_member(json_t *json, bool *first, json_value_t *name);

/* In an array: stands at the next item, which must be read next. As json_member else. */
bool json_item(json_t *json, bool *first);

/* The value of digits (a JSON_INTEGER). False when it is beyond the type. */
bool json_int64(const char *digits, size_t len, int64_t *out);
bool json_uint64(const char *digits, size_t len, uint64_t *out);

/* Is this the name? `text` is a C string. */
bool json_is(const json_value_t *value, const char *text);

/* ---- names that come again ------------------------------------------------------------------- */

/* A member's name, remembered. */
typedef struct {
    char *written; /* as it stands in the message, with its quotes; owned */
    const char *text;
    uint32_t written_len, text_len;
    const void *meaning; /* the caller's: what this member is */
    bool fresh;          /* learned just now: the caller is to set meaning, and clear this */
} json_name_t;

/* The names of one object's members, in their order, as the last message had them. */
typedef struct {
    json_name_t *list; /* grows to JSON_NAMES_MAX; owned */
    uint32_t n, cap;
    uint32_t next;    /* the member that is read next */
    uint32_t version; /* rises whenever the list changes */
} json_names_t;

void json_names_free(json_names_t *names);

/* Forgets every name, and so every meaning. */
void json_names_forget(json_names_t *names);

/* Steps into an object whose names are expected to be these. As json_enter. */
bool json_names_enter(json_names_t *names, json_t *json);

/* The next member's name; the reader stands at its value. NULL at the object's end, and on a
 * problem, of which a name that stands twice is one. The name lives until the list is next read. An
 * object that was read to its end has exactly the members names->list[0 … n − 1]. Allocates only for
 * a name that was not expected. */
json_name_t *json_names_next(json_names_t *names, json_t *json);

#endif
