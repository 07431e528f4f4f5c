/*
 * expectation_text: what was expected of a run and what it measured (result/expectation.h), for the
 * terminal and for run.json. One thread, after the run.
 */
#ifndef CDCBENCH_REPORT_FILES_EXPECTATION_TEXT_H
#define CDCBENCH_REPORT_FILES_EXPECTATION_TEXT_H

#include <jansson.h>
#include <stdio.h>

#include "result/expectation.h"

/* For run.json; NULL when memory is out. */
json_t *expectations_json(const config_t *config, const result_t *result);

#endif
