/*
 * json_names: the names of an object's members, remembered from one message to the next. In a
 * topic's messages the same names stand in the same order with the same bytes around them, so a
 * name is compared with what is expected, comma and colon included, instead of being read and
 * looked up; and what it means to the caller is kept beside it. One owner, one thread.
 */
#ifndef CDCBENCH_KAFKA_FORMAT_JSON_NAMES_H
#define CDCBENCH_KAFKA_FORMAT_JSON_NAMES_H

#include "kafka/format/json_reader.h"

#define JSON_NAMES_MAX                                                                             \
    1664 /* members of one object: a row has no more (MaxTupleAttributeNumber)                     \
          */

/* A member's name, remembered. */
typedef struct {
    char *written; /* from the end of what stands before it up to its colon: ,"name": ; owned */
    const char *text;
    uint32_t written_len, text_len;
    /* The caller's: what this member is. Set when `fresh` says that it was learned just now, which
     * the caller clears. */
    const void *meaning;
    int role;
    bool plain; /* likewise; false until it is set */
    bool fresh;
} json_name_t;

/* The names of one object's members, in their order, as the last message had them. */
typedef struct {
    json_name_t *list; /* grows to JSON_NAMES_MAX; owned */
    uint32_t n;
    size_t cap;
    uint32_t next;    /* the member that is read next */
    uint64_t version; /* rises whenever the list changes */
} json_names_t;

void json_names_free(json_names_t *names);

/* Forgets every name, and so every meaning. */
void json_names_forget(json_names_t *names);

/* Whether the two are the same names in the same order, with the same bytes around them. */
bool json_names_same(const json_names_t *a, const json_names_t *b);

/* Steps into an object whose names are expected to be these. As json_enter. */
bool json_names_enter(json_names_t *names, json_reader_t *json);

/* The next member's name; the reader stands at its value. NULL at the object's end, and on a
 * problem, of which a name that stands twice is one. The name lives until the list is next read. An
 * object that was read to its end has exactly the members names->list[0 … n − 1]. Allocates only
 * for a name that was not expected. */
json_name_t *json_names_next(json_names_t *names, json_reader_t *json);

#endif
