/*
 * size_factors: results/reference/sizing-factors/factors.csv as text, embedded when the program is
 * built: the measurement that is committed is the one that is used. Constant data.
 */
#ifndef CDCBENCH_REPORT_ANALYSIS_SIZE_FACTORS_H
#define CDCBENCH_REPORT_ANALYSIS_SIZE_FACTORS_H

extern const char size_factors[];

#endif
