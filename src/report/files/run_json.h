/*
 * run_json: run.json, the manifest and every result of a run in one object. Its figures have the
 * names of the CSV columns, and come from the same tables; null is what was not measured. Keys
 * stand in the order in which a person reads them. One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_RUN_JSON_H
#define CDCBENCH_REPORT_FILES_RUN_JSON_H

#include <stdio.h>

#include "report/files/manifest.h"
#include "result/result.h"

/* Raised when a key changes its meaning or goes; a new key does not raise it. */
#define RUN_JSON_SCHEMA_VERSION 1

/* Writes the object, indented, and a newline. False with ERR_RUN when memory is out; write errors
 * stay in the FILE for whoever closes it. */
bool run_json_write(FILE *out, const manifest_t *manifest, const result_t *result, err_t *err);

#endif
