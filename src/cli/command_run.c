/* cdcbench run: the main job. */
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/hist.h"
#include "base/log.h"
#include "base/secret.h"
#include "base/units.h"
#include "cli/command.h"
#include "cli/explain_cost.h"
#include "cli/job.h"
#include "plan/scenario/scenario_file.h"
#include "report/terminal/repeats.h"
#include "report/text/text.h"
#include "result/result.h"
#include "run/load/ledger.h"
#include "run/load/session.h"

/* --- --dry-run -------------------------------------------------------------------------------- */

/* What a run will do and what it will take, before anything is touched. Every line is a comment of
 * YAML, so that it may stand behind the scenario. */

#define COLUMNS 40

static void put_bytes(FILE *out, const char *what, double bytes)
{
    fprintf(out, "#   %-9s  %s", units_bytes((uint64_t)bytes).text, what);
}

/* How long the stream takes: until its last transaction is due, or the phase's end. */
static int64_t length_ns(const stream_t *stream, int64_t duration_ns)
{
    uint64_t txns = schedule_txns(stream, duration_ns);
    int64_t last_ns = txns > 0 ? schedule_txn_time_ns(stream, txns - 1) + 1 : 1;
    return stream->rows == 0 && duration_ns > 0 ? duration_ns : last_ns;
}

/* The transactions due in each equal part of the stream's time. */
static void print_spark(FILE *out, const stream_t *stream, int64_t duration_ns)
{
    double due[COLUMNS], highest = 0;
    uint64_t before = 0;
    int64_t whole_ns = length_ns(stream, duration_ns);
    for (int i = 0; i < COLUMNS; i++) {
        int64_t end_ns = (int64_t)((double)whole_ns * (i + 1) / COLUMNS);
        uint64_t by = schedule_due_txns(stream, duration_ns, end_ns - 1);
        due[i] = (double)(by - before);
        highest = fmax(highest, due[i]);
        before = by;
    }
    for (int i = 0; i < COLUMNS; i++) {
        fputs(text_spark(highest > 0 ? due[i] / highest : 0), out);
    }
}

static void print_stream(FILE *out, const phase_t *phase, int i)
{
    const stream_t *stream = &phase->streams[i];
    uint64_t rows = schedule_rows(stream, phase->duration_ns);
    uint64_t txns = schedule_txns(stream, phase->duration_ns);
    bool bounded = rows != SCHEDULE_UNBOUNDED;
    fprintf(out, "#     %-11s  %13s rows in %13s transactions  ", stream_names[i],
            bounded ? units_count(rows).text : "any number of",
            bounded ? units_count(txns).text : "any number of");
    if (stream->kind == STREAM_OPEN) {
        print_spark(out, stream, phase->duration_ns);
        fprintf(out, "  %s", units_us(length_ns(stream, phase->duration_ns) / NS_PER_US).text);
    } else {
        fputs("as fast as it goes", out);
    }
    fputs("\n", out);
}

static void print_phase(FILE *out, const phase_t *phase)
{
    fprintf(out, "#   %s", phase->name);
    if (phase->kind == PHASE_DRAIN) {
        fprintf(out, ": waits until every tap has caught up, at most %s\n",
                units_us(phase->at_most_ns / NS_PER_US).text);
        return;
    }
    fprintf(out, "%s\n", phase->warm_up ? ": a warm-up, whose times count nowhere" : "");
    for (int i = 0; i < STREAM_COUNT; i++) {
        if (phase->streams[i].kind != STREAM_OFF) {
            print_stream(out, phase, i);
        }
    }
}

/* The schedule: for each phase and stream how many rows in how many transactions, and how they come
 * over time. */
static void sketch_schedule(FILE *out, const scenario_t *scenario)
{
    fprintf(out, "# schedule\n");
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        print_phase(out, &scenario->phases[i]);
    }
}

/* Transactions of the whole scenario, as far as they are known; *all: they all are. */
static double count_txns(const scenario_t *scenario, bool *all)
{
    double txns = 0;
    *all = true;
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        for (int j = 0; j < STREAM_COUNT; j++) {
            const phase_t *phase = &scenario->phases[i];
            uint64_t n = schedule_txns(&phase->streams[j], phase->duration_ns);
            *all = *all && n != SCHEDULE_UNBOUNDED;
            txns += n != SCHEDULE_UNBOUNDED ? (double)n : 0;
        }
    }
    return txns;
}

/* Streams that may record latency and service time in every thread, and what each tap may record of
 * them in every stage: histograms are made when first used, so this is the most there can be. */
static double count_hists(const config_t *config, const scenario_t *scenario, int taps)
{
    double streams = 0, phases = 0;
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        const phase_t *phase = &scenario->phases[i];
        for (int j = 0; j < STREAM_COUNT && !phase->warm_up; j++) {
            streams += phase->streams[j].kind != STREAM_OFF;
        }
        phases += phase->kind == PHASE_WORK && !phase->warm_up;
    }
    double loaders = (double)config->load.threads * (2 * streams + phases);
    return loaders + (double)taps * (SCOPE_COUNT * streams * 6);
}

/* Older rows that the transactions under way have changed, at most. A connection keeps the room
 * that its largest transaction took. */
static double count_touched(const scenario_t *scenario)
{
    double sum = 0, most = 0;
    for (uint32_t i = 0; i < scenario->n_phases; i++) {
        const phase_t *phase = &scenario->phases[i];
        for (int j = OP_UPDATE; j < STREAM_COUNT; j++) {
            const stream_t *stream = &phase->streams[j];
            uint64_t txns = schedule_txns(stream, phase->duration_ns);
            if (txns == 0)
                continue;
            double rows = j == STREAM_MIX ? (double)phase->mix.updates + phase->mix.deletes
                                          : schedule_txn_rows(stream, phase->duration_ns, 0);
            rows *= phase->savepoint_share[j] > 0 ? 2 : 1; /* a part of it is sent twice */
            sum += rows * fmin((double)txns, scenario->connections);
            most = fmax(most, rows);
        }
    }
    return fmin(sum, most * scenario->connections);
}

