/*
 * words: what libpq and the server say, made fit for a message of ours. Pure; any thread.
 */
#ifndef CDCBENCH_POSTGRES_WORDS_H
#define CDCBENCH_POSTGRES_WORDS_H

#include <stddef.h>

/* Copies `words` as one line (libpq writes several, indented by tabs), without a newline at the
 * end, cut at size, with every known secret blotted out. out and words may not overlap. */
void words_line(char *out, size_t size, const char *words);

#endif
