#include "report/live_view.h"

#include <string.h>

static void sum_clear(live_sum_t *sum)
{
    memset(sum, 0, sizeof *sum);
    sum->latency = (live_quantiles_t){NOT_MEASURED, NOT_MEASURED};
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        sum->lag[tap] = (live_quantiles_t){NOT_MEASURED, NOT_MEASURED};
    }
}

void live_quantiles_keep_larger(live_quantiles_t *into, int64_t p50_us, int64_t p99_us)
{
    /* NOT_MEASURED is INT64_MIN: any value is larger. */
    into->p50_us = p50_us > into->p50_us ? p50_us : into->p50_us;
    into->p99_us = p99_us > into->p99_us ? p99_us : into->p99_us;
}

static void sum_add(live_sum_t *sum, const timeline_row_t *row)
{
    sum->seconds += row->interval_s;
    for (op_t op = 0; op < OP_COUNT; op++) {
        if (row->ops[op].due_rows == NOT_MEASURED) {
            sum->due_rows[op] =
                NOT_MEASURED; /* and stays so: it is the phase's stream that is closed */
        } else if (sum->due_rows[op] != NOT_MEASURED) {
            sum->due_rows[op] += row->ops[op].due_rows;
        }
        sum->acked_rows[op] += row->ops[op].acked_rows;
        sum->errors += row->ops[op].errors;
        live_quantiles_keep_larger(&sum->latency, row->ops[op].p50_us, row->ops[op].p99_us);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        live_quantiles_keep_larger(&sum->lag[tap], row->taps[tap].p50_us, row->taps[tap].p99_us);
    }
}

void live_view_init(live_view_t *view, const scenario_t *scenario)
{
    memset(view, 0, sizeof *view);
    view->scenario = scenario;
    sum_clear(&view->phase);
    sum_clear(&view->line);
}

void live_view_begin_line(live_view_t *view)
{
    sum_clear(&view->line);
}

bool live_view_turns(const live_view_t *view, const timeline_row_t *row)
{
    return view->begun && row->phase != view->last.phase;
}

/* Pushes the second's rates into the sparklines. */
static void add_sparks(live_view_t *view, const timeline_row_t *row)
{
    bool full = view->n_acked == LIVE_SPARKS;
    int at = full ? LIVE_SPARKS - 1 : view->n_acked++;
    for (op_t op = 0; op < OP_COUNT; op++) {
        double *rates = view->acked_per_s[op];
        if (full) {
            memmove(rates, rates + 1, (LIVE_SPARKS - 1) * sizeof *rates);
        }
        rates[at] = row->interval_s > 0 ? (double)row->ops[op].acked_rows / row->interval_s : 0;
    }
}

void live_view_add(live_view_t *view, const timeline_row_t *row)
{
    if (live_view_turns(view, row)) {
        sum_clear(&view->phase);
        view->n_acked = 0;
    }
    view->begun = true;
    view->last = *row;
    sum_add(&view->phase, row);
    sum_add(&view->line, row);
    add_sparks(view, row);
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        view->tap_on[tap] = view->tap_on[tap] || row->taps[tap].seen_rows != NOT_MEASURED;
    }
}
