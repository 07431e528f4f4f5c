/*
 * page_status: where the pipeline stands now, for the page of a run under way: the connector's and
 * its task's state, and each partition's end and how far the kafka tap has read. One thread.
 */
#ifndef CDCBENCH_REPORT_SERVE_PAGE_STATUS_H
#define CDCBENCH_REPORT_SERVE_PAGE_STATUS_H

#include "report/serve/metrics.h"

/* A JSON object as page_live_t takes it, malloc'd; NULL when memory is out. */
char *page_status(const metrics_state_t *state);

#endif
