/*
 * err: an error as a value. The caller owns an err_t, passes its address down, and whoever fails
 * fills it and returns false; callers up the stack may add context with err_wrap. Nothing is
 * printed on the way: only the cli prints. A message says what was tried, on what, why it failed,
 * what to do; the secrets that are known (base/secret.h) are overwritten in it.
 *
 * Any thread; an err_t belongs to one thread at a time.
 */
#ifndef CDCBENCH_BASE_ERR_H
#define CDCBENCH_BASE_ERR_H

#include <stdbool.h>
#include <stddef.h>

/* The process's exit codes (README.md, "Exit codes"), carried by the error that causes one. */
typedef enum {
    ERR_NONE = 0,          /* done and complete */
    ERR_USAGE = 1,         /* usage or configuration */
    ERR_RUN = 2,           /* could not run: no server, or lost for good */
    ERR_VERIFY = 3,        /* the verification failed */
    ERR_EXPECT = 4,        /* an --expect threshold was not met */
    ERR_INTERRUPTED = 130, /* interrupted, with results of what ran */
} err_code_t;

typedef struct {
    err_code_t code;
    char text[1024]; /* NUL-terminated, no newline at its end; empty while code is ERR_NONE */
} err_t;

/* Fills *err (may be NULL: then nothing is kept). Returns false always, so that a function can
 * `return err_set(err, ERR_RUN, "…")`. The text is cut at the buffer's size, between characters,
 * and loses the newlines at its end; err->text may be among the arguments. */
bool err_set(err_t *err, err_code_t code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " before the text that is there; the code stays. Returns false always. */
bool err_wrap(err_t *err, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* What others say (libpq in several lines, indented by tabs; Connect in a page), made fit for a
 * message of ours: copied as one line, each run of white space one space, cut at size. The secrets
 * are overwritten before, since some have lines. out and words may not overlap. */
void err_line(char *out, size_t size, const char *words);

#endif
