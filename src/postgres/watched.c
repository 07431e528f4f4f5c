#include "postgres/watched.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/utf8.h"
#include "postgres/schema.h"

#define PREFIX "cdcbench_watch_"

/* An ordinary or partitioned table; `identity` tells whether its updates can be published. */
#define TABLE_QUESTION                                                                             \
    "SELECT n.nspname AS schema, c.relname AS name, c.relkind IN ('r', 'p') AS usable, "           \
    "c.relreplident = 'f' OR c.relreplident = 'i' OR (c.relreplident = 'd' AND EXISTS "            \
    "(SELECT FROM pg_index i WHERE i.indrelid = c.oid AND i.indisprimary)) AS identity "           \
    "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = to_regclass($1)"

#define PUBLISHED_QUESTION                                                                         \
    "SELECT EXISTS (SELECT FROM pg_publication WHERE pubname = $1), "                              \
    "EXISTS (SELECT FROM pg_publication_tables "                                                   \
    "WHERE pubname = $1 AND schemaname = $2 AND tablename = $3)"

#define NAME_QUESTION                                                                              \
    "SELECT '" PREFIX "' || pid || '_' || floor(extract(epoch FROM backend_start)) "               \
    "FROM pg_stat_activity WHERE pid = pg_backend_pid()"

/* Those of sessions that are no more. */
#define LEFT_QUESTION                                                                              \
    "SELECT pubname FROM pg_publication p WHERE starts_with(pubname, '" PREFIX                     \
    "') AND NOT EXISTS "                                                                           \
    "(SELECT FROM pg_stat_activity WHERE '" PREFIX "' || pid || '_' || "                           \
    "floor(extract(epoch FROM backend_start)) = p.pubname)"

static bool is_true(const char *cell)
{
    return cell != NULL && cell[0] == 't';
}

/* Past one identifier; NULL where none stands. An unquoted one may hold whatever to_regclass would
 * take: all but a dot, a quote and white space. */
static const char *skip_identifier(const char *text)
{
    if (*text != '"') {
        size_t len = strcspn(text, ".\" \t\n\r\f\v");
        return len == 0 ? NULL : text + len;
    }
    const char *end = text + 1;
    while (*end != '\0' && (*end != '"' || end[1] == '"'))
        end += *end == '"' ? 2 : 1;
    return *end == '\0' || end == text + 1 ? NULL : end + 1;
}

static bool is_utf8(const char *text)
{
    size_t len = 1;
    for (; *text != '\0' && len > 0; text += len)
        len = utf8_char_len(text);
    return len > 0;
}

bool watched_check_name(const char *table, err_t *err)
{
    const char *end = is_utf8(table) ? skip_identifier(table) : NULL;
    if (end != NULL && *end == '.')
        end = skip_identifier(end + 1);
    return (end != NULL && *end == '\0') ||
           err_set(
               err, ERR_USAGE,
               "'%s' is no table's name: it is given as SCHEMA.TABLE, each of the two quoted as "
               "in SQL where it has capital letters, dots or spaces, such as 'shop.\"Orders\"'",
               table);
}

static bool find_table(pg_admin_t *admin, const char *table, watched_t *out, bool *identity,
                       err_t *err)
{
    const char *params[] = {table};
    pg_rows_t *rows = pg_admin_query(admin, TABLE_QUESTION, 1, params, err);
    bool found =
        rows != NULL && pg_rows_count(rows) == 1 && is_true(pg_rows_named(rows, 0, "usable"));
    if (found) {
        snprintf(out->schema, sizeof out->schema, "%s", pg_rows_named(rows, 0, "schema"));
        snprintf(out->table, sizeof out->table, "%s", pg_rows_named(rows, 0, "name"));
        *identity = is_true(pg_rows_named(rows, 0, "identity"));
    } else if (rows != NULL) {
        err_set(err, ERR_RUN, "there is no table %s on %s: watch takes SCHEMA.TABLE, as in SQL",
                table, pg_admin_display(admin));
    }
    pg_rows_free(rows);
    return found;
}

