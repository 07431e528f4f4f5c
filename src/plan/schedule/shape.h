/*
 * shape: how many rows a shape has brought by a time, and when it has brought so many: the
 * integral of its rate and the inverse of that, both in whole numbers (fixed.h). Neither adds
 * anything up from the start; each is a closed form, or a search over a bounded number of pieces.
 * Pure; any thread. For streams that schedule_check let through and schedule_bind has bound.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_SHAPE_H
#define CDCBENCH_PLAN_SCHEDULE_SHAPE_H

#include <stddef.h>

#include "plan/schedule/fixed.h"
#include "plan/schedule/schedule.h"

/* What does not add up in the shape itself: ERR_USAGE. */
bool shape_check(const stream_t *stream, int64_t duration_ns, err_t *err);

/* Rows by t_ns after the phase's start, in 1 / FIXED_ONE. Never falls as t_ns rises; 0 at 0. */
u128_t shape_rows(const stream_t *stream, uint64_t t_ns);

/* The first t_ns with shape_rows ≥ rows; TIME_NEVER when there is none. */
uint64_t shape_time_ns(const stream_t *stream, u128_t rows);

/*
 * A recorded load, read from a CSV of (second, rate): from each second on its rate holds, until the
 * next; the last one's until the recording's end, which its own line says by a rate of 0, or for
 * ever. Constant once read; any thread.
 */

/* Reads the file. A first line that is no number is a heading; empty lines and those that begin
 * with # are passed over. NULL with ERR_USAGE, which names file, line and what is wrong. */
replay_t *replay_read(const char *path, err_t *err);

/* The same from text; `name` is for messages. */
replay_t *replay_parse(const char *name, const char *text, size_t len, err_t *err);
void replay_free(const replay_t *replay); /* NULL is ignored */

#endif
