/*
 * emit: rows into a file descriptor, in order, encoded by several threads. emit_rows runs on
 * the caller's thread, which writes what the threads encode; they end before it returns. Nothing
 * grows with the number of rows.
 */
#ifndef CDCBENCH_CLI_EMIT_H
#define CDCBENCH_CLI_EMIT_H

#include <stdatomic.h>

#include "base/err.h"
#include "model/encode/encode.h"
#include "model/encode/envelope.h"

typedef struct {
    const row_space_t *space;
    encode_format_t format;
    const envelope_encoder_t *envelope; /* not NULL: Debezium's JSON, a message a line, instead */
    uint64_t first, rows;
    unsigned threads; /* 1: the caller encodes by itself */
    int fd;
    const char *destination;      /* for errors: "stdout", or a file's name */
    const atomic_int *interrupts; /* above 0: stop; a write that blocks must then see EINTR */
    /* NULL, or called from the caller's thread every now and then with what was written so far. */
    void (*on_progress)(void *ctx, uint64_t rows, uint64_t bytes);
    void *ctx;
} emit_opts_t;

typedef struct {
    uint64_t rows, bytes; /* written; of rows those that are there in full */
} emitted_t;

/* False with ERR_RUN when the destination cannot be written to (a full disk), or memory is out;
 * with ERR_INTERRUPTED when it was stopped. *done is filled in any case. */
bool emit_rows(const emit_opts_t *opts, emitted_t *done, err_t *err);

#endif
