#include "corpus.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX    8192
#define MESSAGE_MAX (FILE_MAX + 256)
#define STRETCH_MAX 12 /* characters that a string may grow by */

const char *const corpus_form_names[CORPUS_FORMS] = {
    [CORPUS_NOSCHEMA] = "noschema",
    [CORPUS_NOSCHEMA_UPDATE] = "noschema_update",
    [CORPUS_SCHEMA] = "schema",
};

/* The recorded files; the first two are the updates of CORPUS_NOSCHEMA_UPDATE. */
static const char *const events[] = {"FULL_u",     "FULL_u2",   "FULL_r",    "FULL_c",
                                     "FULL_d",     "DEFAULT_r", "DEFAULT_c", "DEFAULT_u",
                                     "DEFAULT_u2", "DEFAULT_d"};
enum { N_EVENTS = sizeof(events) / sizeof(events[0]), N_FULL_UPDATES = 2 };

/* Members whose strings differ from row to row in real messages. */
static const char *const varied[] = {"\"city\":\"", "\"country\":\"", "\"merchant_name\":\"",
                                     "\"user_id\":\""};

static uint64_t draw(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return *state >> 33;
}

static bool load(const char *folder, bool schemas, const char *event, char out[FILE_MAX],
                 size_t *len)
{
    char path[512];
    snprintf(path, sizeof(path), "%s/%s_%s.value.json", folder, schemas ? "schema" : "noschema",
             event);
    FILE *stream = fopen(path, "rb");
    if (!stream) {
        perror(path);
        return false;
    }
    *len = fread(out, 1, FILE_MAX - 1, stream);
    out[*len] = '\0';
    fclose(stream);
    return true;
}

/* Where the next string that varies begins, or the end. */
static const char *next_varied(const char *at)
{
    const char *nearest = at + strlen(at);
    for (size_t i = 0; i < sizeof(varied) / sizeof(varied[0]); i++) {
        const char *found = strstr(at, varied[i]);
        if (found && found + strlen(varied[i]) < nearest) {
            nearest = found + strlen(varied[i]);
        }
    }
    return nearest;
}

/* Copies a message, with up to STRETCH_MAX letters put before each string that varies. */
static size_t vary(const char *from, char *to, uint64_t *state)
{
    char *begin = to;
    while (*from) {
        const char *at = next_varied(from);
        memcpy(to, from, (size_t)(at - from));
        to += at - from;
        from = at;
        for (uint64_t more = *from ? draw(state) % (STRETCH_MAX + 1) : 0; more > 0; more--) {
            *to++ = (char)('a' + draw(state) % 26);
        }
    }
    return (size_t)(to - begin);
}

bool corpus_load(corpus_t *corpus, const char *folder, corpus_form_t form, size_t n)
{
    uint64_t state = 1;
    size_t choices = form == CORPUS_NOSCHEMA_UPDATE ? N_FULL_UPDATES : N_EVENTS;
    corpus->n = n;
    corpus->memory = calloc(corpus->n, MESSAGE_MAX + CORPUS_PADDING);
    corpus->messages = calloc(corpus->n, sizeof(*corpus->messages));
    if (!corpus->memory || !corpus->messages) {
        return false;
    }
    char *to = corpus->memory;
    for (size_t i = 0; i < corpus->n; i++) {
        char recorded[FILE_MAX];
        size_t len;
        const char *event = events[draw(&state) % choices];
        if (!load(folder, form == CORPUS_SCHEMA, event, recorded, &len)) {
            return false;
        }
        len = vary(recorded, to, &state);
        corpus->messages[i] = (corpus_message_t){to, len};
        to += len + CORPUS_PADDING;
    }
    return true;
}

void corpus_free(corpus_t *corpus)
{
    free(corpus->memory);
    free(corpus->messages);
    *corpus = (corpus_t){0};
}
