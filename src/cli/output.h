/*
 * output: where a run's figures go while it runs and when it has ended: the terminal, timeline.csv,
 * --json's lines, --listen, and at the end the files and the summary. With --json stdout is for the
 * program that reads it, and what people read goes to stderr. Main thread.
 *
 * For each run: output_hooks, output_begin, the run, one of output_finish and output_abandon.
 */
#ifndef CDCBENCH_CLI_OUTPUT_H
#define CDCBENCH_CLI_OUTPUT_H

#include "cli/listen.h"
#include "report/files/files.h"
#include "report/files/hlog.h"
#include "report/terminal/live.h"
#include "run/control/run.h"

typedef struct {
    /* Filled for each run; all outlive it. */
    const config_t *config;
    const scenario_t *scenario;
    folder_t *folder;
    const manifest_t *manifest; /* its exit code by the end */
    /* Filled once. */
    bool brief;       /* no summary of a run that is as it should be */
    listen_t *listen; /* NULL: nobody watches */
    /* Its own. */
    live_t *live;        /* NULL: nothing is shown */
    growing_t *timeline; /* NULL after it could not be written to */
    hlog_t *hlog;        /* likewise */
    bool json_broken;    /* a line could not be written */
    const run_t *run;    /* from its beginning to its end */
} output_t;

/* Has the run's seconds and notes come here. */
void output_hooks(output_t *output, run_opts_t *opts);

/* Makes timeline.csv and the histogram logs. False with *err. */
bool output_begin(output_t *output, err_t *err);

/* The run did not begin: leaves nothing behind. */
void output_abandon(output_t *output);

/* Writes the files, says the answer, and returns what the process ends with: the manifest's exit
 * code, or why a file is not there. */
int output_finish(output_t *output, const result_t *result);

#endif
