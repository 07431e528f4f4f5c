#include "postgres/schema.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "postgres/sql_text.h"

/* --- what there is under our names --------------------------------------------------------------
 */

/* A cell by the names of sql/objects.sql and sql/checks.sql; "" for NULL. */
static const char *cell(const pg_rows_t *rows, int row, const char *column)
{
    const char *text = pg_rows_named(rows, row, column);
    return text ? text : "";
}

static bool is_true(const pg_rows_t *rows, int row, const char *column)
{
    return cell(rows, row, column)[0] == 't';
}

/* Runs a query whose one parameter is the names of the tables; NULL opts: no names. */
static pg_rows_t *query(pg_admin_t *admin, const char *sql, const schema_opts_t *opts, err_t *err)
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

/* What sql/objects.sql finds. */
static pg_rows_t *objects(pg_admin_t *admin, const schema_opts_t *opts, err_t *err)
{
    pg_rows_t *found = query(admin, sql_objects, opts, err);
    if (!found) {
        err_wrap(err, "looking for what cdcbench made");
    }
    return found;
}

/* False with *err when something of our names is not ours. */
static bool refuse_foreign(const pg_rows_t *found, err_t *err)
{
    for (int row = 0; row < pg_rows_count(found); row++) {
        const char *object = cell(found, row, "object");
        if (!is_true(found, row, "ours")) {
            return err_set(err, ERR_RUN,
                           "%s is there already and was not made by cdcbench (no comment of its on "
                           "a table lists it): it is left alone. cdcbench needs the name: use "
                           "another database or schema, or, if nobody needs it, DROP %s",
                           object, object);
        }
    }
    return true;
}

/* --- what stands in the way of a run ------------------------------------------------------------
 */

#define VERSION_MIN 140000 /* as in server_version_num */

static bool check_server(const pg_rows_t *row, err_t *err)
{
    if (atoi(cell(row, 0, "version_num")) < VERSION_MIN) {
        return err_set(err, ERR_RUN, "the server is PostgreSQL %s; version 14 or later is needed",
                       cell(row, 0, "version"));
    }
    if (is_true(row, 0, "standby")) {
        return err_set(err, ERR_RUN,
                       "the server is a standby, which takes no writes; connect to its primary, or "
                       "make it one: SELECT pg_promote()");
    }
    return true;
}

static bool check_rights(const pg_rows_t *row, err_t *err)
{
    const char *role = cell(row, 0, "role"), *schema = cell(row, 0, "schema");
    const char *database = cell(row, 0, "database");
    if (!schema[0]) {
        return err_set(
            err, ERR_RUN,
            "search_path (%s) names no schema that exists; one to create the run's tables in is "
            "needed: CREATE SCHEMA AUTHORIZATION %s",
            cell(row, 0, "search_path"), role);
    }
    if (!is_true(row, 0, "may_create")) {
        return err_set(
            err, ERR_RUN,
            "role %s may not create in schema %s, where the run's tables are to be made: "
            "GRANT CREATE ON SCHEMA %s TO %s",
            role, schema, schema, role);
    }
    if (!is_true(row, 0, "may_publish")) {
        return err_set(err, ERR_RUN,
                       "role %s may not create a publication, which takes CREATE on the database: "
                       "GRANT CREATE ON DATABASE %s TO %s",
                       role, database, role);
    }
    return true;
}

static bool check_free(const pg_rows_t *row, const char *used, const char *max, const char *setting,
                       const char *noun, const char *view, err_t *err)
{
    if (atoi(cell(row, 0, used)) < atoi(cell(row, 0, max))) {
        return true;
    }
    return err_set(err, ERR_RUN,
                   "no %s is free: %s of %s = %s are in use; end what is not needed (SELECT * FROM "
                   "%s), or ALTER SYSTEM SET %s = %d and restart the server",
                   noun, cell(row, 0, used), setting, cell(row, 0, max), view, setting,
                   atoi(cell(row, 0, max)) + 10);
}

