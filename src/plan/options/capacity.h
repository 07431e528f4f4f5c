/*
 * capacity: what a broker, or a partition, is said to bear, as people write it on one line:
 * "nic=10Gbit,disk=2TB,write=200MB/s". Pure; any thread.
 */
#ifndef CDCBENCH_PLAN_OPTIONS_CAPACITY_H
#define CDCBENCH_PLAN_OPTIONS_CAPACITY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* A quantity that may be named, and where its value goes. */
typedef struct {
    const char *name;
    double *value; /* bytes, bytes per second, or a plain number; as it was when not named */
    bool *given;   /* set to true when it is named */
} capacity_t;

/* Reads "NAME=QUANTITY,…" into those of `known` (n of them). A quantity is bytes (2TB, 64GiB), bits
 * (10Gbit: divided by eight), either of them a second (200MB/s), or a plain number (4000); above
 * zero. ERR_USAGE names what was read and what is allowed. */
bool capacity_parse(const char *text, const capacity_t *known, size_t n, err_t *err);

/* A factor: "3x", "1.5". At or above 1. */
bool capacity_parse_factor(const char *text, double *out, err_t *err);

#endif
