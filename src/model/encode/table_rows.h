/*
 * table_rows: the rows of every table but `transactions`, column by column, as PostgreSQL prints
 * them and as COPY text: docs/rows.md, "Other tables". Pure; any thread; nothing is allocated.
 */
#ifndef CDCBENCH_MODEL_ENCODE_TABLE_ROWS_H
#define CDCBENCH_MODEL_ENCODE_TABLE_ROWS_H

#include "model/row.h"
#include "model/table.h"

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
