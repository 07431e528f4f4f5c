/*
 * page: report.html: one file that needs no network: the page's own HTML, style and scripts,
 * Chart.js, and the document that it draws (page_data.h) inside. Pure; any thread.
 */
#ifndef CDCBENCH_REPORT_PAGE_PAGE_H
#define CDCBENCH_REPORT_PAGE_PAGE_H

#include <stdio.h>

#include "report/analysis/compare.h"
#include "report/files/folder.h"

/* Writes the page with the document `data` in it. NULL: the page fetches data.json, beside itself,
 * and again every second while that says "live": what a server of a run under way hands out. Write
 * errors stay in the FILE. */
void page_write(FILE *out, const char *data);

#define PAGE_FILE "report.html"

/* Draws the run of a folder from its files alone: report.html into `folder`. False with ERR_USAGE
 * (what cannot be read) or ERR_RUN (what cannot be written). */
bool page_write_report(folder_t *folder, err_t *err);

/* The page with the runs laid over one another, and the table. False with ERR_USAGE or ERR_RUN,
 * naming the file. */
bool page_write_comparison(const compare_t *compare, const char *path, err_t *err);

#endif
