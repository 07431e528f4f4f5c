/*
 * summary: the end of a run in words and a table on stdout, the answer first. One thread, after the
 * run's threads have been joined.
 */
#ifndef CDCBENCH_REPORT_SUMMARY_H
#define CDCBENCH_REPORT_SUMMARY_H

#include <stdio.h>

#include "run/result.h"

/* The verdict of a whole run: what the exit code follows from. */
typedef enum {
    VERDICT_VERIFIED,   /* every tap that was on is complete and clean, and its counts add up */
    VERDICT_FAILED,     /* a tap found a fault, or the ENDs of transactions count otherwise */
    VERDICT_INCOMPLETE, /* no fault, but a tap or the load ended early, or the run was interrupted
                         */
    VERDICT_UNVERIFIED, /* no tap was on, or others wrote what they read */
} run_verdict_t;

extern const char *const run_verdict_names[4]; /* "verified", … as in run.json */

/* What a tap that ended early has not seen is not a fault: it may have been on its way. So
 * `complete` of a tap must mean that it read past the position of the last acknowledged change. */
run_verdict_t summary_verdict(const result_t *result);

/* Prints it: verdict, faults (the first ten of each kind), table with the stages of lag, what else
 * a reader must know, clock, and where the results are. NULL: nothing was written. */
void summary_print(FILE *out, const result_t *result, const char *where);

#endif
