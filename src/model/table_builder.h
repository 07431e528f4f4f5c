/*
 * table_builder: makes a table from a list of columns, each described by settings as a user writes
 * them (docs/tables.md has them all): "type", "generator", "min", "max", "scale", "length", "from",
 * "to", "nulls", "storage", and choices. The built-in tables are made by it too. Checked as a whole
 * by table_builder_end. One thread; errors are ERR_USAGE and name the column.
 */
#ifndef CDCBENCH_MODEL_TABLE_BUILDER_H
#define CDCBENCH_MODEL_TABLE_BUILDER_H

#include "model/table.h"

#define TABLE_NAME_MAX    40 /* characters of a table's or a column's name */
#define TABLE_CHOICES_MAX 1024

typedef struct table_builder table_builder_t;

/* `triggers`: the table has the columns that the triggers write. Everything passed is copied. NULL
 * with *err: the name is no lower-case identifier, or memory is out. */
table_builder_t *table_builder_new(const char *name, bool trigger_columns, err_t *err);

/* Begins the next column. */
bool table_builder_column(table_builder_t *builder, const char *name, err_t *err);

/* A setting of the column begun last. */
bool table_builder_set(table_builder_t *builder, const char *key, const char *value, err_t *err);

/* One more text that its generator chooses from. */
bool table_builder_choice(table_builder_t *builder, const char *text, err_t *err);

/* Checks the column begun last, by itself, when all that is said of it has been. */
bool table_builder_check(table_builder_t *builder, err_t *err);

/* Checks what there is, adds the triggers' columns, and hands the table over; the builder is freed
 * in any case. NULL with *err. The table is freed by table_free. */
table_t *table_builder_end(table_builder_t *builder, err_t *err);

/* Instead of table_builder_end; NULL is allowed. */
void table_builder_free(table_builder_t *builder);

/* A table that table_builder_end has made; NULL is allowed. */
void table_free(table_t *table);

#endif
