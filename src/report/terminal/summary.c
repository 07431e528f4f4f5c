#include "report/terminal/summary.h"

#include <inttypes.h>
#include <math.h>

#include "report/text/text.h"
#include "result/accumulate.h"
#include "result/expectation.h"

static double seconds(int64_t ns)
{
    return (double)ns / (double)NS_PER_S;
}

/* --- what the load met ------------------------------------------------------------------------ */

/* "errors 3", with what sets it apart from the last one on the line; nothing when there are none.
 */
static void print_mishap(FILE *out, const char *what, uint64_t count, bool *any)
{
    if (count > 0) {
        fprintf(out, "%s%s %s", *any ? " · " : "", what, units_count(count).text);
        *any = true;
    }
}

static void print_mishaps(FILE *out, const result_t *result)
{
    uint64_t errors = 0, retries = 0;
    bool any = false;
    for (uint32_t phase = 0; phase < result->scenario->n_phases; phase++) {
        for (uint32_t stream = 0; stream < STREAM_COUNT; stream++) {
            errors += result->phases[phase].ops[stream].errors;
            retries += result->phases[phase].ops[stream].retries;
        }
    }
    print_mishap(out, "errors", errors, &any);
    print_mishap(out, "transactions sent again", retries, &any);
    print_mishap(out, "connections made again", result->reconnects, &any);
    print_mishap(out, "transactions in doubt", result->in_doubt, &any);
    print_mishap(out, "of these committed", result->in_doubt_committed, &any);
    fputs(any ? "\n" : "", out);
}

/* Transactions that the lag leaves out. */
static void print_left_out(FILE *out, const result_t *result)
{
    if (result->ledger_dropped > 0) {
        fprintf(out,
                "OVERLOADED: the ledger was full; transactions without lag: %s (see "
                "--ledger-max)\n",
                units_count(result->ledger_dropped).text);
    }
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        if (result->taps[tap].on && result->taps[tap].unmatched_transactions > 0) {
            fprintf(out, "transactions on %s without lag against the client's clock: %s\n",
                    tap_rows[tap].name, units_count(result->taps[tap].unmatched_transactions).text);
        }
    }
}

static void print_warm_up(FILE *out, const result_t *result)
{
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        if (result->scenario->phases[p].warm_up && result->phases[p].start_ns != NOT_MEASURED) {
            fprintf(out,
                    "warm-up: the times of phase %s are recorded nowhere; its changes are "
                    "verified\n",
                    result->scenario->phases[p].name);
        }
    }
}

static void print_rolled_back(FILE *out, const result_t *result)
{
    uint64_t transactions = 0, rows = 0;
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        for (int stream = 0; stream < STREAM_COUNT; stream++) {
            transactions += result->phases[p].ops[stream].rolled_back;
            rows += result->phases[p].ops[stream].rows_rolled_back;
        }
    }
    if (transactions > 0) {
        fprintf(out, "rolled back as the scenario asks: %s transactions of %s changes\n",
                units_count(transactions).text, units_count(rows).text);
    }
}

/* A shorter drain had nothing to catch up with, and its rate would say nothing. */
#define DRAIN_SHOWN_US 100000

static void print_drain(FILE *out, const char *name, const phase_result_t *phase)
{
    for (tap_id_t tap = 0; tap < TAP_COUNT; tap++) {
        double per_s = result_drain_per_s(phase, tap);
        if (isfinite(per_s) && phase->drain[tap].us >= DRAIN_SHOWN_US) {
            fprintf(out, "waited for %s in phase %s: %s events in %.1f s, %s per second\n",
                    tap_rows[tap].name, name, units_count((uint64_t)phase->drain[tap].events).text,
                    (double)phase->drain[tap].us / 1e6, units_count((uint64_t)llround(per_s)).text);
        }
    }
}

static void print_overload(FILE *out, const char *name, const phase_result_t *phase)
{
    if (phase->overload_from_ns != NOT_MEASURED) {
        fprintf(out,
                "OVERLOADED: in phase %s the backlog passed its bound at second %.1f, for %.1f s; "
                "at most %s rows, %.1f s old\n",
                name, seconds(phase->overload_from_ns), (double)phase->overload_us / 1e6,
                units_count(phase->backlog_peak_rows).text, (double)phase->backlog_peak_us / 1e6);
    }
}

/* Stalls listed one by one. */
#define STALLS_SHOWN 5

static void print_stalls(FILE *out, const result_t *result)
{
    for (uint64_t i = 0; i < result->n_stalls && i < STALLS_SHOWN; i++) {
        const stall_t *stall = &result->stalls[i];
        fprintf(out,
                "STALLED: from second %.2f on nothing was acknowledged for %.2f s, though it "
                "was due (phase %s)\n",
                seconds(stall->from_ns), seconds(stall->to_ns - stall->from_ns),
                result->scenario->phases[stall->phase].name);
    }
    if (result->n_stalls > STALLS_SHOWN) {
        fprintf(out, "STALLED: %s more times (run.json)\n",
                units_count(result->n_stalls - STALLS_SHOWN).text);
    }
}

