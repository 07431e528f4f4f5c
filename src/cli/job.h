/*
 * job: the way of a command that runs something: open, then for each run prepare, run, gather and
 * tell, then close. job.c has it from top to bottom, each step a call into one layer. Main thread.
 */
#ifndef CDCBENCH_CLI_JOB_H
#define CDCBENCH_CLI_JOB_H

#include "cli/command.h"
#include "cli/output.h"
#include "cli/server.h"

typedef struct {
    const line_t *line;
    const config_t *config;
    bool serverless; /* straight into Kafka: no server is opened */
    /* Set by job_open. */
    folder_t *folder; /* of the job: of its one run, or of its runs' folders */
    server_t server;
    output_t output; /* of the run under way; its listen stays */
    bool began;      /* the last job_run did */
} job_t;

/* One run of a job; all outlive it. */
typedef struct {
    const config_t *config;
    const scenario_t *scenario;
    const watched_t *watched; /* as in run_opts_t, and so the next two */
    bool keep_table, meter;
    void (*take)(const result_t *result, void *into); /* NULL, or told of a run that had begun */
    void *into;
} job_run_t;

/* Before the first run, and before any server is touched but for the last step: makes the folder,
 * hears signals, listens, opens the server. `scenario` names the folder, and is for whoever watches
 * until the first run. False with *err: job_fail_to_begin has the exit code. job_close is due
 * either way. */
bool job_open(job_t *job, const scenario_t *scenario, err_t *err);

/* The job's one run, into its folder; `watched` NULL: a load of our own. Returns the exit code. */
int job_run(job_t *job, const scenario_t *scenario, const watched_t *watched);

/* One of several: of the scenario that its config has (which is filled in), into a folder of its
 * own, `out`. */
int job_run_one(job_t *job, const char *out, job_run_t what);

void job_close(job_t *job);

/* command_fail, but ERR_INTERRUPTED for whatever it was that an interrupt broke off. */
int job_fail_to_begin(const err_t *err);

/* Of two exit codes the worse: a fault found outweighs everything; then that a run could not go on,
 * was asked for in vain, or did not meet what was expected of it; then that it was stopped. */
int job_worse(int a, int b);

#endif
