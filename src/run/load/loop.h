/*
 * loop: one event loop a loader thread, the only place for libuv. It watches file descriptors,
 * wakes at a deadline finer than a millisecond (a timerfd: libuv's own timers are whole
 * milliseconds), and can be woken by any thread. All of it but loop_wake belongs to the thread that
 * runs the loop (made and freed while no thread runs it).
 */
#ifndef CDCBENCH_RUN_LOAD_LOOP_H
#define CDCBENCH_RUN_LOAD_LOOP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"

typedef struct loop loop_t;
typedef struct watch watch_t;

#define LOOP_NO_DEADLINE INT64_MAX

/* `on_wake` is called when the deadline has passed, and after loop_wake. NULL with *err (ERR_RUN).
 */
loop_t *loop_new(void (*on_wake)(void *ctx), void *ctx, err_t *err);
/* All watches have been freed, and the loop does not run. NULL is allowed. */
void loop_free(loop_t *loop);

void loop_run(loop_t *loop);                            /* until loop_stop */
void loop_stop(loop_t *loop);                           /* from within */
void loop_wake(loop_t *loop);                           /* any thread */
void loop_deadline(loop_t *loop, int64_t monotonic_ns); /* the next one; replaces the last */

/* A watch on at most one descriptor at a time. NULL when memory is out. */
watch_t *watch_new(loop_t *loop, void (*on_ready)(void *ctx, bool readable, bool writable),
                   void *ctx);
/* Watches fd for what is said; fd −1 or neither: for nothing. The fd may differ from call to call,
 * but must be let go (watch_set with −1) before whoever owns it closes it. False when the kernel
 * refuses. */
bool watch_set(watch_t *watch, int fd, bool readable, bool writable);
void watch_free(watch_t *watch); /* NULL is allowed; the descriptor stays open */

const char *loop_library_version(void); /* libuv's; constant text */

#endif
