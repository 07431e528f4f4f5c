#include "run/control/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "result/accumulate.h"
#include "run/control/behind.h"
#include "run/load/backlog.h"

/* Cumulative figures of one stream at one moment. */
typedef struct {
    uint64_t due, due_acked; /* rows due by the clock; of those, acknowledged or rolled back */
    uint64_t sent, acked, errors;
} totals_t;

struct timeline {
    timeline_opts_t opts;
    int64_t last_ns;
    totals_t last[STREAM_COUNT];
    uint64_t last_seen[TAP_COUNT];
    int64_t last_over_ns;
    int64_t last_insert_lsn; /* NOT_MEASURED: not read yet */
    checkpoint_row_t last_checkpoints;
    behind_t behind;
    hist_t *latency_now, *latency_last[STREAM_COUNT], *latency_diff;
    lag_t *lag_last[TAP_COUNT], *lag_diff;
    timeline_row_t *rows;
    size_t n, cap;
};

/* What the server had counted before the run. */
static void take_first_reading(timeline_t *t)
{
    monitor_reading_t reading;
    monitor_read(t->opts.monitor, &reading);
    t->last_checkpoints = reading.checkpoints;
    t->last_insert_lsn = reading.insert_lsn == 0 ? NOT_MEASURED : (int64_t)reading.insert_lsn;
}

timeline_t *timeline_new(const timeline_opts_t *opts)
{
    timeline_t *t = calloc(1, sizeof *t);
    if (t == NULL)
        return NULL;
    t->opts = *opts;
    t->last_ns = opts->start_ns;
    take_first_reading(t);
    t->latency_now = hist_new();
    t->latency_diff = hist_new();
    t->lag_diff = lag_new();
    bool complete = t->latency_now != NULL && t->latency_diff != NULL && t->lag_diff != NULL &&
                    behind_init(&t->behind, opts->start_ns);
    for (int tap = 0; tap < TAP_COUNT; tap++) {
        t->lag_last[tap] = lag_new();
        complete = complete && t->lag_last[tap] != NULL;
    }
    for (int stream = 0; stream < STREAM_COUNT; stream++) {
        t->latency_last[stream] = hist_new();
        complete = complete && t->latency_last[stream] != NULL;
    }
    if (complete)
        return t;
    timeline_free(t);
    return NULL;
}

void timeline_free(timeline_t *t)
{
    if (t == NULL)
        return;
    hist_free(t->latency_now);
    hist_free(t->latency_diff);
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        hist_free(t->latency_last[stream]);
    for (int tap = 0; tap < TAP_COUNT; tap++)
        lag_free(t->lag_last[tap]);
    lag_free(t->lag_diff);
    behind_free(&t->behind);
    free(t->rows);
    free(t);
}

const timeline_row_t *timeline_rows(const timeline_t *t, size_t *n)
{
    *n = t->n;
    return t->rows;
}

const hist_t *timeline_latency(const timeline_t *t, uint32_t stream)
{
    return t->latency_last[stream];
}

const lag_t *timeline_lag(const timeline_t *t, tap_id_t tap)
{
    return t->lag_last[tap];
}

static uint64_t acked_rows(loader_t *const *loaders, uint32_t n, uint32_t phase, uint32_t stream)
{
    uint64_t rows = 0;
    for (uint32_t i = 0; i < n; i++)
        rows += counter_get(&loader_stats(loaders[i])->ops[phase][stream].rows_acked);
    return rows;
}

uint64_t timeline_acknowledged(loader_t *const *loaders, uint32_t n_loaders)
{
    uint64_t rows = 0;
    for (uint32_t phase = 0; phase < SCENARIO_PHASES_MAX; phase++)
        for (uint32_t stream = 0; stream < STREAM_COUNT; stream++)
            rows += acked_rows(loaders, n_loaders, phase, stream);
    return rows;
}

