#include "run/control/run_internal.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "result/accumulate.h"
#include "run/monitor/process.h"

static int64_t relative(const run_t *run, int64_t at_ns)
{
    return at_ns == 0 ? NOT_MEASURED : at_ns - run->start_ns;
}

static bool gather_stream(const run_t *run, uint32_t phase, uint32_t stream, op_result_t *out)
{
    int64_t first_ns = 0, last_ns = 0;
    for (uint32_t i = 0; i < run->n_loaders; i++) {
        const op_stats_t *stats = &loader_stats(run->loaders[i])->ops[phase][stream];
        out->transactions += counter_get(&stats->transactions);
        out->rows += counter_get(&stats->rows_acked);
        out->errors += counter_get(&stats->errors);
        out->retries += counter_get(&stats->retries);
        out->rolled_back += counter_get(&stats->rolled_back);
        out->rows_rolled_back += counter_get(&stats->rows_rolled_back);
        out->bytes += counter_get(&stats->bytes);
        int64_t sent_ns = atomic_load_explicit(&stats->first_sent_ns, memory_order_relaxed);
        int64_t acked_ns = atomic_load_explicit(&stats->last_acked_ns, memory_order_relaxed);
        if (sent_ns != 0 && (first_ns == 0 || sent_ns < first_ns))
            first_ns = sent_ns;
        if (acked_ns > last_ns)
            last_ns = acked_ns;
        if (!accumulate_hist(&out->latency, stats_hist(&stats->latency)) ||
            !accumulate_hist(&out->service, stats_hist(&stats->service)))
            return false;
    }
    out->first_sent_ns = relative(run, first_ns);
    out->last_acked_ns = relative(run, last_ns);
    return true;
}

static void gather_backlog(const run_t *run, uint32_t number, phase_result_t *out)
{
    const backlog_watch_t *watch = &run->watches[number];
    out->backlog_peak_rows = watch->peak_rows;
    out->backlog_peak_us = watch->peak_age_ns / NS_PER_US;
    out->overload_from_ns = relative(run, watch->first_ns);
    out->overload_us = watch->over_ns / NS_PER_US;
}

static void gather_drain(const run_t *run, uint32_t number, phase_result_t *out)
{
    const drain_t *drain = &run->drains[number];
    for (int id = 0; id < TAP_COUNT; id++) {
        bool drained = drain->begun && run->taps[id] != NULL;
        bool any = drain->last_ns[id] != 0;
        out->drain[id].events =
            drained ? (int64_t)(drain->seen_after[id] - drain->seen_before[id]) : NOT_MEASURED;
        out->drain[id].us =
            drained ? (any ? (drain->last_ns[id] - drain->start_ns) / NS_PER_US : 0) : NOT_MEASURED;
    }
}

/* The run's zero is theirs. */
static void gather_stalls(run_t *run)
{
    result_t *result = &run->result;
    const stalls_t *stalls = &run->work.stalls;
    result->n_stalls = stalls->n;
    for (uint64_t i = 0; i < stalls->n && i < STALLS_MAX; i++)
        result->stalls[i] = (stall_t){.from_ns = stalls->items[i].from_ns - run->start_ns,
                                      .to_ns = stalls->items[i].to_ns - run->start_ns,
                                      .phase = stalls->items[i].phase};
}

static bool gather_phases(run_t *run)
{
    for (uint32_t p = 0; p < run->opts.scenario->n_phases; p++) {
        phase_result_t *phase = &run->result.phases[p];
        memcpy(phase->pace, run->pace[p], sizeof phase->pace);
        phase->start_ns =
            relative(run, atomic_load_explicit(&run->work.start_ns[p], memory_order_relaxed));
        phase->end_ns = relative(run, run->phase_end_ns[p]);
        phase->used = run->used[p];
        gather_backlog(run, p, phase);
        gather_drain(run, p, phase);
        run->result.overloaded = run->result.overloaded || run->watches[p].first_ns != 0;
        for (uint32_t stream = 0; stream < STREAM_COUNT; stream++)
            if (!gather_stream(run, p, stream, &phase->ops[stream]))
                return false;
        for (uint32_t i = 0; i < run->n_loaders; i++)
            if (!accumulate_hist(&phase->schedule_lag,
                                 stats_hist(&loader_stats(run->loaders[i])->schedule_lag[p])))
                return false;
    }
    return true;
}

