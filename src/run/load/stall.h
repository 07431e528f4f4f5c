/*
 * stall: the times in which nothing was acknowledged although something was due: the server stood
 * still, or could not be reached. Loader threads tell of every acknowledgement of what is due by
 * the clock (closed streams promise no rate); the controller reads at the end.
 */
#ifndef CDCBENCH_RUN_LOAD_STALL_H
#define CDCBENCH_RUN_LOAD_STALL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "result/result.h"

typedef struct {
    _Atomic int64_t last_ack_ns; /* of any thread */
    pthread_mutex_t lock;
    uint64_t n; /* in all; the first STALLS_MAX are kept; under the lock */
    stall_t items[STALLS_MAX];
} stalls_t;

void stalls_init(stalls_t *stalls);
void stalls_free(stalls_t *stalls); /* what it holds, not itself */

/* A transaction that was due at due_ns was acknowledged. Any thread. */
void stalls_acknowledged(stalls_t *stalls, uint32_t phase, int64_t due_ns, int64_t now_ns);

#endif