static void print_load(FILE *out, const result_t *result)
{
    print_mishaps(out, result);
    print_left_out(out, result);
    print_warm_up(out, result);
    print_rolled_back(out, result);
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        print_drain(out, result->scenario->phases[p].name, &result->phases[p]);
    }
    for (uint32_t p = 0; p < result->scenario->n_phases; p++) {
        print_overload(out, result->scenario->phases[p].name, &result->phases[p]);
    }
    print_stalls(out, result);
}

/* --- clocks ----------------------------------------------------------------------------------- */

static const char *const clock_words[CLOCK_COUNT] = {
    [CLOCK_CONNECT] = "Kafka Connect's clock",
    [CLOCK_BROKER] = "the broker's clock",
};

/* What is measured with it, and so is wrong with it. */
static const char *const clock_stages[CLOCK_COUNT] = {
    [CLOCK_CONNECT] = "the stages up to debezium and from it on are wrong by that",
    [CLOCK_BROKER] = "the stages up to append and from it on are wrong by that",
};

/* Of a minute in which the clock was set, the bounds cross: least is then above most. */
static void print_minute(FILE *out, const char *which, const clock_ahead_t *ahead)
{
    fprintf(out, "         %s %s to %s\n", which, units_us(ahead->min_us).text,
            units_us(ahead->max_us).text);
}

static void warn_of_foreign(FILE *out, const foreign_clock_t *clock, foreign_clock_id_t id)
{
    const clock_ahead_t *whole = &clock->whole;
    bool ahead = whole->min_us > 0;
    if (foreign_clock_holds(clock))
        return;
    if (whole->min_us > whole->max_us) {
        fprintf(
            out,
            "WARNING: %s was set or drifted, by at least %s: %s, and commit_to_receipt is not\n",
            clock_words[id], units_us(whole->min_us - whole->max_us).text, clock_stages[id]);
        print_minute(out, "ahead of the server's in the first minute by", &clock->first);
        print_minute(out, "in the last by", &clock->last);
        print_minute(out, "in the worst by", &clock->worst);
        return;
    }
    fprintf(out, "WARNING: %s is %s to %s %s the server's: %s, and commit_to_receipt is not\n",
            clock_words[id], units_us(ahead ? whole->min_us : -whole->max_us).text,
            units_us(ahead ? whole->max_us : -whole->min_us).text, ahead ? "ahead of" : "behind",
            clock_stages[id]);
}

/* Warnings, where a clock cannot be believed; then, without a line end, what was measured of the
 * server's: "clock offset to the server +12 µs ± 31 µs". */
static void print_clocks(FILE *out, const result_t *result)
{
    if (result->clock_breaks > 0)
        fprintf(out,
                "WARNING: the server's clock or this host's was set, or changed its rate, %" PRIu64
                " time%s: lag from a commit before to a receipt after is wrong by as much\n",
                result->clock_breaks, result->clock_breaks == 1 ? "" : "s");
    for (foreign_clock_id_t id = 0; id < CLOCK_COUNT; id++)
        warn_of_foreign(out, &result->foreign_clocks[id], id);
    if (result->clock_offset_us == NOT_MEASURED)
        fputs("clock offset to the server not measured", out);
    else
        fprintf(out, "clock offset to the server %s%s ± %s",
                result->clock_offset_us >= 0 ? "+" : "", units_us(result->clock_offset_us).text,
                units_us(result->clock_uncertainty_us).text);
}

/* --- the tool itself -------------------------------------------------------------------------- */

/* Of all phases; nothing when nothing was due by the clock, or memory is out: the figure is in
 * run.json, by phase. */
static void print_schedule_lag(FILE *out, const result_t *result)
{
    hist_t *all;
    accumulate_writers(result, WRITERS_SCHEDULE_LAG, ACCUMULATE_ALL, &all);
    if (all != NULL && hist_count(all) > 0) {
        fprintf(out, " · schedule lag p99 %s", units_us(hist_percentile_us(all, 99)).text);
    }
    hist_free(all);
}

static void print_client(FILE *out, const result_t *result)
{
    if (result->client_cpu_us == NOT_MEASURED || result->end_ns <= 0) {
        return;
    }
    double percent = 100 * (double)(result->client_cpu_us * NS_PER_US) / (double)result->end_ns;
    fprintf(out, " · client %.*f %% of a core", percent < 0.95 ? 1 : 0, percent);
}

/* --- the whole -------------------------------------------------------------------------------- */

void summary_print(FILE *out, const result_t *result, const char *where)
{
    summary_print_verdict(out, result);
    summary_print_faults(out, result);
    summary_print_tables(out, result);
    print_load(out, result);
    print_clocks(out, result);
    print_schedule_lag(out, result);
    print_client(out, result);
    putc('\n', out);
    if (where != NULL) {
        fprintf(out, "%s\n", where);
    }
}

void summary_print_expectations(FILE *out, const config_t *config, const result_t *result)
{
    for (size_t i = 0; i < config->scenario.expect.n; i++) {
        expectation_t it;
        bool judged = expectation_judge(config, i, result, &it);
        fprintf(out, "%s  %s: %s\n", it.met ? "MET    " : "NOT MET", it.text,
                !judged || !it.measured               ? "not measured"
                : it.expect.measure == EXPECT_KEPT_UP ? (it.value > 0 ? "yes" : "no")
                : expect_is_time(&it.expect)          ? units_us(llround(it.value)).text
                                                      : units_count((uint64_t)it.value).text);
    }
}
