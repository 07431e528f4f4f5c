/*
 * schema_objects: what there is under our names, by sql/objects.sql, for schema.c and
 * schema_check.c. Private to the layer.
 */
#ifndef CDCBENCH_POSTGRES_SCHEMA_OBJECTS_H
#define CDCBENCH_POSTGRES_SCHEMA_OBJECTS_H

#include "postgres/schema.h"

/* A cell by the names of sql/objects.sql and sql/checks.sql; "" for NULL. */
const char *schema_cell(const pg_rows_t *rows, int row, const char *column);
bool schema_cell_true(const pg_rows_t *rows, int row, const char *column);

/* Runs a query whose one parameter is the names of the tables; NULL opts: no names. */
pg_rows_t *schema_query(pg_admin_t *admin, const char *sql, const schema_opts_t *opts, err_t *err);

/* What sql/objects.sql finds. */
pg_rows_t *schema_objects(pg_admin_t *admin, const schema_opts_t *opts, err_t *err);

/* False with *err when something of our names is not ours. */
bool schema_refuse_foreign(const pg_rows_t *found, err_t *err);

#endif
