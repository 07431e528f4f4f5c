#include "run/load/backlog.h"
#include "base/counter.h"

uint64_t backlog_due_rows(const phase_t *phase, uint32_t stream, int64_t elapsed_ns)
{
    const stream_t *of = &phase->streams[stream];
    uint64_t txns = schedule_due_txns(of, phase->duration_ns, elapsed_ns);
    return txns >= schedule_txns(of, phase->duration_ns)
               ? schedule_rows(of, phase->duration_ns)
               : schedule_txn_first(of, phase->duration_ns, txns);
}

/* What has been done of one stream, committed or rolled back. */
typedef struct {
    uint64_t txns, rows;
} done_t;

static done_t done_of(loader_t *const *loaders, uint32_t n, uint32_t phase, uint32_t stream)
{
    done_t done = {0};
    for (uint32_t i = 0; i < n; i++) {
        const op_stats_t *stats = &loader_stats(loaders[i])->ops[phase][stream];
        done.txns += counter_get(&stats->transactions) + counter_get(&stats->rolled_back);
        done.rows += counter_get(&stats->rows_acked) + counter_get(&stats->rows_rolled_back);
    }
    return done;
}

static void add_stream(backlog_t *backlog, const phase_t *phase, uint32_t stream,
                       const done_t *done, int64_t elapsed_ns)
{
    const stream_t *of = &phase->streams[stream];
    uint64_t due_rows = backlog_due_rows(phase, stream, elapsed_ns);
    backlog->rows += due_rows > done->rows ? due_rows - done->rows : 0;
    if (schedule_due_txns(of, phase->duration_ns, elapsed_ns) <= done->txns)
        return;
    int64_t age_ns = elapsed_ns - schedule_txn_time_ns(of, done->txns);
    if (age_ns > backlog->age_ns)
        backlog->age_ns = age_ns;
}

backlog_t backlog_read(const work_t *work, loader_t *const *loaders, uint32_t n_loaders,
                       uint32_t phase, int64_t now_ns)
{
    backlog_t backlog = {0};
    const phase_t *of = &work->scenario->phases[phase];
    int64_t start_ns = relaxed_get(&work->start_ns[phase]);
    for (uint32_t stream = 0; stream < STREAM_COUNT; stream++)
        if (of->streams[stream].kind == STREAM_OPEN) {
            done_t done = done_of(loaders, n_loaders, phase, stream);
            add_stream(&backlog, of, stream, &done, now_ns - start_ns);
        }
    return backlog;
}

bool backlog_look(backlog_watch_t *watch, const backlog_bound_t *bound, const backlog_t *backlog,
                  int64_t now_ns)
{
    bool was_over = watch->over;
    if (was_over)
        watch->over_ns += now_ns - watch->looked_ns;
    watch->looked_ns = now_ns;
    if (backlog->rows > watch->peak_rows)
        watch->peak_rows = backlog->rows;
    if (backlog->age_ns > watch->peak_age_ns)
        watch->peak_age_ns = backlog->age_ns;
    watch->over = (bound->max_rows > 0 && backlog->rows > bound->max_rows) ||
                  (bound->max_age_ns > 0 && backlog->age_ns > bound->max_age_ns);
    if (watch->over && watch->first_ns == 0)
        watch->first_ns = now_ns;
    return watch->over && !was_over;
}
