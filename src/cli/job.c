#include "cli/job.h"
#include "plan/scenario/config_scenario.h"

int job_fail_to_begin(const err_t *err)
{
    int code = command_fail(err);
    return atomic_load(&command_interrupts) > 0 ? ERR_INTERRUPTED : code;
}

int job_run(job_t *job, const job_run_t *what)
{
    err_t err = {0};
    manifest_t manifest = {.config = what->config, .argc = job->line->n, .argv = job->line->words};
    output_t *output = &job->output;
    run_opts_t opts = {.config = what->config,
                       .scenario = what->scenario,
                       .target = job->server.target,
                       .tap_target = job->server.tap_target,
                       .keep_table = what->keep_table,
                       .meter = what->meter,
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
        return job_fail_to_begin(&err);
    }
    int code = output_finish(output, run);
    if (what->take != NULL)
        what->take(run_result(run), what->into);
    run_free(run);
    return code;
}

bool job_open(job_t *job, const scenario_t *scenario, err_t *err)
{
    command_hear_signals();
    job->output.scenario = scenario;
    return output_listen(&job->output, err) && server_open(&job->server, job->config, err);
}

int job_run_one(job_t *job, const char *out, job_run_t *what)
{
    static scenario_t scenario;
    err_t err = {0};
    output_t *output = &job->output;
    if (!config_scenario(what->config, &scenario, &err))
        return command_fail(&err);
    output->folder = folder_open(out, scenario.name, clock_anchor().wall_us, &err);
    if (output->folder == NULL)
        return command_fail(&err);
    what->scenario = output->scenario = &scenario;
    output->config = what->config;
    int code = job_run(job, what);
    output->config = job->config;
    folder_free(output->folder);
    return code;
}

int job_worse(int a, int b)
{
    static const int order[] = {ERR_VERIFY, ERR_RUN, ERR_USAGE, ERR_EXPECT, ERR_INTERRUPTED};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        if (a == order[i] || b == order[i])
            return order[i];
    return 0;
}
