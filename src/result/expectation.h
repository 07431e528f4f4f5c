/*
 * expectation: what was expected of a run (plan/options/expect.h) held against what it measured.
 * One thread, after the run.
 *
 * Where no phase is named, times are over the phases with a stream that is due by the clock (over
 * all, where there is none), since a load as fast as it goes measures the server and not the lag of
 * a pipe that keeps up; warm-ups are in none. Where no tap is named, the worse of those that are on
 * counts: the larger time, the sum of counts.
 */
#ifndef CDCBENCH_RESULT_EXPECTATION_H
#define CDCBENCH_RESULT_EXPECTATION_H

#include "plan/options/config.h"
#include "plan/options/expect.h"
#include "result/result.h"

typedef struct {
    const char *text; /* as given; the config's */
    expect_t expect;
    bool measured;
    double value; /* µs or a count; where measured */
    bool met;     /* what was not measured is not met */
} expectation_t;

/* The i-th of config->scenario.expect. False when memory is out. */
bool expectation_judge(const config_t *config, size_t i, const result_t *result,
                       expectation_t *out);

/* Whether all are met. */
bool expectations_met(const config_t *config, const result_t *result);

#endif