static bool check_replication(const pg_rows_t *row, err_t *err)
{
    if (strcmp(cell(row, 0, "wal_level"), "logical") != 0) {
        return err_set(err, ERR_RUN,
                       "wal_level is %s; logical is needed to read changes from the WAL: ALTER "
                       "SYSTEM SET wal_level = 'logical', and restart the server",
                       cell(row, 0, "wal_level"));
    }
    if (!is_true(row, 0, "may_replicate")) {
        return err_set(err, ERR_RUN,
                       "role %s may not replicate, which reading changes from the WAL takes: ALTER "
                       "ROLE %s REPLICATION (as a superuser)",
                       cell(row, 0, "role"), cell(row, 0, "role"));
    }
    return check_free(row, "slots", "slots_max", "max_replication_slots", "replication slot",
                      "pg_replication_slots", err) &&
           check_free(row, "senders", "senders_max", "max_wal_senders", "WAL sender",
                      "pg_stat_replication", err);
}

static bool check_owner(const pg_rows_t *row, err_t *err)
{
    const char *owner = cell(row, 0, "owner"), *role = cell(row, 0, "role");
    if (!owner[0]) {
        return true;
    }
    return err_set(err, ERR_RUN,
                   "table %s.%s was made by role %s, and role %s may not act for it; to "
                   "publish a table one must own it: connect as %s, or GRANT %s TO %s",
                   cell(row, 0, "schema"), cell(row, 0, "owned"), owner, role, owner, owner, role);
}

static bool check_names(pg_admin_t *admin, const schema_opts_t *opts, err_t *err)
{
    pg_rows_t *found = objects(admin, opts, err);
    bool done = found && refuse_foreign(found, err);
    pg_rows_free(found);
    return done;
}

bool schema_check(pg_admin_t *admin, const schema_opts_t *opts, bool need_wal_tap, err_t *err)
{
    pg_rows_t *row = query(admin, sql_checks, opts, err);
    bool done = row && check_server(row, err) && check_rights(row, err) &&
                check_names(admin, opts, err) && check_owner(row, err) &&
                (!need_wal_tap || check_replication(row, err));
    pg_rows_free(row);
    return done || err_wrap(err, "checking %s", pg_admin_display(admin));
}

bool schema_check_replication(pg_admin_t *admin, err_t *err)
{
    pg_rows_t *row = query(admin, sql_checks, NULL, err);
    bool done = row && check_server(row, err) && check_replication(row, err);
    pg_rows_free(row);
    return done || err_wrap(err, "checking %s", pg_admin_display(admin));
}

/* --- made and removed ---------------------------------------------------------------------------
 */

/* Dropping a large table takes the server a while; waiting for somebody's lock does not. */
#define DDL_PATIENCE_MS 120000
static const char begin[] = "BEGIN; SET LOCAL lock_timeout = '10s'";

/* Whether a run's table of that name is there. */
static bool has_table(const pg_rows_t *found, const char *name)
{
    for (int row = 0; row < pg_rows_count(found); row++) {
        if (strcmp(cell(found, row, "name"), name) == 0) {
            return true;
        }
    }
    return false;
}

/* One of the files of sql/, with other names where it says `transactions`: "a", or "a", "b". */
static bool put_for(const char *sql, const char *names, buf_t *out)
{
    static const char word[] = " transactions";
    const size_t len = sizeof word - 1;
    for (const char *at; (at = strstr(sql, word)) != NULL; sql = at + len) {
        bool whole = strchr(" ;\n.", at[len]) != NULL;
        if (!buf_put(out, sql, (size_t)(at - sql)) || !buf_puts(out, whole ? " " : word) ||
            (whole && !buf_puts(out, names))) {
            return false;
        }
    }
    return buf_puts(out, sql);
}

static bool exec_for(pg_admin_t *admin, const char *sql, const char *names, err_t *err)
{
    buf_t text = {0};
    bool done = put_for(sql, names, &text)
                    ? pg_admin_exec(admin, buf_text(&text), err)
                    : err_set(err, ERR_RUN, "the SQL for %s: out of memory", names);
    buf_free(&text);
    return done;
}

/* Drops what is ours and of one of these kinds, adding to *dropped; `wanted_alone`: but for what
 * belongs to tables that are not asked for. A function that something else uses by now stays. */
