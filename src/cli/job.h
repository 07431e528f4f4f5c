/*
 * job: what the runs of one command share, and one run of them: on the server that the job has
 * open, into the folder that its output has. Main thread.
 */
#ifndef CDCBENCH_CLI_JOB_H
#define CDCBENCH_CLI_JOB_H

#include "cli/command.h"
#include "cli/libraries.h"
#include "cli/output.h"
#include "cli/server.h"

typedef struct {
    const line_t *line;
    const config_t *config;
    server_t server;
    output_t output; /* of the run under way; its listen stays */
    libraries_t libraries;
} job_t;

/* All outlive the run. */
typedef struct {
    const config_t *config;
    const scenario_t *scenario;
    bool keep_table, meter;                           /* as in run_opts_t */
    void (*take)(const result_t *result, void *into); /* NULL, or told of a run that had begun */
    void *into;
} job_run_t;

/* Checks it, runs it, writes it. Returns the exit code; job->output.run is NULL when it did not
 * begin. */
int job_run(job_t *job, const job_run_t *what);

/* Before the first run: hears signals, listens and opens the server; `scenario` is for whoever
 * watches until then. False with *err: job_fail_to_begin has the exit code. */
bool job_open(job_t *job, const scenario_t *scenario, err_t *err);

/* One of several runs: job_run of the scenario that what->config has (it is filled in), into a
 * folder of its own, `out`. */
int job_run_one(job_t *job, const char *out, job_run_t *what);

/* command_fail, but ERR_INTERRUPTED for whatever it was that an interrupt broke off. */
int job_fail_to_begin(const err_t *err);

/* Of two exit codes the worse: a fault found outweighs everything; then that a run could not go on,
 * was asked for in vain, or did not meet what was expected of it; then that it was stopped. */
int job_worse(int a, int b);

#endif
