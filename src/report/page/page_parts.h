/*
 * page_parts: the parts that the page's document is put together from; for page*.c alone. Each
 * returns a new reference, or NULL when memory is out, as in run_json_parts.h.
 */
#ifndef CDCBENCH_REPORT_PAGE_PAGE_PARTS_H
#define CDCBENCH_REPORT_PAGE_PAGE_PARTS_H

#include <jansson.h>

#include "report/files/csv.h"
#include "report/files/csv_read.h"
#include "report/files/hlog_read.h"

/* A CSV file: {"columns": [{"name", "unit", "meaning"}…], "rows": [["load", "10000"]…]}, its cells
 * as they stand there. Units and meanings are those of `table`, for the columns that it knows. */
json_t *page_table(const csv_data_t *data, const csv_table_t *table);

/* timeline.csv: {"rows", "rows_per_point", "second": […], "phase": […], "series": {name: {"mean":
 * […]}}}, with "min" and "max" beside "mean" where a point is of several rows. Counts of an
 * interval become rates: insert_sent_rows is insert_sent_per_s. What was not measured is null; a
 * column without any value is left out. */
json_t *page_timeline(const csv_data_t *data);

/* The histogram logs: [{"tag", "count", "percent": […], "us": […]}…], a curve for each series from
 * its least value to 99.99 %, as far as there are values above. */
json_t *page_curves(const hlog_data_t *data);

/* [{"tap", "stages": {"commit_to_send": […]}}…]: the mean of each stage in each of the points of a
 * page_timeline, which is borrowed. */
json_t *page_stages(const hlog_data_t *data, const json_t *timeline);

/* One run of the document, from its folder; NULL with *err. `label` NULL: by its name. */
json_t *page_run(const char *folder, const char *label, err_t *err);

/* The document as text, malloc'd; takes runs and comparison (NULL: none) over. NULL with *err, when
 * it is not set, where runs is NULL or memory is out. */
char *page_document(json_t *runs, json_t *comparison, bool live, err_t *err);

#endif