static bool drop(pg_admin_t *admin, const pg_rows_t *found, const char *const *kinds,
                 bool wanted_alone, int *dropped, err_t *err)
{
    for (int row = 0; row < pg_rows_count(found); row++) {
        const char *object = cell(found, row, "object");
        bool wanted = false;
        for (const char *const *kind = kinds; *kind; kind++) {
            wanted = wanted || strncmp(object, *kind, strlen(*kind)) == 0;
        }
        if (!wanted || !is_true(found, row, "ours") || is_true(found, row, "in_use") ||
            (wanted_alone && !is_true(found, row, "wanted"))) {
            continue;
        }
        buf_t sql = {0};
        bool done = buf_printf(&sql, "DROP %s", object)
                        ? pg_admin_exec(admin, buf_text(&sql), err)
                        : err_set(err, ERR_RUN, "cannot drop %s: out of memory", object);
        buf_free(&sql);
        if (!done) {
            return false;
        }
        (*dropped)++;
    }
    return true;
}

/* Lists all there is of our names in each table's comment: whatever was not ours was refused
 * before. sql/objects.sql knows the comment by how it begins. */
static bool mark(pg_admin_t *admin, const schema_opts_t *opts, err_t *err)
{
    pg_rows_t *found = objects(admin, opts, err);
    if (!found) {
        return false;
    }
    char *literal = NULL;
    buf_t json = {0}, sql = {0};
    if (buf_printf(&json, "{\"tool\": \"cdcbench\", \"version\": \"%s\", \"objects\": %s}",
                   CDCBENCH_VERSION, cell(found, 0, "objects"))) {
        literal = pg_admin_quote_literal(admin, buf_text(&json));
    }
    bool put = literal != NULL;
    for (size_t t = 0; put && t < opts->n; t++) {
        put = buf_printf(&sql, "COMMENT ON TABLE \"%s\" IS %s;", opts->tables[t].name, literal);
    }
    bool done =
        put ? pg_admin_exec(admin, buf_text(&sql), err)
            : err_set(err, ERR_RUN, "cannot note what was made on its table: out of memory");
    free(literal);
    buf_free(&json);
    buf_free(&sql);
    pg_rows_free(found);
    return done;
}

static bool create_table(pg_admin_t *admin, const schema_table_t *table, bool is_there, err_t *err)
{
    char name[80];
    snprintf(name, sizeof name, "\"%s\"", table->name);
    return (is_there ||
            pg_admin_exec(admin, table->create_sql ? table->create_sql : sql_table, err)) &&
           (!table->trigger_user || exec_for(admin, sql_trigger_user, name, err)) &&
           (!table->trigger_columns || exec_for(admin, sql_trigger_columns, name, err)) &&
           exec_for(admin,
                    table->replica_identity_full ? sql_replica_identity_full
                                                 : sql_replica_identity_default,
                    name, err);
}

static bool create_publication(pg_admin_t *admin, const schema_opts_t *opts, err_t *err)
{
    buf_t names = {0};
    bool put = true;
    for (size_t t = 0; put && t < opts->n; t++) {
        put = buf_printf(&names, "%s\"%s\"", t > 0 ? ", " : "", opts->tables[t].name);
    }
    bool done = put ? exec_for(admin, sql_publication, buf_text(&names), err)
                    : err_set(err, ERR_RUN, "the publication: out of memory");
    buf_free(&names);
    return done;
}

static bool create(pg_admin_t *admin, const schema_opts_t *opts, bool fresh, err_t *err)
{
    /* A walsender that reads the publication never sees it gone: decoding looks at the catalog as
     * each transaction found it, and this is one. */
    static const char *const small[] = {"trigger ", "publication ", NULL};
    static const char *const all[] = {"trigger ", "publication ", "table ", NULL};
    pg_rows_t *found = objects(admin, opts, err);
    if (!found) {
        return false;
    }
    int dropped = 0;
    bool done =
        refuse_foreign(found, err) && drop(admin, found, fresh ? all : small, true, &dropped, err);
    for (size_t t = 0; done && t < opts->n; t++) {
        bool is_there = !fresh && has_table(found, opts->tables[t].name);
        done = create_table(admin, &opts->tables[t], is_there, err);
    }
    done = done && create_publication(admin, opts, err) && mark(admin, opts, err);
    pg_rows_free(found);
    return done;
}

