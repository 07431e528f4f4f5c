#include "run/load/statements.h"

#include <stdlib.h>
#include <string.h>

#include "model/table_sql.h"

static const pg_statement_t control[] = {
    {"cdcbench_begin", "BEGIN", 0},
    {"cdcbench_savepoint", STATEMENTS_SAVEPOINT, 0},
    {"cdcbench_rollback_to", "ROLLBACK TO " STATEMENTS_SAVEPOINT, 0},
    {"cdcbench_commit", "COMMIT", 0},
    {"cdcbench_rollback", "ROLLBACK", 0},
};
#define CONTROLS (sizeof control / sizeof *control)

/* A table's texts: its COPYs, its statements with a name each, its question. */
#define TEXTS (COPY_FORMS + 2 * STATEMENT_KINDS + 1)

/* Keys that the answer about absent ones holds. */
#define ABSENT_SHOWN "5"

struct statements {
    table_statements_t tables[TABLES_MAX];
    pg_statement_t prepared[(size_t)TABLES_MAX * STATEMENT_KINDS + CONTROLS];
    int n_prepared;
    const char *absent_question;
    char *texts[(size_t)TABLES_MAX * TEXTS + 1];
    size_t n_texts;
};

typedef bool writer_t(const table_t *table, buf_t *out);

/* What was written, kept as a text of its own; NULL when memory is out. */
static const char *keep(statements_t *s, bool written, buf_t *text)
{
    char *copy = written ? strdup(buf_text(text)) : NULL;
    buf_free(text);
    if (copy != NULL)
        s->texts[s->n_texts++] = copy;
    return copy;
}

static const char *written(statements_t *s, const char *before, writer_t *writer,
                           const table_t *table, const char *after)
{
    buf_t text = {0};
    return keep(s, buf_puts(&text, before) && writer(table, &text) && buf_puts(&text, after),
                &text);
}

static bool add_copies(statements_t *s, uint32_t number, const table_t *table, const char *options)
{
    static const char *const before[COPY_FORMS] = {
        [COPY_ALONE] = "",
        [COPY_BEGIN] = "BEGIN; ",
        [COPY_BEGIN_SAVEPOINT] = "BEGIN; " STATEMENTS_SAVEPOINT "; ",
    };
    const char **copy = s->tables[number].copy;
    for (int form = 0; form < COPY_FORMS; form++)
        if ((copy[form] = written(s, before[form], table_sql_copy, table, options)) == NULL)
            return false;
    return true;
}

static bool add_prepared(statements_t *s, uint32_t number, const table_t *table)
{
    static const struct {
        const char *name;
        writer_t *writer;
        int n_params;
    } kinds[STATEMENT_KINDS] = {
        [STATEMENT_UPDATE] = {"update", table_sql_update, 2},
        [STATEMENT_DELETE] = {"delete", table_sql_delete, 1},
        [STATEMENT_UPDATE_ARRAY] = {"update_array", table_sql_update_array, 2},
        [STATEMENT_DELETE_ARRAY] = {"delete_array", table_sql_delete_array, 1},
    };
    for (int kind = 0; kind < STATEMENT_KINDS; kind++) {
        buf_t text = {0};
        bool put = buf_printf(&text, "cdcbench_%s_%u", kinds[kind].name, number);
        const char *name = keep(s, put, &text);
        const char *sql = written(s, "", kinds[kind].writer, table, "");
        if (name == NULL || sql == NULL)
            return false;
        s->tables[number].names[kind] = name;
        s->prepared[s->n_prepared++] = (pg_statement_t){name, sql, kinds[kind].n_params};
    }
    return true;
}

static bool add_table(statements_t *s, uint32_t number, const table_t *table,
                      const char *copy_options)
{
    s->tables[number].amount_question = written(s, "", table_sql_amount, table, "");
    return s->tables[number].amount_question != NULL &&
           add_copies(s, number, table, copy_options) && add_prepared(s, number, table);
}

static bool add_absent_question(statements_t *s, const tables_t *tables)
{
    buf_t text = {0};
    bool put = buf_puts(&text, "SELECT string_agg(a.key, ' ') FROM (SELECT u.key FROM "
                               "unnest($1::text[]) WITH ORDINALITY AS u (key, n) WHERE ");
    for (uint32_t t = 0; t < tables->n; t++)
        put = put && buf_puts(&text, t == 0 ? "" : " AND ") &&
              table_sql_lacks(tables->use[t].table, "u.key", &text);
    put = put && buf_puts(&text, " ORDER BY u.n LIMIT " ABSENT_SHOWN ") AS a");
    s->absent_question = keep(s, put, &text);
    return s->absent_question != NULL;
}

statements_t *statements_new(const scenario_t *scenario)
{
    const tables_t *tables = &scenario->tables;
    const char *copy_options = scenario_copies_binary(scenario) ? " (FORMAT binary)" : "";
    statements_t *s = calloc(1, sizeof *s);
    if (s == NULL)
        return NULL;
    memcpy(s->prepared, control, sizeof control);
    s->n_prepared = CONTROLS;
    bool made = add_absent_question(s, tables);
    for (uint32_t t = 0; made && t < tables->n; t++)
        made = add_table(s, t, tables->use[t].table, copy_options);
    if (made)
        return s;
    statements_free(s);
    return NULL;
}

void statements_free(statements_t *statements)
{
    if (statements == NULL)
        return;
    for (size_t i = 0; i < statements->n_texts; i++)
        free(statements->texts[i]);
    free(statements);
}

const char *statements_absent_question(const statements_t *statements)
{
    return statements->absent_question;
}

const table_statements_t *statements_of(const statements_t *statements, uint32_t table)
{
    return &statements->tables[table];
}

const pg_statement_t *statements_prepared(const statements_t *statements, int *n)
{
    *n = statements->n_prepared;
    return statements->prepared;
}
