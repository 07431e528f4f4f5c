/*
 * accumulate: distributions put together, and what one has grown by: the one way in which phases,
 * operations, taps and threads are summed. Whoever owns the sums calls it, in one thread; what is
 * added may still be written to by its own (base/hist.h).
 */
#ifndef CDCBENCH_RESULT_ACCUMULATE_H
#define CDCBENCH_RESULT_ACCUMULATE_H

#include "result/result.h"

/* *into += from: made when first needed, the caller's to free; nothing where there is no `from`.
 * False when memory is out. */
bool accumulate_hist(hist_t **into, const hist_t *from);
bool accumulate_lag(lag_t **into, const lag_t *from);

/* A set of phases, or of operations: a bit each. */
#define ACCUMULATE_ALL    UINT32_MAX
#define ACCUMULATE_ONE(i) (UINT32_C(1) << (i))

/* The lag of a stage on a tap over phases and operations. *out is the caller's to free; NULL when
 * nothing was recorded. False when memory is out. */
bool accumulate_stage(const result_t *result, tap_id_t tap, lag_scope_t scope, uint32_t phases,
                      uint32_t ops, stage_t stage, lag_t **out);

/* The writers' times, likewise, over phases and all streams. */
typedef enum { WRITERS_LATENCY, WRITERS_SERVICE, WRITERS_SCHEDULE_LAG } writers_time_t;
bool accumulate_writers(const result_t *result, writers_time_t time, uint32_t phases, hist_t **out);

/* What *now has more than *last, the reading before, into diff; then *now is the last reading, and
 * the room of the other one is free for the next. lag_growth is false when memory is out. */
void hist_growth(hist_t *diff, hist_t **now, hist_t **last);
bool lag_growth(lag_t *diff, lag_t **now, lag_t **last);

#endif