static bool gather_lag(const tap_t *core, tap_result_t *out)
{
    bool copied = true;
    for (lag_scope_t scope = 0; copied && scope < SCOPE_COUNT; scope++)
        copied = tap_copy_lag(core, scope, out->lag[scope]);
    return copied;
}

/* Of a tap that works, and was not given its chance. */
static const char *why_not_caught_up(const run_t *run, tap_id_t id)
{
    if (tap_has(id, TAP_BEHIND_PIPELINE) &&
        atomic_load_explicit(&run->connector_failed, memory_order_relaxed))
        return "its connector FAILED";
    if (run->heard > 0 || run->result.failure.code != ERR_NONE)
        return "the run was stopped";
    return "the scenario ended (a last phase `until: caught-up` would have waited)";
}

static bool gather_tap(run_t *run, tap_id_t id)
{
    tap_result_t *out = &run->result.taps[id];
    tap_t *core = run->taps[id];
    out->on = true;
    /* It had its chance when the drain ended by itself, caught up or out of time. */
    out->complete =
        !tap_failed(core) &&
        (run->opts.watched != NULL || run->caught_up[id] || run->drain_note[id][0] != '\0') &&
        run->result.undetermined == 0;
    snprintf(out->error, sizeof out->error, "%s",
             tap_failed(core) ? tap_error(core) : run->drain_note[id]);
    if (run->result.undetermined > 0 && !tap_failed(core))
        snprintf(out->error, sizeof out->error,
                 "of %" PRIu64 " transactions it is not known whether they were committed",
                 run->result.undetermined);
    if (!out->complete && out->error[0] == '\0')
        snprintf(out->error, sizeof out->error, "%s before the tap had caught up",
                 why_not_caught_up(run, id));
    out->events = tap_events(core);
    out->transactions = tap_transactions(core);
    out->unmatched_transactions = tap_unmatched(core);
    out->bytes = tap_bytes(core);
    out->start_lsn = run->floor_lsn;
    out->last_lsn = tap_position(core);
    for (op_t op = 0; op < OP_COUNT; op++)
        out->seen[op] = tap_seen_of(core, op);
    out->verifier = tap_verifier(core);
    out->unverified = out->verifier == NULL;
    if (!out->unverified)
        verify_finish(tap_verifier(core), run->work.rows, run->result.acknowledged, &out->verify);
    return gather_lag(core, out);
}

/* What its source alone knows, and whether what comes again on it is no fault. */
static void gather_source(run_t *run, tap_id_t id)
{
    result_t *result = &run->result;
    source_describe(run->sources[id], &result->taps[id], result->foreign_clocks);
    if (!tap_has(id, TAP_BEHIND_PIPELINE))
        return;
    result->restarts_seen = result->taps[id].outages > 0 ||
                            (run->debezium != NULL && debezium_restart_seen(run->debezium));
    result->at_least_once = run->opts.config->kafka.delivery == DELIVERY_AT_LEAST_ONCE;
}

/* A difference between two taps is recorded by whichever sees a transaction last, and belongs to
 * the one that it is told of. */
static bool gather_difference(run_t *run, stage_t stage)
{
    const stage_row_t *row = &stage_rows[stage];
    tap_result_t *taps = run->result.taps;
    for (uint32_t p = 0; p < SCENARIO_PHASES_MAX; p++)
        for (op_t op = 0; op < OP_COUNT; op++) {
            lag_t **from = &taps[row->other].lag[SCOPE_EVENT][p][op][stage];
            if (!accumulate_lag(&taps[row->tap].lag[SCOPE_EVENT][p][op][stage], *from))
                return false;
            lag_free(*from);
            *from = NULL;
        }
    return true;
}

