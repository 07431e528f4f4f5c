/*
 * table_sql: the SQL that names a table's columns: what makes it, loads it, changes it and asks it.
 * Names are quoted where they were not for `transactions`. Pure; any thread.
 */
#ifndef CDCBENCH_MODEL_TABLE_SQL_H
#define CDCBENCH_MODEL_TABLE_SQL_H

#include "base/buf.h"
#include "model/table.h"

/* Each appends to out; false when memory is out. */

/* CREATE TABLE …; and what sets its columns' storage. Not for `transactions`: sql/table.sql. */
bool table_sql_create(const table_t *table, buf_t *out);

/* COPY … FROM STDIN */
bool table_sql_copy(const table_t *table, buf_t *out);

/* UPDATE … SET amount = $2 WHERE key = $1 */
bool table_sql_update(const table_t *table, buf_t *out);

/* DELETE FROM … WHERE key = $1 */
bool table_sql_delete(const table_t *table, buf_t *out);

/* The same over arrays of keys ($1) and amounts ($2). */
bool table_sql_update_array(const table_t *table, buf_t *out);
bool table_sql_delete_array(const table_t *table, buf_t *out);

/* NOT EXISTS (…): a condition: no row has this key, an SQL expression of type text. */
bool table_sql_lacks(const table_t *table, const char *key, buf_t *out);

/* SELECT amount::text FROM … WHERE key = $1 */
bool table_sql_amount(const table_t *table, buf_t *out);

#endif
