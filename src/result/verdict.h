/*
 * verdict: what a run's result proves, decided once: the terminal, the files, the live page and the
 * exit code all read it here. Pure; one thread, after the run's threads have been joined.
 */
#ifndef CDCBENCH_RESULT_VERDICT_H
#define CDCBENCH_RESULT_VERDICT_H

#include "result/result.h"

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
run_verdict_t verdict_of(const result_t *result);

/* Whether the run kept up: the worst over its taps and the phases with a rate, warm-ups left out.
 * PACE_UNKNOWN: no such phase, or no tap. */
pace_verdict_t verdict_pace(const result_t *result);

/* What the process ends with (base/err.h). A fault found outweighs everything; then that the run
 * could not go on; then that it was stopped; then what was expected of it. */
int verdict_exit_code(const result_t *result, bool expectations_met);

/* Whether what this tap saw makes the run FAILED. */
bool verdict_tap_failed(const result_t *result, const tap_result_t *tap);

/* Whether the END counts of transactions, held against what this tap saw, make the run FAILED. Not
 * where it may be brought again what it was brought: that is counted again, on either side. Every
 * change is proven all the same. */
bool verdict_ends_failed(const result_t *result, tap_id_t tap);

/* Whether the tap may be brought again what it was brought: counted, and no fault then. */
bool verdict_may_repeat(const result_t *result, tap_id_t tap);

/* How many faults of a kind count against the tap: what a tap that ended early did not see is none.
 */
uint64_t verdict_fault_count(const tap_result_t *tap, fault_kind_t kind);

#endif