static totals_t read_totals(const timeline_t *t, uint32_t stream, int64_t now_ns)
{
    totals_t totals = {0};
    const work_t *work = t->opts.work;
    for (uint32_t p = 0; p < work->scenario->n_phases; p++) {
        const phase_t *phase = &work->scenario->phases[p];
        int64_t start_ns = atomic_load_explicit(&work->start_ns[p], memory_order_relaxed);
        uint64_t acked = acked_rows(t->opts.loaders, t->opts.n_loaders, p, stream);
        totals.acked += acked;
        bool open =
            start_ns != 0 && start_ns <= now_ns && phase->streams[stream].kind == STREAM_OPEN;
        if (open) {
            int64_t end_ns = atomic_load_explicit(&work->end_ns[p], memory_order_relaxed);
            bool over = end_ns != 0 && end_ns < now_ns;
            totals.due += backlog_due_rows(phase, stream, (over ? end_ns : now_ns) - start_ns);
            totals.due_acked += acked;
        }
        for (uint32_t i = 0; i < t->opts.n_loaders; i++) {
            const op_stats_t *stats = &loader_stats(t->opts.loaders[i])->ops[p][stream];
            totals.sent += counter_get(&stats->rows_sent);
            totals.due_acked += open ? counter_get(&stats->rows_rolled_back) : 0;
            totals.errors += counter_get(&stats->errors);
        }
    }
    return totals;
}

/* Latency of all threads and phases so far, against the same a second ago. */
static void diff_latency(timeline_t *t, uint32_t stream)
{
    hist_reset(t->latency_now);
    for (uint32_t i = 0; i < t->opts.n_loaders; i++)
        for (uint32_t p = 0; p < t->opts.work->scenario->n_phases; p++) {
            const hist_t *hist =
                stats_hist(&loader_stats(t->opts.loaders[i])->ops[p][stream].latency);
            if (hist != NULL)
                hist_add(t->latency_now, hist);
        }
    hist_growth(t->latency_diff, &t->latency_now, &t->latency_last[stream]);
}

static void take_stream(timeline_t *t, timeline_row_t *row, uint32_t stream, int64_t now_ns)
{
    totals_t now = read_totals(t, stream, now_ns);
    const totals_t *last = &t->last[stream];
    bool open = t->opts.work->scenario->phases[row->phase].streams[stream].kind == STREAM_OPEN ||
                now.due != last->due;
    row->ops[stream].due_rows = open ? (int64_t)(now.due - last->due) : NOT_MEASURED;
    row->ops[stream].backlog_rows = open ? (int64_t)now.due - (int64_t)now.due_acked : NOT_MEASURED;
    row->ops[stream].sent_rows = (int64_t)(now.sent - last->sent);
    row->ops[stream].acked_rows = (int64_t)(now.acked - last->acked);
    row->ops[stream].errors = (int64_t)(now.errors - last->errors);
    t->last[stream] = now;

    diff_latency(t, stream);
    bool any = hist_count(t->latency_diff) > 0;
    row->ops[stream].p50_us = any ? hist_percentile_us(t->latency_diff, 50) : NOT_MEASURED;
    row->ops[stream].p99_us = any ? hist_percentile_us(t->latency_diff, 99) : NOT_MEASURED;
    row->ops[stream].max_us = any ? hist_max_us(t->latency_diff) : NOT_MEASURED;
}

static bool diff_lag(timeline_t *t, int tap)
{
    lag_t *now = lag_new();
    bool done = now != NULL;
    for (uint32_t p = 0; done && p < t->opts.work->scenario->n_phases; p++)
        for (op_t op = 0; done && op < OP_COUNT; op++)
            done = accumulate_lag(
                &now, tap_lag(t->opts.taps[tap], SCOPE_EVENT, p, op, STAGE_COMMIT_TO_RECEIPT));
    done = done && lag_growth(t->lag_diff, &now, &t->lag_last[tap]);
    lag_free(now);
    return done;
}

static uint64_t total_acked(const timeline_t *t)
{
    uint64_t acked = 0;
    for (int stream = 0; stream < STREAM_COUNT; stream++)
        acked += t->last[stream].acked;
    return acked;
}

static bool take_tap(timeline_t *t, timeline_row_t *row, int tap)
{
    const tap_t *core = t->opts.taps[tap];
    row->taps[tap].seen_rows = row->taps[tap].behind_rows = NOT_MEASURED;
    row->taps[tap].behind_us = NOT_MEASURED;
    row->taps[tap].p50_us = row->taps[tap].p99_us = row->taps[tap].max_us = NOT_MEASURED;
    if (core == NULL || tap_failed(core))
        return true;
    uint64_t seen = tap_seen(core), acked = total_acked(t);
    row->taps[tap].seen_rows = (int64_t)(seen - t->last_seen[tap]);
    if (t->opts.n_loaders > 0) { /* of others nobody knows what they had acknowledged */
        /* Below zero: it has seen what its writer has not had acknowledged yet. */
        row->taps[tap].behind_rows = (int64_t)acked - (int64_t)seen;
        row->taps[tap].behind_us = behind_us(&t->behind, seen);
    }
    t->last_seen[tap] = seen;
    if (!diff_lag(t, tap))
        return false;
    if (lag_count(t->lag_diff) > 0) {
        row->taps[tap].p50_us = lag_percentile_us(t->lag_diff, 50);
        row->taps[tap].p99_us = lag_percentile_us(t->lag_diff, 99);
        row->taps[tap].max_us = lag_max_us(t->lag_diff);
    }
    return true;
}

