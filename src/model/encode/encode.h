/*
 * encode: rows, as they are inserted (version 0), into the bytes that COPY takes. One of the three
 * hot paths: its files, encode_*.h, are where clever is welcome; docs/performance.md says what each
 * trick brought. Pure; any thread; nothing is allocated.
 *
 * Rows are drawn in batches (encode_draw.h) and written as copies of slots out of tables (encode_
 * tables.h), by code compiled for several instruction sets of which the machine's best is chosen at
 * run time. All make the same bytes.
 */
#ifndef CDCBENCH_MODEL_ENCODE_ENCODE_H
#define CDCBENCH_MODEL_ENCODE_ENCODE_H

#include "model/row.h"

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

#endif
