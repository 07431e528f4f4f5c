#include "kafka/format/json_names.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/bytes.h"

/* Gives up the names from n on, if there are any. */
static void names_cut(json_names_t *names, uint32_t n)
{
    if (n < names->n) {
        for (uint32_t i = n; i < names->n; i++) {
            free(names->list[i].written);
        }
        names->n = n;
        names->version++;
    }
}

void json_names_forget(json_names_t *names)
{
    names_cut(names, 0);
}

void json_names_free(json_names_t *names)
{
    json_names_forget(names);
    free(names->list);
    *names = (json_names_t){0};
}

static bool names_hold(const json_names_t *names, const json_value_t *text)
{
    for (uint32_t i = 0; i < names->n; i++) {
        const json_name_t *name = &names->list[i];
        if (name->text_len == text->len && memcmp(name->text, text->bytes, text->len) == 0) {
            return true;
        }
    }
    return false;
}

/* Puts a name at the list's end: as it is written, and behind that what it says, which with escapes
 * is not a part of it. NULL when memory is out. */
static json_name_t *names_add(json_names_t *names, const char *written, size_t written_len,
                              const json_value_t *text)
{
    json_name_t *list = array_room(names->list, names->n, &names->cap, sizeof *list);
    if (!list) {
        return NULL;
    }
    names->list = list;
    char *copy = malloc(written_len + text->len);
    if (!copy) {
        return NULL;
    }
    memcpy(copy, written, written_len);
    memcpy(copy + written_len, text->bytes, text->len);
    json_name_t *name = &names->list[names->n++];
    *name = (json_name_t){.written = copy,
                          .text = copy + written_len,
                          .written_len = (uint32_t)written_len,
                          .text_len = text->len,
                          .fresh = true};
    names->version++;
    return name;
}

/* Reads a name that was not expected, with what stands around it, or the object's end. What was
 * expected here and behind is given up and learned again: no name can come to stand in the list
 * twice. */
static json_name_t *names_learn(json_names_t *names, json_reader_t *json)
{
    json_value_t text;
    const char *from = json->at;
    bool first = names->next == 0;
    names_cut(names, names->next);
    if (!json_member(json, &first, &text)) {
        return NULL;
    }
    if (names_hold(names, &text)) {
        json_fail(json, "a name that stands twice in one object");
        return NULL;
    }
    if (names->n == JSON_NAMES_MAX) {
        json_fail(json, "too many members in one object");
        return NULL;
    }
    json_name_t *name = names_add(names, from, (size_t)(json->at - from), &text);
    if (!name) {
        json_fail(json, "out of memory");
    }
    return name;
}

bool json_names_same(const json_names_t *a, const json_names_t *b)
{
    bool same = a->n == b->n;
    for (uint32_t i = 0; same && i < a->n; i++) {
        same = a->list[i].written_len == b->list[i].written_len &&
               memcmp(a->list[i].written, b->list[i].written, a->list[i].written_len) == 0;
    }
    return same;
}

bool json_names_enter(json_names_t *names, json_reader_t *json)
{
    names->next = 0;
    return json_enter(json, '{');
}

json_name_t *json_names_next(json_names_t *names, json_reader_t *json)
{
    if (names->next < names->n) {
        json_name_t *name = &names->list[names->next];
        if ((size_t)(json->end - json->at) >= name->written_len &&
            bytes_same(json->at, name->written, name->written_len)) {
            json->at += name->written_len;
            names->next++;
            return name;
        }
    }
    json_name_t *name = names_learn(names, json);
    names->next += name != NULL;
    return name;
}