static bool use_publication(pg_admin_t *admin, const char *publication, watched_t *out, err_t *err)
{
    const char *params[] = {publication, out->schema, out->table};
    pg_rows_t *rows = pg_admin_query(admin, PUBLISHED_QUESTION, 3, params, err);
    if (rows == NULL)
        return false;
    bool there = is_true(pg_rows_cell(rows, 0, 0)), publishes = is_true(pg_rows_cell(rows, 0, 1));
    pg_rows_free(rows);
    if (strlen(publication) >= sizeof out->publication || !there)
        return err_set(err, ERR_RUN, "there is no publication %s (--publication)", publication);
    if (!publishes)
        return err_set(
            err, ERR_RUN,
            "publication %s does not publish table %s.%s itself: ALTER PUBLICATION … ADD "
            "TABLE (of a partitioned table: with publish_via_partition_root), or leave "
            "--publication out, and one is made for the time of watching",
            publication, out->schema, out->table);
    snprintf(out->publication, sizeof out->publication, "%s", publication);
    return true;
}

static bool make_publication(pg_admin_t *admin, watched_t *out, err_t *err)
{
    buf_t sql = {0};
    if (!pg_admin_value(admin, NAME_QUESTION, out->publication, sizeof out->publication, err))
        return false;
    char *schema = pg_admin_quote_identifier(admin, out->schema);
    char *table = pg_admin_quote_identifier(admin, out->table);
    bool done = schema != NULL && table != NULL &&
                buf_printf(&sql,
                           "CREATE PUBLICATION %s FOR TABLE %s.%s "
                           "WITH (publish_via_partition_root = true)",
                           out->publication, schema, table);
    done = done ? pg_admin_exec(admin, buf_text(&sql), err) ||
                      err_wrap(err,
                               "publishing table %s.%s (--publication names one that is "
                               "there already)",
                               out->schema, out->table)
                : err_set(err, ERR_RUN, "out of memory");
    out->made = done;
    buf_free(&sql);
    free(schema);
    free(table);
    return done;
}

bool watched_attach(pg_admin_t *admin, const char *table, const char *publication, watched_t *out,
                    err_t *err)
{
    bool identity = false;
    int reaped = 0;
    *out = (watched_t){0};
    if (!schema_check_replication(admin, err) || !find_table(admin, table, out, &identity, err))
        return false;
    if (publication != NULL)
        return use_publication(admin, publication, out, err);
    if (!identity)
        return err_set(err, ERR_RUN,
                       "table %s.%s has neither a primary key nor a replica identity: once it is "
                       "published the server would refuse updates and deletes of it. Give it one, "
                       "or make a publication of its inserts alone and name it with --publication",
                       out->schema, out->table);
    return watched_reap(admin, &reaped, err) && make_publication(admin, out, err);
}

static bool drop(pg_admin_t *admin, const char *publication, err_t *err)
{
    char sql[sizeof "DROP PUBLICATION IF EXISTS \"\"" + WATCHED_NAME_MAX];
    snprintf(sql, sizeof sql, "DROP PUBLICATION IF EXISTS \"%s\"", publication);
    return pg_admin_exec(admin, sql, err);
}

bool watched_detach(pg_admin_t *admin, const watched_t *watched, err_t *err)
{
    return !watched->made || drop(admin, watched->publication, err) ||
           err_wrap(err, "publication %s is left; cdcbench clean removes it", watched->publication);
}

bool watched_reap(pg_admin_t *admin, int *removed, err_t *err)
{
    pg_rows_t *rows = pg_admin_query(admin, LEFT_QUESTION, 0, NULL, err);
    bool done = rows != NULL;
    for (int i = 0; done && i < pg_rows_count(rows); i++) {
        done = drop(admin, pg_rows_cell(rows, i, 0), err);
        *removed += done;
    }
    pg_rows_free(rows);
    return done;
}
