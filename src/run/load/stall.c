#include "run/load/stall.h"

void stalls_init(stalls_t *stalls)
{
    *stalls = (stalls_t){0};
    pthread_mutex_init(&stalls->lock, NULL);
}

void stalls_free(stalls_t *stalls)
{
    pthread_mutex_destroy(&stalls->lock);
}

static void add(stalls_t *stalls, const stall_t *stall)
{
    pthread_mutex_lock(&stalls->lock);
    if (stalls->n < STALLS_MAX)
        stalls->items[stalls->n] = *stall;
    stalls->n++;
    pthread_mutex_unlock(&stalls->lock);
}

void stalls_acknowledged(stalls_t *stalls, uint32_t phase, int64_t due_ns, int64_t now_ns)
{
    int64_t last_ns = atomic_exchange_explicit(&stalls->last_ack_ns, now_ns, memory_order_relaxed);
    stall_t stall = {
        .from_ns = last_ns > due_ns ? last_ns : due_ns, .to_ns = now_ns, .phase = phase};
    if (stall.to_ns - stall.from_ns >= STALL_MIN_NS)
        add(stalls, &stall);
}
