/*
 * row_values: a row at a version as the server holds it, column by column as text: what the bench's
 * messages are made of. Every update was made by `postgres`, a second after the one before.
 */
#ifndef CDCBENCH_BENCH_ROW_VALUES_H
#define CDCBENCH_BENCH_ROW_VALUES_H

#include "model/row.h"

#define ROW_VALUES_USER     "postgres"
#define ROW_VALUES_START_US INT64_C(1795351591789283) /* 2026-11-22 12:46:31.789283 */
#define ROW_VALUE_MAX       256

typedef struct {
    const char *values[TX_COLUMNS]; /* NULL: SQL NULL; they point into texts */
    char texts[TX_COLUMNS][ROW_VALUE_MAX];
} row_values_t;

/* When the transaction that makes this version of every row runs: Unix µs. */
int64_t row_values_time_us(uint32_t version);

void row_values_make(const row_space_t *space, uint64_t row, uint32_t version, row_values_t *out);

#endif
