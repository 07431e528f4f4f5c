/*
 * table_setup: the run's tables as the schema wants them told: name, SQL, triggers, replica
 * identity. One owner.
 */
#ifndef CDCBENCH_RUN_CONTROL_TABLE_SETUP_H
#define CDCBENCH_RUN_CONTROL_TABLE_SETUP_H

#include "base/buf.h"
#include "model/table.h"
#include "postgres/schema.h"

typedef struct {
    schema_opts_t opts; /* points into this structure, which may not be copied */
    schema_table_t tables[TABLES_MAX];
    buf_t create_sql[TABLES_MAX];
} table_setup_t;

/* False with *err when memory is out. table_setup_end in either case. The tables outlive it. */
bool table_setup_make(table_setup_t *setup, const tables_t *tables, err_t *err);
void table_setup_end(table_setup_t *setup);

#endif
