/*
 * loader: a thread with an event loop and its share of the connections. Started, woken and stopped
 * by the controller.
 */
#ifndef CDCBENCH_RUN_LOAD_LOADER_H
#define CDCBENCH_RUN_LOAD_LOADER_H

#include "run/load/stats.h"
#include "run/load/work.h"

typedef struct loader loader_t;

/* Thread number `index` of work->threads: connections index, index + threads, … NULL with *err. */
loader_t *loader_start(work_t *work, uint32_t index, err_t *err);

/* A phase began, or work's flags changed. Any thread. */
void loader_wake(loader_t *loader);

/* Waits for the thread, which ends once work->quit is set and it has been woken. */
void loader_join(loader_t *loader);
void loader_free(loader_t *loader); /* after loader_join */

const stats_t *loader_stats(const loader_t *loader);

#endif