static bool gather_taps(run_t *run)
{
    for (tap_id_t id = 0; id < TAP_COUNT; id++) {
        if (run->taps[id] == NULL)
            continue;
        if (!gather_tap(run, id))
            return false;
        gather_source(run, id);
    }
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++)
        if (stage_rows[stage].is_difference && !gather_difference(run, stage))
            return false;
    return true;
}

static void gather_counters(run_t *run)
{
    result_t *result = &run->result;
    for (uint32_t i = 0; i < run->n_loaders; i++) {
        const stats_t *stats = loader_stats(run->loaders[i]);
        result->reconnects += counter_get(&stats->reconnects);
        result->in_doubt += counter_get(&stats->in_doubt);
        result->in_doubt_committed += counter_get(&stats->in_doubt_committed);
        result->undetermined += counter_get(&stats->undetermined);
    }
    result->acknowledged = timeline_acknowledged(run->loaders, run->n_loaders);
    result->ledger_peak = ledger_peak(run->work.ledger);
    result->ledger_dropped = ledger_dropped(run->work.ledger);
    result->overloaded = result->ledger_dropped > 0;
    result->ddl_ns = run->ddl_done_ns == 0 ? NOT_MEASURED : run->ddl_done_ns - run->start_ns;
    /* A watch without an end is ended so. */
    bool has_end = run->opts.watched == NULL || run->opts.scenario->phases[0].duration_ns > 0;
    result->interrupted = run->heard > 0 && has_end;
    result->client_cpu_us = process_self_cpu_us() - run->client_cpu_us;
    result->client_rss_peak_bytes = process_self_rss_peak_bytes();
}

static void gather_clock(run_t *run)
{
    const clocksync_t *clock = &run->clock;
    result_t *result = &run->result;
    result->clock_samples = clock->count;
    result->clock_breaks = clock->breaks;
    if (!clocksync_get(clock, &result->clock_offset_us, &result->clock_uncertainty_us))
        result->clock_offset_us = result->clock_uncertainty_us = NOT_MEASURED;
    result->clock_uncertainty_max_us = result->clock_uncertainty_us;
    for (size_t i = 0; i < result->n_timeline; i++)
        if (result->timeline[i].clock_uncertainty_us > result->clock_uncertainty_max_us)
            result->clock_uncertainty_max_us = result->timeline[i].clock_uncertainty_us;
    bool told =
        clocksync_drift(clock, &result->clock_drift_ppm, &result->clock_drift_uncertainty_ppm);
    if (!told)
        result->clock_drift_ppm = result->clock_drift_uncertainty_ppm = NAN;
}

static void gather_pipeline(run_t *run)
{
    const char *described = run_pipeline(run);
    if (run->pipeline == NULL && described != NULL)
        run->pipeline = strdup(described);
    run->result.pipeline = run->pipeline;
}

bool run_gather(run_t *run, err_t *err)
{
    result_t *result = &run->result;
    monitor_stop(run->monitor); /* the clock's readings are final */
    run->monitor = NULL;
    result->scenario = run->opts.scenario;
    result->start = (clock_anchor_t){run->start_ns, clock_unix_us(&run->anchor, run->start_ns)};
    result->end_ns = run->end_ns - run->start_ns;
    work_failed(&run->work, &result->failure);
    gather_pipeline(run);
    gather_counters(run);
    gather_stalls(run);
    result->timeline = timeline_rows(run->timeline, &result->n_timeline);
    gather_clock(run);
    if (!gather_phases(run) || !gather_taps(run))
        return err_set(err, ERR_RUN, "out of memory for the result");
    return true;
}

void run_free_result(run_t *run)
{
    for (uint32_t p = 0; p < SCENARIO_PHASES_MAX; p++) {
        phase_result_t *phase = &run->result.phases[p];
        hist_free(phase->schedule_lag);
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            hist_free(phase->ops[stream].latency);
            hist_free(phase->ops[stream].service);
        }
        for (int op = 0; op < OP_COUNT; op++)
            for (int tap = 0; tap < TAP_COUNT; tap++)
                for (int stage = 0; stage < STAGE_COUNT; stage++) {
                    for (int scope = 0; scope < SCOPE_COUNT; scope++)
                        lag_free(run->result.taps[tap].lag[scope][p][op][stage]);
                }
    }
}
