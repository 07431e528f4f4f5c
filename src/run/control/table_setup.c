#include "run/control/table_setup.h"

#include "model/table_sql.h"

bool table_setup_make(table_setup_t *setup, const tables_t *tables, err_t *err)
{
    *setup = (table_setup_t){.opts = {.tables = setup->tables, .n = tables->n}};
    for (uint32_t t = 0; t < tables->n; t++) {
        const table_use_t *use = &tables->use[t];
        buf_t *sql = &setup->create_sql[t];
        if (!use->table->is_transactions && !table_sql_create(use->table, sql))
            return err_set(err, ERR_RUN, "table %s: out of memory", use->table->name);
        setup->tables[t] = (schema_table_t){
            .name = use->table->name,
            .create_sql = use->table->is_transactions ? NULL : buf_text(sql),
            .trigger_user = (use->triggers & TRIGGERS_USER) != 0,
            .trigger_columns = (use->triggers & TRIGGERS_COLUMNS) != 0,
            .replica_identity_full = use->replica_identity_full,
        };
    }
    return true;
}

void table_setup_end(table_setup_t *setup)
{
    for (size_t t = 0; t < setup->opts.n; t++)
        buf_free(&setup->create_sql[t]);
    *setup = (table_setup_t){0};
}
