/*
 * run_read: run.json, read back. The JSON belongs to the caller; what is found in it is borrowed.
 * One thread.
 */
#ifndef CDCBENCH_REPORT_FILES_RUN_READ_H
#define CDCBENCH_REPORT_FILES_RUN_READ_H

#include <jansson.h>

#include "base/err.h"

/* A new reference; NULL with ERR_USAGE when the folder holds no run.json of this tool's. */
json_t *run_read(const char *folder, err_t *err);

/* Whether the folder of a run holds a file: an older run lacks some. */
bool run_read_has(const char *folder, const char *file);

const char *run_read_name(const json_t *run);                   /* of its scenario; "run": none */
const json_t *run_read_tap(const json_t *run, const char *tap); /* NULL: it was off */

/* The number at a name; NAN when there is none. */
double run_read_number(const json_t *object, const char *name);

/* The phase that changed rows for the longest time: what a run is about. NULL: none did. */
const json_t *run_read_main_phase(const json_t *run);
double run_read_phase_seconds(const json_t *phase);
double run_read_phase_rows(const json_t *phase);

#endif
