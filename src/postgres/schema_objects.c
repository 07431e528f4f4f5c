#include "postgres/schema_objects.h"

#include "base/buf.h"
#include "postgres/sql_text.h"

const char *schema_cell(const pg_rows_t *rows, int row, const char *column)
{
    const char *text = pg_rows_named(rows, row, column);
    return text ? text : "";
}

bool schema_cell_true(const pg_rows_t *rows, int row, const char *column)
{
    return schema_cell(rows, row, column)[0] == 't';
}

pg_rows_t *schema_query(pg_admin_t *admin, const char *sql, const schema_opts_t *opts, err_t *err)
{
    buf_t names = {0};
    bool put = buf_puts(&names, "{");
    for (size_t t = 0; opts && t < opts->n; t++) {
        put = put && buf_printf(&names, "%s\"%s\"", t > 0 ? "," : "", opts->tables[t].name);
    }
    put = put && buf_puts(&names, "}");
    pg_rows_t *rows = NULL;
    if (put) {
        const char *params[] = {buf_text(&names)};
        rows = pg_admin_query(admin, sql, 1, params, err);
    } else {
        err_set(err, ERR_RUN, "the names of the tables: out of memory");
    }
    buf_free(&names);
    return rows;
}

pg_rows_t *schema_objects(pg_admin_t *admin, const schema_opts_t *opts, err_t *err)
{
    pg_rows_t *found = schema_query(admin, sql_objects, opts, err);
    if (!found) {
        err_wrap(err, "looking for what cdcbench made");
    }
    return found;
}

bool schema_refuse_foreign(const pg_rows_t *found, err_t *err)
{
    for (int row = 0; row < pg_rows_count(found); row++) {
        const char *object = schema_cell(found, row, "object");
        if (!schema_cell_true(found, row, "ours")) {
            return err_set(err, ERR_RUN,
                           "%s is there already and was not made by cdcbench (no comment of its on "
                           "a table lists it): it is left alone. cdcbench needs the name: use "
                           "another database or schema, or, if nobody needs it, DROP %s",
                           object, object);
        }
    }
    return true;
}
