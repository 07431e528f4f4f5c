/*
 * size_run: what sizing takes from a run: its measured inputs, the choices it was made with, and
 * what other choices would weigh, by the factors that the project measured
 * (results/reference/sizing-factors, embedded when the program is built). One thread.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_SIZE_RUN_H
#define CDCBENCH_REPORT_ANALYSIS_SIZE_RUN_H

#include "base/err.h"
#include "report/analysis/size.h"

/* What decides how much an event weighs. */
typedef struct {
    bool schemas;            /* in every message: schemas.enable */
    const char *compression; /* "none", "lz4", "zstd" */
    bool full;               /* REPLICA IDENTITY FULL */
} size_choice_t;

typedef struct {
    size_choice_t choice;
    bool compression_known;  /* false: the run does not say; taken for none */
    double tombstones_share; /* tombstones for an event */
    size_input_t inputs[SIZE_INPUTS];
} size_run_t;

/* Reads the folder of a run over size_defaults. ERR_USAGE when it is none, or has no changes. */
bool size_run_read(const char *folder, size_run_t *out, err_t *err);

/* The choices compared, SIZE_CHOICES of them. */
#define SIZE_CHOICES 12
size_choice_t size_choice(size_t i);

/* What an event would weigh under another choice: the run's own weight times the ratio of the
 * factors. False when this project has no factor for one of them. */
bool size_choice_bytes(const size_run_t *run, const size_choice_t *other, double *bytes);

/* What a tombstone weighs, uncompressed: its key and a record's own fields. */
double size_tombstone_bytes(const size_choice_t *choice);

#endif