static double count_buffers(const config_t *config, const scenario_t *scenario, int taps)
{
    const tables_t *tables = &scenario->tables;
    size_t value_bytes = 0;
    for (uint32_t t = 0; t < tables->n; t++)
        if (tables->use[t].table->value_bytes_max > value_bytes)
            value_bytes = tables->use[t].table->value_bytes_max;
    return (double)config->load.threads * (double)session_piece_bytes(tables) +
           taps * (double)value_bytes + count_touched(scenario) * SESSION_TOUCHED_BYTES;
}

/* The memory that it will take, part by part. */
static void sketch_memory(FILE *out, const config_t *config, const scenario_t *scenario)
{
    int taps = (int)config_taps(config);
    bool all;
    double txns = count_txns(scenario, &all);
    double held =
        all ? fmin(txns, (double)config->load.ledger_max) : (double)config->load.ledger_max;
    double rows = (double)scenario->rows * 2 * (1 + taps);
    double ledger = taps > 0 ? held * sizeof(ledger_entry_t) : 0;
    double hists = count_hists(config, scenario, taps) * HIST_SLOTS * sizeof(uint64_t);
    double buffers = count_buffers(config, scenario, taps);
    fprintf(out, "# memory, at most\n");
    put_bytes(out, "versions", rows);
    fprintf(out, ": 2 bytes for each of %llu rows, held by the writer and %d tap%s\n",
            (unsigned long long)scenario->rows, taps, taps == 1 ? "" : "s");
    put_bytes(out, "ledger", ledger);
    fprintf(out,
            ": %zu bytes for each of %.0f transactions, if no tap has passed any (--ledger-max)\n",
            sizeof(ledger_entry_t), taps > 0 ? held : 0);
    put_bytes(out, "histograms", hists);
    fputs(": one for each stream and stage; made when first used\n", out);
    put_bytes(out, "buffers", buffers);
    fputs(": what each thread sends next, each tap compares with, and transactions have changed\n",
          out);
    put_bytes(out, "in all, beside what the libraries take\n", rows + ledger + hists + buffers);
}

/* The scenario as YAML; what it will do and take as comments behind it. */
static int dry_run(const config_t *config, const scenario_t *scenario)
{
    buf_t yaml = {0};
    if (!scenario_write(config, &yaml)) {
        err_t err = {0};
        err_set(&err, ERR_RUN, "out of memory for the scenario");
        return command_fail(&err);
    }
    secret_redact(yaml.data, yaml.len);
    fputs(buf_text(&yaml), stdout);
    buf_free(&yaml);
    if (config->run.explain_cost)
        explain_cost_sketch(stdout, config);
    sketch_schedule(stdout, scenario);
    sketch_memory(stdout, config, scenario);
    return 0;
}

/* --- --repeat --------------------------------------------------------------------------------- */

static void take_repeat(const result_t *result, void *into)
{
    if (!repeat_take(result, into))
        log_warning("out of memory: a repeat is missing in the comparison");
}

/* One of --repeat's runs, into <parent>/repeat-<number>. On the same table the rows of the runs
 * before stay in it: each has a seed of its own, the first one's and on. */
static int run_repeat(job_t *job, const char *parent, uint32_t number, repeat_t *repeat)
{
    char out[PATH_MAX];
    config_t config = *job->config; /* borrows all that it points to */
    bool same = config.run.repeat_same_table;
    config.table.seed += same ? number - 1 : 0;
    snprintf(out, sizeof out, "%s/repeat-%u", parent, number);
    job_run_t run = {
        .config = &config, .keep_table = same && number > 1, .take = take_repeat, .into = repeat};
    return job_run_one(job, out, run);
}

/* --repeat: the runs' folders stand in the job's. */
static int run_repeats(job_t *job)
{
    uint32_t n = (uint32_t)job->config->run.repeat, done = 0;
    int code = 0;
    repeat_t *repeats = calloc(n, sizeof *repeats);
    if (repeats == NULL) {
        err_t err = {0};
        err_set(&err, ERR_RUN, "out of memory for %u repeats", n);
        return command_fail(&err);
    }
    while (done < n && atomic_load(&command_interrupts) == 0) {
        int last = run_repeat(job, folder_path(job->folder), done + 1, &repeats[done]);
        code = job_worse(code, last);
        if (!job->began)
            break;
        done++;
    }
    FILE *out = job->config->output.json ? stderr : stdout;
    if (done > 0)
        repeats_print(out, repeats, done);
    command_flush();
    free(repeats);
    return code;
}

/* --- the command ------------------------------------------------------------------------------ */

int command_run(const line_t *line, const config_t *config)
{
    static scenario_t scenario;
    err_t err = {0};
    if (!config_scenario(config, &scenario, &err) ||
        (config->run.explain_cost && !explain_cost_check(config, &scenario, &err)))
        return command_fail(&err);
    if (config->run.dry_run)
        return dry_run(config, &scenario);
    job_t job = {.line = line, .config = config};
    int code = !job_open(&job, &scenario, &err) ? job_fail_to_begin(&err)
               : config->run.explain_cost       ? explain_cost(&job)
               : config->run.repeat > 1         ? run_repeats(&job)
                                                : job_run(&job, &scenario, NULL);
    job_close(&job);
    return code;
}
