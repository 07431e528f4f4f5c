/*
 * corpus: the messages that the candidates read: those recorded in tests/envelopes, each many times
 * over with the length of its strings varied, so that neither the branch predictor nor the caches
 * know a message by heart, as they would not on a real topic. Owned by the caller; read only.
 */
#ifndef CDCBENCH_BENCH_CORPUS_H
#define CDCBENCH_BENCH_CORPUS_H

#include <stdbool.h>
#include <stddef.h>

#define CORPUS_PADDING 64 /* readable bytes behind each message, for readers that look ahead */

typedef struct {
    const char *bytes;
    size_t len;
} corpus_message_t;

typedef struct {
    char *memory;
    corpus_message_t *messages;
    size_t n;
} corpus_t;

typedef enum {
    CORPUS_NOSCHEMA,        /* every recorded value that is no tombstone, without schemas */
    CORPUS_NOSCHEMA_UPDATE, /* the largest of them: updates under REPLICA IDENTITY FULL */
    CORPUS_SCHEMA,          /* every value, with schemas */
    CORPUS_FORMS
} corpus_form_t;

extern const char *const corpus_form_names[CORPUS_FORMS];

/* `n` messages, drawn from the recorded ones of that form. False when a file or memory is missing.
 */
bool corpus_load(corpus_t *corpus, const char *folder, corpus_form_t form, size_t n);
void corpus_free(corpus_t *corpus);

#endif
