/*
 * json_lines: a run for another program to follow (--json): a JSON object a line. One a second,
 * with the columns of timeline.csv as its keys, null what was not measured; and a last one that
 * says what came of it. The caller flushes each line. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_JSON_LINES_H
#define CDCBENCH_REPORT_FILES_JSON_LINES_H

#include <stdio.h>

#include "result/result.h"

/* False when memory is out; write errors stay in the FILE. */
bool json_lines_second(FILE *out, const scenario_t *scenario, const timeline_row_t *row);

/* {"verdict": …, "pace": …, "exit_code": …, "acknowledged": …, "folder": …}: the words of run.json.
 */
bool json_lines_end(FILE *out, const result_t *result, int exit_code, const char *folder);

#endif
