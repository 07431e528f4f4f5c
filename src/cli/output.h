/*
 * output: where a run's figures go while it runs and when it has ended: the terminal, timeline.csv,
 * --json's lines, --listen, and at the end the files and the summary. With --json stdout is for the
 * program that reads it, and what people read goes to stderr. Main thread.
 *
 * output_listen, output_hooks, output_begin, the run, one of output_finish and output_abandon; at
 * the end, whatever came of it, output_end.
 */
#ifndef CDCBENCH_CLI_OUTPUT_H
#define CDCBENCH_CLI_OUTPUT_H

#include "cli/listen.h"
#include "report/files/files.h"
#include "report/files/hlog.h"
#include "report/terminal/live.h"
#include "run/control/run.h"

typedef struct {
    /* Filled by the command; all outlive it. */
    const config_t *config;
    const scenario_t *scenario;
    folder_t *folder;
    manifest_t *manifest; /* from before the run begins */
    bool brief;           /* no summary of a run that is as it should be */
    /* Its own. */
    live_t *live;              /* NULL: nothing is shown */
    timeline_file_t *timeline; /* NULL after it could not be written to */
    hlog_t *hlog;              /* likewise */
    bool json_broken;          /* a line could not be written */
    listen_t *listen;          /* NULL: nobody watches */
    const run_t *run;          /* from its beginning on */
} output_t;

/* Takes --listen's port, before any server is touched. False with *err. */
bool output_listen(output_t *output, err_t *err);

/* Lets the port go. */
void output_end(output_t *output);

/* Has the run's seconds and notes come here. */
void output_hooks(output_t *output, run_opts_t *opts);

/* Makes timeline.csv and the histogram logs. False with *err. */
bool output_begin(output_t *output, err_t *err);

/* The run did not begin: leaves nothing behind. */
void output_abandon(output_t *output);

/* Writes the files, says the answer, and returns what the process ends with. */
int output_finish(output_t *output, run_t *run);

#endif
