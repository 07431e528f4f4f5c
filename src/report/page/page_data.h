/*
 * page_data: what report.html shows, as one JSON document: made from a run's files alone, or, while
 * the run goes on, from its timeline so far. docs/report.md has its shape. One thread.
 */
#ifndef CDCBENCH_REPORT_PAGE_PAGE_DATA_H
#define CDCBENCH_REPORT_PAGE_PAGE_DATA_H

#include "result/result.h"

/* At most so many points a curve over time. A longer run has several seconds a point: their mean,
 * least and greatest, so that no extreme is lost. */
#define PAGE_POINTS_MAX 900

/* The document of the run in the folder: run.json, and those of summary.csv, lag.csv, timeline.csv,
 * verify.csv and sizing.csv that are there. malloc'd, NUL-terminated; NULL with ERR_USAGE (naming
 * the file) or ERR_RUN. `label`: what the run is called; NULL: by its name. */
char *page_data_folder(const char *folder, const char *label, err_t *err);

/* A run under way. */
typedef struct {
    const scenario_t *scenario;
    const timeline_row_t *rows; /* so far, oldest first */
    size_t n_rows;
    const char *server_version; /* NULL: not known */
    const char *pipeline;       /* run_pipeline's JSON; NULL: not known, or there is none */
    int argc;                   /* the command line as given, secrets already overwritten; 0: … */
    char *const *argv;          /* … not known */
    const char *status; /* a JSON object of what else to show (the connector's state, the topics'
                           positions): name → text, number or object of these; NULL: nothing */
} page_live_t;

/* Its document, as above; NULL with ERR_RUN when memory is out. */
char *page_data_live(const page_live_t *live, err_t *err);

#endif
