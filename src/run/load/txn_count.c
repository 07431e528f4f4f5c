#include "run/load/txn_count.h"
#include "base/counter.h"

static bool is_timed(const scenario_t *scenario, const task_t *task)
{
    return !scenario->phases[task->phase].warm_up;
}

void txn_count_lateness(stats_t *stats, const scenario_t *scenario, const task_t *task,
                        int64_t idle_since_ns, int64_t now_ns)
{
    if (!task->open || !is_timed(scenario, task))
        return;
    int64_t able_ns = task->intended_ns > idle_since_ns ? task->intended_ns : idle_since_ns;
    stats_record(&stats->schedule_lag[task->phase], now_ns - able_ns);
}

void txn_count_sent(stats_t *stats, const task_t *task, int64_t now_ns)
{
    op_stats_t *of = &stats->ops[task->phase][task->stream];
    if (relaxed_get(&of->first_sent_ns) == 0)
        relaxed_set(&of->first_sent_ns, now_ns);
}

void txn_count_acknowledged(work_t *work, stats_t *stats, const task_t *task, int64_t sent_ns,
                            uint64_t rows, uint64_t bytes, int64_t now_ns)
{
    op_stats_t *of = &stats->ops[task->phase][task->stream];
    if (is_timed(work->scenario, task)) {
        stats_record(&of->latency, now_ns - task->intended_ns);
        stats_record(&of->service, now_ns - sent_ns);
        if (task->open)
            stalls_acknowledged(&work->stalls, task->phase, task->intended_ns, now_ns);
    }
    counter_add(&of->transactions, 1);
    counter_add(&of->rows_acked, rows);
    counter_add(&of->bytes, bytes);
    relaxed_set(&of->last_acked_ns, now_ns);
}

static bool note_inserts(const txn_t *txn, row_state_t *rows)
{
    if (txn->inserts == 0)
        return true;
    uint32_t own = 0;
    for (uint32_t i = 0; i < txn->n_steps; i++)
        if (txn->steps[i].kind == STEP_OWN_UPDATE && !txn->steps[i].marked)
            own = txn->steps[i].rows;
    uint32_t rounds = own / txn->inserts, further = own % txn->inserts;
    return row_state_set_range(rows, txn->first_row, further, (uint16_t)(rounds + 1)) &&
           row_state_set_range(rows, txn->first_row + further, txn->inserts - further,
                               (uint16_t)rounds);
}

void txn_note_inserts(work_t *work, const txn_t *txn)
{
    err_t why;
    if (note_inserts(txn, work->rows))
        return;
    err_set(&why, ERR_RUN, "the versions of rows: out of memory");
    work_fail(work, &why);
}
