/*
 * row_state: two bytes a row: the last version of it that its holder (the writer, or a tap) knows
 * of, or one of the codes. A two-level array: chunks of 64k rows, allocated when first touched and
 * published with release stores, so that one thread may write while others read (each row has one
 * writer at a time; several threads may write different rows of one chunk).
 */
#ifndef CDCBENCH_MODEL_ROW_STATE_H
#define CDCBENCH_MODEL_ROW_STATE_H

#include <stdbool.h>
#include <stdint.h>

#define ROW_STATE_NEVER   65535u /* never seen, never written */
#define ROW_STATE_DELETED 65534u
/* 0 … ROW_VERSIONS − 1: the last version */

typedef struct row_state row_state_t;

/* A trillion rows: beyond any table, and 2 TB of states. */
#define ROW_STATE_ROWS_MAX (UINT64_C(1) << 40)

/* For rows 0 … rows − 1 (rows ≥ 1). NULL when memory is out, or rows is above ROW_STATE_ROWS_MAX.
 * The caller owns it. */
row_state_t *row_state_new(uint64_t rows);
void row_state_free(row_state_t *state);

uint64_t row_state_rows(const row_state_t *state);

/* Any thread. ROW_STATE_NEVER for a row whose chunk is not there; acquire. row < rows. */
uint16_t row_state_get(const row_state_t *state, uint64_t row);

/* The row's writer; release. False when memory is out. row < rows. */
bool row_state_set(row_state_t *state, uint64_t row, uint16_t value);

/* Sets rows first … first + n − 1; false when memory is out (some may then be set). */
bool row_state_set_range(row_state_t *state, uint64_t first, uint64_t n, uint16_t value);

/* Rows of one chunk: two bytes each, allocated together. */
#define ROW_STATE_CHUNK 65536u

/* Whether the chunk that holds this row is there; where it is not, all its rows are NEVER. Any
 * thread; row < rows. */
bool row_state_touched(const row_state_t *state, uint64_t row);

#endif
