#include "run/control/series.h"

#include <stdio.h>
#include <stdlib.h>

#include "result/accumulate.h"
#include "run/load/stats.h"

/* Which of an operation's two histograms. */
typedef enum { KIND_LATENCY, KIND_SERVICE, KINDS } kind_t;
static const char *const kind_names[KINDS] = {"latency", "service"};

/* commit_to_receipt by operation, then the stages, whose first is not used. */
#define LAGS (OP_COUNT + STAGE_COUNT)

struct series {
    series_opts_t opts;
    int64_t last_ns;
    hist_t *last[KINDS][STREAM_COUNT]; /* as of the reading before; NULL: nothing yet */
    lag_t *last_lag[TAP_COUNT][LAGS];
    hist_t *now, *diff; /* scratch */
    lag_t *now_lag, *diff_lag;
};

/* What a reading goes to. */
typedef struct {
    series_visit_t *visit;
    void *ctx;
    series_interval_t interval; /* its times */
} reading_t;

series_t *series_new(const series_opts_t *opts)
{
    series_t *series = calloc(1, sizeof *series);
    if (series == NULL)
        return NULL;
    series->opts = *opts;
    series->now = hist_new();
    series->diff = hist_new();
    series->now_lag = lag_new();
    series->diff_lag = lag_new();
    if (series->now != NULL && series->diff != NULL && series->now_lag != NULL &&
        series->diff_lag != NULL)
        return series;
    series_free(series);
    return NULL;
}

void series_free(series_t *series)
{
    if (series == NULL)
        return;
    for (int kind = 0; kind < KINDS; kind++)
        for (int stream = 0; stream < STREAM_COUNT; stream++)
            hist_free(series->last[kind][stream]);
    for (int tap = 0; tap < TAP_COUNT; tap++)
        for (int i = 0; i < LAGS; i++)
            lag_free(series->last_lag[tap][i]);
    hist_free(series->now);
    hist_free(series->diff);
    lag_free(series->now_lag);
    lag_free(series->diff_lag);
    free(series);
}

static void emit(const reading_t *reading, const char *tag, const hist_t *hist)
{
    if (hist == NULL || hist_count(hist) == 0)
        return;
    series_interval_t interval = reading->interval;
    interval.tag = tag;
    interval.hist = hist;
    reading->visit(reading->ctx, &interval);
}

/* The sum over threads and phases, in `now`; false when there is nothing yet. */
static bool sum_operation(series_t *series, kind_t kind, int stream)
{
    bool any = false;
    for (uint32_t i = 0; i < series->opts.n_loaders; i++)
        for (uint32_t phase = 0; phase < series->opts.n_phases; phase++) {
            const op_stats_t *stats = &loader_stats(series->opts.loaders[i])->ops[phase][stream];
            const hist_t *hist =
                stats_hist(kind == KIND_LATENCY ? &stats->latency : &stats->service);
            if (hist == NULL)
                continue;
            if (!any)
                hist_reset(series->now);
            any = true;
            hist_add(series->now, hist);
        }
    return any;
}

static bool take_operation(series_t *series, const reading_t *reading, kind_t kind, int stream)
{
    hist_t **last = &series->last[kind][stream];
    if (!sum_operation(series, kind, stream))
        return true;
    if (*last == NULL && (*last = hist_new()) == NULL)
        return false;
    char tag[SERIES_TAG_BYTES];
    snprintf(tag, sizeof tag, "%s.%s", kind_names[kind], stream_names[stream]);
    hist_growth(series->diff, &series->now, last);
    emit(reading, tag, series->diff);
    return true;
}

/* Adds a stage's lag over all phases to now_lag; *any: there was some. */
static bool sum_lag(series_t *series, tap_id_t tap, op_t op, stage_t stage, bool *any)
{
    for (uint32_t phase = 0; phase < series->opts.n_phases; phase++) {
        const lag_t *lag = tap_lag(series->opts.taps[tap], SCOPE_EVENT, phase, op, stage);
        if (lag == NULL)
            continue;
        bool added = *any ? lag_add(series->now_lag, lag) : lag_copy(series->now_lag, lag);
        if (!added)
            return false;
        *any = true;
    }
    return true;
}

/* What now_lag has more than the reading before. */
static bool take_lag(series_t *series, const reading_t *reading, lag_t **last, const char *tag)
{
    char negative[SERIES_TAG_BYTES + sizeof ".negative"];
    if (*last == NULL && (*last = lag_new()) == NULL)
        return false;
    if (!lag_growth(series->diff_lag, &series->now_lag, last))
        return false;
    snprintf(negative, sizeof negative, "%s.negative", tag);
    emit(reading, tag, lag_half_from_zero(series->diff_lag));
    emit(reading, negative, lag_half_below_zero(series->diff_lag));
    return true;
}

static bool take_whole(series_t *series, const reading_t *reading, tap_id_t tap)
{
    for (op_t op = 0; op < OP_COUNT; op++) {
        char tag[SERIES_TAG_BYTES];
        bool any = false;
        snprintf(tag, sizeof tag, "lag.%s.%s.%s", tap_rows[tap].name,
                 stage_rows[STAGE_COMMIT_TO_RECEIPT].name, op_names[op]);
        if (!sum_lag(series, tap, op, STAGE_COMMIT_TO_RECEIPT, &any) ||
            (any && !take_lag(series, reading, &series->last_lag[tap][op], tag)))
            return false;
    }
    return true;
}

/* All operations of a stage; a difference between two taps is recorded by whichever saw a
 * transaction last, and belongs to one (run_gather.c). */
static bool take_stage(series_t *series, const reading_t *reading, tap_id_t tap, stage_t stage)
{
    char tag[SERIES_TAG_BYTES];
    bool any = false;
    const stage_row_t *row = &stage_rows[stage];
    bool both = row->is_difference && series->opts.taps[row->other] != NULL;
    for (op_t op = 0; op < OP_COUNT; op++)
        if (!sum_lag(series, tap, op, stage, &any) ||
            (both && !sum_lag(series, row->other, op, stage, &any)))
            return false;
    snprintf(tag, sizeof tag, "lag.%s.%s", tap_rows[tap].name, row->name);
    return !any || take_lag(series, reading, &series->last_lag[tap][OP_COUNT + stage], tag);
}

static bool take_tap(series_t *series, const reading_t *reading, tap_id_t tap)
{
    if (series->opts.taps[tap] == NULL)
        return true;
    for (stage_t stage = 0; stage < STAGE_COUNT; stage++)
        if (stage != STAGE_COMMIT_TO_RECEIPT && !stage_is_anothers(stage, tap) &&
            !take_stage(series, reading, tap, stage))
            return false;
    return take_whole(series, reading, tap);
}

bool series_take(series_t *series, int64_t now_ns, series_visit_t *visit, void *ctx)
{
    reading_t reading = {.visit = visit, .ctx = ctx};
    reading.interval.zero_unix_us = series->opts.start_unix_us;
    reading.interval.start_ns = series->last_ns;
    reading.interval.end_ns = now_ns - series->opts.start_ns;
    series->last_ns = reading.interval.end_ns;
    for (kind_t kind = 0; kind < KINDS; kind++)
        for (int stream = 0; stream < STREAM_COUNT; stream++)
            if (!take_operation(series, &reading, kind, stream))
                return false;
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++)
        if (!take_tap(series, &reading, tap))
            return false;
    return true;
}
