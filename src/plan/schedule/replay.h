/*
 * replay: a recorded load, read from a CSV of (second, rate): from each second on its rate holds,
 * until the next; the last one's until the recording's end, which its own line says by a rate of 0,
 * or for ever. Constant once read; any thread.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_REPLAY_H
#define CDCBENCH_PLAN_SCHEDULE_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "plan/schedule/fixed.h"

typedef struct replay replay_t;

/* Reads the file. A first line that is no number is a heading; empty lines and those that begin
 * with # are passed over. NULL with ERR_USAGE, which names file, line and what is wrong. */
replay_t *replay_read(const char *path, err_t *err);

/* The same from text; `name` is for messages. */
replay_t *replay_parse(const char *name, const char *text, size_t len, err_t *err);
void replay_free(const replay_t *replay); /* NULL is ignored */

/* As shape_rows and shape_time_ns (schedule_shape.h). */
u128_t replay_rows(const replay_t *replay, uint64_t t_ns);
uint64_t replay_time_ns(const replay_t *replay, u128_t rows);

#endif
