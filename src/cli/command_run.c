/* cdcbench run: the main job. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/secret.h"
#include "cli/command.h"
#include "cli/explain_cost.h"
#include "cli/job.h"
#include "cli/sketch.h"
#include "plan/scenario/scenario_file.h"
#include "report/terminal/repeats.h"

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
