/*
 * schedule_shape: how many rows a shape has brought by a time, and when it has brought so many: the
 * integral of its rate and the inverse of that, both in whole numbers (fixed.h). Neither adds
 * anything up from the start; each is a closed form, or a search over a bounded number of pieces.
 * Pure; any thread. For streams that schedule_check let through and schedule_bind has bound.
 */
#ifndef CDCBENCH_PLAN_SCHEDULE_SCHEDULE_SHAPE_H
#define CDCBENCH_PLAN_SCHEDULE_SCHEDULE_SHAPE_H

#include "plan/schedule/fixed.h"
#include "plan/schedule/schedule.h"

/* What does not add up in the shape itself: ERR_USAGE. */
bool shape_check(const stream_t *stream, int64_t duration_ns, err_t *err);

/* Rows by t_ns after the phase's start, in 1 / FIXED_ONE. Never falls as t_ns rises; 0 at 0. */
u128_t shape_rows(const stream_t *stream, uint64_t t_ns);

/* The first t_ns with shape_rows ≥ rows; TIME_NEVER when there is none. */
uint64_t shape_time_ns(const stream_t *stream, u128_t rows);

#endif
