#include "model/table_sql.h"

#include <string.h>

static const char *key_of(const table_t *table)
{
    return table->columns[table->key].name;
}

static const char *amount_of(const table_t *table)
{
    return table->columns[table->amount].name;
}

bool table_sql_create(const table_t *table, buf_t *out)
{
    bool put = buf_printf(out, "CREATE TABLE \"%s\" (\n", table->name);
    for (size_t c = 0; c < table->n_columns; c++)
        put = put &&
              buf_printf(out, "    \"%s\" %s%s%s\n", table->columns[c].name,
                         table->columns[c].sql_type, (int)c == table->key ? " PRIMARY KEY" : "",
                         c + 1 < table->n_columns ? "," : "");
    put = put && buf_puts(out, ");\n");
    /* PostgreSQL 16 and later take this within CREATE TABLE. */
    for (size_t c = 0; c < table->n_columns; c++)
        if (table->columns[c].external)
            put = put &&
                  buf_printf(out, "ALTER TABLE \"%s\" ALTER COLUMN \"%s\" SET STORAGE EXTERNAL;\n",
                             table->name, table->columns[c].name);
    return put;
}

bool table_sql_copy(const table_t *table, buf_t *out)
{
    return buf_printf(out, "COPY \"%s\" (%s) FROM STDIN", table->name, table->copy_list);
}

bool table_sql_update(const table_t *table, buf_t *out)
{
    return buf_printf(out, "UPDATE \"%s\" SET \"%s\" = $2 WHERE \"%s\" = $1", table->name,
                      amount_of(table), key_of(table));
}

bool table_sql_delete(const table_t *table, buf_t *out)
{
    return buf_printf(out, "DELETE FROM \"%s\" WHERE \"%s\" = $1", table->name, key_of(table));
}

/* varchar's operators are text's. */
static const char *key_type_of(const table_t *table)
{
    return strcmp(table->columns[table->key].sql_type, "uuid") == 0 ? "uuid" : "text";
}

/* Keys come as text[] (model/encode/copy_array.h), whatever their column is. */
bool table_sql_update_array(const table_t *table, buf_t *out)
{
    return buf_printf(out,
                      "UPDATE \"%s\" AS t SET \"%s\" = u.amount FROM unnest($1::text[], "
                      "$2::numeric[]) AS u (key, amount) WHERE t.\"%s\" = u.key::%s",
                      table->name, amount_of(table), key_of(table), key_type_of(table));
}

bool table_sql_delete_array(const table_t *table, buf_t *out)
{
    return buf_printf(out,
                      "DELETE FROM \"%s\" AS t USING unnest($1::text[]) AS u (key) "
                      "WHERE t.\"%s\" = u.key::%s",
                      table->name, key_of(table), key_type_of(table));
}

bool table_sql_lacks(const table_t *table, const char *key, buf_t *out)
{
    return buf_printf(out, "NOT EXISTS (SELECT FROM \"%s\" AS t WHERE t.\"%s\" = %s::%s)",
                      table->name, key_of(table), key, key_type_of(table));
}

bool table_sql_amount(const table_t *table, buf_t *out)
{
    return buf_printf(out, "SELECT \"%s\"::text FROM \"%s\" WHERE \"%s\" = $1", amount_of(table),
                      table->name, key_of(table));
}