/* For how much of the interval the backlog was past its bound. */
static void take_overload(timeline_t *t, timeline_row_t *row)
{
    int64_t over_ns = 0;
    row->overload_us = NOT_MEASURED;
    if (t->opts.watches == NULL)
        return;
    for (uint32_t p = 0; p < t->opts.work->scenario->n_phases; p++)
        over_ns += t->opts.watches[p].over_ns;
    row->overload_us = (over_ns - t->last_over_ns) / NS_PER_US;
    t->last_over_ns = over_ns;
}

/* What a cumulative figure has grown by, where both readings are there and it was not reset. */
static int64_t growth(int64_t *last, int64_t now)
{
    int64_t grown =
        *last == NOT_MEASURED || now == NOT_MEASURED || now < *last ? NOT_MEASURED : now - *last;
    if (now != NOT_MEASURED)
        *last = now;
    return grown;
}

static void take_log(timeline_t *t, timeline_row_t *row, const monitor_reading_t *reading)
{
    checkpoint_row_t *last = &t->last_checkpoints;
    const checkpoint_row_t *now = &reading->checkpoints;
    row->checkpoints.timed = growth(&last->timed, now->timed);
    row->checkpoints.requested = growth(&last->requested, now->requested);
    row->checkpoints.written_bytes = growth(&last->written_bytes, now->written_bytes);
    row->wal_written_bytes =
        growth(&t->last_insert_lsn,
               reading->insert_lsn == 0 ? NOT_MEASURED : (int64_t)reading->insert_lsn);
}

static void take_monitor(timeline_t *t, timeline_row_t *row)
{
    monitor_reading_t reading;
    monitor_read(t->opts.monitor, &reading);
    memcpy(row->slots, reading.slots, sizeof row->slots);
    row->client_cpu_permille = reading.client_cpu_permille;
    row->client_rss_bytes = reading.client_rss_bytes;
    row->server_cpu_permille = reading.server_cpu_permille;
    row->server_rss_bytes = reading.server_rss_bytes;
    row->walsender_cpu_permille = reading.walsender_cpu_permille;
    row->walsender_rss_bytes = reading.walsender_rss_bytes;
    row->broker_cpu_permille = reading.broker_cpu_permille;
    row->broker_rss_bytes = reading.broker_rss_bytes;
    row->connect_cpu_permille = reading.connect_cpu_permille;
    row->connect_rss_bytes = reading.connect_rss_bytes;
    row->debezium_walsender_cpu_permille = reading.debezium_walsender_cpu_permille;
    row->debezium_walsender_rss_bytes = reading.debezium_walsender_rss_bytes;
    take_log(t, row, &reading);
    if (!clocksync_get(t->opts.clock, &row->clock_offset_us, &row->clock_uncertainty_us))
        row->clock_offset_us = row->clock_uncertainty_us = NOT_MEASURED;
}

bool timeline_take(timeline_t *t, int64_t now_ns)
{
    timeline_row_t *room = array_room(t->rows, t->n, &t->cap, sizeof *room);
    if (room == NULL)
        return false;
    t->rows = room;
    timeline_row_t *row = &room[t->n];
    memset(row, 0, sizeof *row);
    row->second = (double)(now_ns - t->opts.start_ns) / (double)NS_PER_S;
    row->interval_s = (double)(now_ns - t->last_ns) / (double)NS_PER_S;
    row->phase = atomic_load_explicit(&t->opts.work->phase, memory_order_relaxed);
    t->last_ns = now_ns;
    for (uint32_t stream = 0; stream < STREAM_COUNT; stream++)
        take_stream(t, row, stream, now_ns);
    take_overload(t, row);
    if (!behind_add(&t->behind, now_ns, total_acked(t)))
        return false;
    for (int tap = 0; tap < TAP_COUNT; tap++)
        if (!take_tap(t, row, tap))
            return false;
    row->kafka_unread_messages =
        t->opts.topics == NULL ? NOT_MEASURED : source_unread(t->opts.topics);
    take_monitor(t, row);
    t->n++;
    return true;
}