/* Ends the transaction as `done` says: the error that is reported is the first. */
static bool end(pg_admin_t *admin, bool done, err_t *err)
{
    if (done) {
        return pg_admin_exec(admin, "COMMIT", err);
    }
    if (pg_admin_alive(admin)) {
        err_t ignored = {0};
        pg_admin_exec(admin, "ROLLBACK", &ignored);
    }
    return false;
}

bool schema_create(pg_admin_t *admin, const schema_opts_t *opts, bool fresh, err_t *err)
{
    int patience_ms = pg_admin_set_patience(admin, DDL_PATIENCE_MS);
    bool done =
        pg_admin_exec(admin, begin, err) && end(admin, create(admin, opts, fresh, err), err);
    pg_admin_set_patience(admin, patience_ms);
    return done || err_wrap(err, "creating table %s and what belongs to it", opts->tables[0].name);
}

static bool drop_all(pg_admin_t *admin, int *removed, err_t *err)
{
    static const char *const all[] = {"trigger ", "publication ", "table ", "function ", NULL};
    pg_rows_t *found = objects(admin, NULL, err);
    bool done = found && drop(admin, found, all, false, removed, err);
    pg_rows_free(found);
    return done;
}

bool schema_clean(pg_admin_t *admin, int *removed, err_t *err)
{
    *removed = 0;
    pg_rows_t *slots = NULL;
    int patience_ms = pg_admin_set_patience(admin, DDL_PATIENCE_MS);
    if (pg_admin_exec(admin, begin, err) && end(admin, drop_all(admin, removed, err), err)) {
        slots = pg_admin_query(admin, sql_drop_slots, 0, NULL, err);
    }
    pg_admin_set_patience(admin, patience_ms);
    if (!slots) {
        return err_wrap(err, "removing what cdcbench made");
    }
    *removed += pg_rows_count(slots);
    pg_rows_free(slots);
    return true;
}

bool schema_note(pg_admin_t *admin, const char *text, err_t *err)
{
    bool done = false;
    buf_t sql = {0};
    char *literal = pg_admin_quote_literal(admin, text);
    if (literal &&
        buf_printf(&sql, "COMMENT ON PUBLICATION " SCHEMA_PUBLICATION " IS %s", literal)) {
        done = pg_admin_exec(admin, buf_text(&sql), err);
    } else {
        err_set(err, ERR_RUN, "cannot note what was made outside of the database: out of memory");
    }
    free(literal);
    buf_free(&sql);
    return done;
}

bool schema_noted(pg_admin_t *admin, char *out, size_t size, err_t *err)
{
    return pg_admin_value(admin,
                          "SELECT obj_description(oid, 'pg_publication') FROM pg_publication "
                          "WHERE pubname = '" SCHEMA_PUBLICATION "'",
                          out, size, err);
}

bool schema_slot_active(pg_admin_t *admin, const char *slot, bool *active, err_t *err)
{
    const char *params[] = {slot};
    pg_rows_t *rows =
        pg_admin_query(admin, "SELECT 1 FROM pg_replication_slots WHERE slot_name = $1 AND active",
                       1, params, err);
    if (!rows) {
        return false;
    }
    *active = pg_rows_count(rows) > 0;
    pg_rows_free(rows);
    return true;
}

bool schema_drop_slot(pg_admin_t *admin, const char *slot, err_t *err)
{
    const char *params[] = {slot};
    pg_rows_t *rows = pg_admin_query(admin,
                                     "SELECT pg_drop_replication_slot(slot_name) "
                                     "FROM pg_replication_slots WHERE slot_name = $1",
                                     1, params, err);
    pg_rows_free(rows);
    return rows != NULL;
}

pg_rows_t *schema_settings(pg_admin_t *admin, err_t *err)
{
    return pg_admin_query(admin, sql_settings, 0, NULL, err);
}
