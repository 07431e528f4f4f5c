/*
 * encode: rows, as they are inserted (version 0), into the bytes that COPY takes. One of the three
 * hot paths: copy_rows.h is where clever is welcome; docs/performance.md says what each trick
 * brought. Pure; any thread; nothing is allocated.
 *
 * Rows of `transactions` are drawn in batches and written as copies of slots out of tables, by code
 * compiled for several instruction sets of which the machine's best is chosen at run time. All make
 * the same bytes. Those of other tables are made column by column.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_H

#include "model/row.h"
#include "model/table.h"

typedef enum {
    ENCODE_COPY_TEXT,
    ENCODE_COPY_BINARY,
    ENCODE_CSV, /* as the server writes csv: a text that holds a comma, or nothing, is quoted */
    ENCODE_FORMATS
} encode_format_t;

typedef enum { ENCODE_PORTABLE, ENCODE_AVX2, ENCODE_PATHS } encode_path_t;

extern const char *const encode_path_names[ENCODE_PATHS];

/* Room that a row needs in any format, slots copied past its end included. */
#define ENCODE_ROW_MAX 512

/* Room for what stands before all rows, or behind. */
#define ENCODE_FRAME_MAX 32

/* Writes rows first … first + n − 1 by the machine's best path, and returns the bytes written.
 * `out` has room for n × ENCODE_ROW_MAX. */
size_t encode_rows(encode_format_t format, const row_space_t *space, uint64_t first, size_t n,
                   char *out);

/* The same by a path that runs here. */
size_t encode_rows_by(encode_path_t path, encode_format_t format, const row_space_t *space,
                      uint64_t first, size_t n, char *out);
bool encode_path_runs(encode_path_t path);
encode_path_t encode_best_path(void);

/* What COPY wants before the first row, and behind the last; nothing but for COPY binary. */
size_t encode_head(encode_format_t format, char out[ENCODE_FRAME_MAX]);
size_t encode_tail(encode_format_t format, char out[ENCODE_FRAME_MAX]);

/* ---- rows of any table, column by column: docs/rows.md, "Other tables" */

/* What a row's columns are drawn from: made once a row. */
uint64_t table_row_hash(const row_space_t *space, uint64_t row);

/* A loaded column of version 0 of the row, as PostgreSQL prints it (no NUL): its length, or
 * GENERATED_NULL. out has room for table->value_bytes_max. */
size_t table_value(const row_space_t *space, const table_t *table, uint64_t row, uint64_t row_hash,
                   size_t column, char *out);

/* Writes rows first, first + step, … (n of them at most, version 0) as COPY text, one line each, as
 * long as another of table->row_bytes_max fits into `room`. The bytes written, and how many rows
 * they are. For `transactions` too: then it is encode_rows's bytes. */
size_t table_copy_text(const row_space_t *space, const table_t *table, uint64_t first,
                       uint64_t step, size_t n, char *out, size_t room, size_t *rows);

#endif
