/*
 * heading: a run in one line: "quick · seed 42 · PostgreSQL 15.18 embedded · Kafka 4.3.1 · Debezium
 * 3.6.0.Final, poll.interval.ms 500". One thread.
 */
#ifndef CDCBENCH_REPORT_TERMINAL_HEADING_H
#define CDCBENCH_REPORT_TERMINAL_HEADING_H

#include "report/files/manifest.h"

/* What stands between two parts of it. */
#define HEADING_SEPARATOR " · "

/* `pipeline`: as result_t has it; NULL: none. What is not known is left out. malloc'd; NULL when
 * memory is out. */
char *heading_text(const scenario_t *scenario, const manifest_t *manifest, const char *pipeline);

#endif
