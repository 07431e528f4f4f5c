#include "cli/job.h"

#include <stdio.h>

#include "base/hash.h"
#include "plan/scenario/scenario_file.h"
#include "postgres/admin.h"
#include "result/expectation.h"
#include "result/verdict.h"
#include "run/load/loop.h"

int job_fail_to_begin(const err_t *err)
{
    int code = command_fail(err);
    return atomic_load(&command_interrupts) > 0 ? ERR_INTERRUPTED : code;
}

bool job_open(job_t *job, const scenario_t *scenario, err_t *err)
{
    job->output = (output_t){.config = job->config, .scenario = scenario};
    job->folder =
        folder_open(job->config->output.folder, scenario->name, clock_anchor().wall_us, err);
    if (job->folder == NULL)
        return false;
    command_hear_signals();
    if (job->config->output.listen != NULL) {
        job->output.listen = listen_open(job->config, scenario, err);
        if (job->output.listen == NULL)
            return false;
    }
    return job->serverless || server_open(&job->server, job->config, err);
}

void job_close(job_t *job)
{
    folder_free(job->folder);
    listen_close(job->output.listen);
    server_close(&job->server, job->config);
}

/* What the tool is built on, for the manifest. */
static void describe_libraries(manifest_t *manifest)
{
    static char libpq[32], xxhash[32];
    static manifest_pair_t pairs[] = {{"libpq", libpq}, {"libuv", NULL}, {"xxHash", xxhash}};
    unsigned number = XXH_versionNumber();
    pg_library_version(libpq, sizeof libpq);
    snprintf(xxhash, sizeof xxhash, "%u.%u.%u", number / 10000, number / 100 % 100, number % 100);
    pairs[1].value = loop_library_version();
    manifest->libraries = pairs;
    manifest->n_libraries = sizeof pairs / sizeof *pairs;
}

/* A run's way, into the folder that the output has. */
static int run(job_t *job, const job_run_t *what)
{
    err_t err = {0};
    output_t *output = &job->output;
    manifest_t manifest = {.config = what->config, .argc = job->line->n, .argv = job->line->words};
    run_opts_t opts = {.config = what->config,
                       .scenario = what->scenario,
                       .produce = job->serverless,
                       .watched = what->watched,
                       .target = job->server.target,
                       .tap_target = job->server.tap_target,
                       .keep_table = what->keep_table,
                       .meter = what->meter,
                       .interrupts = &command_interrupts};
    /* prepare */
    job->began = false;
    output->config = what->config;
    output->scenario = what->scenario;
    output->manifest = &manifest;
    output_hooks(output, &opts);
    describe_libraries(&manifest);
    server_describe(&job->server, &manifest);
    if ((!job->serverless && !run_check(&opts, &err)) || !output_begin(output, &err))
        return command_fail(&err);
    /* run */
    run_t *run = run_execute(&opts, &err);
    if (run == NULL) {
        output_abandon(output);
        return job_fail_to_begin(&err);
    }
    job->began = true;
    /* gather */
    const result_t *result = run_result(run);
    manifest.modified_by = run_modified_by(run);
    manifest.exit_code = verdict_exit_code(result, expectations_met(what->config, result));
    if (what->take != NULL)
        what->take(result, what->into);
    /* tell */
    int code = output_finish(output, result);
    run_free(run);
    output->run = NULL;
    return code;
}

int job_run(job_t *job, const scenario_t *scenario, const watched_t *watched)
{
    job->output.folder = job->folder;
    return run(job, &(job_run_t){.config = job->config, .scenario = scenario, .watched = watched});
}

int job_run_one(job_t *job, const char *out, job_run_t what)
{
    static scenario_t scenario;
    err_t err = {0};
    if (!config_scenario(what.config, &scenario, &err))
        return command_fail(&err);
    job->output.folder = folder_open(out, scenario.name, clock_anchor().wall_us, &err);
    if (job->output.folder == NULL)
        return command_fail(&err);
    what.scenario = &scenario;
    int code = run(job, &what);
    folder_free(job->output.folder);
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
