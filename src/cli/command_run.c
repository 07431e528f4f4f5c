/* cdcbench run: the main job. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/output.h"
#include "cli/server.h"
#include "plan/ready.h"
#include "plan/scenario_write.h"
#include "report/repeats.h"
#include "report/sketch.h"

/* Whatever it was that an interrupt broke off. */
static int fail_to_begin(const err_t *err)
{
    int code = command_fail(err);
    return atomic_load(&command_interrupts) > 0 ? ERR_INTERRUPTED : code;
}

/* What the runs of one command share. */
typedef struct {
    const line_t *line;
    const config_t *config;
    server_t server;
    output_t output; /* of the run under way; its listen stays */
    libraries_t libraries;
} job_t;

/* With the server there: checks it, runs, writes. A repeat_t, where there is one, is filled when
 * the run has begun. */
static int run_on(job_t *job, const config_t *config, const scenario_t *scenario, bool keep_table,
                  repeat_t *repeat)
{
    err_t err = {0};
    manifest_t manifest = {.config = config, .argc = job->line->n, .argv = job->line->words};
    output_t *output = &job->output;
    run_opts_t opts = {.config = config,
                       .scenario = scenario,
                       .target = job->server.target,
                       .tap_target = job->server.tap_target,
                       .keep_table = keep_table,
                       .interrupts = &command_interrupts};
    output_hooks(output, &opts);
    if (!run_check(&opts, &err) || !output_begin(output, &err))
        return command_fail(&err);
    libraries_describe(&job->libraries, &manifest);
    server_describe(&job->server, &manifest);
    output->manifest = &manifest;
    run_t *run = run_execute(&opts, &err);
    if (run == NULL) {
        output_abandon(output);
        return fail_to_begin(&err);
    }
    int code = output_finish(output, run);
    if (repeat != NULL && !repeat_take(run_result(run), repeat))
        log_warning("out of memory: a repeat is missing in the comparison");
    run_free(run);
    return code;
}

static int list_scenarios(void)
{
    for (size_t i = 0; i < n_ready_scenarios; i++)
        printf("%.*s\n", (int)strcspn(ready_scenarios[i].text + 2, "\n"),
               ready_scenarios[i].text + 2);
    return 0;
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
    fputs(buf_text(&yaml), stdout);
    buf_free(&yaml);
    sketch_schedule(stdout, scenario);
    sketch_memory(stdout, config, scenario);
    return 0;
}

/* The scenario once, into its folder. */
static int run_once(job_t *job, const scenario_t *scenario)
{
    err_t err = {0};
    job->output.folder =
        folder_open(job->config->out, scenario->name, clock_anchor().wall_us, &err);
    if (job->output.folder == NULL)
        return command_fail(&err);
    command_hear_signals();
    job->output.scenario = scenario;
    int code = output_listen(&job->output, &err) && server_open(&job->server, job->config, &err)
                   ? run_on(job, job->config, scenario, false, NULL)
                   : fail_to_begin(&err);
    folder_free(job->output.folder);
    return code;
}

/* Of two exit codes the worse: a fault found outweighs everything; then that a run could not go on,
 * was asked for in vain, or did not meet what was expected of it; then that it was stopped. */
static int worse(int a, int b)
{
    static const int order[] = {ERR_VERIFY, ERR_RUN, ERR_USAGE, ERR_EXPECT, ERR_INTERRUPTED};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return 0;
}

/* One of --repeat's runs, into <parent>/repeat-<number>. On the same table the rows of the runs
 * before stay in it: each has a seed of its own, the first one's and on. */
static int run_repeat(job_t *job, const char *parent, uint32_t number, repeat_t *repeat)
{
    static scenario_t scenario;
    char out[PATH_MAX];
    err_t err = {0};
    config_t config = *job->config; /* borrows all that it points to */
    bool same = config.repeat_same_table;
    config.seed += same ? number - 1 : 0;
    snprintf(out, sizeof out, "%s/repeat-%u", parent, number);
    if (!config_scenario(&config, &scenario, &err))
        return command_fail(&err);
    job->output.folder = folder_open(out, scenario.name, clock_anchor().wall_us, &err);
    if (job->output.folder == NULL)
        return command_fail(&err);
    job->output.scenario = &scenario;
    job->output.config = &config;
    int code = run_on(job, &config, &scenario, same && number > 1, repeat);
    job->output.config = job->config;
    folder_free(job->output.folder);
    return code;
}

static int run_repeats(job_t *job, const char *parent)
{
    uint32_t n = (uint32_t)job->config->repeat, done = 0;
    int code = 0;
    repeat_t *repeats = calloc(n, sizeof *repeats);
    if (repeats == NULL) {
        err_t err = {0};
        err_set(&err, ERR_RUN, "out of memory for %u repeats", n);
        return command_fail(&err);
    }
    while (done < n && atomic_load(&command_interrupts) == 0) {
        int last = run_repeat(job, parent, done + 1, &repeats[done]);
        code = worse(code, last);
        if (job->output.run == NULL) /* it did not begin */
            break;
        job->output.run = NULL;
        done++;
    }
    FILE *out = job->config->json ? stderr : stdout;
    if (done > 0)
        repeats_print(out, repeats, done);
    fflush(out);
    free(repeats);
    return code;
}

/* --repeat: the runs' folders stand in one, made before anything is touched. */
static int run_many(job_t *job, const scenario_t *scenario)
{
    err_t err = {0};
    folder_t *parent = folder_open(job->config->out, scenario->name, clock_anchor().wall_us, &err);
    if (parent == NULL)
        return command_fail(&err);
    command_hear_signals();
    job->output.scenario = scenario;
    int code = output_listen(&job->output, &err) && server_open(&job->server, job->config, &err)
                   ? run_repeats(job, folder_path(parent))
                   : fail_to_begin(&err);
    folder_free(parent);
    return code;
}

int command_run(const line_t *line, const config_t *config)
{
    static scenario_t scenario;
    err_t err = {0};
    if (config->list_scenarios)
        return list_scenarios();
    if (!config_scenario(config, &scenario, &err))
        return command_fail(&err);
    if (config->dry_run)
        return dry_run(config, &scenario);
    job_t job = {.line = line, .config = config, .output = {.config = config}};
    int code = config->repeat > 1 ? run_many(&job, &scenario) : run_once(&job, &scenario);
    output_end(&job.output);
    server_close(&job.server, config);
    return code;
}
