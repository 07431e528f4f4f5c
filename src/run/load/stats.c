#include "run/load/stats.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/counter.h"

stats_t *stats_new(void)
{
    return calloc(1, sizeof(stats_t));
}

static void free_slot(hist_slot_t *slot)
{
    hist_free(relaxed_get(slot));
}

void stats_free(stats_t *stats)
{
    if (stats == NULL)
        return;
    for (uint32_t phase = 0; phase < SCENARIO_PHASES_MAX; phase++) {
        free_slot(&stats->schedule_lag[phase]);
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            free_slot(&stats->ops[phase][stream].latency);
            free_slot(&stats->ops[phase][stream].service);
        }
    }
    free(stats);
}

void stats_record(hist_slot_t *slot, int64_t ns)
{
    hist_t *hist = relaxed_get(slot);
    if (hist == NULL) {
        hist = hist_new();
        if (hist == NULL)
            abort(); /* a result with figures dropped in silence would be worse */
        atomic_store_explicit(slot, hist, memory_order_release);
    }
    if (ns < 0)
        abort();
    hist_record(hist, ns / NS_PER_US, 1);
}

const hist_t *stats_hist(const hist_slot_t *slot)
{
    return atomic_load_explicit(slot, memory_order_acquire);
}
