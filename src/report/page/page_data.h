/*
 * page_data: what report.html shows, as one JSON document: made from a run's files alone, or, while
 * the run goes on, from its timeline so far. docs/report.md has its shape. One thread.
 */
#ifndef CDCBENCH_REPORT_PAGE_PAGE_DATA_H
#define CDCBENCH_REPORT_PAGE_PAGE_DATA_H

#include <jansson.h>

#include "report/files/csv.h"
#include "result/now.h"

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
    const run_now_t *now;       /* its partitions' positions and ends included */
    const char *server_version; /* NULL: not known */
    const char *pipeline;       /* run_pipeline's JSON; NULL: not known, or there is none */
    int argc;                   /* the command line as given, secrets already overwritten; 0: … */
    char *const *argv;          /* … not known */
} page_live_t;

/* Its document, as above; NULL with ERR_RUN when memory is out. */
char *page_data_live(const page_live_t *live, err_t *err);

/* Its parts, new references or NULL when memory is out. One run of the document, from its folder;
 * NULL with *err. `label` NULL: by its name. */
json_t *page_run(const char *folder, const char *label, err_t *err);

/* timeline.csv: {"rows", "rows_per_point", "second": […], "phase": […], "series": {name: {"mean":
 * […]}}}, with "min" and "max" beside "mean" where a point is of several rows. Counts of an
 * interval become rates: insert_sent_rows is insert_sent_per_s. What was not measured is null; a
 * column without any value is left out. */
json_t *page_timeline(const csv_data_t *data);

/* The document as text, malloc'd; takes runs and comparison (NULL: none) over. NULL with *err, when
 * it is not set, where runs is NULL or memory is out. */
char *page_document(json_t *runs, json_t *comparison, bool live, err_t *err);

#endif
